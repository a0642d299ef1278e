"""IAM: whether a role may do something, by AWS's own reading of its policies."""

from collections.abc import Sequence
from typing import Any

from taskscope.aws.failures import named
from taskscope.aws.session import Account


def missing_permissions(account: Account, role_arn: str, actions: Sequence[str], *, region: str | None) -> list[str]:
    """
    Return those of the actions that a role may not do on all resources (SimulatePrincipalPolicy).

    Policies and boundary of the role are read, and those of the organisation as far as the caller's account may see
    them. IAM is in no region; the client wants one all the same.

    Raises:
        TaskscopeError: Of ``aws.failures``; a ``DeniedError`` says that the caller may not ask.
    """
    client: Any = account.client("iam", region=region)
    with named(f"check the permissions of role {role_arn.rpartition('/')[2]}", service="iam"):
        answer = client.simulate_principal_policy(PolicySourceArn=role_arn, ActionNames=list(actions))
    return [each["EvalActionName"] for each in answer["EvaluationResults"] if each["EvalDecision"] != "allowed"]
