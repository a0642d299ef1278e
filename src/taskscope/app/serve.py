"""`taskscope serve`: which processes it is made of."""

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from taskscope.app.processes.announce import reachable
from taskscope.app.processes.folders import Folders
from taskscope.app.processes.listeners import Listeners, bind_all
from taskscope.app.processes.lock import wait_for_leftovers
from taskscope.app.processes.plan import Plan
from taskscope.app.processes.run import Collector
from taskscope.app.settings.config import ServerConfig
from taskscope.app.settings.in_force import Settings, read_token
from taskscope.app.settings.tls import server_context
from taskscope.aws.task_metadata import TaskMetadata
from taskscope.receivers.statsd.config import StatsdConfig
from taskscope.receivers.xray.config import XrayConfig
from taskscope.sources.container_stats.config import ContainerStatsConfig


def server(settings: Settings[ServerConfig]) -> Collector:
    """
    Bind the ports and plan the processes: UDP, N times OTLP, the other receivers, and the one that owns the store.

    Raises:
        UsageError: A port is in use, or anybody could send.
    """
    config = settings.server
    token = settings.write_token()
    server_context(config)  # read here first: a wrong one is told once, and not by each process
    config.check_exposure(token)
    readers = read_token(config.read_token, config.read_token_file)
    config.check_readers(readers)
    wait_for_leftovers(Folders(config.folder), config.stop_seconds)
    listeners = bind_all(config, settings.component(XrayConfig), settings.component(StatsdConfig))
    planner = Planner(settings, listeners, write_token=token, read_token=readers)
    otlp = [planner.otlp(number) for number in range(config.otlp_count)] if "otlp" in config.receivers else []
    planned = [planner.datagrams(), *otlp, planner.streams(config.event_queue, watches=bool(config.watch))]
    receivers = [each for each in planned if each.has_work]
    owner = planner.store()
    return Collector("taskscope serve", config, listeners, receivers, owner, owner_is_child=True)


class Planner:
    """Makes the plans of a collector's processes."""

    def __init__(
        self, settings: Settings[Any], listeners: Listeners, *, write_token: str, read_token: str = ""
    ) -> None:
        self._settings = settings
        self._listeners = listeners
        self._write_token = write_token
        self._read_token = read_token

    def plan(self, name: str, roles: Sequence[str], *purposes: str) -> Plan:
        """Plan a process that inherits the sockets of these purposes."""
        served = self._listeners.sockets
        is_grpc = "otlp" in roles and "otlp-grpc" in served
        return Plan(
            name=name,
            roles=tuple(roles),
            folder=str(self._settings.server.folder),
            sockets=self._listeners.handles(*purposes),
            address={"otlp-grpc": self._listeners.address("otlp-grpc")} if is_grpc else {},
            settings=self._settings.plan_settings(),
            sampling_rules=self._settings.sampling_rules,
            write_token=self._write_token,
            read_token=self._read_token,
        )

    def datagrams(self) -> Plan:
        """Plan the process of UDP."""
        return self.plan("udp", ["datagrams"], "xray-udp", "statsd-udp")

    def otlp(self, number: int) -> Plan:
        """Plan one of the processes of OTLP."""
        return self.plan(f"otlp-{number}", ["otlp"], "otlp-http")

    def store(self) -> Plan:
        """Plan the process that owns the store and answers for it; it asks port 2000 for sampling."""
        plan = self.plan("store", ["store"], "api")
        if "xray-tcp" not in self._listeners.sockets:
            return replace(plan, shown_settings=self._settings.shown())
        address = reachable(self._listeners.address("xray-tcp"))
        return replace(plan, shown_settings=self._settings.shown(), address={"xray-tcp": address})

    def streams(self, event_queue: str, *, watches: bool = False) -> Plan:
        """Plan the process of what comes over TCP beside OTLP, from a queue and a task, and by watching."""
        roles: list[str] = [each for each in ("fluent", "xray-tcp") if each in self._listeners.sockets]
        roles += ["event-queue"] if event_queue else []
        roles += ["watch"] if watches else []
        roles += ["container-stats"] if self.measures_containers else []
        return self.plan("streams", roles, "fluent", "xray-tcp")

    @property
    def measures_containers(self) -> bool:
        """Whether this is a container of a task whose containers are to be measured."""
        is_on = self._settings.component(ContainerStatsConfig).seconds > 0
        return is_on and TaskMetadata.from_environment(os.environ) is not None
