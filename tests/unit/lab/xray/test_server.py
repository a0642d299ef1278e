"""The lab's server as a process, in whose place a script says the same lines."""

import asyncio
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from taskscope.errors import UnreachableError
from taskscope.lab.threaded import ThreadedAws
from taskscope.lab.xray import server
from taskscope.lab.xray.server import missing_package, open_server

StartAws = Callable[..., ThreadedAws]

_SAYS = """#!/bin/sh
echo "$@" > "$HOME/arguments"
cat >&2 <<'END'
taskscope store: the store's tables are made
taskscope serve, data in there
  X-Ray segments (UDP), sampling (TCP)  127.0.0.1:2001
  health and own metrics                127.0.0.1:2002
  API, EventBridge messages             127.0.0.1:2003

END
"""


def program(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Put a script in the place of the Python that the lab starts."""
    file = folder / "python"
    file.write_text(text)
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(sys, "executable", str(file))


def test_it_is_started_once_by_the_first_that_asks_and_ended_with_the_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two that ask at the same time get the same address; its later words are passed on; its folder is removed."""
    program(tmp_path, monkeypatch, _SAYS + "echo 'a warning' >&2\nexec sleep 300\n")
    said: list[str] = []

    async def use() -> tuple[list[tuple[str, int]], str, int]:
        warned = asyncio.Event()

        def say(line: str) -> None:
            said.append(line)
            if "warning" in line:
                warned.set()

        async with open_server(say) as process:
            addresses = list(await asyncio.gather(process.address(), process.address()))
            assert process._process is not None
            await warned.wait()
            return addresses, (process._folder / "arguments").read_text(), process._process.pid

    addresses, arguments, pid = asyncio.run(use())

    assert addresses == [("127.0.0.1", 2003)] * 2
    assert "--listen 127.0.0.1" in arguments
    assert not Path(arguments.split("--data-dir ")[1].split()[0]).parent.exists()
    assert not psutil.pid_exists(pid)
    assert sorted(said) == [
        f"taskscope serve has started, process {pid}; it takes X-Ray segments (UDP), sampling (TCP) 127.0.0.1:2001",
        "taskscope serve: a warning",
    ]


def test_one_that_has_ended_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the same folder, by whoever asks next."""
    program(tmp_path, monkeypatch, _SAYS + "echo x >> $HOME/starts\n")

    async def use() -> list[str]:
        async with open_server(lambda _line: None) as process:
            await process.address()
            assert process._process is not None
            await process._process.wait()
            await process.address()
            await process._process.wait()
            return (process._folder / "starts").read_text().split()

    assert asyncio.run(use()) == ["x", "x"]


def test_why_it_does_not_start_is_told_in_its_own_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last lines that it wrote are in the error."""
    program(tmp_path, monkeypatch, "#!/bin/sh\necho 'taskscope: serve needs the package chdb' >&2\nexit 2\n")

    async def use() -> None:
        async with open_server(lambda _line: None) as process:
            await process.address()

    with pytest.raises(UnreachableError, match="did not start: taskscope: serve needs the package chdb"):
        asyncio.run(use())


def test_one_that_is_not_ready_in_time_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for ever."""
    monkeypatch.setattr(server, "_START_SECONDS", 0.1)
    program(tmp_path, monkeypatch, "#!/bin/sh\nexec sleep 300\n")

    async def use() -> int:
        async with open_server(lambda _line: None) as process:
            with pytest.raises(UnreachableError, match=r"not ready after 0\.1 s"):
                await process.address()
            assert process._process is not None
            return process._process.pid

    assert not psutil.pid_exists(asyncio.run(use()))


def test_settings_of_the_user_do_not_reach_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither variables of ours nor of AWS: it is the lab's, whatever else the user runs."""
    monkeypatch.setenv("TASKSCOPE_STORE", "http://elsewhere:8123")
    monkeypatch.setenv("AWS_PROFILE", "production")
    program(tmp_path, monkeypatch, _SAYS + "env > $HOME/variables\n")

    async def use() -> str:
        async with open_server(lambda _line: None) as process:
            await process.address()
            assert process._process is not None
            await process._process.wait()
            return (process._folder / "variables").read_text()

    variables = asyncio.run(use())
    assert "TASKSCOPE_STORE" not in variables
    assert "AWS_PROFILE" not in variables
    assert f"AWS_CONFIG_FILE={os.devnull}" in variables


def test_a_package_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without loading any of them."""
    assert missing_package() == ""
    monkeypatch.setattr(server, "_NEEDED", ("json", "no_such_package"))
    assert missing_package() == "no_such_package"


def test_without_the_extra_of_the_server_that_is_said_and_samplers_are_answered(
    embedded_aws: StartAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence names what is missing; X-Ray is as much as the lab has itself."""
    monkeypatch.setattr("taskscope.lab.embedded.missing_package", lambda: "chdb")
    aws = embedded_aws(runner=False)

    assert aws.server_url == ""
    assert [each for each in aws.capabilities if "the package chdb" in each]
    assert aws.client("xray").get_sampling_rules()["SamplingRuleRecords"]


def test_the_server_has_an_address_before_it_is_started(embedded_aws: StartAws) -> None:
    """A lab that nobody asks for traces starts none; containers are not told of it."""
    before = set(psutil.Process().children())
    aws = embedded_aws(runner=False)

    assert aws.server_url.startswith("http://127.0.0.1:")
    assert [each for each in aws.capabilities if aws.server_url in each]
    assert not [each for each in set(psutil.Process().children()) - before if "serve" in each.cmdline()]
    assert "TASKSCOPE_SERVER" not in aws.environment
