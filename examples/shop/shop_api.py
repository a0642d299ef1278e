"""
shop-api: takes orders. Instrumented with AWS's X-Ray SDK: Flask, requests, botocore and sqlite3.

It asks DynamoDB for the price, writes the order to a database of its own, and has payments charge the customer.
"""

import json
import logging
import os
import sqlite3
from pathlib import Path
from typing import Any

import botocore.session
import requests
from aws_xray_sdk.core import patch, xray_recorder  # type: ignore[import-untyped]  # it has no types
from aws_xray_sdk.ext.flask.middleware import XRayMiddleware  # type: ignore[import-untyped]  # likewise
from examples.shop.fates import fate_of
from flask import Flask, Response, request
from flask.typing import ResponseReturnValue

PAYMENTS = os.environ["PAYMENTS_URL"]
RATES = "http://rates.example.invalid/eur"
_SECONDS = 10.0
_OK = 200
_SHOWN = {404, 409, 429}
"""What payments answers that is the customer's business; anything else is a bad gateway."""

os.chdir(Path.home())  # of the task: there lies the database, whose name is then orders.db
with sqlite3.connect("orders.db") as fresh:
    fresh.execute("CREATE TABLE orders (number INTEGER, item TEXT, price INTEGER)")

patch(["botocore", "requests", "sqlite3"])
xray_recorder.configure(service="shop-api", plugins=("ECSPlugin",), stream_sql=True)
app = Flask("shop-api")
XRayMiddleware(app, xray_recorder)
dynamodb: Any = botocore.session.get_session().create_client("dynamodb")


def log(level: int, message: str) -> None:
    """Write a line of JSON that names the trace as the X-Ray SDK spells it."""
    line = {
        "level": logging.getLevelName(level),
        "message": message,
        "trace_id": xray_recorder.current_segment().trace_id,
    }
    print(json.dumps(line), flush=True)


@app.post("/orders/<int:number>")
def order(number: int) -> ResponseReturnValue:
    """Take an order."""
    segment = xray_recorder.current_segment()
    segment.set_user(f"customer-{number % 4}")
    segment.put_annotation("order", number)
    segment.put_annotation("fate", fate_of(number))
    item = request.get_json()["item"]
    price = find_price(item)
    if price is None:
        log(logging.WARNING, f"order {number}: there is no {item}")
        return "no such item", 404
    if fate_of(number) == "bug-in-shop":
        log(logging.ERROR, f"order {number}: the basket is empty")
        raise ValueError(f"order {number} has no basket")
    if fate_of(number) == "foreign-currency":
        price = round(price * exchange_rate(number))
    keep(number, item, price)
    return charge(number, price)


def find_price(item: str) -> int | None:
    """Return the price in cents; None for what the shop does not have."""
    found = dynamodb.get_item(TableName="prices", Key={"item": {"S": item}}).get("Item")
    return int(found["cents"]["N"]) if found else None


def exchange_rate(number: int) -> float:
    """Ask a service outside; yesterday's rate is good enough if it is not there."""
    try:
        return float(requests.get(RATES, timeout=_SECONDS).text)
    except requests.ConnectionError as error:
        log(logging.WARNING, f"order {number}: no exchange rate: {type(error).__name__}")
        return 1.09


def keep(number: int, item: str, price: int) -> None:
    """Write the order down."""
    database = sqlite3.connect("orders.db", timeout=_SECONDS)
    database.execute("INSERT INTO orders VALUES (?, ?, ?)", (number, item, price))
    database.commit()
    database.close()


def charge(number: int, price: int) -> ResponseReturnValue:
    """Have the customer charged, and pass on what that came to."""
    answer = requests.post(f"{PAYMENTS}/charges/{number}", json={"cents": price}, timeout=_SECONDS)
    if answer.status_code == _OK:
        log(logging.INFO, f"order {number}: done")
        return Response(f"order {number} is on its way")
    log(logging.WARNING, f"order {number}: payments answered {answer.status_code}")
    return Response("not charged", answer.status_code if answer.status_code in _SHOWN else 502)


if __name__ == "__main__":
    app.run("0.0.0.0", int(os.environ.get("PORT", "8080")))  # noqa: S104 (the task's own network, or loopback's)
