"""Every address of the portal, read from its URLconf."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.test import RequestFactory
from django.urls import ResolverMatch, URLPattern, URLResolver, get_resolver


@dataclass(frozen=True, kw_only=True)
class Address:
    """A route, and the name by which the table speaks of it: its own, or where it has none it."""

    name: str
    route: str


def all_addresses() -> list[Address]:
    return list(_walk(get_resolver(), "", ""))


def all_actions() -> list[str]:
    """Return the actions of all lists, as `name of the list#name of the action`."""
    request = RequestFactory().get("/")
    request.user = User(is_active=True, is_staff=True, is_superuser=True)
    return [
        f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist#{action}"
        for model, page in admin.site._registry.items()
        for action in page.get_actions(request)
    ]


def _walk(resolver: URLResolver, route: str, namespace: str) -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        path = route + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            name: Any = pattern.name
            yield Address(name=f"{namespace}{name}" if name else f"/{path}", route=path)
        else:
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern, path, inner)


def name_of(match: ResolverMatch) -> str:
    """Return the name of the address that a path leads to, as `all_addresses` gives it."""
    return match.view_name if match.url_name else f"/{match.route}"
