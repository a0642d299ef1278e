"""The sink for OTLP endpoints."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from taskscope.aws.session import Account
from taskscope.aws.signing import sign
from taskscope.errors import AccessError, CredentialsError, TaskscopeError, UnavailableError, UsageError
from taskscope.model.batch import Batch, Encoded, EncodedBatch, Signal
from taskscope.sinks.api import Outcome, Rejected
from taskscope.sinks.otlp.config import OtlpSinkConfig
from taskscope.sinks.otlp.endpoint import Endpoint, Signing, endpoints
from taskscope.sinks.otlp.requests import Item, Part, cut, items_of, write
from taskscope.sinks.otlp.transport import OF_THE_CONTENT, Sign, Transport, judge, pause_seconds
from taskscope.sinks.partwise import Partwise, divide_refused


class OtlpSink:
    """
    Sends batches as OTLP over HTTP, encoded ones as they are, joined.

    Retries and rejections follow the specification of OTLP: 429, 502, 503, 504 and a missing answer are retried, and
    partial success is not. But redirects, 401 and 403 are retried too: they tell of our settings, not of the batch.
    """

    def __init__(
        self,
        config: OtlpSinkConfig,
        *,
        account: Account | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """
        Prepare; nothing is connected before the first batch.

        Raises:
            UsageError: A file of the settings cannot be read, or address and signals do not go together.
        """
        self.name = config.name
        self._endpoints = endpoints(config)
        self.signals = frozenset(self._endpoints)
        self.encoded = frozenset(form for form in Encoded if form.signal in self.signals) - {Encoded.XRAY_SPANS}
        self._account = account or config.account()
        self._partwise = Partwise(config.parallel, name=config.name)
        self._transport = Transport(
            config.url,
            parallel=config.parallel,
            timeout_seconds=config.timeout_seconds,
            gzip=config.compression == "gzip",
            ca_file=config.ca_file,
        )
        self._monotonic = monotonic
        self._pause_until = 0.0

    def consume(self, batch: Batch | EncodedBatch) -> Outcome:
        """
        Send a batch; what got through in an earlier attempt is not sent again.

        Raises:
            UnavailableError: A retry may help; at once, without a request, while the receiver wants a pause.
            ValueError: The sink does not take such a signal.
        """
        endpoint = self._endpoints.get(batch.signal)
        if endpoint is None or (isinstance(batch, EncodedBatch) and batch.form not in self.encoded):
            raise ValueError(f"the sink {self.name} takes no {type(batch).__name__} of {batch.signal}")
        items = items_of(batch)
        parts = list(cut(batch.signal, items, endpoint.request_bytes))
        rejected = self._partwise.run(
            (batch.token, batch.signal), parts, lambda part: self._send_part(endpoint, batch.signal, part)
        )
        rows = len(batch.rows) if isinstance(batch, Batch) else sum(item.rows for item in items)
        return Outcome(rows - sum(each.rows for each in rejected), rejected)

    def close(self) -> None:
        """Finish what is under way and close the connections; safe to call twice."""
        self._partwise.close()
        self._transport.close()

    def _send_part(self, endpoint: Endpoint, signal: Signal, part: Part) -> Sequence[Rejected]:
        def send(items: Sequence[Item]) -> Sequence[Rejected]:
            whole = len(items) == len(part.items) and part.body
            return self._send(endpoint, items, part.body if whole else write(signal, items))

        return divide_refused(part.items, send, lambda item, why: [Rejected(item.position, why, item.rows)])

    def _send(self, endpoint: Endpoint, items: Sequence[Item], body: bytes) -> Sequence[Rejected]:
        wait = self._pause_until - self._monotonic()
        if wait > 0:
            raise UnavailableError(f"{endpoint.url} wants {wait:.0f} s more without requests")
        reply = self._transport.post(endpoint.url, endpoint.headers, body, self._signer(endpoint.signing))
        try:
            partial_success = judge(endpoint.url, reply)
        except UnavailableError:
            self._pause_until = self._monotonic() + pause_seconds(reply.retry_after)
            raise
        except (AccessError, UsageError):
            raise
        except TaskscopeError as error:
            if reply.status in OF_THE_CONTENT:
                raise
            return [Rejected(item.position, str(error), item.rows) for item in items]
        rows = min(partial_success.rejected, sum(item.rows for item in items))
        return [Rejected(items[0].position, partial_success.message or "rejected", rows)] if rows else ()

    def _signer(self, signing: Signing | None) -> Sign | None:
        if signing is None:
            return None
        region = signing.region or self._account.region_in_force
        if region is None:
            raise CredentialsError(
                f"cannot sign for {signing.service}: no AWS region is set", hint="give region=REGION"
            )
        return partial(_signed, self._account, signing.service, region)


def _signed(
    account: Account, service: str, region: str, url: str, headers: Mapping[str, str], body: bytes
) -> dict[str, str]:
    return sign(account, service=service, region=region, url=url, headers=headers, body=body)
