"""Metric lines of StatsD and DogStatsD."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.errors import MalformedPayloadError
from taskscope.wire.statsd.sample import (
    MAX_LINE_BYTES,
    MAX_NUMBER,
    Kind,
    Sample,
    Series,
    Tags,
    read_samples,
    read_tags,
    tag_attributes,
)

_names = st.from_regex(r"[A-Za-z][A-Za-z0-9_.]{0,30}", fullmatch=True)
_tag_texts = st.text(
    st.characters(codec="utf-8", exclude_characters=",|:\n\r", exclude_categories=["C", "Z"]), max_size=12
)
_tags = st.sets(st.tuples(_tag_texts.filter(bool), _tag_texts), max_size=5).map(lambda pairs: tuple(sorted(pairs)))
_numbers = st.floats(-1e9, 1e9, allow_nan=False) | st.integers(-(10**9), 10**9)


def _tag_section(tags: Tags) -> str:
    return "|#" + ",".join(f"{key}:{value}" if value else key for key, value in tags) if tags else ""


@given(name=_names, kind=st.sampled_from(Kind), number=_numbers, tags=_tags, rate=st.sampled_from([1, 0.5, 0.1, 0.01]))
def test_line_that_was_written_is_read_back(name: str, kind: Kind, number: float, tags: Tags, rate: float) -> None:
    """Name, type, value, rate and tags; gauges and sets have no rate."""
    line = f"{name}:{number!r}|{kind}{f'|@{rate}' if rate < 1 else ''}{_tag_section(tags)}"

    [sample] = read_samples(line.encode())

    assert sample.series == Series(name, kind, tags)
    assert sample.value == (repr(number) if kind is Kind.SET else number)
    assert sample.weight == pytest.approx(1 if kind in {Kind.GAUGE, Kind.SET} else 1 / rate)


def test_packed_values_are_one_sample_each() -> None:
    """DogStatsD 1.1 sends several values of one series in a line."""
    samples = read_samples(b"t:1:2.5:3|ms|@0.5|#a:b")

    assert [sample.value for sample in samples] == [1, 2.5, 3]
    assert {sample.weight for sample in samples} == {2}


def test_colons_in_the_value_of_a_set_belong_to_it() -> None:
    """Packing is not for sets."""
    assert read_samples(b"users:a:b|s") == [Sample(Series("users", Kind.SET), "a:b")]


def test_sections_come_in_any_order_and_unknown_ones_are_nothing() -> None:
    """As the protocol grows, old receivers go on."""
    [sample] = read_samples(b"n:1|c|c:ci-ab12|T1763600000|e:ext|card:low|zz|#b:x:y,a|@0.25")

    assert sample == Sample(
        Series("n", Kind.COUNTER, (("a", ""), ("b", "x:y")), "ab12"), 1.0, 4.0, time_ns=1_763_600_000_000_000_000
    )


def test_time_of_other_types_than_counters_and_gauges_is_nothing() -> None:
    """The protocol has it for these two only."""
    assert read_samples(b"n:1|h|T1763600000")[0].time_ns == 0
    assert read_samples(b"n:1|g|T1763600000")[0].time_ns == 1_763_600_000_000_000_000


def test_inode_is_no_container_id() -> None:
    """Some clients know the inode of their namespace only."""
    assert read_samples(b"n:1|c|c:in-4026531840")[0].series.container_id == ""


@pytest.mark.parametrize(("value", "signed"), [(b"+5", True), (b"-5", True), (b"5", False)])
def test_sign_of_a_gauge_is_told(value: bytes, signed: bool) -> None:  # noqa: FBT001 (a parameter of the case)
    """Whether it means a change is for the aggregation to decide."""
    assert read_samples(b"n:" + value + b"|g")[0].signed is signed


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"9lives.used", "lives.used"),
        (b"a-b/c d", "a_b_c_d"),
        ("é.größe".encode(), "gr__e"),
        (b"a" * 300, "a" * 200),
        (b"a\xff\xfe", "a__"),
    ],
)
def test_names_become_letters_digits_dots_and_underscores(raw: bytes, name: str) -> None:
    """They begin with a letter, and have 200 characters at most."""
    assert read_samples(raw + b":1|c")[0].series.name == name


def test_tags_are_bounded_and_plain() -> None:
    """Long ones are cut, control characters replaced, empty ones left out."""
    assert read_tags(b"k" * 300 + b":" + b"v" * 300) == (("k" * 200, "v" * 200),)
    assert read_tags(b"a\tb:c\x00d,,:x, e ") == (("a_b", "c_d"), ("e", ""))
    with pytest.raises(MalformedPayloadError, match="more than 100 tags"):
        read_tags(b",".join(b"t%d" % number for number in range(101)))


def test_repeated_key_has_all_its_values() -> None:
    """DogStatsD allows it, and so do attributes."""
    assert tag_attributes(read_tags(b"a:2,b:x,a:1,a:3,a:1")) == {"a": ["1", "2", "3"], "b": "x"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "no name:value|type"),
        (b"hello", "no name:value|type"),
        (b"a|c", "no name:value|type"),
        (b"a:1", "no name:value|type"),
        (b"a:1|x", "no name:value|type"),
        (b"a:|c", "no finite number"),
        (b"a:one|c", "no finite number"),
        (b"a:nan|g", "no finite number"),
        (b"a:inf|g", "no finite number"),
        (b"a:1e200|g", "no finite number"),
        (b"a:1:x|ms", "no finite number"),
        (b":1|c", "no letter"),
        (b"123:1|c", "no letter"),
        (b"a:1|c|@0", "sample rate"),
        (b"a:1|c|@2", "sample rate"),
        (b"a:1|c|@nan", "sample rate"),
        (b"a:1|c|@1e-30", "sample rate"),
        (b"a:1|c|Tnow", "timestamp"),
        (b"a:1|c|T0", "timestamp"),
        (b"a:1|c|T99999999999999999999", "timestamp"),
        (b"a:1|c|#" + b"x" * MAX_LINE_BYTES, "longer than"),
    ],
)
def test_bad_line_says_what_is_wrong(line: bytes, reason: str) -> None:
    """In words that name the part."""
    with pytest.raises(MalformedPayloadError, match=reason.replace("|", r"\|")):
        read_samples(line)


@given(st.binary(max_size=80) | st.text("ab:|@#cgmshdT0123.,-", max_size=40).map(str.encode))
def test_rubbish_is_samples_or_malformed(line: bytes) -> None:
    """Nothing else comes out, and numbers are finite."""
    samples: list[Any] = []
    try:
        samples = read_samples(line)
    except MalformedPayloadError:
        return
    assert all(isinstance(each.value, str) or abs(each.value) <= MAX_NUMBER for each in samples)
