"""Options that commands share."""

from datetime import UTC

import click
import pytest
from click.testing import CliRunner

from taskscope.aws.session import Account
from taskscope.cli.options import DURATION, INSTANT, aws_options, wants_color, zone
from taskscope.clock import SECOND


@click.command()
@aws_options
def _account(account: Account) -> None:
    """Print what the options made of an account."""
    click.echo(f"{account.profile} {account.region} {account.endpoint_url}")


@pytest.mark.parametrize(
    ("line", "environment", "expected"),
    [
        ([], {}, "None None None"),
        (["--profile", "p", "--region", "r", "--endpoint-url", "u"], {"AWS_REGION": "other"}, "p r u"),
        ([], {"AWS_REGION": "eu-west-1"}, "None eu-west-1 None"),
        ([], {"AWS_REGION": ""}, "None None None"),
    ],
)
def test_account_is_made_of_options_and_environment(
    line: list[str], environment: dict[str, str], expected: str
) -> None:
    """An option wins; AWS_REGION, which botocore does not read, comes next."""
    result = CliRunner(env={"AWS_REGION": None, **environment}).invoke(_account, line)

    assert result.output.strip() == expected


def test_durations_and_times_are_nanoseconds() -> None:
    """A default that is a number already stays one."""
    assert DURATION.convert("90s", None, None) == 90 * SECOND
    assert DURATION.convert(7, None, None) == 7
    assert INSTANT.convert("1970-01-01T00:00:01Z", None, None) == SECOND
    assert INSTANT.convert(7, None, None) == 7


@pytest.mark.parametrize("kind", [DURATION, INSTANT])
def test_wrong_value_is_a_usage_error_of_click(kind: click.ParamType[int]) -> None:
    """So that click names the option."""
    with pytest.raises(click.BadParameter, match="'soon' is no"):
        kind.convert("soon", None, None)


def test_colour_is_as_asked_and_by_itself_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR speaks to ``auto``; ``always`` is stronger, for it is on the command line."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert wants_color("always")
    assert not wants_color("never")
    assert not wants_color("auto")

    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert wants_color("auto")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_color("auto")
    assert wants_color("always")


def test_zone_is_local_unless_utc_is_asked() -> None:
    """None is the local zone."""
    assert zone(utc=True) is UTC
    assert zone(utc=False) is None
