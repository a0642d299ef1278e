"""Where a store is: ``chdb:///folder``, or ``http(s)://user:password@host:port/database``."""

from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import unquote, urlsplit

from taskscope.errors import UsageError

DEFAULT_DATABASE: Final = "otel"
_HINT: Final = "write it as chdb:///folder or https://user:password@host:8443/otel"


@dataclass(frozen=True, slots=True)
class Dsn:
    """A store's address, taken apart; ``str`` and ``repr`` do not show the password."""

    scheme: str
    path: str
    """The folder of an embedded store; else empty."""
    database: str
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def embedded(self) -> bool:
        """True if the engine runs in this process."""
        return self.scheme == "chdb"

    def __str__(self) -> str:
        if self.embedded:
            return f"chdb://{self.path}"
        who = f"{self.user}:***@" if self.password else f"{self.user}@" if self.user else ""
        return f"{self.scheme}://{who}{self.host}:{self.port}/{self.database}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """
        Read an address.

        Raises:
            UsageError: It is none.
        """
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError as error:
            raise UsageError(f"the store's address cannot be read: {error}", hint=_HINT) from None
        if parts.scheme == "chdb" and not parts.netloc and parts.path.startswith("/") and len(parts.path) > 1:
            if "?" in text.replace("%3F", "?").replace("%3f", "?"):
                raise UsageError(f"{text!r}: chDB takes no folder with a question mark", hint=_HINT)
            return cls("chdb", unquote(parts.path), DEFAULT_DATABASE)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise UsageError(f"the store's address has the scheme {parts.scheme!r} and no host or folder", hint=_HINT)
        return cls(
            parts.scheme,
            "",
            parts.path.strip("/") or DEFAULT_DATABASE,
            host=parts.hostname,
            port=port or (8443 if parts.scheme == "https" else 8123),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )
