"""X-Ray over TCP: sampling polls and documents."""

from taskscope.app.processes.context import Context
from taskscope.app.settings.sinks import check_targets
from taskscope.clock import system_clock
from taskscope.receivers.xray.answers import ForwardedAnswers, OwnAnswers, SamplingAnswers
from taskscope.receivers.xray.config import XrayConfig
from taskscope.receivers.xray.http import XrayHttp
from taskscope.receivers.xray.rule import read_rules
from taskscope.receivers.xray.rules import RuleStore
from taskscope.receivers.xray.sampling import Sampler


class XrayTcpRole:
    """Answers SDKs' sampling polls, from rules of our own or AWS's."""

    def __init__(self, context: Context) -> None:
        self._sockets = context.sockets("xray-tcp")
        config = context.receiver(XrayConfig, "xray")
        self._receiver = XrayHttp(
            config,
            context.appender("documents"),
            context.counters,
            answers=_answers(context, config),
            allow=context.allow,
        )

    async def start(self) -> None:
        """Take connections."""
        await self._receiver.start(self._sockets)

    async def stop(self) -> None:
        """Finish what is under way."""
        await self._receiver.stop()


def _answers(context: Context, config: XrayConfig) -> SamplingAnswers:
    """Answer as AWS does where that is asked for, or where segments go to AWS anyway."""
    target = next((each for each in check_targets(context.server.to) if each.name == "xray"), None)
    if context.server.sampling_from == "aws" or (context.server.sampling_from == "auto" and target is not None):
        from taskscope.aws.session import Account  # noqa: PLC0415 (the AWS SDK only where it is used)
        from taskscope.aws.xray_proxy import XRayProxy  # noqa: PLC0415 (likewise)
        from taskscope.sinks.xray.config import XRaySinkConfig  # noqa: PLC0415 (likewise)

        account = Account() if target is None else XRaySinkConfig.parse(target).account()
        return ForwardedAnswers(XRayProxy(account).forward, cache_seconds=config.rules_cache_seconds)
    rules = RuleStore(
        context.folders.sampling_rules,
        read_rules(context.plan.sampling_rules, now=system_clock()),
        default_rate=config.default_rate,
        default_reservoir=config.default_reservoir,
    )
    return OwnAnswers(Sampler(rules))
