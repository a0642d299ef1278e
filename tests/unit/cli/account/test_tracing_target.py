"""What ``taskscope enable tracing`` is told to change."""

import pytest

from taskscope.cli.account.tracing_target import FunctionTarget, StageTarget, read_target
from taskscope.errors import UsageError


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("shop", FunctionTarget("shop", None)),
        ("shop:$LATEST", FunctionTarget("shop", None)),
        ("arn:aws:lambda:eu-west-1:123456789012:function:shop", FunctionTarget("shop", "eu-west-1")),
        ("arn:aws-cn:lambda:cn-north-1:123456789012:function:shop:$LATEST", FunctionTarget("shop", "cn-north-1")),
        ("a1b2c3/prod", StageTarget("a1b2c3", "prod", None)),
        ("arn:aws:apigateway:eu-west-1::/restapis/a1b2c3/stages/prod", StageTarget("a1b2c3", "prod", "eu-west-1")),
    ],
)
def test_functions_and_stages_are_told_apart(text: str, target: FunctionTarget | StageTarget) -> None:
    """By name or by ARN, whose region counts."""
    assert read_target(text) == target


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("shop:7", "a version is as it was published"),
        ("arn:aws:lambda:eu-west-1:123456789012:function:shop:live", "a version is as it was published"),
        ("arn:aws:apigateway:eu-west-1::/apis/a1b2c3/stages/prod", "HTTP or WebSocket API"),
        ("arn:aws:s3:::shop", "no ARN of a function or of a stage"),
        ("a/b/c", "no function and no stage"),
        ("/prod", "no function and no stage"),
        ("", "no function and no stage"),
    ],
)
def test_what_has_no_active_tracing_is_refused(text: str, message: str) -> None:
    """With what can be given, or done, instead."""
    with pytest.raises(UsageError, match=message) as raised:
        read_target(text)

    assert raised.value.hint
