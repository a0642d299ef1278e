"""The operations of the X-Ray API that need no store."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from taskscope.api.app import make_app
from taskscope.api.xray.errors import aws_error
from taskscope.api.xray.sampling import Sampling
from taskscope.errors import NotFoundError, SpoolFullError, TaskscopeError, ThrottledError, UnreachableError, UsageError
from taskscope.receivers.xray.answers import Answer as Polled
from tests.unit.api.asgi import Answer, ask, ask_now
from tests.unit.api.parts import Kept, make_parts

_RULE = {
    "RuleName": "checkout", "ResourceARN": "*", "Priority": 5, "FixedRate": 0.5, "ReservoirSize": 3, "ServiceName": "*",
    "ServiceType": "*", "Host": "*", "HTTPMethod": "*", "URLPath": "*", "Version": 1,
}  # fmt: skip
_SEGMENT = {
    "name": "a",
    "id": "0" * 15 + "1",
    "trace_id": "1-5759e988-bd862e3fe1be46a994272793",
    "start_time": 1,
    "end_time": 2,
}


class Api:
    """One API, asked several times."""

    def __init__(self, **parts: Any) -> None:
        self.parts = make_parts(**parts)
        self._app = make_app(self.parts)

    def __call__(self, path: str, document: object = None) -> Any:
        """Return the document of an answer that went well."""
        answer = self.raw(path, document)
        assert answer.status == 200, answer.document
        return answer.document

    def raw(self, path: str, document: object = None) -> Answer:
        """Return an answer."""
        return ask_now(self._app, "POST", path, document if document is not None else {})

    def refusal(self, path: str, document: object = None) -> tuple[int, str, str]:
        """Return status, type and text of an error."""
        answer = self.raw(path, document)
        return answer.status, answer.headers["x-amzn-errortype"], answer.document["Message"]


def test_groups_are_made_changed_and_deleted() -> None:
    """The group of all traces is AWS's own, and always there."""
    api = Api()

    made = api("/CreateGroup", {"GroupName": "slow", "FilterExpression": "duration > 5"})["Group"]
    api("/UpdateGroup", {"GroupARN": made["GroupARN"], "InsightsConfiguration": {"InsightsEnabled": True}})

    assert api("/GetGroup", {"GroupName": "slow"})["Group"] == made | {
        "InsightsConfiguration": {"InsightsEnabled": True, "NotificationsEnabled": False}
    }
    assert [each["GroupName"] for each in api("/Groups")["Groups"]] == ["Default", "slow"]
    api("/DeleteGroup", {"GroupName": "slow"})
    assert api.refusal("/GetGroup", {"GroupName": "slow"})[:2] == (400, "InvalidRequestException")


@pytest.mark.parametrize("path", ["/CreateGroup", "/GetGroup", "/Insight", "/Groups"])
def test_every_answer_has_the_id_that_sdks_show(path: str) -> None:
    """Refusals too: ``ResponseMetadata.RequestId`` of an SDK is what a log of ours names."""
    headers = Api().raw(path).headers

    assert headers["x-amzn-requestid"] == headers["x-request-id"] != ""


def test_a_group_with_an_expression_that_cannot_be_read_is_refused() -> None:
    """When it is made, not when it is asked for."""
    status, kind, text = Api().refusal("/CreateGroup", {"GroupName": "g", "FilterExpression": "duration >"})

    assert (status, kind) == (400, "InvalidRequestException")
    assert "column" in text


def test_the_group_of_all_traces_stays_as_it_is() -> None:
    """It can be looked at."""
    api = Api()

    assert api("/GetGroup", {"GroupName": "Default"})["Group"]["GroupName"] == "Default"
    assert "stays" in api.refusal("/DeleteGroup", {"GroupName": "Default"})[2]
    assert "stays" in api.refusal("/UpdateGroup", {"GroupName": "Default", "FilterExpression": "ok"})[2]


@pytest.mark.parametrize("given", [{}, {"GroupName": "a", "GroupARN": "b"}])
def test_a_group_is_named_in_one_way(given: dict[str, str]) -> None:
    """As AWS wants it."""
    assert Api().refusal("/GetGroup", given)[0] == 400


