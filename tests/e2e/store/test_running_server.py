"""`taskscope store` asks the server that runs; one for all of these tests."""

import json
import re
from collections.abc import Iterator

import pytest

from tests.e2e.collect.collector import Collector
from tests.e2e.store.conftest import Store, logs, post


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """Give a server that has taken three lines, and a body that cannot be read."""
    with Collector(tmp_path_factory.mktemp("server"), "--retention", "logs=3d,traces=0s,changes=90d") as running:
        post(running, "http", "/v1/logs", logs("one", "two\ttabs", "three"))
        post(running, "http", "/v1/traces", b"\xff\xff\xff", "application/x-protobuf")
        running.until_sql("SELECT count() FROM otel_logs", [[3]])
        running.until(lambda: running.counters().get("quarantined.otlp_traces_protobuf"))
        yield running


def _url(server: Collector) -> str:
    return f"http://127.0.0.1:{server.ports['api']}"


def test_the_server_of_the_data_directory_is_found(server: Collector, store: Store) -> None:
    """And tells what each of its tables holds, as a table or as a document."""
    text = store("stats", data=server.data)
    document = json.loads(store("stats", "--output", "json", data=server.data).stdout)

    assert text.returncode == 0, text.stderr
    assert re.search(r"^otel_logs\t3\t", text.stdout, re.MULTILINE)
    assert {each["table"]: each["rows"] for each in document["tables"]}["otel_logs"] == 3
    assert document["schema_version"] > 0


def test_the_server_that_is_named_is_asked(server: Collector, store: Store) -> None:
    """By flag or by variable, wherever its data is."""
    assert store("sql", "SELECT 7", "--server", _url(server)).stdout == "7\n7\n"
    assert store("sql", "SELECT 7", env={"TASKSCOPE_SERVER": _url(server)}).stdout == "7\n7\n"


def test_rows_come_in_the_form_that_was_asked_for(server: Collector, store: Store) -> None:
    """JSON is an array of objects; text has tabs off a terminal."""
    question = ("sql", "SELECT Body, length(Body) AS n, NULL AS nothing FROM otel_logs ORDER BY n LIMIT 3")

    def ask(form: str) -> str:
        return store(*question, "--output", form, data=server.data).stdout

    rows = [{"Body": body, "n": len(body), "nothing": None} for body in ("one", "three", "two\ttabs")]
    assert json.loads(ask("json")) == rows
    assert [json.loads(line) for line in ask("jsonl").splitlines()] == rows
    assert ask("csv") == "Body,n,nothing\none,3,\nthree,5,\ntwo\ttabs,8,\n"
    assert ask("text") == "Body\tn\tnothing\none\t3\t\nthree\t5\t\n" + r"two\ttabs" + "\t8\t\n"


def test_answers_are_bounded_and_say_so(server: Collector, store: Store) -> None:
    """In rows, time and memory."""
    cut = store("sql", "SELECT number FROM numbers(10)", "--max-rows", "2", data=server.data)
    slow = store(
        "sql", "SELECT count() FROM numbers(1e12) WHERE sipHash64(number) = 1", "--timeout", "1s", data=server.data
    )
    large = store("sql", "SELECT groupArray(number) FROM numbers(1e8)", "--max-memory", "50MB", data=server.data)

    assert (cut.returncode, cut.stdout) == (0, "number\n0\n1\n")
    assert "there are more" in cut.stderr
    assert (slow.returncode, large.returncode) == (1, 1)
    assert "too long" in slow.stderr
    assert "too much memory" in large.stderr


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DROP TABLE otel_logs", "only statements that read"),
        ("SELECT nothing FROM otel_logs", "nothing"),
        ("SELECT 1 INTO OUTFILE '/tmp/x'", "only statements that read"),
        ("SELECT * FROM file('/etc/passwd', 'LineAsString')", "readonly"),
        ("SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')", "readonly"),
    ],
)
def test_what_is_no_question_is_refused(server: Collector, store: Store, statement: str, said: str) -> None:
    """Exit code 2, with the engine's word for it."""
    result = store("sql", statement, data=server.data)

    assert result.returncode == 2, result
    assert said in result.stderr


def test_check_lists_what_cannot_be_read(server: Collector, store: Store) -> None:
    """With the reason, and exit code 1, as there is a finding."""
    text = store("check", data=server.data)
    document = json.loads(store("check", "--output", "json", data=server.data).stdout)

    assert text.returncode == 1
    assert "1 bodies in quarantine" in text.stderr
    assert document["quarantined"] == 1
    [body] = document["quarantine"]
    assert (body["kind"], body["sender"], body["size"]) == ("otlp_traces_protobuf", "127.0.0.1", 3)
    assert body["reason"]
    assert (server.data / "quarantine" / body["file"]).read_bytes() == b"\xff\xff\xff"


def test_retention_of_the_settings_is_in_force(server: Collector) -> None:
    """A signal that is not named keeps its default; one of nothing stays for ever."""

    def kept(table: str) -> int | None:
        [[engine]] = server.sql(
            "SELECT engine_full FROM system.tables WHERE database = 'otel' AND name = {name:String}", name=table
        )
        found = re.search(r"toIntervalSecond\((\d+)\)", engine)
        return int(found[1]) if found else None

    day = 86_400
    server.until(lambda: kept("otel_logs") == 3 * day)
    server.until(lambda: kept("ecs_tasks") == 90 * day)
    assert kept("otel_metrics_gauge") == 30 * day
    assert kept("spans") is None


def test_purge_asks_first(server: Collector, store: Store) -> None:
    """Where nobody answers it does nothing; --yes is for scripts."""
    post(server, "http", "/v1/logs", logs("old"))
    server.until_sql("SELECT count() FROM otel_logs WHERE Body = 'old'", [[1]])
    silent = store("purge", "logs", "--before", "0s", data=server.data)
    assert (silent.returncode, "--yes" in silent.stderr) == (2, True)
    assert server.sql("SELECT count() FROM otel_logs WHERE Body = 'old'") == [[1]]

    done = store("purge", "logs", "--before", "0s", "--yes", data=server.data)
    assert done.returncode == 0, done.stderr
    assert server.sql("SELECT count() FROM otel_logs") == [[0]]


@pytest.mark.parametrize(
    "arguments", [["purge", "spans", "--before", "7d"], ["purge", "logs"], ["purge", "logs", "--before", "soon"]]
)
def test_a_purge_of_what_is_not_there_is_a_mistake(store: Store, arguments: list[str]) -> None:
    """Exit code 2."""
    assert store(*arguments, "--yes").returncode == 2


def test_a_store_that_a_server_has_open_is_told_with_that_server(server: Collector, store: Store) -> None:
    """Who opens it by its address learns whom to ask; exit code 5, as it may pass."""
    result = store("stats", "--store", f"chdb://{server.data}/store")

    assert result.returncode == 5
    assert _url(server) in result.stderr


def test_a_server_that_does_not_answer_is_told(store: Store) -> None:
    """Exit code 5, with its address."""
    result = store("stats", "--server", "http://127.0.0.1:1")

    assert result.returncode == 5
    assert "http://127.0.0.1:1" in result.stderr


def test_both_a_server_and_a_store_are_a_mistake(store: Store) -> None:
    """Only one can be asked."""
    assert store("stats", "--server", "http://127.0.0.1:1", "--store", "chdb:///x").returncode == 2


def test_migrating_what_is_new_changes_nothing(server: Collector, store: Store) -> None:
    """A server renews its schema when it starts."""
    result = store("migrate", data=server.data)

    assert (result.returncode, result.stdout) == (0, "")
    assert "up to date" in result.stderr
