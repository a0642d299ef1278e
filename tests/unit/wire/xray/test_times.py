"""Times: as the sender wrote them, both ways."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.errors import MalformedPayloadError
from taskscope.wire.xray.times import all_nanoseconds, nanoseconds, seconds


@given(st.integers(0, 2**32 * 10**6))
def test_microseconds_are_exact(micros: int) -> None:
    """Six digits after the point, which X-Ray recommends, come out as they were written until 2106."""
    assert nanoseconds(float(f"{micros // 10**6}.{micros % 10**6:06}")) == micros * 1000


@given(st.integers(11 * 10**15, 21 * 10**15))
def test_tenths_of_microseconds_read_back_as_the_same_number(tenths: int) -> None:
    """Python writes seven digits; the number goes out again as it came in."""
    sent = float(f"{tenths // 10**7}.{tenths % 10**7:07}")

    assert abs(nanoseconds(sent) - tenths * 100) <= 238  # how far doubles lie apart there: a shorter number may be this
    assert seconds(nanoseconds(sent)) == sent


@given(st.floats(2**23, 9.2e9))
def test_any_time_since_april_1970_is_given_back(sent: float) -> None:
    """From then on doubles lie more than a nanosecond apart."""
    assert seconds(nanoseconds(sent)) == sent


@pytest.mark.parametrize("sent", [-1.0, -1e-9, 9.3e9, 1.7e12, 1e300, float("inf")])
def test_what_is_no_time_in_seconds_is_malformed(sent: float) -> None:
    """Before 1970, after 2262, and milliseconds."""
    with pytest.raises(MalformedPayloadError, match="no time in seconds"):
        nanoseconds(sent)


@given(
    st.lists(
        st.floats(1.7e9, 2.1e9, exclude_max=True) | st.integers(17 * 10**14, 21 * 10**14 - 1).map(lambda n: n / 1e6)
    )
)
def test_many_times_read_as_each_does(sent: list[float]) -> None:
    """Whatever their digits, and later ones are never earlier."""
    found = all_nanoseconds(np.array(sorted(sent), np.float64)).tolist()

    assert found == [nanoseconds(each) for each in sorted(sent)] == sorted(found)
