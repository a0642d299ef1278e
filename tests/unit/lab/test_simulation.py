"""IAM's SimulatePrincipalPolicy for the policies of roles, by boto3."""

import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from taskscope.lab.threaded import ThreadedAws


@pytest.fixture
def role(aws: ThreadedAws) -> str:
    """Give the name of a new role without any policy."""
    name = f"simulated-{uuid.uuid4().hex[:8]}"
    aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")
    return name


def policy(effect: str, action: str) -> str:
    """Return a policy of one statement."""
    statement = {"Effect": effect, "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def decisions(aws: ThreadedAws, role: str) -> dict[str, str]:
    """Ask about two actions."""
    arn = f"arn:aws:iam::{aws.account}:role/{role}"
    asked = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
    results: list[dict[str, Any]] = aws.client("iam").simulate_principal_policy(PolicySourceArn=arn, ActionNames=asked)[
        "EvaluationResults"
    ]
    return {each["EvalActionName"].removeprefix("xray:Put"): each["EvalDecision"] for each in results}


def test_what_no_policy_allows_is_denied_implicitly(aws: ThreadedAws, role: str) -> None:
    """A role begins without any permission."""
    assert decisions(aws, role) == {"TraceSegments": "implicitDeny", "TelemetryRecords": "implicitDeny"}


def test_inline_and_attached_policies_count_and_a_denial_wins(aws: ThreadedAws, role: str) -> None:
    """As of IAM."""
    iam = aws.client("iam")
    attached = iam.create_policy(PolicyName=role, PolicyDocument=policy("Allow", "xray:*"))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=role, PolicyArn=attached)
    assert decisions(aws, role) == {"TraceSegments": "allowed", "TelemetryRecords": "allowed"}
    iam.put_role_policy(RoleName=role, PolicyName="no", PolicyDocument=policy("Deny", "xray:PutTelemetryRecords"))
    assert decisions(aws, role) == {"TraceSegments": "allowed", "TelemetryRecords": "explicitDeny"}


def test_a_boundary_takes_away_what_it_does_not_allow(aws: ThreadedAws, role: str) -> None:
    """A role may do what both its policies and its boundary allow."""
    iam = aws.client("iam")
    only = policy("Allow", "xray:PutTraceSegments")
    boundary = iam.create_policy(PolicyName=role, PolicyDocument=only)["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=boundary)
    iam.put_role_policy(RoleName=role, PolicyName="all", PolicyDocument=policy("Allow", "xray:*"))

    assert decisions(aws, role) == {"TraceSegments": "allowed", "TelemetryRecords": "implicitDeny"}


def test_a_role_that_is_not_there_is_an_error(aws: ThreadedAws) -> None:
    """NoSuchEntity, as of IAM."""
    with pytest.raises(ClientError, match="NoSuchEntity"):
        decisions(aws, "simulated-nothing")
