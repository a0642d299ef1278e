"""Active tracing: a setting of Lambda functions, and of stages of API Gateway's REST APIs."""

from typing import Any, NamedTuple

from taskscope.aws.failures import named
from taskscope.aws.session import Account


class FunctionTracing(NamedTuple):
    """A function, and whether Lambda records its requests by itself."""

    name: str
    active: bool
    """Else PassThrough: recorded only if whoever calls it records."""
    role: str
    """ARN of the role that it runs as."""


class StageTracing(NamedTuple):
    """A stage of a REST API, and whether API Gateway records its requests."""

    api: str
    stage: str
    active: bool


class Tracing:
    """Active tracing in one region. Every method may raise a ``TaskscopeError`` of ``aws.failures``."""

    def __init__(self, account: Account, *, region: str | None = None) -> None:
        self._account = account
        self._region = region

    def function(self, name: str) -> FunctionTracing:
        """Return a function, named by name or ARN (GetFunctionConfiguration)."""
        with named(f"describe function {name}", service="lambda"):
            return _function(self._client("lambda").get_function_configuration(FunctionName=name))

    def put_function(self, name: str, *, active: bool) -> FunctionTracing:
        """Change a function's tracing (UpdateFunctionConfiguration); it holds for ``$LATEST``, and in seconds."""
        mode = "Active" if active else "PassThrough"
        with named(f"change the tracing of function {name}", service="lambda"):
            answer = self._client("lambda").update_function_configuration(
                FunctionName=name, TracingConfig={"Mode": mode}
            )
        return _function(answer)

    def stage(self, api: str, stage: str) -> StageTracing:
        """Return a stage of a REST API (GetStage)."""
        with named(f"describe stage {stage} of API {api}", service="apigateway"):
            answer = self._client("apigateway").get_stage(restApiId=api, stageName=stage)
        return StageTracing(api, stage, bool(answer.get("tracingEnabled")))

    def put_stage(self, api: str, stage: str, *, active: bool) -> StageTracing:
        """Change a stage's tracing (UpdateStage)."""
        patch = {"op": "replace", "path": "/tracingEnabled", "value": "true" if active else "false"}
        with named(f"change the tracing of stage {stage} of API {api}", service="apigateway"):
            answer = self._client("apigateway").update_stage(restApiId=api, stageName=stage, patchOperations=[patch])
        return StageTracing(api, stage, bool(answer.get("tracingEnabled")))

    def _client(self, service: str) -> Any:
        return self._account.client(service, region=self._region)


def _function(answer: dict[str, Any]) -> FunctionTracing:
    mode = answer.get("TracingConfig", {}).get("Mode")
    return FunctionTracing(answer["FunctionName"], mode == "Active", answer["Role"])
