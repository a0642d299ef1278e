"""The exporter's pages."""

from email.message import Message
from html.parser import HTMLParser
from http import HTTPStatus

import pytest

from taskscope import __version__
from taskscope.exporter.server.answer import Answer, say
from taskscope.exporter.site import ExporterSite


def _site(telemetry_path: str = "/metrics") -> ExporterSite:
    return ExporterSite(lambda _headers: say(HTTPStatus.OK, "a 1"), telemetry_path=telemetry_path)


def _get(path: str, telemetry_path: str = "/metrics") -> Answer:
    return _site(telemetry_path)(path, Message())


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if tag == "a" and name == "href"]


@pytest.mark.parametrize("telemetry_path", ["/metrics", '/a"b<c>&d'])
def test_landing_page_leads_to_pages_that_there_are(telemetry_path: str) -> None:
    """Whatever the path of the metrics is."""
    page = _get("/", telemetry_path)
    links = _Links()
    links.feed(page.body.decode())

    assert page.content_type == "text/html; charset=utf-8"
    assert links.found == [telemetry_path, "/-/healthy", "/-/ready"]
    assert {_get(each or "", telemetry_path).status for each in links.found} == {HTTPStatus.OK}
    assert __version__ in page.body.decode()


@pytest.mark.parametrize("path", ["/-/healthy", "/-/ready", "/health"])
def test_health_is_plain(path: str) -> None:
    """Without a look at the endpoint: a new start would not help there."""
    assert _get(path) == say(HTTPStatus.OK, "The exporter is well.")


def test_other_paths_are_told_where_metrics_are() -> None:
    """With 404."""
    assert _get("/metric") == say(HTTPStatus.NOT_FOUND, "Nothing is here. Metrics are at /metrics.")


def test_metrics_may_be_at_the_root() -> None:
    """Then there is no landing page."""
    assert _get("/", "/").body == b"a 1\n"
