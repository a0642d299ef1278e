"""UpdateFunctionConfiguration: moto's, and the mode of tracing, which moto keeps but never changes."""

from taskscope.lab.functions.catalog import moto_backend
from taskscope.lab.gateway.service import ApiError, Call, Document


def update_configuration(call: Call) -> Document:
    """
    Change the members that are given; the answer is the whole configuration.

    Raises:
        ApiError: ``ResourceNotFoundException``, there is no such function.
    """
    backend = moto_backend("lambda", call.account, call.region)
    from moto.core.exceptions import JsonRESTError  # noqa: PLC0415 - importing moto takes about a second: on first use

    members = {name: value for name, value in call.params.items() if name != "FunctionName"}
    try:
        found = backend.get_function(call.params["FunctionName"], None)
    except JsonRESTError as error:
        raise ApiError(error.error_type, error.message, status=error.code) from None
    if tracing := members.get("TracingConfig"):
        found.tracing_config = {"Mode": tracing.get("Mode", "PassThrough")}
    answer: Document = found.update_configuration(members)
    return answer
