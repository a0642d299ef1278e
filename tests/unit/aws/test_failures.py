"""What the SDK raises becomes an error of ours that says what failed, why, and what to do next."""

import socket
from pathlib import Path
from typing import Any

import pytest
from botocore import exceptions as sdk

from taskscope.aws.ecs import Ecs
from taskscope.aws.failures import named
from taskscope.aws.session import Account
from taskscope.aws.sns import publish
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

_VARIABLES = (
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE",
    "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "HTTP_PROXY", "HTTPS_PROXY",
    "http_proxy", "https_proxy",
)  # fmt: skip

_IDENTITY_CENTER = "sso_region = eu-west-1\nsso_start_url = https://corp.invalid/start"


@pytest.fixture(autouse=True)
def no_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Take away whatever this machine knows of AWS; return the file that stands for ~/.aws/config."""
    for name in _VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    return tmp_path / "config"


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give made-up credentials."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


def _error(raised: Exception, service: str = "ecs") -> TaskscopeError:
    with pytest.raises(TaskscopeError) as caught, named("describe task 0123", service=service):
        raise raised
    assert caught.value.message.startswith("cannot describe task 0123: ")
    assert "\n" not in str(caught.value)
    return caught.value


def _answer(code: str, text: str = "no", *, operation: str = "DescribeTasks", status: int = 400) -> sdk.ClientError:
    response: Any = {"Error": {"Code": code, "Message": text}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return sdk.ClientError(response, operation)


@pytest.mark.parametrize(
    ("code", "kind", "exit_code"),
    [
        ("ExpiredTokenException", CredentialsError, 4),
        ("ExpiredToken", CredentialsError, 4),
        ("UnrecognizedClientException", CredentialsError, 4),
        ("InvalidClientTokenId", CredentialsError, 4),
        ("InvalidSignatureException", CredentialsError, 4),
        ("AccessDeniedException", DeniedError, 4),
        ("AccessDenied", DeniedError, 4),
        ("AuthorizationError", DeniedError, 4),
        ("ThrottlingException", ThrottledError, 5),
        ("Throttling", ThrottledError, 5),
        ("LimitExceededException", ThrottledError, 5),
        ("ClusterNotFoundException", NotFoundError, 3),
        ("ResourceNotFoundException", NotFoundError, 3),
        ("NotFound", NotFoundError, 3),
        ("ServerException", UnavailableError, 5),
        ("ServiceUnavailableException", UnavailableError, 5),
        ("InvalidParameterException", TaskscopeError, 1),
    ],
)
def test_code_of_an_answer_says_the_kind(code: str, kind: type[TaskscopeError], exit_code: int) -> None:
    """And so the exit code, and whether a retry can help."""
    error = _error(_answer(code))

    assert type(error) is kind
    assert error.exit_code == exit_code


def test_missing_permission_is_named_by_the_answer() -> None:
    """AWS says which action it misses; SNS writes the service in capitals."""
    text = "User: arn:aws:iam::1:user/x is not authorized to perform: {} on resource: * because no policy allows it"

    assert "the permission ecs:ListTasks is missing" in str(
        _error(_answer("AccessDeniedException", text.format("ecs:ListTasks")))
    )
    assert "the permission sns:Publish is missing" in str(
        _error(_answer("AuthorizationError", text.format("SNS:Publish")))
    )


def test_missing_permission_that_is_not_told_is_that_of_the_call() -> None:
    """Service and operation make the action; the hint says where the whole policy is."""
    error = _error(_answer("AccessDeniedException", operation="GetLogEvents"), service="logs")

    assert "the permission logs:GetLogEvents is missing" in error.message
    assert "taskscope iam-policy" in (error.hint or "")


def test_rate_is_exceeded_by_any_code() -> None:
    """ECS says so in a ClientException."""
    assert type(_error(_answer("ClientException", "Rate exceeded"))) is ThrottledError


def test_a_definition_that_was_deleted_is_missing() -> None:
    """ECS says that in a ClientException, too."""
    assert type(_error(_answer("ClientException", "Unable to describe task definition."))) is NotFoundError


def test_fault_of_the_server_is_known_by_its_status() -> None:
    """Whatever its code."""
    assert type(_error(_answer("Strange", status=503))) is UnavailableError


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("InvalidSignatureException", "Signature expired: 20261120T080000Z is now earlier than 20261120T085500Z"),
        ("SignatureDoesNotMatch", "Signature not yet current: 20261120T100000Z is still later than 20261120T090500Z"),
        ("RequestTimeTooSkewed", "The difference between the request time and the current time is too large."),
    ],
)
def test_a_clock_that_is_wrong_is_not_taken_for_wrong_credentials(code: str, text: str) -> None:
    """Signing in again would not help."""
    assert "set the clock" in (_error(_answer(code, text)).hint or "")


def test_text_of_aws_is_kept() -> None:
    """It often says more than the code."""
    assert "Cluster not found." in _error(_answer("ClusterNotFoundException", "Cluster not found.")).message
    assert "Strange: taskId is bad" in _error(_answer("Strange", "taskId is bad")).message


@pytest.mark.parametrize(
    ("raised", "kind", "said"),
    [
        (sdk.NoRegionError(), CredentialsError, "no AWS region is set (give --region"),
        (sdk.NoCredentialsError(), CredentialsError, "no AWS credentials are found"),
        (sdk.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"), CredentialsError, "AWS_SECRET"),
        (sdk.CredentialRetrievalError(provider="p", error_msg="exit 1"), CredentialsError, "cannot be had"),
        (sdk.UnauthorizedSSOTokenError(), CredentialsError, "cannot be had"),
        (sdk.SSOTokenLoadError(error_msg="x"), CredentialsError, "aws sso login"),
        (sdk.TokenRetrievalError(provider="sso", error_msg="x"), CredentialsError, "cannot be had"),
        (sdk.LoginRefreshRequired(), CredentialsError, "cannot be had"),
        (sdk.ProfileNotFound(profile="prod"), UsageError, "(prod) could not be found"),
        (sdk.InvalidRegionError(region_name="us east"), UsageError, "'us east'"),
        (sdk.ConfigParseError(path="/x", error="y"), UsageError, "/x"),
        (sdk.EndpointConnectionError(endpoint_url="http://x/"), UnreachableError, "http://x/"),
        (sdk.ConnectTimeoutError(endpoint_url="http://x/"), UnreachableError, "http://x/"),
        (sdk.SSLError(endpoint_url="https://x/", error=OSError("bad")), UnreachableError, "https://x/"),
        (
            sdk.SSLError(endpoint_url="https://x/", error=OSError("CERTIFICATE_VERIFY_FAILED")),
            UnreachableError,
            "AWS_CA_BUNDLE",
        ),
        (sdk.ProxyConnectionError(proxy_url="http://p/"), UnreachableError, "http://p/"),
        (sdk.ReadTimeoutError(endpoint_url="http://x/"), UnreachableError, "the connection broke"),
        (sdk.ConnectionClosedError(endpoint_url="http://x/"), UnreachableError, "the connection broke"),
        (sdk.UnknownServiceError(service_name="x", known_service_names="y"), TaskscopeError, "x"),
    ],
)
def test_what_never_reached_aws_says_why(raised: Exception, kind: type[TaskscopeError], said: str) -> None:
    """No credentials, no region, no connection; each with what to do."""
    error = _error(raised)

    assert type(error) is kind
    assert said in str(error)


def test_other_exceptions_pass() -> None:
    """What is no failure of AWS is a bug, and shows itself."""
    with pytest.raises(ZeroDivisionError), named("x", service="ecs"):
        raise ZeroDivisionError


@pytest.mark.usefixtures("keys")
def test_region_that_is_not_set_is_told() -> None:
    """By the real SDK, without a call."""
    with pytest.raises(CredentialsError, match="no AWS region is set"):
        Ecs(Account()).clusters()


def test_credentials_that_are_not_there_are_told() -> None:
    """By the real SDK, which has looked everywhere."""
    with pytest.raises(CredentialsError, match="cannot list the clusters: no AWS credentials are found"):
        Ecs(Account(region="us-east-1", endpoint_url="http://127.0.0.1:1")).clusters()


def test_profile_that_does_not_exist_is_told() -> None:
    """Whether a region is given or looked for in it."""
    for region in (None, "us-east-1"):
        with pytest.raises(UsageError, match=r"\(nowhere\) could not be found"):
            Ecs(Account("nowhere", region)).clusters()


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize("endpoint", ["foo", "127.0.0.1:5275", "http://", "ftp://host", "http://host:99999"])
def test_endpoint_that_is_no_address_is_refused(endpoint: str) -> None:
    """Before any call."""
    with pytest.raises(UsageError, match="endpoint"):
        Ecs(Account(region="us-east-1", endpoint_url=endpoint)).clusters()


@pytest.mark.usefixtures("keys")
def test_region_that_cannot_be_one_is_refused() -> None:
    """It would become part of a host's name."""
    with pytest.raises(UsageError, match="'us east'"):
        Ecs(Account(region="us east")).clusters()


