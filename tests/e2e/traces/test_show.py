"""`taskscope show` draws one trace."""

import json

from tests.e2e.traces.conftest import Ask, Shop
from tests.e2e.traces.shop import documents, trace_id


def _hex(text: str) -> str:
    return text.removeprefix("1-").replace("-", "")


def test_the_waterfall_groups_spans_by_service(ask: Ask, kept: Shop) -> None:
    """With status, durations, exceptions, and what was called without answering for itself."""
    printed = ask("show", trace_id(3, kept.began), "--utc")
    lines = printed.stdout.splitlines()

    assert printed.returncode == 0, printed.stderr
    assert lines[0].startswith(trace_id(3, kept.began))
    assert lines[1] == "POST https://shop.test/orders -> 502"
    assert lines[2] == "4 spans, 2 services, 3 faults"
    assert [line for line in lines if line and not line.startswith(" ")][3:] == [
        "shop-api  AWS::ECS::Fargate",
        "payments  AWS::ECS::EC2",
        "orders  AWS::DynamoDB::Table  (inferred)",
    ]
    assert any("DynamoDB -> orders" in line and " 200 " in line and "21 ms" in line for line in lines)
    at = next(number for number, line in enumerate(lines) if line.startswith("    payments.shop"))
    assert lines[at + 1].strip() == "! UpstreamError: no money"
    assert lines[at + 2].strip() == "at charge(pay.py: 42)"


def test_both_spellings_of_an_id_are_known(ask: Ask, kept: Shop) -> None:
    """X-Ray's and OpenTelemetry's, in any case."""
    spelled = trace_id(5, kept.began)
    assert ask("show", spelled).stdout == ask("show", _hex(spelled).upper()).stdout


def test_logs_stand_below_their_span(ask: Ask, kept: Shop) -> None:
    """Where they are asked for."""
    lines = ask("show", trace_id(3, kept.began), "--logs").stdout.splitlines()
    at = next(number for number, line in enumerate(lines) if "charge refused: no money" in line)
    assert lines[at - 1].startswith("  payments ")
    assert "charge refused" not in ask("show", trace_id(3, kept.began)).stdout


def test_documents_come_back_as_they_were_sent(ask: Ask, kept: Shop) -> None:
    """Whole: nothing that a sender said is lost."""
    printed = json.loads(ask("show", trace_id(3, kept.began), "--output", "xray").stdout)
    by_id = {each["id"]: each for each in printed}
    assert by_id == {each["id"]: each for each in documents(3, kept.began)}


def test_a_trace_is_given_out_as_otlp_and_json(ask: Ask, kept: Shop) -> None:
    """OTLP's JSON for other tools, ours with all attributes and the logs."""
    otlp = json.loads(ask("show", trace_id(3, kept.began), "--output", "otlp").stdout)
    ours = json.loads(ask("show", trace_id(3, kept.began), "--output", "json", "--logs").stdout)

    spans = [span for group in otlp["resourceSpans"] for scope in group["scopeSpans"] for span in scope["spans"]]
    assert {span["traceId"] for span in spans} == {_hex(trace_id(3, kept.began))}
    assert len(spans) == len(ours["spans"]) == 4
    assert ours["spans"][0]["attributes"]["enduser.id"] == "u-3"
    assert [each["because"] for each in ours["logs"]] == ["span"]


def test_what_is_no_trace_is_told(ask: Ask) -> None:
    """One that is not kept is not found (3); a text that is no id is a mistake (2)."""
    unknown = ask("show", "f" * 32)
    wrong = ask("show", "tomato")
    assert (unknown.returncode, wrong.returncode) == (3, 2)
    assert "there is no trace" in unknown.stderr
    assert "'tomato' is no trace id" in wrong.stderr
