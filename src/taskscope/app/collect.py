"""`taskscope collect`: two processes, one for UDP, and this one for the rest."""

from typing import Final

from taskscope.app.processes.folders import Folders
from taskscope.app.processes.listeners import bind_all
from taskscope.app.processes.lock import wait_for_leftovers
from taskscope.app.processes.run import Collector
from taskscope.app.serve import Planner
from taskscope.app.settings.config import CollectorConfig
from taskscope.app.settings.in_force import Settings
from taskscope.app.settings.sinks import check_targets, signals_of
from taskscope.app.settings.tls import server_context
from taskscope.config.layers import DEFAULT
from taskscope.errors import UsageError
from taskscope.model.batch import Signal
from taskscope.receivers.statsd.config import StatsdConfig
from taskscope.receivers.xray.config import XrayConfig


def sidecar(settings: Settings[CollectorConfig]) -> Collector:
    """
    Bind the ports and plan the processes.

    Raises:
        UsageError: Nothing is to be forwarded anywhere, a port is in use, or anybody could send.
    """
    config = settings.server
    if not config.to:
        raise UsageError("collect needs to know where to", hint="give --to xray, or see `taskscope collect --help`")
    if settings.origin("receivers") == DEFAULT:
        settings = settings.with_server(receivers=_wanted(config))
        config = settings.server
    token = settings.write_token()
    server_context(config)  # read here first: a wrong one is told once, and not by each process
    config.check_exposure(token)
    wait_for_leftovers(Folders(config.folder), config.stop_seconds)
    listeners = bind_all(config, settings.component(XrayConfig), settings.component(StatsdConfig))
    planner = Planner(settings, listeners, write_token=token)
    served = listeners.sockets
    roles = [role for role, purpose in _ROLES if purpose in served]
    if planner.measures_containers and Signal.METRICS in _taken(config):
        roles.append("container-stats")
    owner = planner.plan("rest", ["consumers", *roles], "otlp-http", "fluent", "xray-tcp")
    datagrams = planner.datagrams()
    receivers = [datagrams] if datagrams.has_work else []
    return Collector("taskscope collect", config, listeners, receivers, owner, owner_is_child=False)


def _wanted(config: CollectorConfig) -> tuple[str, ...]:
    """Return the receivers of which a sink takes something; OTLP may bring anything."""
    taken = _taken(config)
    return tuple(each for each in config.receivers if _BRINGS[each] & taken)


def _taken(config: CollectorConfig) -> frozenset[Signal]:
    """Return what the sinks take together."""
    return frozenset[Signal]().union(*(signals_of(target) for target in check_targets(config.to)))


_BRINGS: Final = {
    "xray": frozenset({Signal.SPANS}),
    "otlp": frozenset(Signal),
    "statsd": frozenset({Signal.METRICS}),
    "fluent": frozenset({Signal.LOGS}),
}
_ROLES = (("otlp", "otlp-http"), ("fluent", "fluent"), ("xray-tcp", "xray-tcp"))
