"""What a container runs."""

import os
import sys
from pathlib import Path

import pytest

from taskscope.lab.runner.command import Launch, command_line, find_program, find_user, working_folder
from taskscope.lab.runner.failures import StartFailure


def test_entry_point_and_command_are_one_line() -> None:
    """The image's command counts only where the definition has neither."""
    assert command_line({"entryPoint": ["sh", "-c"], "command": ["true"]}, ["image"]) == ["sh", "-c", "true"]
    assert command_line({"command": []}, ["image"]) == ["image"]


def test_the_images_entry_point_counts_where_the_definition_has_none() -> None:
    """As of Docker: the definition's command comes after it."""
    assert command_line({"command": ["--help"]}, [], ["python3", "x"]) == [sys.executable, "x", "--help"]
    assert command_line({"entryPoint": ["sh"], "command": ["y"]}, [], ["python3", "x"]) == ["sh", "y"]


@pytest.mark.parametrize("name", ["python", "python3"])
def test_python_means_the_python_that_runs_the_lab(name: str) -> None:
    """Only as the program itself, not as an argument."""
    assert command_line({"command": [name, "-m", "python"]}, []) == [sys.executable, "-m", "python"]


def test_without_a_command_nothing_can_run() -> None:
    """An image is only a name, and the reason says so."""
    with pytest.raises(StartFailure, match=r"^CannotStartContainerError: .*'shop/web:1'"):
        command_line({"image": "shop/web:1"}, [])


def test_a_program_must_exist_and_be_executable(tmp_path: Path) -> None:
    """By path relative to the working folder, or by name in PATH."""
    (tmp_path / "data").write_text("x")
    (tmp_path / "data").chmod(0o644)
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)

    find_program("./program", path="", folder=tmp_path)
    find_program("program", path=str(tmp_path), folder=Path("/"))
    for name, words in (("./data", "permission denied"), ("./none", "no such file"), ("program", "not found in")):
        with pytest.raises(StartFailure, match=words):
            find_program(name, path="/nowhere", folder=tmp_path)


def test_the_working_directory_is_a_folder_of_this_machine(tmp_path: Path) -> None:
    """Relative ones are below the lab's folder; without one it is that folder."""
    (tmp_path / "app").mkdir()

    assert working_folder({}, tmp_path) == tmp_path
    assert working_folder({"workingDirectory": "app"}, tmp_path) == tmp_path / "app"
    with pytest.raises(StartFailure, match="chdir to cwd"):
        working_folder({"workingDirectory": "/no/such"}, tmp_path)


def test_users_are_those_of_this_machine() -> None:
    """By name, by number, with a group; unknown names are not to be had, a number that nobody has is in group 0."""
    assert find_user("root") == find_user("0") == "0:0"
    assert find_user("root:7") == "0:7"
    assert find_user("54321:54322") == "54321:54322"
    assert find_user("54321") == "54321:0"
    assert find_user("7:root") == "7:0"
    assert find_user("root:no-such-group") is None
    assert find_user("no-such-user") is None


def test_a_launch_enters_everything_before_the_command() -> None:
    """Control groups first, then the namespace, then the user; the command comes last, untouched."""
    launch = Launch({}, Path("/"), namespace="ns", procs=[Path("/a"), Path("/b")], user="1:2")

    line = launch.wrap(["echo", "a b"])

    assert line[-2:] == ["echo", "a b"]
    assert line[:2] == ["/bin/sh", "-c"]
    assert line[4:7] == ["2", "/a", "/b"]
    assert line.index("/b") < line.index("ns") < line.index("--reuid")


@pytest.mark.skipif(os.name != "posix", reason="needs a POSIX system")
def test_without_limits_and_namespace_only_the_command_is_left() -> None:
    """Nothing is entered."""
    assert [word for word in Launch({}, Path("/")).wrap(["true"]) if word.endswith("true")] == ["true"]
