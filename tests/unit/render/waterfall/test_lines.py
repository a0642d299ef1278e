"""The lines of a waterfall."""

from dataclasses import replace
from datetime import UTC

from taskscope.model.service_map import NodeKey
from taskscope.model.trace import ExceptionView, TraceView
from taskscope.render.waterfall.lines import Waterfall, xray_spelling
from tests.unit.render.views import LOGS, SUMMARY, VIEW


def _lines(view: TraceView = VIEW, width: int = 120, logs: tuple[object, ...] = ()) -> list[str]:
    return list(Waterfall(view, width=width, zone=UTC).lines(logs))  # type: ignore[arg-type]


def test_the_head_says_what_was_asked_and_how_it_went() -> None:
    """The first lines say which trace it is, when, how long, what was asked and answered, and what failed."""
    head = _lines()[:3]
    assert head[0] == "1-65f0c1d2-9b1e4c77a0d3f2e5c6b7a899  2024-03-12T20:57:54.120Z  369 ms"
    assert head[1] == "POST https://shop.test/orders -> 502"
    assert head[2] == "4 spans, 2 services, 3 faults"


def test_spans_stand_below_their_service() -> None:
    """Spans stand below their service, indented by their depth in it, with status, duration and own time."""
    text = "\n".join(_lines())
    assert "shop-api  AWS::ECS::Fargate\n  POST /orders " in text
    assert "\n    PutItem -> orders " in text
    assert "bank  AWS::ECS::EC2  (clock corrected by -12 ms)\n  charge " in text
    assert "orders  AWS::DynamoDB::Table  (inferred)" in text
    row = next(each for each in _lines() if "bank.example.net " in each)
    assert row.split()[1:5] == ["503", "328", "ms", "8"]


def test_exceptions_are_told_without_their_control_characters() -> None:
    """An exception is told with the beginning of its stack; what would speak to the terminal is escaped."""
    text = "\n".join(_lines())
    assert r"! UpstreamError: 503 from \x1b[31mpayments" in text
    assert "at f3(pay.py: 3)" in text
    assert "at f4" not in text
    assert "(2 more lines: --output json has them)" in text
    assert "! no money" in text


def test_exception_of_another_span_is_told_with_where_it_was_recorded() -> None:
    """Its stack stands there, once; one that is not there has no type."""
    pointed = ExceptionView("UpstreamError", "503", "at other(pay.py: 1)", recorded_in=f"{3:016x}")
    lost = ExceptionView("", "exception 00000000000000aa of another span, which is not there")
    row = replace(VIEW.spans[0], exceptions=(pointed, lost))
    lines = _lines(replace(VIEW, spans=(row, *VIEW.spans[1:])))
    assert "    ! UpstreamError: 503 (recorded in span 0000000000000003)" in lines
    assert "    ! exception 00000000000000aa of another span, which is not there" in lines
    assert not any("other(pay.py" in each for each in lines)


def test_what_apps_named_does_not_speak_to_the_terminal() -> None:
    """The type of a node and the severity of a log line are as free as a name, and escaped like one."""
    sections = (replace(VIEW.sections[0], node=NodeKey("db", "Database::\x1b[2Jx")), *VIEW.sections[1:])
    logs = (replace(LOGS[0], line=replace(LOGS[0].line, severity="\x1b]0;x\x07")), *LOGS[1:])
    lines = _lines(replace(VIEW, sections=sections), logs=logs)
    assert r"db  Database::\x1b[2Jx" in lines
    assert all(each.isprintable() for each in lines)


def test_one_is_no_several() -> None:
    """A single span, service or fault is told in the singular."""
    summary = replace(SUMMARY, span_count=1, nodes=SUMMARY.nodes[:1], tally={"fault": 1})
    assert _lines(replace(VIEW, summary=summary))[2] == "1 span, 1 service, 1 fault"


def test_logs_stand_below_their_span() -> None:
    """A log line stands below the span that it names; one that names none comes last, with how sure it is."""
    lines = _lines(logs=LOGS)
    after = lines[next(number for number, each in enumerate(lines) if "! no money" in each) + 1]
    assert after.strip() == r"20:57:54.150 ERROR declined\nfor good"
    assert lines[-2:] == ["logs of this trace that name no span", "    20:57:54.151 busy  (by task, 30% sure)"]


def test_what_is_missing_is_said() -> None:
    """A trace in progress, without its beginning or cut off says so."""
    summary = replace(SUMMARY, is_partial=True, is_orphan=True)
    text = "\n".join(_lines(replace(VIEW, summary=summary, total_spans=9)))
    assert "in progress: spans are still to come" in text
    assert "the beginning is missing" in text
    assert "showing 4 of 9 spans" in text


def test_rows_keep_to_the_width() -> None:
    """Rows of spans keep to the width, down to a narrow terminal."""
    for width in (80, 120, 200):
        rows = [each for each in _lines(width=width) if " ms" in each and "spans" not in each]
        assert max(map(len, rows)) <= width


def test_an_id_is_spelled_as_x_ray_does() -> None:
    """A trace id is spelled as X-Ray does."""
    assert xray_spelling("65f0c1d29b1e4c77a0d3f2e5c6b7a899") == "1-65f0c1d2-9b1e4c77a0d3f2e5c6b7a899"
