"""Output of real processes: every line arrives once and in order, whatever they do."""

import pytest

from taskscope.lab.runner.testing import GROUP, REGION, Scene, container, play, shell

PYTHON = ("python", "-c")


def test_thirty_thousand_lines_arrive_in_order() -> None:
    """A fast writer is neither slowed to a halt nor cut."""
    script = "import sys; sys.stdout.write(''.join(f'line {n}\\n' for n in range(30000)))"

    scene = play(container("app", *PYTHON, script))

    assert scene.logs.messages("app") == [f"line {number}" for number in range(30_000)]


def test_stdout_and_stderr_keep_their_order() -> None:
    """They are one pipe."""
    scene = play(shell("app", "for n in 1 2 3 4 5; do echo out $n; echo err $n >&2; done"))

    assert scene.logs.messages("app") == [f"{kind} {n}" for n in range(1, 6) for kind in ("out", "err")]


def test_odd_output_arrives() -> None:
    """Empty lines, bytes that are not UTF-8, a line without end."""
    script = r"import os; os.write(1, b'a\n\n\xff\xfe b\nno end')"

    assert play(container("app", *PYTHON, script)).logs.messages("app") == ["a", " ", "\ufffd\ufffd b", "no end"]


def test_a_container_may_close_its_output_and_live_on() -> None:
    """The end of the output is not the end of the container."""

    async def stop(scene: Scene) -> None:
        await scene.logs.delivered.wait()
        scene.stop()

    scene = play(
        shell("app", "trap 'exit 4' TERM; echo last; exec >&- 2>&-; while :; do sleep 0.01; done"), during=stop
    )

    assert scene.logs.messages("app") == ["last"]
    assert scene.report.containers["app"]["exitCode"] == 4


def test_a_long_line_is_split_and_whole() -> None:
    """A line over 256 KiB becomes several messages."""
    messages = play(container("app", *PYTHON, "print('é' * 300_000)")).logs.messages("app")

    assert len(messages) == 3
    assert "".join(messages) == "é" * 300_000


def test_lines_come_in_batches_while_the_container_runs() -> None:
    """A reader does not wait for the end; lines have times of their own."""

    async def stop(scene: Scene) -> None:
        await scene.logs.delivered.wait()
        assert scene.report.containers["app"]["lastStatus"] == "RUNNING"
        scene.stop()

    scene = play(shell("app", "echo one; sleep 0.05; echo two; sleep 60"), during=stop)

    [lines] = scene.logs.streams.values()
    assert [line.message for line in lines] == ["one", "two"]
    assert lines[1].timestamp - lines[0].timestamp >= 30


@pytest.mark.parametrize("driver", ["awsfirelens", "json-file"])
def test_other_drivers_drain_and_count(driver: str) -> None:
    """More output than a pipe holds does not block the container, and what is dropped is said."""
    definition = container("app", *PYTHON, "print('x' * 999_999)")
    definition["logConfiguration"] = {"logDriver": driver, "options": {}}

    scene = play(definition)

    assert scene.report.containers["app"]["exitCode"] == 0
    assert f"app: 1000000 bytes of output dropped, log driver {driver}" in scene.notices


def test_a_group_that_is_deleted_costs_only_its_lines() -> None:
    """The container goes on, and the loss is said."""

    async def delete(scene: Scene) -> None:
        await scene.report.until("app", lastStatus="RUNNING")
        scene.logs.streams.clear()

    scene = play(shell("app", "sleep 0.1; echo lost; exit 6"), during=delete)

    assert scene.report.containers["app"]["exitCode"] == 6
    assert "app: 1 log lines could not be delivered, their group or stream is gone" in scene.notices


def test_stack_traces_are_one_message() -> None:
    """awslogs-multiline-pattern joins the lines of a trace."""
    definition = shell("app", r"printf '2026 one\n  at a\n  at b\n2026 two\n'")
    definition["logConfiguration"]["options"]["awslogs-multiline-pattern"] = "^2026"

    assert play(definition).logs.messages("app") == ["2026 one\n  at a\n  at b", "2026 two"]


def test_a_group_is_created_where_the_options_say_so() -> None:
    """awslogs-create-group makes the group before the first line."""
    definition = shell("app", "echo hello")
    definition["logConfiguration"]["options"].update({"awslogs-group": f"{GROUP}/new", "awslogs-create-group": "true"})

    scene = play(definition)

    assert (REGION, f"{GROUP}/new") in scene.logs.groups
    assert scene.logs.messages("app") == ["hello"]
