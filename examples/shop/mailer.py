"""mailer: keeps receipts in S3 and tells of them by SNS. Instrumented with OpenTelemetry."""

import logging
import os
import time
from typing import Any

from examples.shop.fates import fate_of
from examples.shop.telemetry import instrument, log

instrument("mailer")

import botocore.session  # noqa: E402 (instrumented from here on)
from flask import Flask  # noqa: E402 (likewise)

TOPIC = os.environ["TOPIC_ARN"]
SLOW_SECONDS = 0.8

app = Flask("mailer")
session = botocore.session.get_session()
s3: Any = session.create_client("s3")
sns: Any = session.create_client("sns")


@app.post("/receipts/<int:number>")
def receipt(number: int) -> str:
    """Keep and send a receipt."""
    if fate_of(number) == "slow-mail":
        time.sleep(SLOW_SECONDS)
    bucket = "receipts-of-1999" if fate_of(number) == "no-bucket" else "receipts"
    s3.put_object(Bucket=bucket, Key=f"{number}.txt", Body=f"Receipt {number}\n".encode())
    sns.publish(TopicArn=TOPIC, Message=f"receipt {number}")
    log(logging.INFO, f"receipt {number}: sent")
    return "sent"


if __name__ == "__main__":
    app.run("0.0.0.0", int(os.environ.get("PORT", "8080")))  # noqa: S104 (the task's own network, or loopback's)
