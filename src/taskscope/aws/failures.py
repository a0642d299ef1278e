"""What the AWS SDK raises becomes an error of ours: what failed, why, and what to do next. In this module only."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from taskscope.errors import (
    CredentialsError,
    DeniedError,
    NotFoundError,
    TaskscopeError,
    ThrottledError,
    UnavailableError,
    UnreachableError,
    UsageError,
)

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError, ClientError

_EXPIRED: Final = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_SKEWED: Final = {"RequestTimeTooSkewed", "RequestInTheFuture"}
_TOO_OLD: Final = re.compile(r"^Signature (expired|not yet current)")
"""Other services say so in an InvalidSignatureException or SignatureDoesNotMatch, when clocks differ by 5 minutes."""
_UNKNOWN_CALLER: Final = {
    "AuthFailure",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
_DENIED: Final = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}
"""SNS says AuthorizationError, EC2 UnauthorizedOperation, all others AccessDenied."""
_THROTTLED: Final = {
    "LimitExceededException",
    "RequestLimitExceeded",
    "Throttling",
    "ThrottledException",
    "ThrottlingException",
    "TooManyRequestsException",
}
_MISSING: Final = {
    "AWS.SimpleQueueService.NonExistentQueue",
    "ClusterNotFoundException",
    "NoSuchEntity",
    "NotFound",
    "NotFoundException",
    "QueueDoesNotExist",
    "ResourceNotFoundException",
    "ServiceNotFoundException",
}
"""
NotFound is SNS's code for a topic, NoSuchEntity IAM's for a role, NotFoundException API Gateway's for all; a queue that
is missing has a code of each of SQS's two protocols.
"""
_NO_DEFINITION: Final = "Unable to describe task definition"
"""ECS says so of one that was deleted, or never was, in a ClientException, as it says most of what it refuses."""
_SERVER: Final = {"InternalFailure", "ServerException", "ServiceUnavailable", "ServiceUnavailableException"}
_ACTION: Final = re.compile(r"not authorized to perform: ([\w-]+):(\w+)")

_SIGN_IN: Final = "sign in (aws sso login, aws configure) or choose another profile with --profile"
_CHECK_ADDRESS: Final = "check --endpoint-url, AWS_ENDPOINT_URL, --region and the network"
_OWN_AUTHORITY: Final = "if the certificate is of an authority of your own, name its file in AWS_CA_BUNDLE"
_SET_CLOCK: Final = "set the clock of this machine"
_RETRY: Final = "wait a little and run the command again"


@contextmanager
def named(doing: str, *, service: str) -> Iterator[None]:
    """
    Turn the SDK's exceptions into errors of ours; ``doing`` says what was tried, such as ``describe task 1a2b``.

    Raises:
        TaskscopeError: Of the type that says whether a retry can help.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 (the SDK loads on first use)

    try:
        yield
    except ClientError as error:
        raise _answered(error, doing, service) from error
    except BotoCoreError as error:
        raise _unanswered(error, doing) from error
    except OSError as error:  # botocore wraps those of the network: this one is a file of the credentials
        raise CredentialsError(f"cannot {doing}: the AWS credentials cannot be had: {error}", hint=_SIGN_IN) from error


def _answered(error: "ClientError", doing: str, service: str) -> TaskscopeError:
    code = error.response.get("Error", {}).get("Code", "")
    text = error.response.get("Error", {}).get("Message", "") or str(error)
    failed = f"cannot {doing}"
    if code in _EXPIRED:
        return CredentialsError(f"{failed}: the AWS credentials have expired", hint=_SIGN_IN)
    if code in _SKEWED or _TOO_OLD.search(text):
        return CredentialsError(f"{failed}: AWS finds the time of the request wrong: {text}", hint=_SET_CLOCK)
    if code in _UNKNOWN_CALLER:
        return CredentialsError(f"{failed}: AWS does not accept the credentials: {text}", hint=_SIGN_IN)
    if code in _DENIED:
        return DeniedError(
            f"{failed}: the permission {_missing(text, service, error.operation_name)} is missing",
            hint="taskscope iam-policy prints the policy that each feature needs",
        )
    if code in _THROTTLED or "Rate exceeded" in text:
        return ThrottledError(f"{failed}: AWS throttles the requests ({text})", hint=_RETRY)
    if code in _MISSING or text.startswith(_NO_DEFINITION):
        return NotFoundError(f"{failed}: {text}")
    if code in _SERVER or error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500:  # noqa: PLR2004 (HTTP: the server's fault)
        return UnavailableError(f"{failed}: AWS answers {code}: {text}", hint=_RETRY)
    return TaskscopeError(f"{failed}: {code}: {text}")


def _missing(text: str, service: str, operation: str) -> str:
    """Return the IAM action that AWS names, else that of the operation (DeleteMessageBatch has none)."""
    asked = f"{service}:{operation.removesuffix('Batch')}"
    found = _ACTION.search(text)
    named_action = f"{found[1].lower()}:{found[2]}" if found else asked
    return asked if named_action.lower() == asked.lower() else named_action  # SQS writes its own in small letters


def _unanswered(error: "BotoCoreError", doing: str) -> TaskscopeError:
    from botocore import exceptions as sdk  # noqa: PLC0415 (the SDK loads on first use)

    failed = f"cannot {doing}"
    match error:
        case sdk.NoRegionError():
            return CredentialsError(
                f"{failed}: no AWS region is set", hint="give --region, or set AWS_REGION or a region in the profile"
            )
        case sdk.InvalidRegionError() | sdk.ConfigParseError() | sdk.ConfigNotFound() | sdk.InvalidConfigError():
            return UsageError(f"{failed}: {error}", hint="check --region and the AWS configuration")
        case sdk.ProfileNotFound():
            return UsageError(f"{failed}: {error}", hint="aws configure list-profiles shows the profiles there are")
        case sdk.NoCredentialsError() | sdk.PartialCredentialsError():
            return CredentialsError(f"{failed}: no AWS credentials are found ({error})", hint=_SIGN_IN)
        case (
            sdk.CredentialRetrievalError()
            | sdk.SSOError()
            | sdk.LoginError()
            | sdk.TokenRetrievalError()
            | sdk.RefreshWithMFAUnsupportedError()
        ):
            return CredentialsError(f"{failed}: the AWS credentials cannot be had: {error}", hint=_SIGN_IN)
        case sdk.ConnectTimeoutError() | sdk.EndpointConnectionError() | sdk.ProxyConnectionError() | sdk.SSLError():
            return UnreachableError(f"{failed}: {error}", hint=_OWN_AUTHORITY if _untrusted(error) else _CHECK_ADDRESS)
        case sdk.HTTPClientError() | sdk.ResponseStreamingError():
            return UnreachableError(f"{failed}: the connection broke: {error}", hint=_RETRY)
    return TaskscopeError(f"{failed}: {error}")


def _untrusted(error: "BotoCoreError") -> bool:
    return "CERTIFICATE_VERIFY_FAILED" in str(error)
