"""Who may send and who may read: tokens, and addresses for protocols that can carry none."""

import hmac
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Self, TypeAlias

from taskscope.errors import UsageError

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

PRIVATE: Final = (
    "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10",
    "::1/128", "fc00::/7", "fe80::/10",
)  # fmt: skip
"""Loopback, private, link-local and carrier-grade ranges: what a VPC and the metadata address of a task are made of."""

_MAX_KNOWN: Final = 4096


@dataclass(frozen=True)
class Allow:
    """Addresses that may send without a token."""

    networks: Sequence[Network]
    _known: dict[str, bool] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Answers that were given: each datagram asks (0.1 us instead of 2.5)."""

    @classmethod
    def parse(cls, texts: Sequence[str]) -> Self:
        """
        Read CIDR blocks such as ``10.0.0.0/8``.

        Raises:
            UsageError: One is none.
        """
        networks: list[Network] = []
        for text in texts:
            try:
                networks.append(ipaddress.ip_network(text.strip(), strict=False))
            except ValueError as error:
                raise UsageError(f"--allow {text!r}: {error}", hint="write CIDR blocks such as 10.0.0.0/8") from None
        return cls(tuple(networks))

    def admits(self, address: str) -> bool:
        """Whether an address may send; the sockets of this machine that have none may."""
        known = self._known.get(address)
        if known is None:
            if len(self._known) >= _MAX_KNOWN:
                self._known.clear()
            known = self._known[address] = not address or self._within(address)
        return known

    def _within(self, address: str) -> bool:
        try:
            asked = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        mapped = getattr(asked, "ipv4_mapped", None)
        return any((mapped or asked) in each for each in self.networks)


@dataclass(frozen=True)
class Token:
    """A shared secret; an empty one admits everybody."""

    value: str = field(default="", repr=False)

    def admits(self, authorization: str | None) -> bool:
        """Whether an ``Authorization`` header is ``Bearer`` and the token."""
        if not self.value:
            return True
        scheme, _, given = (authorization or "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), self.value.encode())