def test_tags_are_put_on_groups_and_rules() -> None:
    """Tags of what is not there are refused."""
    api = Api()
    group = api("/CreateGroup", {"GroupName": "g", "Tags": [{"Key": "team", "Value": "shop"}]})["Group"]["GroupARN"]
    made = api("/CreateSamplingRule", {"SamplingRule": _RULE, "Tags": [{"Key": "a", "Value": "1"}]})
    rule = made["SamplingRuleRecord"]["SamplingRule"]["RuleARN"]

    api("/TagResource", {"ResourceARN": rule, "Tags": [{"Key": "b", "Value": "2"}]})
    api("/UntagResource", {"ResourceARN": rule, "TagKeys": ["a", "c"]})

    assert api("/ListTagsForResource", {"ResourceARN": group})["Tags"] == [{"Key": "team", "Value": "shop"}]
    assert api("/ListTagsForResource", {"ResourceARN": rule})["Tags"] == [{"Key": "b", "Value": "2"}]
    assert api.refusal("/ListTagsForResource", {"ResourceARN": "arn:x"})[:2] == (404, "ResourceNotFoundException")


def test_sampling_rules_are_made_changed_and_deleted(tmp_path: Path) -> None:
    """They are those that the receiver on port 2000 reads."""
    api = Api(folder=tmp_path)

    api("/CreateSamplingRule", {"SamplingRule": _RULE, "Tags": []})
    api("/UpdateSamplingRule", {"SamplingRuleUpdate": {"RuleName": "checkout", "FixedRate": 0.25}})

    records = api("/GetSamplingRules")["SamplingRuleRecords"]
    assert [each["SamplingRule"]["RuleName"] for each in records] == ["checkout", "Default"]
    assert records[0]["SamplingRule"]["FixedRate"] == 0.25
    assert records[0]["CreatedAt"] == 1_800_000_000.0
    assert "checkout" in (tmp_path / "rules.json").read_text()
    arn = records[0]["SamplingRule"]["RuleARN"]
    assert api("/DeleteSamplingRule", {"RuleARN": arn})["SamplingRuleRecord"]["SamplingRule"]["RuleName"] == "checkout"
    assert len(api("/GetSamplingRules")["SamplingRuleRecords"]) == 1


@pytest.mark.parametrize(
    ("path", "given", "said"),
    [
        ("/CreateSamplingRule", {"SamplingRule": _RULE | {"RuleName": "Default"}}, "already"),
        ("/CreateSamplingRule", {"SamplingRule": _RULE | {"FixedRate": 2}}, "less than or equal to 1"),
        ("/CreateSamplingRule", {"SamplingRule": _RULE | {"Priority": 10_000}}, "9999"),
        ("/UpdateSamplingRule", {"SamplingRuleUpdate": {"RuleName": "none"}}, "none"),
        ("/UpdateSamplingRule", {"SamplingRuleUpdate": {}}, "RuleName or by RuleARN"),
        ("/DeleteSamplingRule", {"RuleName": "Default"}, "cannot be deleted"),
    ],
)
def test_wrong_rules_are_refused(path: str, given: dict[str, Any], said: str) -> None:
    """By AWS's name for it."""
    status, kind, text = Api().refusal(path, given)

    assert (status, kind) == (400, "InvalidRequestException")
    assert said in text


def test_statistics_of_samplers_can_be_asked_for() -> None:
    """What SDKs report with their polls."""
    api = Api()
    report = {
        "RuleName": "Default",
        "ClientID": "0" * 24,
        "Timestamp": 1_800_000_000,
        "RequestCount": 9,
        "SampledCount": 2,
    }

    [target] = api("/SamplingTargets", {"SamplingStatisticsDocuments": [report]})["SamplingTargetDocuments"]

    assert (target["RuleName"], target["ReservoirQuotaTTL"]) == ("Default", 1_800_000_030.0)
    [summary] = api("/SamplingStatisticSummaries")["SamplingStatisticSummaries"]
    assert (summary["RequestCount"], summary["SampledCount"], summary["Timestamp"]) == (9, 2, 1_800_000_000.0)


def test_rules_of_aws_are_changed_at_aws() -> None:
    """Where its rules are answered, one of ours would do nothing; an error of AWS's passes."""

    class Throttled:
        async def answer(self, _path: str, _body: bytes) -> Polled:
            return Polled(429, b'{"message": "slow down"}')

    api = Api()
    object.__setattr__(api.parts, "sampling", Sampling(Throttled(), None))
    app = make_app(api.parts)

    assert "AWS" in ask_now(app, "POST", "/CreateSamplingRule", {"SamplingRule": _RULE}).document["Message"]
    polled = ask_now(app, "POST", "/GetSamplingRules", {})
    assert (polled.status, polled.headers["x-amzn-errortype"]) == (429, "ThrottledException")
    assert polled.document == {"Message": "slow down"}