def test_broken_configuration_is_told(no_account: Path) -> None:
    """With the file's path."""
    no_account.write_text("no section\n")

    with pytest.raises(UsageError, match=str(no_account)):
        Ecs(Account(region="us-east-1")).clusters()


@pytest.mark.parametrize(
    ("profile", "kind", "said"),
    [
        (f"sso_session = corp\nsso_account_id = 1\nsso_role_name = r\n[sso-session corp]\n{_IDENTITY_CENTER}",
         CredentialsError, "aws sso login"),
        (f"sso_account_id = 1\nsso_role_name = r\n{_IDENTITY_CENTER}", CredentialsError, "aws sso login"),
        ("credential_process = /bin/false", CredentialsError, "cannot be had"),
        ("credential_process = /nonexistent/program", UsageError, "/nonexistent/program"),
        ("credential_process = /bin/echo hello", UsageError, "credential_process"),
        ("role_arn = arn:aws:iam::1:role/x\nweb_identity_token_file = /nonexistent", CredentialsError, "/nonexistent"),
        ("max_attempts = many", UsageError, "max_attempts"),
    ],
)  # fmt: skip
def test_profile_that_gives_no_credentials_is_told(
    no_account: Path, profile: str, kind: type[TaskscopeError], said: str
) -> None:
    """A sign-in that is missing, a program that fails, a file that is not there: by the real SDK, in one line."""
    no_account.write_text(f"[profile prod]\n{profile}\n")

    with pytest.raises(kind, match=said):
        Ecs(Account("prod", "us-east-1", endpoint_url="http://127.0.0.1:1")).clusters()


