"""The table of prices: one that we ship, or the user's own."""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from taskscope.errors import UsageError

_SHIPPED: Final = "prices.toml"


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices for a month, in one currency."""

    region: str
    as_of: str
    """When they were taken from the source."""
    source: str
    currency: str
    metric: tuple[tuple[int, float], ...]
    """Steps: up to so many custom metrics each costs so much; 0 is no limit."""
    enhanced_metric: float
    log_gigabyte: float
    """For 10**9 bytes that are taken in."""

    def metrics(self, count: float) -> float:
        """Return what so many custom metrics cost; those of each step have its price."""
        total, below = 0.0, 0
        for limit, price in self.metric:
            until = limit or math.inf
            total += max(0.0, min(count, until) - below) * price
            below = limit
        return total


def load_prices(path: Path | None = None) -> Prices:
    """
    Read a table of prices; without a path the one that is shipped.

    Raises:
        UsageError: The file cannot be read, is no TOML, or lacks a price.
    """
    where = str(path) if path is not None else _SHIPPED
    try:
        text = path.read_text("utf-8") if path is not None else (files(__package__) / _SHIPPED).read_text("utf-8")
        return _prices(tomllib.loads(text))
    except OSError as error:
        raise UsageError(f"--prices {where} cannot be read: {error.strerror}") from None
    except (ValueError, TypeError, KeyError) as error:
        raise UsageError(
            f"--prices {where}: {error} is wrong or missing", hint="`taskscope cost --show-prices` prints one to change"
        ) from None


def shipped_text() -> str:
    """Return the table that is shipped, with its explanations, as a file to begin with."""
    return (files(__package__) / _SHIPPED).read_text("utf-8")


def _prices(content: Mapping[str, Any]) -> Prices:
    """
    Check a table.

    Raises:
        ValueError, TypeError, KeyError: Something is missing or of another kind.
    """
    steps = tuple((int(limit), _price(price, "metric")) for limit, price in content["metric"])
    limits = [limit or math.inf for limit, _ in steps]
    if not steps or limits != sorted(set(limits)) or limits[-1] != math.inf:
        raise ValueError("metric: steps grow, and the last has 0 for no limit; that")
    return Prices(
        region=str(content["region"]),
        as_of=str(content["as_of"]),
        source=str(content["source"]),
        currency=str(content["currency"]),
        metric=steps,
        enhanced_metric=_price(content["enhanced_metric"], "enhanced_metric"),
        log_gigabyte=_price(content["log_gigabyte"], "log_gigabyte"),
    )


def _price(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise ValueError(f"{name}: {value!r}")
    return float(value)
