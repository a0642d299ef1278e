"""What 40 orders of `examples/shop` must come to: each of the nine fates twice, and 22 that go well."""

from typing import Final, NamedTuple

ORDERS: Final = 40


class Tally(NamedTuple):
    """Requests by outcome."""

    ok: int = 0
    errors: int = 0
    throttles: int = 0
    faults: int = 0


SPANS: Final = {
    "well": 11,
    "unknown-item": 2,
    "too-many-charges": 5,
    "payments-closed": 5,
    "bug-in-shop": 2,
    "bug-in-payments": 6,
    "slow-mail": 11,
    "foreign-currency": 12,
    "paid-already": 7,
    "no-bucket": 10,
}
"""Of a trace, by the fate of its order: shop-api has up to 5, payments up to 4, mailer up to 3."""

PROMISED: Final = Tally(ok=28, errors=4, throttles=2, faults=6)
"""What customers are answered: 404 and 409 are errors, 429 is throttled, 500 and 502 are faults."""
CHARGED: Final = Tally(ok=28, errors=2, throttles=2, faults=4)
"""What payments answers to 36 orders: two have no item, two fall over the bug in the shop."""

_API: Final = "AWS::ECS::Container"
"""What the X-Ray SDK says of itself; of the others the sidecar knows the launch type."""
_TABLE: Final = "AWS::DynamoDB::Table"
_SQL: Final = "Database::SQL"


def edges(launch: str) -> dict[tuple[str, str], Tally]:
    """Return the calls from node to node, each written as name and type; ``launch`` is the type of plain tasks."""
    shop, payments, mailer = f"shop-api {_API}", f"payments {launch}", f"mailer {launch}"
    return {
        ("shop-api client", shop): PROMISED,
        (shop, f"prices {_TABLE}"): Tally(ok=40),
        (shop, f"orders.db {_SQL}"): Tally(ok=36),
        (shop, "rates.example.invalid remote"): Tally(faults=2),
        (shop, payments): CHARGED,
        (payments, f"INSERT {_SQL}"): Tally(ok=32),
        (payments, f"charges {_TABLE}"): Tally(ok=28, errors=2),
        (payments, mailer): Tally(ok=26, faults=2),
        (mailer, "S3 AWS::S3"): Tally(ok=26, errors=2),
        (mailer, "SNS AWS::SNS"): Tally(ok=26),
    }


def services(launch: str) -> dict[str, Tally]:
    """Return the nodes that send spans, with the requests that they took."""
    return {
        f"shop-api {_API}": PROMISED,
        f"payments {launch}": CHARGED,
        f"mailer {launch}": Tally(ok=26, faults=2),
    }


FOUND: Final = {
    "": 40,
    "fault = true": 6,
    "throttle = true": 2,
    "error = true AND http.status = 404": 2,
    'service("mailer")': 28,
    'service("mailer") { fault }': 2,
    'service("mailer") AND !service("SNS")': 2,
    'service(id(name: "charges", type: "AWS::DynamoDB::Table")) { error = true }': 2,
    'edge("shop-api", "payments") { throttle }': 2,
    'edge("shop-api", "rates.example.invalid")': 2,
    'edge("payments", "mailer")': 28,
    'edge("mailer", "S3") { error }': 2,
    'annotation.fate = "slow-mail" AND responsetime >= 0.8': 2,
    'user = "customer-1"': 10,
    'http.url ENDSWITH "/orders/7"': 1,
}
"""How many traces fit a filter."""

BY_STATUS: Final = {"200": 28, "404": 2, "409": 2, "429": 2, "500": 2, "502": 4}

TOLD: Final = 9
"""The order whose trace is looked into: its receipt goes to a bucket that does not exist."""


class Row(NamedTuple):
    """A span of the waterfall."""

    depth: int
    service: str
    name: str
    outcome: str
    exceptions: tuple[str, ...] = ()


_NO_BUCKET: Final = ("botocore.errorfactory.NoSuchBucket",)
WATERFALL: Final = (
    Row(0, "shop-api", "shop-api", "ok"),
    Row(1, "shop-api", "dynamodb", "ok"),
    Row(1, "shop-api", "orders.db", "ok"),
    Row(1, "shop-api", "payments", "ok"),
    Row(2, "payments", "payments", "ok"),
    Row(3, "payments", "INSERT", "ok"),
    Row(3, "payments", "DynamoDB", "ok"),
    Row(3, "payments", "POST", "fault"),
    Row(4, "mailer", "mailer", "fault", _NO_BUCKET),
    Row(5, "mailer", "S3", "error", _NO_BUCKET),
)

TREE: Final = sorted(
    [
        ("", "shop-api"),
        ("shop-api", "dynamodb"),
        ("shop-api", "orders.db"),
        ("shop-api", "payments"),
        ("payments", "payments"),
        ("payments", "INSERT"),
        ("payments", "DynamoDB"),
        ("payments", "POST"),
        ("POST", "mailer"),
        ("mailer", "S3"),
    ]
)
"""The same as pairs of a parent's name and its own."""
