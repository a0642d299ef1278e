"""Where things are in the data directory."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Folders:
    """The data directory of one collector."""

    root: Path

    @property
    def spool(self) -> Path:
        """What was received and is not delivered everywhere."""
        return self.root / "spool"

    @property
    def quarantine(self) -> Path:
        """Bodies that cannot be read."""
        return self.root / "quarantine"

    @property
    def counters(self) -> Path:
        """A file of counters for each process of the present run."""
        return self.root / "run" / "counters"

    @property
    def status(self) -> Path:
        """How the consumers are, written each second."""
        return self.root / "run" / "status.json"

    @property
    def heard(self) -> Path:
        """What need not be asked of AWS, since the store hears of it."""
        return self.root / "run" / "heard.json"

    @property
    def watch(self) -> Path:
        """How far watching is."""
        return self.root / "watch.json"

    @property
    def owner(self) -> Path:
        """Who has this directory: process and addresses, while it runs."""
        return self.root / "run" / "owner.json"

    @property
    def lock(self) -> Path:
        """Held by the one process that runs on this directory."""
        return self.root / "run" / "lock"

    @property
    def processes(self) -> Path:
        """Held by that process and by all that it has started, so that it is free when none of them is left."""
        return self.root / "run" / "processes"

    @property
    def container_stats(self) -> Path:
        """When each container of the own task was measured last."""
        return self.root / "run" / "container-stats.json"

    @property
    def xray_state(self) -> Path:
        """Groups and tags that were set through the X-Ray API."""
        return self.root / "xray-api.json"

    @property
    def sampling_rules(self) -> Path:
        """Sampling rules that were set through the API."""
        return self.root / "sampling-rules.json"
