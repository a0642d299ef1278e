"""The lab's image registry: an image is only a name, and pulling it takes a settable time."""

import asyncio
import hashlib
from dataclasses import dataclass, field

from taskscope.lab.runner.failures import ImagePullFailure


@dataclass(slots=True)
class ImageCatalog:
    """
    What the simulated registries answer. Every image can be pulled unless it is named here.

    Names match with and without their tag: ``shop/web`` stands for every tag of it.
    """

    pull_seconds: float = 0.1
    missing: set[str] = field(default_factory=set)
    """Images whose manifest does not exist: a typo, or expired by a lifecycle policy."""
    denied: set[str] = field(default_factory=set)
    """Images that the registry does not give to this caller."""
    slow: dict[str, float] = field(default_factory=dict)
    """Seconds that the pull of an image takes."""
    commands: dict[str, list[str]] = field(default_factory=dict)
    """The command that an image brings, for containers whose definition has none."""

    entry_points: dict[str, list[str]] = field(default_factory=dict)
    """What an image starts, for containers whose definition has no ``entryPoint``."""

    async def pull(self, image: str) -> str:
        """
        Pull an image and return its digest, which is made from its name.

        Raises:
            ImagePullFailure: The image is marked missing or denied.
        """
        names = _names(image)
        await asyncio.sleep(next((self.slow[name] for name in names if name in self.slow), self.pull_seconds))
        reference = _reference(image)
        if not self.missing.isdisjoint(names):
            raise ImagePullFailure(
                "CannotPullContainerError: pull image manifest has been retried 1 time(s): "
                f"failed to resolve ref {reference}: {reference}: not found"
            )
        if not self.denied.isdisjoint(names):
            raise ImagePullFailure(
                "CannotPullContainerError: pull image manifest has been retried 1 time(s): "
                f'failed to resolve ref "{reference}": pull access denied, repository does not exist or may require '
                "authorization: server message: insufficient_scope: authorization failed"
            )
        return "sha256:" + hashlib.sha256(reference.encode()).hexdigest()

    def command(self, image: str) -> list[str]:
        """Return the command that the image brings; none is known unless it is named here."""
        return next((list(self.commands[name]) for name in _names(image) if name in self.commands), [])

    def entry_point(self, image: str) -> list[str]:
        """Return what the image starts, before any command; none is known unless it is named here."""
        return next((list(self.entry_points[name]) for name in _names(image) if name in self.entry_points), [])


def _names(image: str) -> tuple[str, str]:
    """Return the image's name as given and without tag or digest."""
    plain = image.partition("@")[0]
    head, slash, last = plain.rpartition("/")
    return image, head + slash + last.partition(":")[0]


def _reference(image: str) -> str:
    """Return the full reference of an image as containerd resolves it: Docker Hub and ``latest`` are implied."""
    first, slash, _ = image.partition("/")
    if not slash:
        image = f"docker.io/library/{image}"
    elif "." not in first and ":" not in first and first != "localhost":
        image = f"docker.io/{image}"
    return image if ":" in image.rpartition("/")[2] else f"{image}:latest"
