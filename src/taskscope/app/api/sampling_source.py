"""Who answers sampling polls at the API's port: the process of port 2000, so that reservoirs are shared out once."""

import http.client
from typing import Final

from taskscope.api.xray.sampling import Sampling
from taskscope.app.processes.context import Context
from taskscope.app.settings.sinks import check_targets
from taskscope.clock import system_clock
from taskscope.errors import UnreachableError
from taskscope.receivers.xray.answers import Answer, ForwardedAnswers, OwnAnswers, SamplingAnswers
from taskscope.receivers.xray.config import XrayConfig
from taskscope.receivers.xray.rule import read_rules
from taskscope.receivers.xray.rules import RuleStore
from taskscope.receivers.xray.sampling import Sampler

_SECONDS: Final = 5.0


def make_sampling(context: Context) -> Sampling:
    """Return where this process has its answers from; rules that are AWS's cannot be changed here."""
    config = context.plan.component(XrayConfig, "xray")
    rules = RuleStore(
        context.folders.sampling_rules,
        read_rules(context.plan.sampling_rules, now=system_clock()),
        default_rate=config.default_rate,
        default_reservoir=config.default_reservoir,
    )
    address = context.plan.address.get("xray-tcp")
    answers: SamplingAnswers = OwnAnswers(Sampler(rules))
    if address is not None:
        answers = ForwardedAnswers(Port(*address).forward, cache_seconds=0)
    return Sampling(answers, None if asks_aws(context) else rules)


def asks_aws(context: Context) -> bool:
    """Whether rules are AWS's: where that is asked for, or where segments go to AWS anyway."""
    to_xray = any(each.name == "xray" for each in check_targets(context.server.to))
    return context.server.sampling_from == "aws" or (context.server.sampling_from == "auto" and to_xray)


class Port:
    """The receiver's port, of which nothing but polls is asked."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port

    def forward(self, path: str, body: bytes) -> tuple[int, bytes]:
        """
        Send a poll on.

        Raises:
            UnreachableError: Nothing answers.
        """
        connection = http.client.HTTPConnection(self._host, self._port, timeout=_SECONDS)
        try:
            connection.request("POST", path, body, {"content-type": "application/json"})
            answer = connection.getresponse()
            return Answer(answer.status, answer.read())
        except (OSError, http.client.HTTPException) as error:
            raise UnreachableError(f"the receiver of X-Ray does not answer: {error}") from None
        finally:
            connection.close()
