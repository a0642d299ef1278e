"""What can be asked of the store beside its tables: the spool, its damage, the quarantine."""

from pathlib import Path
from typing import cast

import pytest

from taskscope.app.processes.folders import Folders
from taskscope.app.store import admin as store_admin
from taskscope.app.store.admin import OpenedStoreAdmin
from taskscope.counters import Counters
from taskscope.errors import UnavailableError, UsageError
from taskscope.model.batch import Signal
from taskscope.pipeline.quarantine import Quarantine
from taskscope.spool.frame import Frame, Kind
from taskscope.store.engine import Store

_STORE = cast("Store", object())


@pytest.fixture
def admin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OpenedStoreAdmin:
    """Give one over a store that is sound."""
    monkeypatch.setattr(store_admin, "check", lambda _store: [])
    return OpenedStoreAdmin(lambda: _STORE, Folders(tmp_path))


def test_a_sound_store_has_nothing_to_tell(admin: OpenedStoreAdmin) -> None:
    """Also before anything was received."""
    assert admin.check() == {"problems": [], "quarantined": 0, "quarantine": []}


def test_bodies_in_quarantine_are_listed_with_their_reason(admin: OpenedStoreAdmin, tmp_path: Path) -> None:
    """Of many the newest, and how many there are."""
    quarantine = Quarantine(Folders(tmp_path).quarantine, Counters())
    for number in range(3):
        quarantine.keep(Frame(Kind.XRAY_DATAGRAM, number, b"x%d" % number, sender="10.0.0.1"), f"reason {number}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store_admin, "_MOST_LISTED", 2)
        document = admin.check()

    assert document["quarantined"] == 3
    assert [each["reason"] for each in document["quarantine"]] == ["reason 1", "reason 2"]
    assert document["quarantine"][0]["sender"] == "10.0.0.1"


def test_what_was_lost_on_the_way_is_a_problem(admin: OpenedStoreAdmin, tmp_path: Path) -> None:
    """Damage to the spool, and bodies that the quarantine had no room for, in all processes of the run."""
    for name, counter in (("store", "damaged_bytes.spool"), ("otlp-0", "quarantine.full")):
        with Counters(Folders(tmp_path).counters / name) as counters:
            counters.add(counter, 7)

    problems = admin.check()["problems"]
    assert len(problems) == 2
    assert all("7 b" in each for each in problems)


def test_a_purge_is_of_a_signal(admin: OpenedStoreAdmin, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the name that people use; none of another name is passed on."""
    purged: list[tuple[Signal, int]] = []
    monkeypatch.setattr(store_admin, "purge", lambda _store, signal, *, before: purged.append((signal, before)))

    admin.purge("traces", 7)
    with pytest.raises(UsageError):
        admin.purge("spans", 7)

    assert purged == [(Signal.SPANS, 7)]


def test_a_store_that_is_away_is_told(tmp_path: Path) -> None:
    """By the error of whoever opens it."""

    def away() -> Store:
        raise UnavailableError("away")

    with pytest.raises(UnavailableError):
        OpenedStoreAdmin(away, Folders(tmp_path)).stats()
