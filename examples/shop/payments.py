"""
payments: charges customers. Instrumented with OpenTelemetry.

It writes to a ledger of its own and to DynamoDB, and has mailer send the receipt.
"""

import logging
import os
import sqlite3
from pathlib import Path
from typing import Any

from examples.shop.fates import fate_of
from examples.shop.telemetry import instrument, log

os.chdir(Path.home())
with sqlite3.connect("ledger.db") as fresh:
    fresh.execute("CREATE TABLE ledger (charge INTEGER, cents INTEGER)")
instrument("payments")

import botocore.session  # noqa: E402 (instrumented from here on)
import requests  # noqa: E402 (likewise)
from flask import Flask, request  # noqa: E402 (likewise)
from flask.typing import ResponseReturnValue  # noqa: E402 (likewise)

MAILER = os.environ["MAILER_URL"]
_SECONDS = 10.0
_OK = 200

app = Flask("payments")
dynamodb: Any = botocore.session.get_session().create_client("dynamodb")


@app.post("/charges/<int:number>")
def charge(number: int) -> ResponseReturnValue:
    """Charge the customer of an order."""
    match fate_of(number):
        case "too-many-charges":
            return "slower, please", 429
        case "payments-closed":
            log(logging.ERROR, f"charge {number}: the bank is closed")
            return "the bank is closed", 503
    enter(number, request.get_json()["cents"])
    if fate_of(number) == "bug-in-payments":
        raise RuntimeError(f"charge {number} does not add up")
    if not reserve(number):
        return "paid already", 409
    send_receipt(number)
    log(logging.INFO, f"charge {number}: done")
    return "charged"


def enter(number: int, cents: int) -> None:
    """Enter the charge into the ledger."""
    ledger = sqlite3.connect("ledger.db", timeout=_SECONDS)
    ledger.cursor().execute("INSERT INTO ledger VALUES (?, ?)", (number, cents))
    ledger.commit()
    ledger.close()


def reserve(number: int) -> bool:
    """Take the charge's id; return False if somebody has."""
    name = "paid-already" if fate_of(number) == "paid-already" else f"order-{number}-{os.urandom(4).hex()}"
    try:
        dynamodb.put_item(
            TableName="charges", Item={"charge": {"S": name}}, ConditionExpression="attribute_not_exists(charge)"
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        log(logging.WARNING, f"charge {number}: paid already")
        return False
    return True


def send_receipt(number: int) -> None:
    """Have the receipt sent; an order does not fail for the want of one."""
    answer = requests.post(f"{MAILER}/receipts/{number}", timeout=_SECONDS)
    if answer.status_code != _OK:
        log(logging.WARNING, f"charge {number}: no receipt, mailer answered {answer.status_code}")


if __name__ == "__main__":
    app.run("0.0.0.0", int(os.environ.get("PORT", "8080")))  # noqa: S104 (the task's own network, or loopback's)
