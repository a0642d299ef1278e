"""The embedded AWS, assembled: control planes, agent, event bus, functions and gateway on one event loop."""

import logging
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Final, Self

from taskscope.clock import Clock, system_clock
from taskscope.lab.client.connection import DEFAULT_ACCOUNT, DEFAULT_REGION
from taskscope.lab.ecs.service import EcsService
from taskscope.lab.events.gateway_targets import GatewaySender
from taskscope.lab.events.service import EventsService
from taskscope.lab.events.targets import all_targets
from taskscope.lab.functions.runner import FunctionRunner
from taskscope.lab.functions.service import FunctionsService
from taskscope.lab.gateway.app import Forward, Gateway
from taskscope.lab.gateway.fallback import MotoFallback
from taskscope.lab.gateway.service import Document
from taskscope.lab.idle_agent import IdleAgent
from taskscope.lab.logs.service import LogsService
from taskscope.lab.machines.ec2 import MachineInEc2
from taskscope.lab.machines.ssm import SsmService
from taskscope.lab.runner.images import ImageCatalog
from taskscope.lab.runner.opening import open_runner
from taskscope.lab.runner.runner import LocalRunner
from taskscope.lab.scenarios.catalog import image_marks
from taskscope.lab.secrets import SecretStore
from taskscope.lab.state_file import RecordedState, load_state
from taskscope.lab.xray.forward import XRayForward
from taskscope.lab.xray.relay import Relay
from taskscope.lab.xray.server import missing_package, open_server
from taskscope.lab.xray.service import XRayService
from taskscope.serving.asgi import AsgiServer
from taskscope.sockets import listen_tcp

LOOPBACK: Final = "127.0.0.1"
_GRACE_SECONDS: Final = 1.0
"""How long open answers may take when the lab ends; a live tail would never end by itself."""
_LOG: Final = logging.getLogger(__name__)


