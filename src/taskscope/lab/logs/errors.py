"""The errors of CloudWatch Logs in AWS's wording."""

from taskscope.lab.gateway.service import ApiError
from taskscope.wire.log_pattern.compiler import Matcher, compile_pattern
from taskscope.wire.log_pattern.values import PatternError


def invalid(message: str) -> ApiError:
    """Return the error for input that the API does not take."""
    return ApiError("InvalidParameterException", message)


def matcher(pattern: str) -> Matcher:
    """
    Compile a filter pattern.

    Raises:
        ApiError: ``InvalidParameterException``, it is wrong.
    """
    try:
        return compile_pattern(pattern)
    except PatternError as error:
        raise invalid(str(error)) from None


def invalid_token() -> ApiError:
    """Return the error for a token that no answer gave."""
    return invalid("The specified nextToken is invalid.")


def no_group() -> ApiError:
    """Return the error for a log group that does not exist."""
    return ApiError("ResourceNotFoundException", "The specified log group does not exist.")


def no_stream() -> ApiError:
    """Return the error for a log stream that does not exist."""
    return ApiError("ResourceNotFoundException", "The specified log stream does not exist.")


def group_exists() -> ApiError:
    """Return the error for a second log group of one name."""
    return ApiError("ResourceAlreadyExistsException", "The specified log group already exists")


def stream_exists() -> ApiError:
    """Return the error for a second log stream of one name."""
    return ApiError("ResourceAlreadyExistsException", "The specified log stream already exists")
