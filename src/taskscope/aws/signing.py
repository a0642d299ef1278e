"""SigV4 for requests that botocore has no client for, such as those to AWS's OTLP endpoints."""

from collections.abc import Mapping

from taskscope.aws.session import Account


def sign(
    account: Account, *, service: str, region: str, url: str, headers: Mapping[str, str], body: bytes
) -> dict[str, str]:
    """
    Return the headers of a POST with its signature; the body is the one that travels, compressed.

    A signature is good for five minutes: each attempt needs one of its own.

    Raises:
        CredentialsError: There are no credentials, or they cannot be had.
        UsageError: The profile does not exist or does not work.
    """
    from botocore.auth import SigV4Auth  # noqa: PLC0415 (the SDK loads on first use)
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415 (as above)

    request = AWSRequest(method="POST", url=url, headers=dict(headers), data=body)
    SigV4Auth(account.credentials(region), service, region).add_auth(request)
    return dict(request.headers.items())
