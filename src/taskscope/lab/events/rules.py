"""The rules of the default event bus of one region, with their targets."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from taskscope.lab.events.pattern import Pattern
from taskscope.lab.gateway.service import ApiError, Document

DEFAULT_BUS = "default"


@dataclass(slots=True)
class Rule:
    """One rule as PutRule left it; ``matches`` is its compiled ``pattern``."""

    name: str
    arn: str
    pattern: str
    matches: Pattern
    enabled: bool = True
    description: str | None = None
    role_arn: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    targets: dict[str, Document] = field(default_factory=dict)
    """Each Target of the API by its id, in the order of their arrival."""

    def document(self) -> Document:
        """Return the rule as ListRules shows it."""
        return {
            "Name": self.name,
            "Arn": self.arn,
            "EventPattern": self.pattern,
            "State": "ENABLED" if self.enabled else "DISABLED",
            "Description": self.description,
            "RoleArn": self.role_arn,
            "EventBusName": DEFAULT_BUS,
        }


class Rules:
    """Every rule of one region."""

    def __init__(self) -> None:
        self._rules: dict[str, Rule] = {}

    def __iter__(self) -> Iterator[Rule]:
        """Yield the rules by name, as the API lists them."""
        return iter([self._rules[name] for name in sorted(self._rules)])

    def __len__(self) -> int:
        return len(self._rules)

    def find(self, name: str) -> Rule | None:
        """Return a rule, None when there is none."""
        return self._rules.get(name)

    def get(self, name: str) -> Rule:
        """
        Return a rule.

        Raises:
            ApiError: ``ResourceNotFoundException``, there is none.
        """
        rule = self._rules.get(name)
        if rule is None:
            raise ApiError("ResourceNotFoundException", f"Rule {name} does not exist on EventBus {DEFAULT_BUS}.")
        return rule

    def put(self, rule: Rule) -> None:
        """Add a rule, or put it in the place of one of its name."""
        self._rules[rule.name] = rule

    def delete(self, name: str) -> None:
        """
        Remove a rule; one that does not exist is no error.

        Raises:
            ApiError: ``ValidationException``, it still has targets.
        """
        rule = self._rules.get(name)
        if rule is not None and rule.targets:
            raise ApiError("ValidationException", "Rule can't be deleted since it has targets.")
        self._rules.pop(name, None)
