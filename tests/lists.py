"""What a link leads to, without making its page."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.models import User
from django.test import RequestFactory
from django.urls import resolve

from registry_app.models import Proposal


def rows_behind(user: User, address: str) -> int:
    """How many rows the list at this address has for a user."""
    request = RequestFactory().get(address)
    request.user = user
    name = str(resolve(request.path).url_name).removesuffix("_changelist")
    if name == "registry_app_proposal":  # a page of its own
        return Proposal.objects.open().count()
    model_admin = next(
        item
        for model, item in admin.site._registry.items()
        if f"{model._meta.app_label}_{model._meta.model_name}" == name
    )
    assert model_admin.has_view_permission(request), address
    return int(model_admin.get_changelist_instance(request).result_count)
