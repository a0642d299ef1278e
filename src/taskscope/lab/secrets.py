"""Values of a task definition's ``secrets``, from Secrets Manager and the SSM Parameter Store behind the gateway."""

import asyncio
import json
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from taskscope.lab.client.connection import Lab

_ARN_PARTS: Final = 7
"""``arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME``; a key of JSON, a stage and a version may follow."""


class SecretStore:
    """Asks the lab itself, as the ECS agent asks AWS; in a thread, since the lab must answer meanwhile."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def __call__(self, wanted: list[str], region: str) -> dict[str, str]:
        """
        Return the values by ``valueFrom``.

        Raises:
            LookupError: One cannot be read; the text has the reason.
        """
        return await asyncio.to_thread(self._read_all, wanted, Lab(self._url, region))

    def _read_all(self, wanted: list[str], lab: Lab) -> dict[str, str]:
        try:
            return {value_from: _read(value_from, lab) for value_from in wanted}
        except ClientError as error:
            answer = error.response["Error"]
            raise LookupError(f"{answer['Code']}: {answer['Message']}") from None
        except BotoCoreError as error:
            raise LookupError(str(error)) from None


def _read(value_from: str, lab: Lab) -> str:
    """Read one value: a secret by its ARN, anything else is the name or ARN of a parameter."""
    parts = value_from.split(":")
    if len(parts) < _ARN_PARTS or parts[2] != "secretsmanager":
        name = _parameter_name(value_from)
        parameter = lab.client("ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]
        return str(parameter["Value"])
    key, stage, version = (*parts[_ARN_PARTS:], "", "", "")[:3]
    request = {"SecretId": ":".join(parts[:_ARN_PARTS]), "VersionStage": stage, "VersionId": version}
    secret = lab.client("secretsmanager").get_secret_value(**{name: text for name, text in request.items() if text})
    return _member(secret["SecretString"], key) if key else str(secret["SecretString"])


def _parameter_name(value_from: str) -> str:
    """Return the name that is given, or the one in an ARN, which leaves out the first slash of a path."""
    _, is_arn, name = value_from.partition(":parameter/")
    if not is_arn:
        return value_from
    return f"/{name}" if "/" in name else name


def _member(text: str, key: str) -> str:
    try:
        document: Any = json.loads(text)
    except ValueError as error:
        raise LookupError(f"invalid JSON in the secret: {error}") from None
    if not isinstance(document, dict) or key not in document:
        raise LookupError(f"retrieved secret from Secrets Manager did not contain json key {key}")
    return str(document[key])
