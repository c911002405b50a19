"""The theme of the portal: names, colours, navigation. Read by the admin theme, Unfold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def environment(request: HttpRequest) -> tuple[str, str] | None:
    """Return the badge of the header; only a trial portal has one."""
    return (str(_("Demo")), "warning") if settings.GUARDIANFLOW_HOME.name == "demo" else None


def mlflow_address(request: HttpRequest) -> str:
    """Return the address of MLflow's pages for users."""
    return str(settings.GUARDIANFLOW_MLFLOW_UI)


def review(request: HttpRequest) -> str:
    """Return the number of waiting proposals and unconfirmed experiments; '' if there are none.

    A page that knows it anyway sets `waiting_for_review` of the request.
    """
    known: int | None = getattr(request, "waiting_for_review", None)
    if known is not None:
        return str(known or "")
    from django.db.models import F

    from registry_app.models import Experiment, Proposal  # settings read this file before these

    guessed = Experiment.objects.filter(confirmed__lt=F("completeness"))
    # One query, because every page shows this number.
    waiting = [rows.order_by().values("pk") for rows in (Proposal.objects.open(), guessed)]
    return str(waiting[0].union(waiting[1], all=True).count() or "")


def is_run_set(request: HttpRequest) -> bool:
    """Whether a page is about run sets, and not about the files that make some."""
    return "/runs_app/runset/" in request.path and "/runset/files/" not in request.path


def _allowed(permission: str) -> Callable[[HttpRequest], bool]:
    return lambda request: request.user.has_perm(permission)


def _page(title: Any, icon: str, app: str, model: str) -> dict[str, Any]:
    """Return the link to a list, shown to users who may view it."""
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{app}_{model}_changelist"),
        "permission": _allowed(f"{app}.view_{model}"),
    }


NAVIGATION: list[dict[str, Any]] = [
    {
        "items": [{"title": _("Home"), "icon": "home", "link": reverse_lazy("admin:index")}],
    },
    {
        "title": _("Registry"),
        "items": [
            _page(_("Experiments"), "science", "registry_app", "experiment"),
            {
                "title": _("Review"),
                "icon": "rate_review",
                "link": reverse_lazy("admin:registry_app_proposal_changelist"),
                "badge": "portal.unfold.review",
                "permission": _allowed("registry_app.view_experiment"),
            },
            {
                "title": _("Sync"),
                "icon": "sync_alt",
                "link": reverse_lazy("admin:registry_app_syncquestion_changelist"),
                "permission": _allowed("registry_app.view_experiment"),
            },
            _page(_("Customers"), "domain", "registry_app", "customer"),
            _page(_("Sites"), "factory", "registry_app", "site"),
            _page(_("Zones"), "location_on", "registry_app", "zone"),
            _page(_("Vocabulary"), "tag", "registry_app", "vocabularyword"),
            _page(_("Scans"), "document_search", "registry_app", "scanjob"),
            _page(_("Change sets"), "history", "registry_app", "changeset"),
        ],
    },
    {
        "title": _("Runs"),
        "items": [
            _page(_("Runs"), "play_circle", "runs_app", "run"),
            _page(_("Promotions"), "star", "runs_app", "promotion"),
            {
                "title": _("Run sets"),
                "icon": "account_tree",
                "link": reverse_lazy("admin:runs_app_runset_changelist"),
                "active": is_run_set,
                "permission": _allowed("runs_app.view_run"),
            },
            {
                "title": _("Scenarios and pipelines"),
                "icon": "list",
                "link": reverse_lazy("admin:runs_app_runset_files"),
                "permission": _allowed("runs_app.view_run"),
            },
            {
                "title": _("Schedules"),
                "icon": "schedule",
                "link": reverse_lazy("admin:runs_app_schedule_changelist"),
                "permission": _allowed("runs_app.view_run"),
            },
            _page(_("Worker hosts"), "memory", "runs_app", "hostheartbeat"),
            {
                "title": "MLflow",
                "icon": "monitoring",
                "link": mlflow_address,
                "active": False,
                "permission": _allowed("runs_app.view_run"),
            },
        ],
    },
    {
        "title": _("Administration"),
        "items": [
            _page(_("Users"), "person", "auth", "user"),
            _page(_("Groups"), "group", "auth", "group"),
            _page(_("Main metrics"), "leaderboard", "runs_app", "mainmetric"),
            _page(_("Audit"), "policy", "portal", "auditentry"),
        ],
    },
]

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "GuardianFlow",
    "SITE_HEADER": "GuardianFlow",
    "SITE_SUBHEADER": _("Experiments and runs"),
    "SITE_SYMBOL": "shield",
    "SITE_URL": reverse_lazy("admin:index"),
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("portal/favicon.svg"),
        }
    ],
    "SHOW_VIEW_ON_SITE": False,
    "LOGIN": {"form": "portal.access.login_form.LoginForm"},
    "ENVIRONMENT": "portal.unfold.environment",
    "DASHBOARD_CALLBACK": "portal.home.page.dashboard",
    "STYLES": [lambda request: static("portal/portal.css")],
    "SCRIPTS": [
        lambda request: static("portal/portal.js"),
        lambda request: static("portal/fresh.js"),
    ],
    "SIDEBAR": {"show_search": True, "show_all_applications": False, "navigation": NAVIGATION},
    "COLORS": {
        "primary": {
            "50": "oklch(97.9% .021 166.113)",
            "100": "oklch(95% .052 163.051)",
            "200": "oklch(90.5% .093 164.15)",
            "300": "oklch(84.5% .143 164.978)",
            "400": "oklch(76.5% .177 163.223)",
            "500": "oklch(69.6% .17 162.48)",
            "600": "oklch(52.5% .126 163.2)",
            "700": "oklch(46.5% .11 165.6)",
            "800": "oklch(43.2% .095 166.913)",
            "900": "oklch(37.8% .077 168.94)",
            "950": "oklch(26.2% .051 172.552)",
        }
    },
}
