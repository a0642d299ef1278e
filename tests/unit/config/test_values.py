"""Values of settings, from text and from TOML."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.config.values import MASK, hide_secrets, read_value, split_at_semicolons, write_value
from taskscope.errors import UsageError

TEXTS = tuple[str, ...]


@pytest.mark.parametrize(
    ("text", "kind", "name", "expected"),
    [
        ("as it is ", str, "title", "as it is "),
        (" 4318 ", int, "port", 4318),
        ("-1", int, "offset", -1),
        ("0.25", float, "rate", 0.25),
        ("1e-3", float, "rate", 0.001),
        ("Yes", bool, "tls", True),
        ("off", bool, "tls", False),
        ("16MiB", int, "buffer_bytes", 16 * 1024**2),
        ("200ms", float, "flush_seconds", 0.2),
        ("90", float, "flush_seconds", 90.0),
        ("1m", int, "flush_seconds", 60),
        ("xray, otlp,", TEXTS, "receivers", ("xray", "otlp")),
        ("~/data", Path, "data_dir", Path("~/data")),
        ("none", int | None, "limit", None),
        ("NONE", float | None, "age_seconds", None),
        ("7", int | None, "limit", 7),
        ("none", str, "fsync", "none"),
    ],
)
def test_text_is_read_by_type_and_name(text: str, kind: Any, name: str, expected: object) -> None:
    """A name's ending tells the unit."""
    found = read_value(text, kind, name=name)

    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("given", "kind", "name", "expected"),
    [
        (4318, int, "port", 4318),
        (2, float, "flush_seconds", 2.0),
        (True, bool, "tls", True),
        (1048576, int, "buffer_bytes", 1048576),
        ("16MiB", int, "buffer_bytes", 16 * 1024**2),
        (["xray", "otlp"], TEXTS, "receivers", ("xray", "otlp")),
        (("xray,otlp", "statsd"), TEXTS, "receivers", ("xray", "otlp", "statsd")),
        (7, int | None, "limit", 7),
    ],
)
def test_value_of_the_file_is_taken_by_type(given: object, kind: Any, name: str, expected: object) -> None:
    """A text in the file is read as in a variable; an option that was given more than once is a list."""
    assert read_value(given, kind, name=name) == expected


@pytest.mark.parametrize(
    ("given", "kind", "name", "message"),
    [
        ("http", int, "port", "'http' is no whole number"),
        ("1.5", int, "port", "'1.5' is no whole number"),
        ("1_000", int, "port", "'1_000' is no whole number"),
        ("nan", float, "rate", "'nan' is no number"),
        ("maybe", bool, "tls", "'maybe' is no true or false"),
        ("soon", float, "flush_seconds", "'soon' is no duration"),
        ("1500ms", int, "flush_seconds", "'1500ms' is no whole number of seconds"),
        ("16M", int, "buffer_bytes", "'16M' is no size"),
        (1, bool, "tls", "1 is no true or false"),
        (True, int, "port", "True is no whole number"),
        (True, float, "rate", "True is no number"),
        (float("inf"), float, "rate", "inf is no number"),
        (1.5, int, "buffer_bytes", "1.5 is no size"),
        (5, str, "title", "5 is no text"),
        ([1], TEXTS, "receivers", "[1] is no list of texts"),
        (5, TEXTS, "receivers", "5 is no list of texts"),
        ({"a": 1}, int | None, "limit", "{'a': 1} is no whole number"),
    ],
)
def test_what_does_not_fit_is_named(given: object, kind: Any, name: str, message: str) -> None:
    """The error shows the value and what was expected."""
    with pytest.raises(UsageError) as caught:
        read_value(given, kind, name=name)

    assert caught.value.message == message


@pytest.mark.parametrize("given", ["traces=7d,logs=1d", {"traces": "7d", "logs": "1d"}, ["traces=7d", "logs=1d"]])
def test_setting_with_a_reader_of_its_own_gets_text(given: object) -> None:
    """Whether the file has it as text, as a table or as a list."""
    assert read_value(given, object, name="retention", parse=lambda text: text.split(",")) == ["traces=7d", "logs=1d"]


@pytest.mark.parametrize(
    "given",
    [
        "xray; otlp=https://h,name=a ;",
        ["xray", "otlp=https://h,name=a"],
        ("xray;otlp=https://h,name=a",),
    ],
)
def test_list_with_a_reader_of_its_own_may_hold_commas(given: object) -> None:
    """Each text is read by itself: of a flag that was given twice, or of a list in the file."""
    found = read_value(given, TEXTS, name="to", parse=split_at_semicolons)

    assert found == ("xray", "otlp=https://h,name=a")


@given(
    st.one_of(
        st.tuples(st.booleans(), st.just(bool), st.just("tls")),
        st.tuples(st.integers(), st.just(int), st.just("port")),
        st.tuples(st.integers(0, 2**50), st.just(int), st.just("buffer_bytes")),
        st.tuples(st.floats(allow_nan=False, allow_infinity=False), st.just(float), st.just("rate")),
        st.tuples(st.integers(0, 10**9).map(lambda ms: ms / 1000), st.just(float), st.just("age_seconds")),
        st.tuples(st.none(), st.just(int | None), st.just("limit")),
        st.tuples(st.lists(st.from_regex("[a-z]+", fullmatch=True)).map(tuple), st.just(TEXTS), st.just("to")),
    )
)
def test_written_value_reads_as_itself(case: tuple[object, Any, str]) -> None:
    """What ``config show`` prints can be pasted into the file, quoted."""
    value, kind, name = case

    assert read_value(write_value(value, name=name), kind, name=name) == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://user:hunter2@host:8443/otel", f"https://user:{MASK}@host:8443/otel"),
        ("https://:hunter2@host", f"https://:{MASK}@host"),
        ("http://u:p@ss@host/", f"http://u:{MASK}@host/"),
        ("https://user@host:8443/a:b@c", "https://user@host:8443/a:b@c"),
        ("chdb:///var/lib/x", "chdb:///var/lib/x"),
        ("10:20@30", "10:20@30"),
        ("xray;otlp=https://h:1,header=x-key:ab:c,name=o", f"xray;otlp=https://h:1,header=x-key:{MASK},name=o"),
        (r"otlp=https://h,header=a:1\,2,header=b:3;emf", f"otlp=https://h,header=a:{MASK},header=b:{MASK};emf"),
    ],
)
def test_password_and_header_are_masked(text: str, expected: str) -> None:
    """And nothing else is."""
    assert hide_secrets(text) == expected