class EmbeddedAws:
    """
    An AWS on this machine, from ``async with`` to its end; afterwards no task, process, network or control group of it
    is left.

    Args:
        port: Where it listens on loopback, and on the bridge of the tasks' network; 0 takes a free one.
        account: Account id in ARNs. moto takes the first one of a process, so that one process should use one account.
        region: Region of unsigned requests and of the exported variables.
        latency: Seconds before each answer.
        states: Recorded states to load.
        stopped_task_ttl: Seconds for which stopped tasks can be described; loaded ones always can.
        runner: Whether tasks run as processes; otherwise every task fails to start.
        isolate: Whether tasks get networks and memory limits of their own, where this machine allows it.
        server: Whether X-Ray is answered by `taskscope serve`, where it is installed: the first call starts it.
        time_scale: Multiplies every time of a task definition.
        clock: Gives the time.
        say: Takes one-line notices for people.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        account: str = DEFAULT_ACCOUNT,
        region: str = DEFAULT_REGION,
        latency: float = 0.0,
        states: Sequence[RecordedState] = (),
        stopped_task_ttl: float = 3600.0,
        runner: bool = True,
        isolate: bool = True,
        server: bool = True,
        time_scale: float = 1.0,
        clock: Clock = system_clock,
        say: Callable[[str], None] = _LOG.warning,
    ) -> None:
        self.region = region
        self.account = account
        self.port = port
        """Where it listens; known from the start of the block on."""
        self.capabilities: list[str] = []
        """What this machine lets it do and what not, as sentences for people."""
        self.server_url = ""
        """Where `taskscope serve` answers; empty where there is none."""
        self.logs = LogsService(clock=clock)
        self._latency = latency
        self._states = states
        self._ttl = stopped_task_ttl
        self._with_runner = runner
        self._isolate = isolate
        self._with_server = server
        self._time_scale = time_scale
        self._clock = clock
        self._say = say
        self._stack = AsyncExitStack()

    @property
    def url(self) -> str:
        """Where AWS clients reach it: ``AWS_ENDPOINT_URL``."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point any AWS client to it."""
        return self._environment(LOOPBACK)

    async def __aenter__(self) -> Self:
        """
        Start everything.

        Raises:
            UsageError: The port is taken, or a state cannot be loaded.
        """
        async with AsyncExitStack() as stack:
            sockets = [stack.enter_context(listen_tcp(LOOPBACK, self.port, flag="--port"))]
            self.port = sockets[0].getsockname()[1]
            runner = await self._open_runner(stack)
            if runner is not None and runner.bridge_address is not None:
                sockets.append(stack.enter_context(listen_tcp(runner.bridge_address, self.port, flag="--port")))
            forwards = await self._open_server(stack)
            await self._assemble(stack, runner, sockets, forwards)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Stop tasks, deliver what is on its way, then close: the gateway last, because functions speak to it."""
        await self._stack.aclose()

    async def _open_runner(self, stack: AsyncExitStack) -> LocalRunner | None:
        if not self._with_runner:
            self.capabilities = ["no task is run: that was asked for"]
            return None
        marks = image_marks(self.region)
        runner = await stack.enter_async_context(
            open_runner(
                logs=self.logs,
                environment=self._environment,
                images=ImageCatalog(
                    missing=set(marks.missing),
                    denied=set(marks.denied),
                    slow=dict(marks.slow),
                    entry_points=dict(marks.entry_points),
                ),
                clock=self._clock,
                say=self._say,
                time_scale=self._time_scale,
                isolate=self._isolate,
            )
        )
        self.capabilities = list(runner.capabilities)
        return runner

    async def _open_server(self, stack: AsyncExitStack) -> dict[str, Forward]:
        """Make ready what starts `taskscope serve`; return how calls of X-Ray get to it."""
        if not self._with_server:
            return {}
        if package := missing_package():
            self.capabilities.append(
                f"X-Ray answers samplers only, and keeps no trace: that needs the package {package}, "
                "uv tool install 'taskscope[lab,server]'"
            )
            return {}
        server = await stack.enter_async_context(open_server(self._say))
        relay = Relay(server.address, self._say)
        await relay.start()
        stack.push_async_callback(relay.close)
        self.server_url = relay.url
        self.capabilities.append(f"X-Ray is answered by `taskscope serve`, which the first call starts: {relay.url}")
        forward = XRayForward(server.address)
        stack.callback(forward.close)
        return {"xray": forward}

    async def _assemble(
        self,
        stack: AsyncExitStack,
        runner: LocalRunner | None,
        sockets: Sequence[socket.socket],
        forwards: Mapping[str, Forward],
    ) -> None:
        """Wire the services; what is pushed last onto the stack is closed first."""
        function_runner = FunctionRunner(self.logs, endpoint=lambda: self.url, clock=self._clock)
        self.functions = FunctionsService(function_runner, say=self._say)
        sender = GatewaySender(lambda: self.url)
        targets = all_targets(self.functions.invoke_event, self.logs, sender)
        self.events = EventsService(self.account, targets, say=self._say, clock=self._clock)
        self.ecs = EcsService(
            agent=runner or IdleAgent(),
            clock=self._clock,
            account=self.account,
            emit=self._emit,
            stopped_task_ttl=self._ttl,
            secrets=SecretStore(self.url),
        )
        for state in self._states:
            load_state(state, ecs=self.ecs, logs=self.logs)
        gateway = Gateway(
            [
                self.ecs,
                self.logs,
                self.events,
                self.functions,
                XRayService(clock=self._clock),
                SsmService(clock=self._clock),
            ],
            fallback=MachineInEc2(MotoFallback(self.account), account=self.account),
            account=self.account,
            region=self.region,
            latency=self._latency,
            forwards=forwards,
        )
        server = AsgiServer(gateway, grace_seconds=_GRACE_SECONDS, has_date=True)  # SDKs correct their clocks by it
        await server.start(sockets)
        stack.push_async_callback(server.stop)
        stack.callback(sender.close)
        stack.push_async_callback(self.functions.close)
        stack.push_async_callback(self.events.close)
        stack.push_async_callback(self.ecs.close)

    def _emit(self, envelope: Document) -> None:
        self.events.emit(envelope["region"], envelope)

    def _environment(self, address: str) -> dict[str, str]:
        """Return the variables for a client that reaches this machine by ``address``."""
        return {
            "AWS_ENDPOINT_URL": f"http://{address}:{self.port}",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": "lab",
            "AWS_SECRET_ACCESS_KEY": "lab",
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        }
