"""What tests of sinks share: made-up AWS keys, and no settings of this machine."""

import pytest


@pytest.fixture(autouse=True)
def _made_up_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sign with made-up keys, try each call once, and pass by the proxy and the configuration of this machine."""
    for name in ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
