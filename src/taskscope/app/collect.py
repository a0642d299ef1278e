"""`taskscope collect`: two processes, one for UDP, and this one for the rest."""

from taskscope.app.config import CollectorConfig
from taskscope.app.listeners import bind_all
from taskscope.app.run import Collector
from taskscope.app.serve import Planner
from taskscope.app.settings import Settings
from taskscope.errors import UsageError
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
    token = settings.write_token()
    config.check_exposure(token)
    listeners = bind_all(config, settings.component(XrayConfig), settings.component(StatsdConfig))
    planner = Planner(settings, listeners, write_token=token)
    served = listeners.sockets
    roles = tuple(role for role, purpose in _ROLES if purpose in served)
    owner = planner.plan("rest", ("consumers", *roles), "otlp-http", "fluent", "xray-tcp")
    receivers = [planner.datagrams()]
    return Collector(
        "taskscope collect",
        config,
        listeners,
        [each for each in receivers if each.sockets],
        owner,
        owner_is_child=False,
    )


_ROLES = (("otlp", "otlp-http"), ("fluent", "fluent"), ("xray-tcp", "xray-tcp"))
