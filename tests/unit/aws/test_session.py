"""Ways into AWS by the real SDK, against a small endpoint that says who called."""

from pathlib import Path
from typing import Any

import pytest

from taskscope.aws.ecs import Ecs
from taskscope.aws.session import Account

from .conftest import Serve

_ROLE = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>OFTHEROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
<Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"""


def _caller(operation: str, asked: dict[str, Any]) -> dict[str, Any] | str:
    if "Action=AssumeRole" in asked.get("body", ""):
        return _ROLE
    assert operation == "ListClusters"
    return {"clusterArns": [f"arn:aws:ecs:us-east-1:1:cluster/{asked['caller']}"]}


def test_profile_of_a_role_is_taken_on(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials of a role with a source profile come from STS, whose client has no region but ours."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    config = tmp_path / "config"
    config.write_text(
        "[profile keys]\naws_access_key_id = a\naws_secret_access_key = b\n"
        "[profile prod]\nrole_arn = arn:aws:iam::123456789012:role/reader\nsource_profile = keys\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", serve(_caller))

    assert Ecs(Account("prod", "us-east-1")).clusters() == ["OFTHEROLE"]


def test_a_role_can_be_named_without_a_profile(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """The credentials of the environment take the role on; STS is asked once for many calls."""
    asked: list[str] = []

    def answer(operation: str, request: dict[str, Any]) -> dict[str, Any] | str:
        asked.append(operation or request["body"].partition("RoleArn=")[2].partition("&")[0])
        return _caller(operation, request)

    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", serve(answer))
    ecs = Ecs(Account(region="us-east-1", role_arn="arn:aws:iam::123456789012:role/writer"))

    assert [ecs.clusters(), ecs.clusters()] == [["OFTHEROLE"], ["OFTHEROLE"]]
    assert asked == ["arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fwriter", "ListClusters", "ListClusters"]
