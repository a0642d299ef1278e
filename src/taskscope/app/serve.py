"""`taskscope serve`: which processes it is made of."""

from typing import Any

from taskscope.app.config import ServerConfig
from taskscope.app.listeners import Listeners, bind_all
from taskscope.app.plan import Plan
from taskscope.app.run import Collector
from taskscope.app.settings import Settings, read_token
from taskscope.receivers.statsd.config import StatsdConfig
from taskscope.receivers.xray.config import XrayConfig


def server(settings: Settings[ServerConfig]) -> Collector:
    """
    Bind the ports and plan the processes: UDP, N times OTLP, the other receivers, and the one that owns the store.

    Raises:
        UsageError: A port is in use, or anybody could send.
    """
    config = settings.server
    token = settings.write_token()
    config.check_exposure(token)
    listeners = bind_all(config, settings.component(XrayConfig), settings.component(StatsdConfig))
    planner = Planner(
        settings, listeners, write_token=token, read_token=read_token(config.read_token, config.read_token_file)
    )
    receivers = [
        planner.datagrams(),
        *(planner.otlp(number) for number in range(config.otlp_processes)),
        planner.streams(),
    ]
    owner = planner.plan("store", ("store",), "api")
    return Collector(
        "taskscope serve",
        config,
        listeners,
        [each for each in receivers if each.sockets or each.roles == ("event-queue",)],
        owner,
        owner_is_child=True,
    )


class Planner:
    """Makes the plans of a collector's processes."""

    def __init__(
        self, settings: Settings[Any], listeners: Listeners, *, write_token: str, read_token: str = ""
    ) -> None:
        self._settings = settings
        self._listeners = listeners
        self._write_token = write_token
        self._read_token = read_token

    def plan(self, name: str, roles: tuple[str, ...], *purposes: str) -> Plan:
        """Plan a process that inherits the sockets of these purposes."""
        addresses = self._listeners.address
        served = self._listeners.sockets
        return Plan(
            name=name,
            roles=roles,
            folder=str(self._settings.server.folder),
            sockets=self._listeners.handles(*purposes),
            address={"otlp-grpc": addresses("otlp-grpc")} if "otlp" in roles and "otlp-grpc" in served else {},
            settings=self._settings.plan_settings(),
            sampling_rules=self._settings.sampling_rules,
            write_token=self._write_token,
            read_token=self._read_token,
        )

    def datagrams(self) -> Plan:
        """Plan the process of UDP."""
        return self.plan("udp", ("datagrams",), "xray-udp", "statsd-udp")

    def otlp(self, number: int) -> Plan:
        """Plan one of the processes of OTLP."""
        return self.plan(f"otlp-{number}", ("otlp",), "otlp-http")

    def streams(self) -> Plan:
        """Plan the process of what comes over TCP beside OTLP."""
        served = self._listeners.sockets
        roles = tuple(each for each in ("fluent", "xray-tcp") if each in served)
        if self._settings.server.event_queue:
            roles += ("event-queue",)
        return self.plan("streams", roles, "fluent", "xray-tcp")
