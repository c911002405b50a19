"""The address a request comes from: the peer's own, or what a trusted proxy says of it."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def client_address(request: HttpRequest) -> str | None:
    """Return the address of the client, None where there is none, as on a Unix socket.

    `X-Forwarded-For` is read from its end, and only as far as each sender is one of
    GUARDIANFLOW_TRUSTED_PROXIES: what a client writes into it by itself is never believed.
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
    """Read an address as proxies write it: with a port, in brackets, or IPv4 within IPv6."""
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
