"""
The same schema on several machines: what holds rows becomes a local table on each, with a distributed one in front.

On one machine ``spans`` is a table. On a cluster ``spans_local`` is, on each shard, and ``spans`` is ``Distributed``
over them. What makes rows writes to the distributed ones: the spans of a trace live on one shard, so that they are
joined there. Rollups are made on each shard of the rows that lie there.
"""

import re
from dataclasses import dataclass
from typing import Final

_TABLE: Final = re.compile(r"CREATE TABLE IF NOT EXISTS (`[^`]+`)\.(\w+)")
_ENGINE: Final = re.compile(r"^ENGINE = (\w*)MergeTree(?:\(([^)]*)\))?", re.MULTILINE)
_CREATED: Final = re.compile(r"(CREATE (?:TABLE|VIEW|MATERIALIZED VIEW|DATABASE) IF NOT EXISTS (?:`[^`]+`\.)?[`\w]+)")
_ALTERED: Final = re.compile(r"(ALTER TABLE `[^`]+`)\.(\w+)")
_ROLLUP: Final = re.compile(
    r"((?:TO|FROM) `[^`]+`\.(?:spans_by_minute|spans|usage_by_minute|otel_metrics_gauge|otel_metrics_sum))$",
    re.MULTILINE,
)
_OF_ROLLUPS: Final = ("spans_to_minutes TO", "_to_usage TO")
_SHARDED_BY: Final = (
    (re.compile("spans_by_minute"), "cityHash64(ServiceName)"),
    (re.compile("spans"), "cityHash64(TraceId)"),
    (re.compile("(nodes|edges)_by_minute|rolled_minutes"), "cityHash64(Minute)"),
    (re.compile("service_colours"), "cityHash64(ServiceName)"),
    (re.compile("usage_by_minute"), "cityHash64(TaskArn)"),
    (re.compile("otel_logs"), "cityHash64(ServiceName, Timestamp, Body)"),
    (re.compile("otel_metrics"), "cityHash64(ServiceName, MetricName, toString(Attributes))"),
    (re.compile("ecs"), "cityHash64(Arn)"),
)
"""Never by chance: a batch that comes again must fall into the same shards, where its token is known."""
_WINDOW: Final = "non_replicated_deduplication_window = 10000"
_REPLICATED_WINDOW: Final = "replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800"
"""Time counts too where parts are replicated: a week, as the number of inserts alone decides elsewhere."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where the schema goes, if it is more than one machine."""

    name: str
    """As ``remote_servers`` of the servers' configuration has it."""
    replicated: bool = True
    """Whether tables are replicated, which needs Keeper and the macros ``{shard}`` and ``{replica}``."""
    distributed_ddl: bool = True
    """Whether statements say ON CLUSTER; else they are run on each machine by themselves."""

    @property
    def on_cluster(self) -> str:
        """What follows a name in a statement that all machines run."""
        return f" ON CLUSTER `{self.name}`" if self.distributed_ddl else ""

    def local_name(self, table: str) -> str:
        """Return the name of the table that holds the rows on each machine."""
        return f"{table}_local"

    def variants(self, statement: str) -> list[str]:
        """Return what a statement is on a cluster: one, or two where a table that holds rows is made or changed."""
        if _ENGINE.search(statement) and (table := _TABLE.search(statement)):
            database, name = table.groups()
            return [
                self._everywhere(self._local(statement, name)),
                self._everywhere(self._distributed(database, name)),
            ]
        if altered := _ALTERED.search(statement):
            names = (self.local_name(altered[2]), altered[2])  # the rows' table first: the other one asks it
            return [_ALTERED.sub(rf"\1.{name}{self.on_cluster}", statement, count=1) for name in names]
        if any(each in statement for each in _OF_ROLLUPS):  # they count on each machine what came to lie there
            statement = _ROLLUP.sub(r"\1_local", statement.replace(" AS\nSELECT", "\nAS\nSELECT"))
        return [self._everywhere(statement)]

    def _local(self, statement: str, name: str) -> str:
        renamed = _TABLE.sub(rf"CREATE TABLE IF NOT EXISTS \1.{self.local_name(name)}", statement, count=1)
        return _ENGINE.sub(self._engine, renamed).replace(_WINDOW, self._window())

    def _window(self) -> str:
        return _REPLICATED_WINDOW if self.replicated else _WINDOW

    def _engine(self, match: re.Match[str]) -> str:
        kind, arguments = match[1], match[2]
        if not self.replicated:
            return match[0]
        place = "'/clickhouse/tables/{shard}/{database}/{table}', '{replica}'"
        return f"ENGINE = Replicated{kind}MergeTree({', '.join(filter(None, [place, arguments]))})"

    def _distributed(self, database: str, name: str) -> str:
        by = next(key for tables, key in _SHARDED_BY if tables.match(name))
        return (
            f"CREATE TABLE IF NOT EXISTS {database}.{name} AS {database}.{self.local_name(name)}\n"
            f"ENGINE = Distributed('{self.name}', '{database.strip('`')}', '{self.local_name(name)}', {by})\n"
        )

    def _everywhere(self, statement: str) -> str:
        return _CREATED.sub(rf"\1{self.on_cluster}", statement, count=1)
