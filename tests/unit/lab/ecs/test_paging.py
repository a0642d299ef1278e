import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.lab.ecs.paging import page
from taskscope.lab.gateway.service import ApiError


def all_pages(items: list[str], size: int, *, descending: bool) -> list[str]:
    """Read page by page to the end."""
    seen: list[str] = []
    token = None
    while True:
        answer = page(items, {"maxResults": size, "nextToken": token}, "items", descending=descending)
        assert len(answer["items"]) <= size
        seen += answer["items"]
        token = answer.get("nextToken")
        if token is None:
            return seen


@given(items=st.lists(st.text(min_size=1), unique=True), size=st.integers(1, 100), descending=st.booleans())
def test_the_pages_are_the_list(items: list[str], size: int, *, descending: bool) -> None:
    """Every item once, in order, whatever the size of the pages."""
    assert all_pages(items, size, descending=descending) == sorted(items, reverse=descending)


def test_an_item_that_goes_between_two_pages_hides_no_other() -> None:
    """The token names an item, not a position."""
    first = page(["a", "b", "c", "d"], {"maxResults": 2}, "items")
    second = page(["c", "d"], {"maxResults": 2, "nextToken": first["nextToken"]}, "items")
    assert second == {"items": ["c", "d"]}


def test_a_token_fits_its_own_list_alone() -> None:
    """That of one operation is refused by another, as in AWS."""
    token = page(["a", "b"], {"maxResults": 1}, "taskArns")["nextToken"]
    with pytest.raises(ApiError, match="InvalidParameterException"):
        page(["a", "b"], {"nextToken": token}, "serviceArns")


@pytest.mark.parametrize("params", [{"maxResults": 0}, {"maxResults": 101}, {"nextToken": "?"}, {"nextToken": "/w=="}])
def test_bad_sizes_and_tokens_are_refused(params: dict[str, object]) -> None:
    """InvalidParameterException, never an empty page."""
    with pytest.raises(ApiError, match="InvalidParameterException"):
        page(["a"], params, "items")
