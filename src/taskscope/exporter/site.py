"""The exporter's pages: metrics, health, and where they are."""

from collections.abc import Callable
from email.message import Message
from html import escape
from http import HTTPStatus
from typing import Final

from taskscope import __version__
from taskscope.exporter.server.answer import Answer, say

_HEALTH: Final = ("/-/healthy", "/-/ready", "/health")
"""Whether the exporter answers. That the endpoint does not is a metric: a new start would not help."""
_PAGE: Final = """\
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Taskscope exporter</title></head>
<body>
<h1>Taskscope exporter</h1>
<p>Metrics of the containers of one Amazon ECS task, for Prometheus. Version {version}.</p>
<ul>
<li><a href="{metrics}">Metrics</a></li>
<li><a href="/-/healthy">Health</a></li>
<li><a href="/-/ready">Readiness</a></li>
</ul>
</body>
</html>
"""


class ExporterSite:
    """Answers by path."""

    def __init__(self, scrape: Callable[[Message], Answer], *, telemetry_path: str) -> None:
        self._scrape = scrape
        self._telemetry_path = telemetry_path

    def __call__(self, path: str, headers: Message) -> Answer:
        """Answer a request."""
        if path == self._telemetry_path:
            return self._scrape(headers)
        if path in _HEALTH:
            return say(HTTPStatus.OK, "The exporter is well.")
        if path == "/":
            page = _PAGE.format(version=escape(__version__), metrics=escape(self._telemetry_path))
            return Answer(HTTPStatus.OK, page.encode(), "text/html; charset=utf-8")
        return say(HTTPStatus.NOT_FOUND, f"Nothing is here. Metrics are at {self._telemetry_path}.")
