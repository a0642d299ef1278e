"""Log groups by name, ARN and glob."""

from collections.abc import Callable
from typing import Any

import pytest

from taskscope.errors import DeniedError, NotFoundError
from taskscope.sources.logs.groups import find_groups, similar

GROUPS = ("/aws/lambda/cart", "/aws/lambda/shop-a", "/aws/lambda/shop-b", "/ecs/shop")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/ecs/shop", ["/ecs/shop"]),
        ("/aws/lambda/shop-*", ["/aws/lambda/shop-a", "/aws/lambda/shop-b"]),
        ("*shop*", ["/aws/lambda/shop-a", "/aws/lambda/shop-b", "/ecs/shop"]),
        ("/aws/lambda/shop-[!b]", ["/aws/lambda/shop-a"]),
        ("arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/shop:*", ["/ecs/shop"]),
    ],
)
def test_names_and_globs_are_found(make_search: Callable[..., Any], text: str, found: list[str]) -> None:
    """A name stands for itself alone, although others begin with it; an ARN says its region."""
    search = make_search(*GROUPS, "/ecs/shop-canary")
    regions: list[str | None] = []

    def search_in(region: str | None) -> Any:
        regions.append(region)
        return search

    places = list(find_groups(search_in, text))

    assert [each.group for each in places if each.group != "/ecs/shop-canary"] == found
    assert regions == ["eu-west-1" if text.startswith("arn") else None]
    assert all(each.required and each.arn for each in places)


def test_group_without_live_tail_has_no_arn(make_search: Callable[..., Any]) -> None:
    """Those of class INFREQUENT_ACCESS are polled."""
    search = make_search("/ecs/shop")
    search.classes["/ecs/shop"] = "INFREQUENT_ACCESS"

    [place] = find_groups(lambda _region: search, "/ecs/shop")

    assert place.arn == ""


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("/ecs/shpo", "did you mean /ecs/shop?"),
        ("cart", "did you mean /aws/lambda/cart?"),
        ("shop*", "did you mean /ecs/shop or /aws/lambda/shop-a or /aws/lambda/shop-b?"),
        ("/nothing/of-the-kind", "taskscope logs lists the log groups"),
    ],
)
def test_unknown_group_is_answered_with_similar_ones(make_search: Callable[..., Any], text: str, hint: str) -> None:
    """Those that are spelled alike, or that have the last part in their name."""
    search = make_search(*GROUPS)

    with pytest.raises(NotFoundError) as caught:
        list(find_groups(lambda _region: search, text))

    assert (caught.value.hint or "").startswith(hint)


def test_name_is_taken_as_it_is_where_groups_may_not_be_listed(make_search: Callable[..., Any]) -> None:
    """FilterLogEvents may be allowed all the same; a glob cannot be resolved then."""
    search = make_search(*GROUPS)
    search.failing["*"] = [DeniedError("no")]

    [place] = find_groups(lambda _region: search, "/ecs/shop")

    assert (place.group, place.arn) == ("/ecs/shop", "")
    with pytest.raises(DeniedError):
        list(find_groups(lambda _region: search, "/ecs/*"))


def test_nothing_similar_says_nothing() -> None:
    """No guess is better than a wrong one."""
    assert similar("abc", ["/xyz"]) == ""
