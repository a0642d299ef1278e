"""
IAM's SimulatePrincipalPolicy for roles, which moto lacks: it reads the policies that moto keeps, with moto's own rules.

moto finds what answers an action by a method's name, so one method more is one operation more.
"""

from typing import Any, Final

_DECISIONS: Final = {"PERMITTED": "allowed", "DENIED": "explicitDeny", "NEUTRAL": "implicitDeny"}
"""AWS's words, by the names of moto's verdicts."""


def add_simulation() -> None:
    """Give moto's IAM the operation; again does no harm."""
    from moto.iam.responses import IamResponse  # noqa: PLC0415 importing moto takes about a second: on first use

    IamResponse.simulate_principal_policy = _simulate  # type: ignore[attr-defined]  # that is what is added


def _simulate(response: Any) -> Any:
    """Answer one request: each action on each resource; conditions count as they do in moto."""
    from moto.core.responses import ActionResult  # noqa: PLC0415 as above

    source = str(response._get_param("PolicySourceArn"))  # noqa: SLF001 (moto's way to its parameters)
    actions = response._get_param("ActionNames", [])  # noqa: SLF001 (likewise)
    resources = response._get_param("ResourceArns", []) or ["*"]  # noqa: SLF001 (likewise)
    role = response.backend.get_role(source.rpartition("/")[2])  # raises NoSuchEntity
    results = [_result(response.backend, role, action, resource) for action in actions for resource in resources]
    return ActionResult({"EvaluationResults": results, "IsTruncated": False})


def _result(backend: Any, role: Any, action: str, resource: str) -> dict[str, Any]:
    decision = _decide([*role.policies.values(), *role.managed_policies.values()], action, resource)
    if decision == "PERMITTED" and role.permissions_boundary_arn:
        decision = _decide([backend.get_policy(role.permissions_boundary_arn)], action, resource)
    return {
        "EvalActionName": action,
        "EvalResourceName": resource,
        "EvalDecision": _DECISIONS[decision],
        "MatchedStatements": [],
        "MissingContextValues": [],
    }


def _decide(policies: list[Any], action: str, resource: str) -> str:
    """Return the name of moto's verdict: one denial counts more than any permission."""
    from moto.iam.access_control import IAMPolicy  # noqa: PLC0415 as above

    found = {IAMPolicy(each).is_action_permitted(action, resource).name for each in policies}
    return next((each for each in ("DENIED", "PERMITTED") if each in found), "NEUTRAL")
