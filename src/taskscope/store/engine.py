"""
The one door to ClickHouse: chDB in this process or a server over HTTP, through clickhouse-connect.

One client for each thread, none shared: two clients insert 1.6 times as fast as one, and a chDB handle serves one call
at a time. No client leaves this module.
"""

import logging
import os
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Self

import clickhouse_connect
import pyarrow as pa  # type: ignore[import-untyped]  # it has no types
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from taskscope.errors import TaskscopeError, UnavailableError, UsageError
from taskscope.store import answer
from taskscope.store.api import MAX_MEMORY_BYTES, MAX_ROWS, TIMEOUT_SECONDS, Result
from taskscope.store.dsn import Dsn
from taskscope.store.failures import MEMORY, code_of, failure_of_insert, failure_of_query, text_of
from taskscope.store.guard import one_reading_statement
from taskscope.store.memory import engine_bytes, question_bytes
from taskscope.store.otlp.rewrite import for_engine
from taskscope.store.owner import is_locked_elsewhere, read_owner
from taskscope.store.scratch import leave_scratch, take_scratch
from taskscope.store.server_version import young_enough
from taskscope.store.statements import OTLP_SCHEMA

_ENGINE_IN_USE: Final = 36
_READERS_KEPT: Final = 8
"""Idle handles of chDB for questions: the bounds of a read-only handle cannot be changed; opening one takes 30 ms."""
_INSERT: Final = {
    "async_insert": 0,
    "deduplicate_blocks_in_dependent_materialized_views": 1,
    "input_format_skip_unknown_fields": 0,
    "distributed_foreground_insert": 1,
    "min_insert_block_size_bytes": 1 << 30,  # a batch is one block: a body that does not parse stores nothing of it
}
_OTLP: Final = {
    **_INSERT,
    "format_schema_source": "string",
    "format_schema": OTLP_SCHEMA,
    "format_schema_message_name": "Request",
    "output_format_json_escape_forward_slashes": 0,  # as Python's json writes it: equal resources have equal texts
}

for _name in ("clickhouse_connect", "urllib3.connectionpool"):  # what they log of a request that fails, is raised too
    logging.getLogger(_name).setLevel(logging.CRITICAL)


