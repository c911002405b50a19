"""Users and groups in the portal's theme; the task queue's pages are removed."""

from __future__ import annotations

from typing import Any

import django_q.admin  # noqa: F401  # registers the pages that are taken out below
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.db.models import ManyToManyField, Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.forms import AdminPasswordChangeForm, UserChangeForm

from portal.access import audit_page  # noqa: F401  # registers the page of the audit
from portal.access.colleague_form import ColleagueForm
from portal.permissions import PermissionField, name_ties, offered
from registry_app.admin.guarded import GuardedAdmin
from registry_app.row_numbers import row_number

# A user who may add a row there can make a worker call any function.
for _model in [model for model in admin.site._registry if model._meta.app_label == "django_q"]:
    admin.site.unregister(_model)

admin.site.unregister(User)
admin.site.unregister(Group)
name_ties()


class _OffersPermissions(GuardedAdmin):
    """Offer only the permissions that open a page, in the reader's language."""

    def formfield_for_manytomany(
        self, db_field: ManyToManyField[Any, Any], request: HttpRequest, **options: Any
    ) -> forms.ModelMultipleChoiceField[Any] | None:
        if db_field.remote_field.model is Permission:
            match = request.resolver_match
            pk = row_number(str(match.kwargs.get("object_id"))) if match else 0
            held = Q(**{db_field.related_query_name(): pk}) if pk else Q()
            options |= {"form_class": PermissionField, "queryset": offered(held)}
        field: forms.ModelMultipleChoiceField[Any] | None
        field = super().formfield_for_manytomany(db_field, request, **options)
        return field


@admin.register(User)
class UserAdmin(DjangoUserAdmin, _OffersPermissions):  # type: ignore[type-arg]  # not subscriptable
    """User accounts. Only a superuser may create or change one.

    The dates of joining and of the last log-in are records, not editable.
    """

    form = UserChangeForm
    add_form = ColleagueForm
    add_fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email")}),
        (gettext_lazy("Password"), {"fields": ("password1", "password2")}),
        (gettext_lazy("Role"), {"fields": ("groups",)}),
    )
    readonly_fields = ("last_login", "date_joined")
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "first_name", "last_name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "groups")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj)

    def get_readonly_fields(
        self, request: HttpRequest, obj: User | None = None
    ) -> tuple[str, ...] | list[str]:
        fields = tuple(super().get_readonly_fields(request, obj))
        superuser = bool(getattr(request.user, "is_superuser", False))
        return fields if superuser else (*fields, "is_superuser", "user_permissions")


def _may_touch(request: HttpRequest, person: User | None) -> bool:
    return person is None or not person.is_superuser or bool(request.user.is_superuser)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, _OffersPermissions):
    pass
