"""Flags as Go's flag package reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.cli.task.go_flags import Flags, parse_bool, parse_flags
from taskscope.errors import UsageError

TAKES = {"duration": True, "sns": True, "stdout": False, "version": False}


@pytest.mark.parametrize(
    ("given_line", "values", "arguments"),
    [
        ([], {}, []),
        (["-duration", "90s", "prod", "0123"], {"duration": "90s"}, ["prod", "0123"]),
        (["--duration=90s", "prod"], {"duration": "90s"}, ["prod"]),
        (["-duration="], {"duration": ""}, []),
        (["-sns", "-x"], {"sns": "-x"}, []),
        (["-stdout", "false"], {"stdout": "true"}, ["false"]),
        (["-stdout=false", "-version"], {"stdout": "false", "version": "true"}, []),
        (["prod", "-version"], {}, ["prod", "-version"]),
        (["-version", "--", "-stdout"], {"version": "true"}, ["-stdout"]),
        (["-version", "-", "-stdout"], {"version": "true"}, ["-", "-stdout"]),
        (["-duration", "1s", "-duration", "2s"], {"duration": "2s"}, []),
        (["-sns=a=b"], {"sns": "a=b"}, []),
    ],
)
def test_flags_read_as_in_go(given_line: list[str], values: dict[str, str], arguments: list[str]) -> None:
    """One dash or two; a boolean takes no next word; flags end at the first argument, at ``--`` and before ``-``."""
    assert parse_flags(given_line, takes_value=TAKES) == Flags(values, arguments)


@pytest.mark.parametrize(
    ("given_line", "message"),
    [
        (["-nope"], "flag provided but not defined: -nope"),
        (["--nope=1"], "flag provided but not defined: -nope"),
        (["-duration"], "flag needs an argument: -duration"),
        (["---version"], "not defined"),
        (["-=x"], "not defined"),
    ],
)
def test_wrong_flags_are_refused_in_go_s_words(given_line: list[str], message: str) -> None:
    """Scripts and people know these lines."""
    with pytest.raises(UsageError, match=message):
        parse_flags(given_line, takes_value=TAKES)


@given(
    st.dictionaries(st.sampled_from(["duration", "sns"]), st.text()),
    st.sets(st.sampled_from(["stdout", "version"])),
    st.lists(st.text()),
    st.booleans(),
    st.booleans(),
)
def test_flags_round_trip(
    values: dict[str, str],
    switches: set[str],
    arguments: list[str],
    double: bool,  # noqa: FBT001 (drawn by hypothesis)
    joined: bool,  # noqa: FBT001 (drawn by hypothesis)
) -> None:
    """Whatever the values, in either notation, they are read as they were given."""
    dash = "--" if double else "-"
    line = [f"{dash}{name}" for name in switches]
    for name, value in values.items():
        line += [f"{dash}{name}={value}"] if joined else [f"{dash}{name}", value]

    flags = parse_flags([*line, "--", *arguments], takes_value=TAKES)

    assert flags == Flags({**values, **dict.fromkeys(switches, "true")}, arguments)


@pytest.mark.parametrize("text", ["1", "t", "T", "TRUE", "true", "True"])
def test_go_s_words_for_true(text: str) -> None:
    """Those of strconv.ParseBool."""
    assert parse_bool(text, name="stdout") is True


@pytest.mark.parametrize("text", ["0", "f", "F", "FALSE", "false", "False"])
def test_go_s_words_for_false(text: str) -> None:
    """Those of strconv.ParseBool."""
    assert parse_bool(text, name="stdout") is False


@pytest.mark.parametrize("text", ["", "yes", "tRUE", "2"])
def test_other_words_are_no_boolean(text: str) -> None:
    """The error names the flag and the value."""
    with pytest.raises(UsageError, match="for stdout"):
        parse_bool(text, name="stdout")