class Store:
    """
    An open store: reads as `Reader` says, writes as `Writer` says, and runs the statements of migration and upkeep.

    May be used by several threads. Leaving the ``with`` block closes it.
    """

    def __init__(self, dsn: Dsn, *, database: str, read_only: bool) -> None:
        """Take an address; ``open_store`` is what others call."""
        self.dsn = dsn
        self.database = database
        self.writers = f"{database}_writers"
        """The database whose tables take what Collectors write and bodies that the engine decodes."""
        self.read_only = read_only
        self._local = threading.local()
        self._idle: list[tuple[tuple[Any, ...], Client]] = []
        self._clients: weakref.WeakSet[Client] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._closed = False
        self._scratch: Path | None = None
        self._left: Path | None = None

    def __repr__(self) -> str:
        return f"Store({self.dsn}, database={self.database!r}, read_only={self.read_only})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all clients, of every thread; safe to call twice."""
        with self._lock:
            self._closed = True
            clients = list(self._clients)
        for client in clients:
            client.close()
        if self._scratch is not None:
            if self._left is not None:
                with suppress(OSError):
                    os.chdir(self._left)
            leave_scratch(self._scratch)

    def enter(self) -> None:
        """
        Make the embedded store's scratch the working directory of this process until it is closed; a server's store
        changes nothing.

        The engine leaves a copy of OTLP's schema in ``__cache__`` of the working directory, wherever that is, and takes
        it for good from then on: one that a full disk cut short would refuse every span, after a restart too. The
        scratch is empty at each start, and mostly in memory.
        """
        if self._scratch is not None:
            self._left = Path.cwd()
            os.chdir(self._scratch)

    def query(
        self,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        max_rows: int = MAX_ROWS,
        timeout_seconds: float = TIMEOUT_SECONDS,
        max_memory_bytes: int = MAX_MEMORY_BYTES,
    ) -> Result:
        """Ask, as `Reader` says."""
        statement = one_reading_statement(sql)
        bounds = {
            "limit": 1 << max_rows.bit_length(),  # few different ones, each above what is asked for
            "max_execution_time": timeout_seconds,
            "max_memory_usage": question_bytes(max_memory_bytes) if self.dsn.embedded else max_memory_bytes,
            **answer.SETTINGS,
        }
        if not (self.dsn.embedded and self.read_only):  # a handle of chDB that was opened to read says so itself
            bounds["readonly"] = 1
        with self._failing(failure_of_query), self._reader(bounds) as (client, settings):
            given = client.raw_query(statement, parameters=dict(parameters or {}), settings=settings, fmt=answer.FORMAT)
        names, types, rows = answer.read_answer(given)
        return Result(tuple(names), tuple(types), rows[:max_rows], truncated=len(rows) > max_rows)

    def execute(self, statement: str, **settings: Any) -> None:
        """
        Run a statement that changes the store: of a migration, of retention, of upkeep.

        Raises:
            TaskscopeError: The engine refuses it, or does not answer.
        """
        with self._failing(failure_of_query):
            self._writing().command(statement, settings=settings)

    def insert_columns(self, table: str, columns: pa.Table, *, token: str) -> None:
        """Put rows into a table, as `Writer` says."""
        settings = {**_INSERT, "insert_deduplication_token": token}
        where = f"`{self.database}`.`{table}`"
        with self._failing(failure_of_insert):
            if not self.dsn.embedded:
                self._writing().insert_arrow(where, columns, settings=settings)
                return
            # insert_arrow would copy what Arrow wrote, which stops the other threads of this process for 20 MB.
            data = memoryview(_arrow_file(columns))
            self._writing().raw_insert(where, columns.schema.names, data, settings, "Arrow")  # type: ignore[arg-type]  # it takes these

    def insert_otlp_spans(self, bodies: Sequence[bytes], *, token: str) -> None:
        """Put the spans of OTLP bodies into ``spans``, as `Writer` says; the engine decodes them."""
        settings = {**_OTLP, "insert_deduplication_token": token}
        data = for_engine(bodies)
        with self._failing(failure_of_insert):
            self._writing().raw_insert(
                f"`{self.writers}`.otlp_traces", insert_block=data, fmt="Protobuf", settings=settings
            )

    @contextmanager
    def _failing(self, meaning: Callable[..., TaskscopeError]) -> Iterator[None]:
        try:
            yield
        except (ClickHouseError, OSError, RuntimeError) as error:
            raise meaning(error, where=str(self.dsn), secret=self.dsn.password) from error

    def _client(self) -> Client:
        if getattr(self._local, "writer", None) is None:
            self._local.writer = self._open()
        client: Client = self._local.writer
        return client

    def _writing(self) -> Client:
        if self.read_only:
            raise UsageError(f"the store {self.dsn} is open to read only")
        return self._client()

    @contextmanager
    def _reader(self, bounds: dict[str, Any]) -> Iterator[tuple[Client, dict[str, Any]]]:
        """Give a client and what goes with a call: over HTTP the bounds; a handle of chDB has them already."""
        if not self.dsn.embedded:
            yield self._client(), {**bounds, "database": self.database}
            return
        key = tuple(bounds.values())
        reader = self._idle_reader(key) or self._open_reader(bounds)
        try:
            yield reader, {}
        except Exception as error:  # what an answer that broke off had written comes before the handle's next one
            reader.close()
            if code_of(error) == MEMORY:
                self._give_back()
            raise
        with self._lock:
            self._idle.append((key, reader))
            surplus = self._idle[:-_READERS_KEPT]
            del self._idle[:-_READERS_KEPT]
        for _, each in surplus:
            each.close()

    def _give_back(self) -> None:
        """
        Return memory to the machine: a refused question of 2 GB left the process with 3.7 GB, for ten seconds.

        Afterwards it was 0.4 GB; the call takes 70 ms.
        """
        with suppress(ClickHouseError, TaskscopeError, RuntimeError):
            self._client().command("SYSTEM JEMALLOC PURGE")

    def _idle_reader(self, key: tuple[Any, ...]) -> Client | None:
        with self._lock:
            found = next((index for index, (known, _) in enumerate(self._idle) if known == key), None)
            return None if found is None else self._idle.pop(found)[1]

    def _open_reader(self, bounds: dict[str, Any]) -> Client:
        reader = self._open()
        reader.database = self.database
        for name, value in bounds.items():
            reader.set_client_setting(name, value)
        return reader

    def _open(self) -> Client:
        if self._closed:
            raise UnavailableError(f"the store {self.dsn} is closed")
        client = self._open_embedded() if self.dsn.embedded else self._connect()
        with self._lock:
            self._clients.add(client)
        return client

    def _open_embedded(self) -> Client:
        options = {"max_server_memory_usage": engine_bytes(), **({"mode": "ro"} if self.read_only else {})}
        if is_locked_elsewhere(Path(self.dsn.path)):
            raise self._in_use()
        try:
            return clickhouse_connect.get_client(interface="chdb", path=self.dsn.path, chdb_options=options)
        except (ClickHouseError, RuntimeError) as error:
            if "different path" in str(error):
                raise UsageError(f"{self.dsn}: this process has another embedded store open") from error
            if code_of(error) == _ENGINE_IN_USE:
                raise self._in_use() from error
            raise TaskscopeError(f"the store {self.dsn} does not open: {text_of(error)}") from error

    def _in_use(self) -> UnavailableError:
        owner = read_owner(Path(self.dsn.path))
        return UnavailableError(
            f"the store {self.dsn} is in use by {owner or 'another process'}",
            hint="ask that process with --server, or stop it" if owner else "one process at a time can open it",
        )

    def _connect(self) -> Client:
        client = clickhouse_connect.get_client(
            interface=self.dsn.scheme,
            host=self.dsn.host,
            port=self.dsn.port,
            username=self.dsn.user or None,
            password=self.dsn.password,
            autogenerate_session_id=False,
            query_limit=0,
            connect_timeout=5,
        )
        return young_enough(client, str(self.dsn))


def _arrow_file(columns: pa.Table) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, columns.schema) as writer:
        writer.write(columns)
    return sink.getvalue()


def open_store(dsn: str, *, database: str | None = None, read_only: bool = False) -> Store:
    """
    Open a store and try it: ``chdb:///folder`` (made if need be) or ``http(s)://user:password@host:port/database``.

    ``database`` wins over the one that the address names. A folder is open in one process at a time, read only or not.

    Raises:
        UsageError: The address cannot be read.
        UnavailableError: Another process has it open, or the server does not answer.
        TaskscopeError: The server is older than what our statements need.
        CredentialsError: The server does not know the user and password.
    """
    address = Dsn.parse(dsn)
    if address.embedded:
        Path(address.path).parent.mkdir(parents=True, exist_ok=True)
    store = Store(address, database=database or address.database, read_only=read_only)
    with store._failing(failure_of_query):  # noqa: SLF001 (this function is Store's other half)
        store._client()  # noqa: SLF001 (likewise)
    if address.embedded and not read_only:
        store._scratch = take_scratch(Path(address.path))  # noqa: SLF001 (likewise)
    return store
