"""Configured rules, and the ones set later, which win and last."""

import json
from pathlib import Path
from typing import Any

import pytest

from taskscope.clock import SECOND
from taskscope.errors import UsageError
from taskscope.receivers.xray.rule import Rule
from taskscope.receivers.xray.rules import RuleStore
from tests.unit.receivers.xray.conftest import NOW, MovedClock


def _rule(name: str, priority: int = 50, rate: float = 0.5, **more: Any) -> Rule:
    return Rule(rule_name=name, priority=priority, fixed_rate=rate, reservoir_size=1, **more)


def _names(store: RuleStore) -> list[str]:
    return [rule.rule_name for rule in store.rules()]


def test_built_in_rule_is_there(store: RuleStore) -> None:
    """One request a second and five percent, for whatever nothing else matches."""
    [rule] = store.rules()

    assert (rule.rule_name, rule.priority, rule.fixed_rate, rule.reservoir_size) == ("Default", 10_000, 0.05, 1)
    assert (rule.service_name, rule.host, rule.url_path) == ("*", "*", "*")
    assert (rule.created_ns, store.modified_ns()) == (NOW, NOW)


def test_rules_come_by_priority_then_name(tmp_path: Path) -> None:
    """The order in which SDKs try them."""
    store = RuleStore(tmp_path / "rules.json", [_rule("b", 20), _rule("c", 10), _rule("a", 20)])

    assert _names(store) == ["c", "a", "b", "Default"]


def test_stored_rules_win_and_last(tmp_path: Path, clock: MovedClock) -> None:
    """A rule that was set replaces the configured one of its name, also after a restart."""
    path = tmp_path / "data" / "rules.json"
    configured = [_rule("a", 10), _rule("b", 20)]
    store = RuleStore(path, configured, clock=clock)
    clock.now += SECOND
    store.put(_rule("a", 30, 1.0, attributes={"k": "v"}))
    store.put(_rule("c", 40))
    store.put(Rule(rule_name="Default", priority=10_000, fixed_rate=1.0, reservoir_size=9))
    assert store.delete("b")
    assert not store.delete("b")

    again = RuleStore(path, configured, clock=lambda: NOW)

    assert _names(again) == _names(store) == ["a", "c", "Default"]
    assert again.rules() == store.rules()
    assert again.rules()[0].attributes == {"k": "v"}
    assert again.rules()[-1].reservoir_size == 9
    assert again.modified_ns() == NOW + SECOND
    assert [each.name for each in path.parent.iterdir()] == ["rules.json"]


def test_deleted_rule_can_be_set_again(tmp_path: Path) -> None:
    """Deleting and setting are both remembered, the last one counts."""
    store = RuleStore(tmp_path / "rules.json", [_rule("a")])
    store.delete("a")
    store.put(_rule("a", rate=0.25))

    assert [rule.fixed_rate for rule in store.rules()] == [0.25, 0.05]


def test_change_of_another_process_is_seen(tmp_path: Path, clock: MovedClock) -> None:
    """The API's process sets a rule, the receiver's hands it out, and says that there is news."""
    receivers = RuleStore(tmp_path / "rules.json", clock=clock)
    clock.now += 5 * SECOND
    apis = RuleStore(tmp_path / "rules.json", clock=clock)
    apis.put(_rule("a"))
    assert _names(receivers) == ["a", "Default"]
    assert receivers.modified_ns() == clock.now
    apis.put(_rule("b"))
    assert _names(receivers) == ["a", "b", "Default"]
    apis.delete("a")

    assert _names(receivers) == ["b", "Default"]


def test_wrong_rule_is_not_kept(store: RuleStore) -> None:
    """What the API would refuse changes nothing."""
    with pytest.raises(UsageError, match="priority 0"):
        store.put(_rule("a", 0))
    with pytest.raises(UsageError, match="'Default' cannot be deleted"):
        store.delete("Default")

    assert _names(store) == ["Default"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"version": 2}',
        '{"version": 1, "rules": 3}',
        '{"version": 1, "changed_ns": 0, "deleted": [], "rules": [{"rule_name": "a"}]}',
    ],
)
def test_other_file_is_refused_with_the_remedy(tmp_path: Path, content: str) -> None:
    """A file that is none of ours is named."""
    path = tmp_path / "rules.json"
    path.write_text(content)
    with pytest.raises(UsageError, match="move it away") as raised:
        RuleStore(path)

    assert str(path) in str(raised.value)


def test_file_is_readable(store: RuleStore, tmp_path: Path) -> None:
    """People can read what is stored."""
    store.put(_rule("a"))

    assert json.loads((tmp_path / "rules.json").read_text())["rules"][0]["rule_name"] == "a"
