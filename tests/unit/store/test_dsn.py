"""A store's address is read exactly, and its password shown nowhere."""

import pytest

from taskscope.errors import UsageError
from taskscope.store.dsn import Dsn


def test_folder_of_an_embedded_store() -> None:
    """``chdb://`` and an absolute path name a folder."""
    dsn = Dsn.parse("chdb:///var/lib/task%20scope/store")

    assert (dsn.embedded, dsn.path, dsn.database) == (True, "/var/lib/task scope/store", "otel")
    assert str(dsn) == "chdb:///var/lib/task scope/store"


def test_server_with_everything() -> None:
    """Scheme, user, password, host, port and database are taken apart; percent signs are read."""
    dsn = Dsn.parse("https://me:p%40ss@db.example.com:9440/traces")

    assert (dsn.embedded, dsn.host, dsn.port, dsn.user, dsn.password) == (False, "db.example.com", 9440, "me", "p@ss")
    assert dsn.database == "traces"


@pytest.mark.parametrize(("text", "port"), [("http://db", 8123), ("https://db/", 8443)])
def test_defaults_of_a_server(text: str, port: int) -> None:
    """Ports are ClickHouse's, the database is ``otel``."""
    dsn = Dsn.parse(text)

    assert (dsn.port, dsn.database, dsn.user) == (port, "otel", "")


def test_password_is_masked() -> None:
    """Neither the text nor the representation has the password."""
    dsn = Dsn.parse("http://me:secret@db/otel")

    assert str(dsn) == "http://me:***@db:8123/otel"
    assert "secret" not in repr(dsn)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "chdb:///a?mode=ro",
        "chdb:///a%3Fb",
        "chdb://relative/path",
        "chdb://",
        "ftp://host/x",
        "http://",
        "http://h:port/",
    ],
)
def test_what_is_no_address(text: str) -> None:
    """Anything else is refused with the way to write it."""
    with pytest.raises(UsageError, match="chdb:///folder"):
        Dsn.parse(text)


def test_a_wrong_address_keeps_its_password() -> None:
    """The message about an address that cannot be read does not show its password."""
    with pytest.raises(UsageError) as caught:
        Dsn.parse("http://me:secret@host:port/")
    assert "secret" not in str(caught.value)
