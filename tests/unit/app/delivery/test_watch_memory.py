"""What is remembered is true with what was appended, wherever the process is killed."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.app.delivery.watch_memory import WatchMemory


def test_what_was_appended_is_remembered(tmp_path: Path) -> None:
    """The lane has grown beyond the end that was noted: the change is true, and it is not otherwise."""
    memory = WatchMemory(tmp_path / "watch.json", 0)
    memory.intend("tasks prod", {"a": 1}, 0)

    assert WatchMemory(tmp_path / "watch.json", 0).get("tasks prod") is None
    assert WatchMemory(tmp_path / "watch.json", 120).get("tasks prod") == {"a": 1}


_OUTCOMES = ["ok", "full", "kill", "killed"]
_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c"]),
        st.integers(0, 99) | st.none(),
        st.sampled_from(_OUTCOMES),
    ),
    max_size=30,
)


@given(_STEPS)
def test_no_kill_parts_memory_from_the_lane(steps: list[tuple[str, int | None, str]]) -> None:
    """
    Appends that come through, that are refused, and kills before and after the append: the file always says what the
    appended ones say.
    """
    import tempfile  # noqa: PLC0415 (a folder for each example)

    with tempfile.TemporaryDirectory() as folder:
        path, lane = Path(folder) / "watch.json", 0
        truth: dict[str, int] = {}
        memory = WatchMemory(path, lane)
        for section, value, what in steps:
            memory.intend(section, value, lane)
            if what in {"ok", "killed"}:
                lane += 7
                truth = {name: each for name, each in {**truth, section: value}.items() if each is not None}
            if what == "ok":
                memory.done(section, value)
            elif what != "full":
                memory = WatchMemory(path, lane)
            assert {name: memory.get(name) for name in memory.names("")} == truth
        again = WatchMemory(path, lane)
        assert {name: again.get(name) for name in again.names("")} == truth


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "{}", '{"sections": 1}', "{", "[" * 100_000, '{"sections": {}}', '{"sections": {}, "pending": 5}'),
        '{"sections": {}, "pending": {"section": [], "memory": 1, "lane_end": 1}}',
        '{"sections": {}, "pending": {"section": "a", "memory": 1, "lane_end": "1"}}',
    ],
)
def test_a_file_that_cannot_be_read_is_begun_anew(text: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is said what that means."""
    path = tmp_path / "watch.json"
    path.write_text(text)
    memory = WatchMemory(path, 5)
    memory.intend("a", 1, 5)

    assert "read anew" in caplog.text
    assert WatchMemory(path, 6).get("a") == 1


def test_sections_are_found_by_their_beginning(tmp_path: Path) -> None:
    """Those of log groups, after a start."""
    memory = WatchMemory(tmp_path / "watch.json", 0)
    for name in ("logs eu /a", "logs eu /b", "tasks c"):
        memory.done(name, {})

    assert list(memory.names("logs ")) == ["logs eu /a", "logs eu /b"]