def test_segments_are_kept_and_those_that_cannot_be_read_are_told_of() -> None:
    """One does not cost the others; what is kept is the text as it came."""
    keep = Kept()
    text = json.dumps(_SEGMENT) + " "

    answered = Api(keep=keep)(
        "/TraceSegments", {"TraceSegmentDocuments": ["{}", text, '{"id": "7"', "\ud800", '{"id": "9"}']}
    )

    assert keep.documents == [text]
    assert [each["ErrorCode"] for each in answered["UnprocessedTraceSegments"]] == ["ParseError"] * 4
    assert [each["Id"] for each in answered["UnprocessedTraceSegments"]] == ["", "", "", "9"]


def test_a_full_spool_asks_the_sender_to_come_again() -> None:
    """As X-Ray does: SDKs wait, and send again."""
    api = Api(keep=Kept(SpoolFullError("full")))

    status, kind, _ = api.refusal("/TraceSegments", {"TraceSegmentDocuments": [json.dumps(_SEGMENT)]})

    assert (status, kind) == (429, "ThrottledException")


def test_telemetry_of_daemons_is_counted() -> None:
    """And no more."""
    api = Api()

    api("/TelemetryRecords", {"TelemetryRecords": [{"Timestamp": 1}, {"Timestamp": 2}]})

    assert api.parts.counters.value("received.xray_telemetry") == 2


def test_an_account_that_never_set_anything() -> None:
    """No key, no policies, no insights; to set what is there already goes well, anything else is refused."""
    api = Api()

    assert api("/EncryptionConfig") == {"EncryptionConfig": {"Type": "NONE", "Status": "ACTIVE"}}
    assert api("/PutEncryptionConfig", {"Type": "NONE"})["EncryptionConfig"]["Type"] == "NONE"
    assert api.refusal("/PutEncryptionConfig", {"Type": "KMS", "KeyId": "k"})[0] == 400
    assert api("/GetTraceSegmentDestination") == {"Destination": "XRay", "Status": "ACTIVE"}
    assert api("/UpdateTraceSegmentDestination", {"Destination": "XRay"})["Status"] == "ACTIVE"
    assert api.refusal("/UpdateTraceSegmentDestination", {"Destination": "CloudWatchLogs"})[0] == 400
    assert api("/ListResourcePolicies") == {"ResourcePolicies": []}
    assert api("/InsightSummaries", {"StartTime": 1, "EndTime": 2}) == {"InsightSummaries": []}
    insight = {"InsightId": "01234567-89ab-1def-8123-456789abcdef"}
    assert api.refusal("/Insight", insight)[0] == api.refusal("/InsightEvents", insight)[0] == 400


def test_what_we_do_not_have_says_so() -> None:
    """By the name that AWS's SDKs know."""
    assert Api().refusal("/StartTraceRetrieval", {"TraceIds": ["a"], "StartTime": 1, "EndTime": 2}) == (
        404,
        "UnknownOperationException",
        "Taskscope has no StartTraceRetrieval",
    )


@pytest.mark.parametrize("body", [b"[]", b"{", b"7", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    """In AWS's form."""
    answer = asyncio.run(ask(make_app(make_parts()), "POST", "/Groups", pieces=[body]))

    assert (answer.status, answer.headers["x-amzn-errortype"]) == (400, "SerializationException")


def test_a_body_of_any_size_is_not_read() -> None:
    """PutTraceSegments brings four megabytes at most."""
    answer = asyncio.run(ask(make_app(make_parts()), "POST", "/Groups", pieces=[b" " * (1 << 20)] * 5, ends=False))

    assert answer.status == 413


def test_a_mistake_of_ours_is_logged_and_its_text_is_not_sent(caplog: pytest.LogCaptureFixture) -> None:
    """The text may hold anything."""
    api = Api(keep=Kept(RuntimeError("secret")))

    status, kind, text = api.refusal("/TraceSegments", {"TraceSegmentDocuments": [json.dumps(_SEGMENT)]})

    assert (status, kind) == (500, "InternalFailure")
    assert "secret" not in text
    assert "secret" in caplog.text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UsageError("no"), 400),
        (NotFoundError("no"), 404),
        (ThrottledError("no"), 429),
        (UnreachableError("no"), 503),
        (TaskscopeError("no"), 500),
    ],
)
def test_errors_have_the_status_that_sdks_retry_by(error: TaskscopeError, status: int) -> None:
    """They send again after 429 and 5xx."""
    assert aws_error(error).status == status


def test_web_pages_are_refused() -> None:
    """Also where no token is asked for, and whatever address they come from: no page may set sampling rules."""
    answer = ask_now(make_app(make_parts()), "POST", "/Groups", {}, origin="http://127.0.0.1:8275")

    assert (answer.status, answer.headers["x-amzn-errortype"]) == (403, "AccessDeniedException")
