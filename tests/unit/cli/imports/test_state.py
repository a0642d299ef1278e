"""What an import notes of itself."""

from pathlib import Path

from taskscope.cli.imports.state import Journal


def test_notes_are_found_by_the_meaning_of_the_command(tmp_path: Path) -> None:
    """Another command has others."""
    Journal({"import": "xray"}, folder=tmp_path).note([{"trace": "1"}, {"trace": "2"}])

    assert Journal({"import": "xray"}, folder=tmp_path).entries() == [{"trace": "1"}, {"trace": "2"}]
    assert Journal({"import": "logs"}, folder=tmp_path).entries() == []


def test_a_line_that_was_cut_off_costs_only_itself(tmp_path: Path) -> None:
    """A command that is killed leaves one."""
    journal = Journal({}, folder=tmp_path)
    journal.note([{"n": 1}])
    with journal.path.open("a") as file:
        file.write('{"n": 2, "cut')
    journal.note([{"n": 3}])

    assert journal.entries() == [{"n": 1}, {"n": 3}]


def test_notes_can_be_replaced_and_forgotten(tmp_path: Path) -> None:
    """Forgetting what is not there is nothing."""
    journal = Journal({}, folder=tmp_path)
    journal.note([{"n": 1}, {"n": 2}])

    journal.replace([{"n": 2}])
    assert journal.entries() == [{"n": 2}]
    journal.forget()
    journal.forget()
    assert journal.entries() == []


def test_where_nothing_can_be_written_nothing_is_noted(tmp_path: Path) -> None:
    """The import goes on."""
    (tmp_path / "file").touch()
    journal = Journal({}, folder=tmp_path / "file")

    journal.note([{"n": 1}])
    assert journal.entries() == []
