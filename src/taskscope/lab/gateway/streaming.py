"""Sending an event stream as it comes, until it ends or the client hangs up."""

import asyncio
from contextlib import aclosing
from typing import Any

from botocore.model import OperationModel
from starlette.types import Receive, Send

from taskscope.lab.gateway.eventstream import MEDIA_TYPE, frames
from taskscope.lab.gateway.http import header_pairs
from taskscope.lab.gateway.service import EventStream


async def send_stream(
    operation: OperationModel, answer: EventStream, request_id: str, receive: Receive, send: Send
) -> None:
    """Send all frames; when the client hangs up, the operation's iterator is closed at once."""
    headers = {"content-type": MEDIA_TYPE, "x-amzn-requestid": request_id}
    await send({"type": "http.response.start", "status": 200, "headers": header_pairs(headers)})
    async with asyncio.TaskGroup() as jobs:
        pump = jobs.create_task(_pump(operation, answer, send))
        hang_up = jobs.create_task(_hang_up(receive))
        await asyncio.wait((pump, hang_up), return_when=asyncio.FIRST_COMPLETED)
        pump.cancel()
        hang_up.cancel()


async def _pump(operation: OperationModel, answer: EventStream, send: Send) -> None:
    source: Any = answer.events
    try:
        async with aclosing(frames(operation, answer)) as stream:
            async for frame in stream:
                await send({"type": "http.response.body", "body": frame, "more_body": True})
    finally:
        if hasattr(source, "aclose"):
            await source.aclose()
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _hang_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
