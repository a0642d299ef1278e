"""EC2's DescribeInstances for the lab's machine, of which the fallback's EC2 knows nothing."""

import uuid
from typing import Final
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from taskscope.lab.gateway.http import HttpAnswer, read_body, read_request, send_answer
from taskscope.lab.machines.machine import ADDRESS, INSTANCE_ID

_LIMIT: Final = 20 * 1024 * 1024
_ANSWER: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
  <requestId>{request}</requestId>
  <reservationSet><item>
    <reservationId>r-{machine}</reservationId><ownerId>{account}</ownerId><groupSet/>
    <instancesSet><item>
      <instanceId>i-{machine}</instanceId>
      <instanceState><code>16</code><name>running</name></instanceState>
      <instanceType>t3.medium</instanceType>
      <placement><availabilityZone>{region}a</availabilityZone><tenancy>default</tenancy></placement>
      <privateIpAddress>{address}</privateIpAddress>
      <privateDnsName>localhost</privateDnsName>
    </item></instancesSet>
  </item></reservationSet>
</DescribeInstancesResponse>
"""


class MachineInEc2:
    """
    An ASGI application before the fallback: a DescribeInstances that names the lab's machine is answered here, with
    that machine alone; everything else goes on.
    """

    def __init__(self, fallback: ASGIApp, *, account: str) -> None:
        self._fallback = fallback
        self._account = account

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = read_request(scope)
        region, service = request.signed_for or ("", "")
        if service != "ec2":
            await self._fallback(scope, receive, send)
            return
        body = await read_body(receive, limit=_LIMIT)
        if not _asks_for_the_machine(body):
            await self._fallback(scope, _again(body, receive), send)
            return
        text = _ANSWER.format(
            request=uuid.uuid4(),
            machine=INSTANCE_ID.removeprefix("i-"),
            account=escape(self._account),
            region=escape(region),
            address=ADDRESS,
        )
        await send_answer(send, HttpAnswer(200, text.encode(), {"content-type": "text/xml;charset=UTF-8"}))


def _asks_for_the_machine(body: bytes) -> bool:
    """Whether the id stands in the list of ids, or in a filter."""
    members = dict(parse_qsl(body.decode("utf-8", "replace")))
    return members.get("Action") == "DescribeInstances" and INSTANCE_ID in members.values()


def _again(body: bytes, receive: Receive) -> Receive:
    """Give a body that has been read to the next application; afterwards the client is heard again."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return pending.pop() if pending else await receive()

    return replayed
