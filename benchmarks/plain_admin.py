"""Settings and addresses of Django's own admin over the portal's tables, to compare with.

One list of runs, as an experienced developer writes it: related rows joined, no second count, only
columns of the row, 50 to a page.
"""

from __future__ import annotations

from django.contrib.admin.apps import SimpleAdminConfig  # noqa: F401
from django.urls import path

from portal.settings import *  # noqa: F403
from portal.settings import INSTALLED_APPS as _APPS
from portal.settings import TEMPLATES as _TEMPLATES

ROOT_URLCONF = "plain_admin"
INSTALLED_APPS = [
    "django.contrib.admin.apps.SimpleAdminConfig" if app == "django.contrib.admin" else app
    for app in _APPS
    if not app.startswith("unfold")
]
TEMPLATES = [{**_TEMPLATES[0], "DIRS": []}]


def _addresses() -> list[object]:
    from django.contrib.admin import AdminSite, ModelAdmin

    from runs_app.models import Run

    class PlainRuns(ModelAdmin):  # type: ignore[type-arg]
        list_display = (
            *("id", "status", "experiment", "type", "script", "main_metric", "main_value"),
            *("is_best", "duration_s", "finished_at", "queued_by", "note"),
        )
        list_select_related = ("experiment", "queued_by")
        list_filter = ("status", "type", "mlflow_state", "experiment__task_type")
        list_per_page = 50
        show_full_result_count = False
        ordering = ("-id",)
        search_fields = ("=id", "experiment__name")

    site = AdminSite(name="admin")
    site.register(Run, PlainRuns)
    return [path("admin/", site.urls)]


def __getattr__(name: str) -> object:
    if name == "urlpatterns":
        return _addresses()
    raise AttributeError(name)
