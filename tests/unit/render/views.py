"""A trace as the server gives it: a shop's answer that a bank spoils."""

from taskscope.model.log_line import Because, JoinedLog, LogLine
from taskscope.model.service_map import NodeKey, NodeKind
from taskscope.model.trace import (
    ExceptionView,
    HttpExchange,
    Outcome,
    Section,
    SpanView,
    TraceSummary,
    TraceView,
)

SHOP = NodeKey("shop-api", "AWS::ECS::Fargate")
BANK = NodeKey("bank", "AWS::ECS::EC2")
ORDERS = NodeKey("orders", "AWS::DynamoDB::Table")
START = 1_710_277_074_120_000_000
MS = 1_000_000
STACK = "\n".join(f"at f{number}(pay.py: {number})" for number in range(6))

SUMMARY = TraceSummary(
    trace_id="65f0c1d29b1e4c77a0d3f2e5c6b7a899",
    start_ns=START,
    duration_ns=369 * MS,
    response_ns=369 * MS,
    root_name="shop-api",
    root_node=SHOP,
    root_outcome=Outcome.FAULT,
    http=HttpExchange("POST", "https://shop.test/orders", 502),
    span_count=4,
    tally={"ok": 1, "fault": 3},
    nodes=(SHOP, BANK),
    annotations={"tenant": ("acme",), "items": ("3",), "beta": ("false",), "zone": ("a", "b")},
)

SPANS = (
    SpanView(
        "a1" * 8,
        -1,
        0,
        4,
        0,
        "POST /orders",
        2,
        START,
        369 * MS,
        20 * MS,
        ((0, 20 * MS), (349 * MS, 369 * MS)),
        Outcome.FAULT,
        HttpExchange("POST", "https://shop.test/orders", 502),
        is_entry=True,
    ),
    SpanView(
        "a2" * 8,
        0,
        1,
        2,
        0,
        "PutItem",
        3,
        START + 10 * MS,
        21 * MS,
        21 * MS,
        (),
        Outcome.OK,
        HttpExchange(status=200),
        called=ORDERS,
    ),
    SpanView(
        "a3" * 8,
        0,
        1,
        4,
        0,
        "bank.example.net",
        3,
        START + 32 * MS,
        328 * MS,
        8 * MS,
        ((0, 4 * MS),),
        Outcome.FAULT,
        HttpExchange("POST", "https://bank.example.net/charge", 503),
        exceptions=(ExceptionView("UpstreamError", "503 from \x1b[31mpayments", STACK),),
    ),
    SpanView(
        "b1" * 8,
        2,
        2,
        4,
        1,
        "charge",
        2,
        START + 36 * MS,
        320 * MS,
        320 * MS,
        ((0, 320 * MS),),
        Outcome.FAULT,
        HttpExchange(status=503),
        is_entry=True,
        status_message="no money",
    ),
)

VIEW = TraceView(
    SUMMARY,
    (
        Section(SHOP, NodeKind.SERVICE),
        Section(BANK, NodeKind.SERVICE, skew_ns=-12 * MS),
        Section(ORDERS, NodeKind.INFERRED),
    ),
    SPANS,
    4,
)

LOGS = (
    JoinedLog(
        LogLine("c1", START + 30 * MS, "bank", "error", "declined\nfor good", span_id="b1" * 8), Because.SPAN, 1.0
    ),
    JoinedLog(LogLine("c2", START + 31 * MS, "bank", "", "busy"), Because.TASK, 0.3),
)
