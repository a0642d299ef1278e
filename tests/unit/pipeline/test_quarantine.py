"""The quarantine: kept once, with the reason, and never more than fits."""

import json
import threading
from pathlib import Path

import pytest

from taskscope.counters import Counters
from taskscope.pipeline.quarantine import Quarantine, list_quarantined
from taskscope.spool.frame import Encoding, Frame, Kind


@pytest.fixture
def counters() -> Counters:
    """Count in memory."""
    return Counters()


def frame(body: bytes, *, kind: int = Kind.FLUENT_MESSAGE, received_ns: int = 7) -> Frame:
    """Return a frame that nothing can be made of."""
    return Frame(kind, received_ns, body, Encoding.GZIP, "10.0.0.1")


def test_body_is_kept_with_what_is_known_of_it(tmp_path: Path, counters: Counters) -> None:
    """As it was received; the oldest is listed first."""
    quarantine = Quarantine(tmp_path / "quarantine", counters)
    quarantine.keep(frame(b"later", received_ns=9), "no MessagePack: " + "x" * 1000)
    quarantine.keep(frame(b"body"), "why")

    first, second = list_quarantined(tmp_path / "quarantine")

    assert (first.kind, first.reason, first.received_ns, first.sender) == ("fluent_message", "why", 7, "10.0.0.1")
    assert (first.encoding, first.size) == ("gzip", 4)
    assert (tmp_path / "quarantine" / first.file).read_bytes() == b"body"
    assert len(second.reason) == 500
    assert counters.value("quarantined.fluent_message") == 2


def test_body_that_comes_again_is_there_once(tmp_path: Path, counters: Counters) -> None:
    """From a replay, from another sink, after a start, from several threads."""
    for _ in range(2):
        quarantine = Quarantine(tmp_path, counters)
        threads = [threading.Thread(target=quarantine.keep, args=(frame(b"body"), "why")) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(list(list_quarantined(tmp_path))) == 1
    assert len(list(tmp_path.iterdir())) == 2
    before = counters.value("quarantined.fluent_message")
    Quarantine(tmp_path, counters).keep(frame(b"body"), "why")
    assert counters.value("quarantined.fluent_message") == before


def test_full_quarantine_counts_only(tmp_path: Path, counters: Counters) -> None:
    """Small bodies count as much as the disk has to give for them, also those of an earlier start."""
    for _ in range(2):
        quarantine = Quarantine(tmp_path, counters, max_bytes=5 * 8192)
        for number in range(10):
            quarantine.keep(frame(b"%d" % number), "why")

    assert len(list(list_quarantined(tmp_path))) == 5
    assert counters.value("quarantine.full") == 10
    assert counters.value("quarantined.fluent_message") == 15


def test_full_disk_counts_only(tmp_path: Path, counters: Counters, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing half written is left, and no thread ends."""

    def full(path: Path, content: bytes) -> int:
        with path.open("wb") as file:
            file.write(content[:3])
        raise OSError(28, "No space left on device")

    quarantine = Quarantine(tmp_path, counters)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        quarantine.keep(frame(b"body"), "why")

    assert list(tmp_path.iterdir()) == []
    assert counters.value("quarantine.full") == 1
    quarantine.keep(frame(b"body"), "why")
    assert len(list(list_quarantined(tmp_path))) == 1


def test_description_without_its_body_is_completed(tmp_path: Path, counters: Counters) -> None:
    """A process that was killed between the two has not noted the range as done, so the body comes again."""
    quarantine = Quarantine(tmp_path, counters)
    quarantine.keep(frame(b"body"), "why")
    [known] = list_quarantined(tmp_path)
    (tmp_path / known.file).unlink()

    quarantine.keep(frame(b"body"), "why")

    assert (tmp_path / known.file).read_bytes() == b"body"
    assert json.loads((tmp_path / known.file).with_suffix(".json").read_text())["reason"] == "why"


def test_kind_of_a_later_version_has_its_number(tmp_path: Path, counters: Counters) -> None:
    """And a folder that is not there holds nothing."""
    Quarantine(tmp_path / "q", counters).keep(frame(b"body", kind=99), "why")

    assert [each.kind for each in list_quarantined(tmp_path / "q")] == ["unknown_99"]
    assert list(list_quarantined(tmp_path / "none")) == []


def test_files_of_others_do_not_keep_the_list_from_being_read(tmp_path: Path, counters: Counters) -> None:
    """Somebody tidied up by hand, or looked with an editor."""
    Quarantine(tmp_path, counters).keep(frame(b"body"), "why")
    for name, content in (("a", b""), ("b", b"[]"), ("c", b'{"kind": "x"}'), ("d", b"\xff")):
        (tmp_path / f"{name}.json").write_bytes(content)
    (tmp_path / "gone.json").symlink_to(tmp_path / "nowhere")

    assert [each.reason for each in list_quarantined(tmp_path)] == ["why"]
