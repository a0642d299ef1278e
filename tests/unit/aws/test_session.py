"""Ways into AWS by the real SDK, against a small endpoint that says who called."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from taskscope.aws.ecs import Ecs
from taskscope.aws.session import Account

_ROLE = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>OFTHEROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
<Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"""


class _Caller(BaseHTTPRequestHandler):
    """Gives out a role (STS AssumeRole), and answers ListClusters with the caller's access key."""

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        if b"Action=AssumeRole" in sent:
            answer = _ROLE
        else:
            key = self.headers["Authorization"].partition("Credential=")[2].partition("/")[0]
            answer = json.dumps({"clusterArns": [f"arn:aws:ecs:us-east-1:1:cluster/{key}"]})
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name of the base class)
        """Say nothing."""


@pytest.fixture
def endpoint() -> Iterator[str]:
    """Serve the answers above; give the address."""
    with HTTPServer(("127.0.0.1", 0), _Caller) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_profile_of_a_role_is_taken_on(endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials of a role with a source profile come from STS, whose client has no region but ours."""
    for name in (
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_PROFILE",
        "AWS_DEFAULT_REGION",
    ):
        monkeypatch.delenv(name, raising=False)
    config = tmp_path / "config"
    config.write_text(
        "[profile keys]\naws_access_key_id = a\naws_secret_access_key = b\n"
        "[profile prod]\nrole_arn = arn:aws:iam::123456789012:role/reader\nsource_profile = keys\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)

    assert Ecs(Account("prod", "us-east-1")).clusters() == ["OFTHEROLE"]
