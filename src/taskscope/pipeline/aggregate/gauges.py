"""Gauges that live longer than a window, because a later line may change them by a delta."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Self

from taskscope.errors import MalformedPayloadError
from taskscope.wire.statsd.sample import Kind, Series


class GaugeKey(NamedTuple):
    """One gauge of one sender."""

    sender: str
    series: Series


@dataclass(frozen=True, slots=True)
class GaugeState:
    """The last value of each gauge, the least recently changed first."""

    values: Mapping[GaugeKey, float] = field(default_factory=dict)

    def to_json(self) -> str:
        """Write the state, in its order."""
        rows = [
            [key.sender, key.series.name, key.series.tags, key.series.container_id, value]
            for key, value in self.values.items()
        ]
        return json.dumps(rows, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """
        Read what ``to_json`` wrote.

        Raises:
            MalformedPayloadError: It is something else.
        """
        try:
            return cls({_key(*key): float(value) for *key, value in json.loads(text)})
        except (TypeError, ValueError) as error:
            raise MalformedPayloadError(f"this is no state of gauges: {error}") from None


def _key(sender: str, name: str, tags: list[tuple[str, str]], container_id: str) -> GaugeKey:
    return GaugeKey(sender, Series(name, Kind.GAUGE, tuple((key, tag) for key, tag in tags), container_id))
