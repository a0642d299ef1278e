"""Reading ``--to``."""

from dataclasses import dataclass

import pytest

from taskscope.config.setting import setting
from taskscope.errors import UsageError
from taskscope.sinks.target import Target, configure, parse_target


@dataclass(frozen=True)
class _Config:
    url: str = setting("", help="Where.")
    header: tuple[str, ...] = setting((), help="Headers.")
    timeout_seconds: float = setting(1.0, help="How long.")
    max_request_bytes: int = setting(1, help="How large.")
    parallel: int = setting(8, help="How many.")
    loud: bool = setting(default=False, help="How loud.")


def test_a_name_alone_is_a_target() -> None:
    """``--to xray`` has neither address nor options."""
    assert parse_target("xray") == Target("xray", "", {})


def test_address_and_options_are_told_apart() -> None:
    """Only the first equals sign of each part counts, and an escaped comma belongs to its value."""
    found = parse_target(r"otlp=http://host/?a=b, header=x:1\,2,header=y:3,max-request-bytes=4MiB")

    assert found.address == "http://host/?a=b"
    assert found.options == {"header": ["x:1,2", "y:3"], "max_request_bytes": ["4MiB"]}


@pytest.mark.parametrize("text", ["", "=http://host", "xray,region"])
def test_what_does_not_read_is_refused(text: str) -> None:
    """A missing name and an option without a value are mistakes."""
    with pytest.raises(UsageError):
        parse_target(text)


def test_options_get_the_types_of_their_settings() -> None:
    """Numbers, sizes, durations, switches and lists are read by the type of the field."""
    target = parse_target(
        "otlp=http://host,header=a:1,header=b:2,timeout-seconds=1m30s,max-request-bytes=2MiB,parallel=3,loud=yes"
    )

    expected = _Config("http://host", ("a:1", "b:2"), 90.0, 2_097_152, 3, loud=True)
    assert configure(_Config, target, address="url") == expected


def test_a_duration_without_a_unit_is_in_seconds() -> None:
    """``timeout-seconds=2.5`` says its unit in its name."""
    assert configure(_Config, parse_target("otlp,timeout-seconds=2.5")).timeout_seconds == 2.5


def test_an_unknown_option_is_told_with_the_known_ones() -> None:
    """The error names the options that there are."""
    with pytest.raises(UsageError, match=r"no option 'regoin'.*header, loud, max-request-bytes, parallel"):
        configure(_Config, parse_target("otlp=http://host,regoin=x"), address="url")


@pytest.mark.parametrize("option", ["parallel=many", "timeout-seconds=soon", "loud=perhaps", "max-request-bytes=4x"])
def test_a_value_that_does_not_read_is_named(option: str) -> None:
    """The error shows option and value."""
    name, _, value = option.partition("=")
    with pytest.raises(UsageError, match=f"{name}='{value}'"):
        configure(_Config, parse_target(f"otlp,{option}"))


def test_an_option_for_one_value_cannot_come_twice() -> None:
    """Two values for one field are a mistake, not a choice."""
    with pytest.raises(UsageError, match="given 2 times"):
        configure(_Config, parse_target("otlp,parallel=1,parallel=2"))


def test_a_sink_without_address_refuses_one() -> None:
    """``--to xray=eu-west-1`` is told that X-Ray takes no address."""
    with pytest.raises(UsageError, match="takes no address"):
        configure(_Config, parse_target("xray=eu-west-1"))
