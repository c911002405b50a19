"""The client address of a request: the peer's own, or the one that a trusted proxy reports."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def client_address(request: HttpRequest) -> str | None:
    """Return the client's address, or None if it has none, as on a Unix socket.

    `X-Forwarded-For` is read from its end, only as long as each sender is one of
    GUARDIANFLOW_TRUSTED_PROXIES: entries that a client adds itself are never trusted.
    """
    found = _address(request.META.get("REMOTE_ADDR", ""))
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    while found is not None and forwarded and _is_trusted(found):
        further = _address(forwarded.pop())
        if further is None:
            break
        found = further
    return None if found is None else str(found)


def came_through_trusted_proxy(request: HttpRequest) -> bool:
    """Return whether the sender of the request is one of GUARDIANFLOW_TRUSTED_PROXIES."""
    sender = _address(request.META.get("REMOTE_ADDR", ""))
    return sender is not None and _is_trusted(sender)


def _is_trusted(address: Address) -> bool:
    return any(address in network for network in settings.GUARDIANFLOW_TRUSTED_PROXIES)


def _address(text: str) -> Address | None:
    """Parse an address as proxies write it: with a port, in brackets, or IPv4-mapped IPv6."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found
