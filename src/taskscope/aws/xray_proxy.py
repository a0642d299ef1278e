"""Requests that are passed on to X-Ray as they came, signed: what the X-Ray daemon's TCP proxy does."""

import urllib.error
import urllib.request
from http.client import HTTPException
from typing import Final

from taskscope.aws.session import Account
from taskscope.aws.signing import sign
from taskscope.errors import NotFoundError, UnreachableError

_TIMEOUT_SECONDS: Final = 5.0
_OPERATIONS: Final = {
    "/GetSamplingRules": "get_sampling_rules",
    "/SamplingTargets": "get_sampling_targets",
    "/SamplingStatisticSummaries": "get_sampling_statistic_summaries",
}
"""What is passed on, by path: the daemon passes on everything, and so its role needs every permission of X-Ray."""


class XRayProxy:
    """Passes on paths and bodies in the name of an account."""

    def __init__(self, account: Account, *, region: str | None = None) -> None:
        self._account = account
        self._region = region

    def forward(self, path: str, body: bytes) -> tuple[int, bytes]:
        """
        POST a body to a path of X-Ray's API; return status and body of the answer, whatever the status is.

        Raises:
            NotFoundError: The path is of another operation.
            CredentialsError: There are no credentials, or no region.
            UnreachableError: Nothing answers.
        """
        if path not in _OPERATIONS:
            raise NotFoundError(f"{path} is not passed on to X-Ray")
        meta = self._account.client("xray", region=self._region).meta
        url = str(meta.endpoint_url).rstrip("/") + path
        headers = sign(
            self._account,
            service="xray",
            region=meta.region_name,
            url=url,
            headers={"content-type": "application/json"},
            body=body,
        )
        request = urllib.request.Request(url, body, headers, method="POST")  # noqa: S310 (botocore's endpoint)
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310 (as above)
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except (OSError, HTTPException) as error:
            raise UnreachableError(f"cannot ask X-Ray at {url}: {error}") from error
