"""``taskscope iam-policy``."""

import json

from click.testing import CliRunner

from taskscope.aws.iam_policies import FEATURES, policy
from taskscope.aws.iam_scope import Scope
from taskscope.cli.account.iam_policy import iam_policy


def _output(*arguments: str) -> str:
    done = CliRunner().invoke(iam_policy, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


def test_policy_is_printed_as_json() -> None:
    """The output is the policy document itself, ready to attach, narrowed as the options say."""
    topic = "arn:aws:sns:eu-west-1:123456789012:reports"
    options = ("--account", "123456789012", "--region", "eu-west-1", "--function-name", "fn", "--topic-arn", topic)

    document = json.loads(_output("trace", "lambda", *options))

    assert document == policy(["trace", "lambda"], Scope("123456789012", "eu-west-1", "fn", topic))


def test_no_feature_means_all() -> None:
    """Without a feature everything is in one policy."""
    assert json.loads(_output()) == policy([], Scope())


def test_features_are_listed() -> None:
    """``--list`` names each feature with what it is for."""
    assert [line.split()[0] for line in _output("--list").splitlines()] == list(FEATURES)
