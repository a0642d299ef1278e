"""Who may ask: each route depends on one guard, of readers or of senders."""

from http import HTTPStatus

from starlette.requests import Request

from taskscope.api.problems import RefusedError
from taskscope.config.access import Token


class Guard:
    """A dependency of a route: it lets those pass who show a token."""

    def __init__(self, token: Token, *, whose: str) -> None:
        """``whose`` is ``read`` or ``write``: what the token is called in settings and in the OpenAPI document."""
        self._token = token
        self.whose = whose

    async def __call__(self, request: Request) -> None:
        """
        Let a request pass.

        Raises:
            RefusedError: It does not show the token.
        """
        self.check(request.headers.get("authorization"))

    def check(self, authorization: str | None) -> None:
        """Let an ``Authorization`` header pass; raises as ``__call__``."""
        if not self._token.admits(authorization):
            raise RefusedError(
                HTTPStatus.UNAUTHORIZED,
                f"the {self.whose} token is needed: send Authorization: Bearer TOKEN",
                headers={"www-authenticate": "Bearer"},
            )

    @property
    def token(self) -> Token:
        """What is asked for."""
        return self._token
