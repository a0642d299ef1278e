"""What the user said about which server or store a command asks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """Nothing said is None: then the server that runs on the default folder is asked, else the store in it."""

    server: str | None = None
    store: str | None = None
    data_dir: str | None = None
    config: str | None = None
    token_file: str | None = None
    ca: str = ""