@pytest.mark.usefixtures("keys")
def test_refused_connection_is_told_with_the_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the real SDK against a port where nobody listens, after its retries; with one attempt here."""
    monkeypatch.setattr("taskscope.aws.session._ATTEMPTS", 1)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    with pytest.raises(UnreachableError, match=f"127.0.0.1:{port}") as caught:
        Ecs(Account(region="us-east-1", endpoint_url=f"http://127.0.0.1:{port}")).clusters()

    assert "--endpoint-url" in (caught.value.hint or "")


def test_region_in_force_is_that_of_the_profile(no_account: Path) -> None:
    """Where none is asked for; one that is asked for wins."""
    no_account.write_text("[profile prod]\nregion = eu-west-1\n")

    assert Account("prod").region_in_force == "eu-west-1"
    assert Account("prod", "us-east-1").region_in_force == "us-east-1"
    assert Account().region_in_force is None


@pytest.mark.parametrize(
    "arn", ["", "tasks", "arn:aws:sqs:us-east-1:1:queue", "arn:aws:sns:us-east-1:1:t:subscription"]
)
def test_topic_that_is_no_arn_of_one_is_refused(arn: str) -> None:
    """Before any call."""
    with pytest.raises(UsageError, match="is not the ARN of an SNS topic"):
        publish(Account(), arn, subject="s", message="m", dedup_id="d")
