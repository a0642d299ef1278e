"""What becomes of an order: its number decides, so that each run shows the same."""

from typing import Final

EVERY: Final = 20
"""Of so many orders in a row, one has each of these fates; the others go well."""

FATES: Final = {
    1: "unknown-item",
    2: "too-many-charges",
    3: "payments-closed",
    4: "bug-in-shop",
    5: "bug-in-payments",
    6: "slow-mail",
    7: "foreign-currency",
    8: "paid-already",
    9: "no-bucket",
}

STATUS: Final = {
    "unknown-item": 404,
    "too-many-charges": 429,
    "payments-closed": 502,
    "bug-in-shop": 500,
    "bug-in-payments": 502,
    "paid-already": 409,
}
"""What the customer is answered; the rest is 200, whatever goes wrong behind."""


def fate_of(number: int) -> str:
    """Return the fate of an order."""
    return FATES.get(number % EVERY, "well")


def status_of(number: int) -> int:
    """Return the status with which the shop answers an order."""
    return STATUS.get(fate_of(number), 200)
