"""The simulated registry."""

import asyncio

import pytest

from taskscope.lab.runner.failures import ImagePullFailure
from taskscope.lab.runner.images import ImageCatalog

CATALOG = ImageCatalog(
    pull_seconds=0, missing={"ngin", "shop/web:typo"}, denied={"111.dkr.ecr.eu-west-1.amazonaws.com/secret"}
)


def pull(image: str) -> str:
    """Pull an image now."""
    return asyncio.run(CATALOG.pull(image))


def test_any_image_has_a_digest_of_its_own() -> None:
    """The same name gives the same digest; the implied registry and tag make no difference."""
    assert pull("nginx") == pull("docker.io/library/nginx:latest") != pull("nginx:2")
    assert pull("shop/web:1").startswith("sha256:")


@pytest.mark.parametrize(
    ("image", "words"),
    [
        ("ngin", r"failed to resolve ref docker\.io/library/ngin:latest: .*not found"),
        ("ngin:3", r"docker\.io/library/ngin:3: not found"),
        ("shop/web:typo", r"docker\.io/shop/web:typo: not found"),
        ("111.dkr.ecr.eu-west-1.amazonaws.com/secret:9", "pull access denied.*authorization failed"),
    ],
)
def test_marked_images_cannot_be_pulled(image: str, words: str) -> None:
    """The reason names the full reference."""
    with pytest.raises(ImagePullFailure, match=f"^CannotPullContainerError: .*{words}"):
        pull(image)


def test_a_slow_image_takes_its_time() -> None:
    """Others are not slowed down."""
    catalog = ImageCatalog(pull_seconds=0, slow={"big": 60})

    async def run() -> None:
        await asyncio.wait_for(catalog.pull("small"), 5)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(catalog.pull("big:1"), 0.01)

    asyncio.run(run())


def test_an_image_may_bring_a_command() -> None:
    """With or without its tag; others bring none."""
    catalog = ImageCatalog(commands={"shop/web": ["serve"]})

    assert catalog.command("shop/web:7") == ["serve"]
    assert catalog.command("shop/other") == []


def test_an_image_may_start_something_before_any_command() -> None:
    """By its name with or without a tag."""
    catalog = ImageCatalog(entry_points={"taskscope:serve": ["taskscope", "serve"]})

    assert catalog.entry_point("taskscope:serve") == ["taskscope", "serve"]
    assert catalog.entry_point("taskscope:collect") == []
