"""The logs of Lambda functions, by name and by stack."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

import pytest

from taskscope.aws.functions import FunctionLog, Functions
from taskscope.aws.stacks import StackResource, Stacks
from taskscope.errors import DeniedError, NotFoundError, TaskscopeError
from taskscope.sources.logs.functions import FunctionPlaces

FUNCTION = "AWS::Lambda::Function"


class Held(Functions):
    """Functions by name, each with its group."""

    def __init__(self, groups: dict[str, str], error: TaskscopeError | None = None) -> None:
        self.held = groups
        self.error = error

    def log(self, name: str) -> FunctionLog:
        """Return where a function logs."""
        if self.error:
            raise self.error
        if name not in self.held:
            raise NotFoundError("Function not found")
        return FunctionLog(name, self.held[name])

    def names(self) -> Iterator[str]:
        """Yield their names."""
        yield from self.held


class Nested(Stacks):
    """A stack with a stack in it."""

    def __init__(self) -> None:
        self.held = {
            "shop": [
                StackResource("Orders", "shop-orders-1X", FUNCTION),
                StackResource("Table", "t", "AWS::DynamoDB::Table"),
                StackResource("Pending", "", FUNCTION),
                StackResource("Child", "arn:child", "AWS::CloudFormation::Stack"),
            ],
            "arn:child": [StackResource("Mails", "mails-2Y", FUNCTION)],
            "empty": [],
        }

    def resources(self, stack: str) -> Iterator[StackResource]:
        """Yield the resources."""
        if stack not in self.held:
            raise TaskscopeError(f"cannot list: ValidationError: Stack with id {stack} does not exist")
        yield from self.held[stack]


@pytest.fixture(scope="module")
def pool() -> Iterator[Executor]:
    """Give a few threads."""
    with ThreadPoolExecutor(2) as executor:
        yield executor


@pytest.fixture
def finder(make_search: Callable[..., Any], pool: Executor) -> FunctionPlaces:
    """Give a finder of two functions, of which one shares its group with others."""
    functions = Held({"shop-orders-1X": "/aws/lambda/shop-orders-1X", "mails-2Y": "/shared"})
    return FunctionPlaces(functions, Nested(), make_search("/aws/lambda/shop-orders-1X", "/shared"), pool, [])


@pytest.mark.parametrize(
    ("names", "groups"),
    [
        ([], ["/aws/lambda/shop-orders-1X", "/shared"]),
        (["Orders"], ["/aws/lambda/shop-orders-1X"]),
        (["Child/Mails", "shop-orders-1X"], ["/shared", "/aws/lambda/shop-orders-1X"]),
    ],
)
def test_functions_of_a_stack_are_known_by_logical_id(
    finder: FunctionPlaces, names: list[str], groups: list[str]
) -> None:
    """Or by name; those of stacks in it with a path; those that are not made yet are left out."""
    assert [each.group for each in finder.find(names, "shop")] == groups


def test_shared_group_is_narrowed_to_the_function(finder: FunctionPlaces) -> None:
    """Its own group is not."""
    own, shared = finder.find(["arn:aws:lambda:eu-west-1:1:function:shop-orders-1X:3", "mails-2Y"], None)

    assert (own.function, own.labels) == ("", {"function": "shop-orders-1X"})
    assert (shared.function, shared.labels) == ("mails-2Y", {"function": "mails-2Y"})
    assert all(each.arn and not each.required for each in (own, shared))


@pytest.mark.parametrize(
    ("names", "stack", "message", "hint"),
    [
        (["mails-2X"], None, "there is no function mails-2X", "did you mean mails-2Y?"),
        (["Mails"], "shop", "the stack shop has no function Mails", "it has: Child/Mails, Orders"),
        ([], "empty", "the stack empty has no Lambda function", "name log groups"),
        ([], "shpo", "there is no stack shpo", "check --region"),
    ],
)
def test_what_does_not_exist_is_told(
    finder: FunctionPlaces, names: list[str], stack: str | None, message: str, hint: str
) -> None:
    """With what there is."""
    with pytest.raises(NotFoundError, match=message) as caught:
        list(finder.find(names, stack))

    assert (caught.value.hint or "").startswith(hint)


def test_function_without_a_group_is_told_and_waited_for(make_search: Callable[..., Any], pool: Executor) -> None:
    """It was never called."""
    finder = FunctionPlaces(Held({"f": "/aws/lambda/f"}), Nested(), make_search(), pool, [])

    [place] = finder.find(["f"], None)

    assert (place.group, place.arn, place.required) == ("/aws/lambda/f", "", False)
    assert finder.notices == ["function f has written nothing yet: there is no log group /aws/lambda/f"]


def test_function_that_is_gone_or_may_not_be_asked_for_has_its_usual_group(
    make_search: Callable[..., Any], pool: Executor
) -> None:
    """As long as the group is there; a missing permission is said."""
    search = make_search("/aws/lambda/old")

    [gone] = FunctionPlaces(Held({}), Nested(), search, pool, []).find(["old"], None)
    denied = FunctionPlaces(
        Held({}, DeniedError("lambda:GetFunctionConfiguration is missing")), Nested(), search, pool, []
    )
    [unknown] = denied.find(["old"], None)

    assert gone.group == unknown.group == "/aws/lambda/old"
    assert denied.notices == [
        "lambda:GetFunctionConfiguration is missing: the log group of old is taken to be /aws/lambda/old"
    ]
