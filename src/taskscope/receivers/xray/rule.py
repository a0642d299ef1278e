"""One sampling rule: as a table of the configuration, as a document of the X-Ray API, and what both may hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final, Self

from taskscope.clock import SECOND
from taskscope.errors import UsageError

DEFAULT: Final = "Default"
"""The built-in rule, which matches everything that no other does."""
DEFAULT_PRIORITY: Final = 10_000
MAX_PRIORITY: Final = 9_999

# Lengths and numbers: the X-Ray service model (SamplingRule).
_TEXTS: Final = {
    "rule_name": 32,
    "service_name": 64,
    "service_type": 64,
    "host": 64,
    "http_method": 10,
    "url_path": 128,
    "resource_arn": 500,
}
_MAX_ATTRIBUTES: Final = 5
_MAX_ATTRIBUTE: Final = 32
_API_NAMES: Final = {
    "RuleName": "rule_name", "ServiceName": "service_name", "ServiceType": "service_type", "Host": "host",
    "HTTPMethod": "http_method", "URLPath": "url_path", "ResourceARN": "resource_arn", "Priority": "priority",
    "FixedRate": "fixed_rate", "ReservoirSize": "reservoir_size", "Attributes": "attributes",
}  # fmt: skip
_IGNORED: Final = frozenset({"RuleARN", "Version"})
"""What a document may say and a rule does not: the one is made, the other always 1."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A sampling rule; ``*`` in a pattern is any text, ``?`` any character."""

    rule_name: str
    priority: int
    fixed_rate: float
    """Share of requests sampled beyond the reservoir, 0 to 1."""
    reservoir_size: int
    """Requests a second sampled in any case, by all clients together."""
    service_name: str = "*"
    service_type: str = "*"
    host: str = "*"
    http_method: str = "*"
    url_path: str = "*"
    resource_arn: str = "*"
    attributes: Mapping[str, str] = field(default_factory=dict)
    created_ns: int = 0
    modified_ns: int = 0

    @classmethod
    def read(cls, table: Mapping[str, Any], *, now: int) -> Self:
        """
        Read a table of the configuration (``rule_name``) or a SamplingRule of the API (``RuleName``).

        Raises:
            UsageError: A key is unknown or missing, or a value is none that the X-Ray API takes.
        """
        named = {_API_NAMES.get(key, key): value for key, value in table.items() if key not in _IGNORED}
        known = {each.name for each in fields(cls)} - {"created_ns", "modified_ns"}
        name = named.get("rule_name")
        if unknown := sorted(set(named) - known):
            raise UsageError(f"sampling rule {name!r}: there is no {unknown[0]!r}")
        if name == DEFAULT:
            named.setdefault("priority", DEFAULT_PRIORITY)
        for needed in ("rule_name", "priority", "fixed_rate", "reservoir_size"):
            if needed not in named:
                raise UsageError(f"sampling rule {name!r}: {needed} is missing")
        made = cls(**named, created_ns=now, modified_ns=now)
        made.validate()
        return made

    def validate(self) -> None:
        """
        Check every value.

        Raises:
            UsageError: One is wrong; the text names it.
        """
        for name, longest in _TEXTS.items():
            text = getattr(self, name)
            self._check(name, isinstance(text, str) and 1 <= len(text) <= longest, f"1 to {longest} characters")
        lowest, highest = (DEFAULT_PRIORITY,) * 2 if self.rule_name == DEFAULT else (1, MAX_PRIORITY)
        self._check("priority", _is_int(self.priority, lowest, highest), f"a whole number, {lowest} to {highest}")
        rate: object = self.fixed_rate
        is_rate = isinstance(rate, int | float) and not isinstance(rate, bool) and 0 <= rate <= 1
        self._check("fixed_rate", is_rate, "a number, 0 to 1")
        self._check("reservoir_size", _is_int(self.reservoir_size, 0, 2**31 - 1), "a whole number, 0 or more")
        self._check(
            "attributes", _are_attributes(self.attributes), f"{_MAX_ATTRIBUTES} pairs of {_MAX_ATTRIBUTE} characters"
        )

    def _check(self, name: str, is_right: bool, wanted: str) -> None:  # noqa: FBT001 (the one thing it is given)
        if not is_right:
            raise UsageError(f"sampling rule {self.rule_name!r}: {name} {getattr(self, name)!r} is not {wanted}")

    def document(self) -> dict[str, Any]:
        """Return the SamplingRule of the API."""
        document = {api_name: getattr(self, name) for api_name, name in _API_NAMES.items()}
        arn = f"arn:aws:xray:us-east-1:000000000000:sampling-rule/{self.rule_name}"
        return document | {"RuleARN": arn, "Version": 1, "Attributes": dict(self.attributes)}

    def record(self) -> dict[str, Any]:
        """Return the SamplingRuleRecord of the API: the rule and its times, in seconds."""
        return {
            "SamplingRule": self.document(),
            "CreatedAt": self.created_ns / SECOND,
            "ModifiedAt": self.modified_ns / SECOND,
        }


def read_rules(tables: Sequence[Any], *, now: int) -> tuple[Rule, ...]:
    """
    Read the rules of the configuration.

    Raises:
        UsageError: One is wrong, or two have one name.
    """
    if not isinstance(tables, list | tuple) or not all(isinstance(table, Mapping) for table in tables):
        raise UsageError("sampling rules are a list of tables", hint="write each under [[xray.rule]]")
    rules = tuple(Rule.read(table, now=now) for table in tables)
    names = [rule.rule_name for rule in rules]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"sampling rule {name!r}: there are two of that name")
    return rules


def _is_int(value: object, lowest: int, highest: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest


def _are_attributes(value: object) -> bool:
    if not isinstance(value, Mapping) or len(value) > _MAX_ATTRIBUTES:
        return False
    return all(isinstance(text, str) and 1 <= len(text) <= _MAX_ATTRIBUTE for pair in value.items() for text in pair)
