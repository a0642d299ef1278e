"""What ``taskscope discover`` refuses, before anything is asked."""

import pytest
from click.testing import CliRunner

from taskscope.cli.discover.command import discover
from taskscope.errors import UsageError


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "no cluster is named"),
        (["--cluster", "shop", "--watch", "5"], "--watch needs a file"),
        (["--cluster", "shop", "--output", "http_sd", "--file", "x"], "--file is not for --output http_sd"),
        (["--cluster", "shop", "--refresh", "5", "--listen", "::"], "--listen, --refresh is not for --output file_sd"),
    ],
)
def test_options_that_do_not_go_together_are_refused(arguments: list[str], reason: str) -> None:
    """By name."""
    with pytest.raises(UsageError, match=reason):
        CliRunner().invoke(discover, arguments, catch_exceptions=False)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--external-address", "mi-1"], "mi-1 is not of the form"),
        (["--watch", "0.5"], "a pause is at least one second"),
        (["--watch", "soon"], "'soon' is no duration"),
        (["--port", "65536"], "65536 is not in the range"),
    ],
)
def test_values_that_cannot_be_meant_are_refused(arguments: list[str], reason: str) -> None:
    """With the option's name, as click does."""
    ended = CliRunner().invoke(discover, ["--cluster", "shop", *arguments])

    assert ended.exit_code == 2
    assert reason in ended.output
    assert arguments[0] in ended.output
