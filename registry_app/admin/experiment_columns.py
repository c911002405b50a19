"""Columns of the list of experiments."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from registry_app.models import Experiment


class ExperimentColumns:
    """Mixin for an admin whose rows are annotated with `proposal_count`."""

    @admin.display(description=gettext_lazy("experiment"), ordering="name")
    def name_and_path(self, experiment: Any) -> SafeString:
        tags = []
        if experiment.missing_since:
            tags.append((_("directory not found"),))
        if experiment.proposal_count:
            count = experiment.proposal_count
            tags.append((ngettext("%(n)d proposal", "%(n)d proposals", count) % {"n": count},))
        return format_html(
            '<div class="gf-cell">{} {}<br><span class="gf-faint">{}</span></div>',
            experiment.name,
            format_html_join(" ", '<span class="gf-tag gf-warn">{}</span>', tags),
            experiment.path,
        )

    @admin.display(
        description=gettext_lazy("customer / site / zone"),
        ordering=("zone__site__customer__name"),
    )
    def place(self, experiment: Experiment) -> SafeString:
        zone = experiment.zone
        if zone is None:
            return format_html('<span class="gf-faint">{}</span>', _("unknown"))
        site = " · ".join(part for part in (zone.site.region, zone.site.plant) if part)
        return format_html(
            '<div class="gf-cell">{}<br><span class="gf-faint">{} / {}</span></div>',
            zone.site.customer,
            site or _("unknown"),
            zone.name or _("unknown"),
        )

    @admin.display(description=gettext_lazy("task type"), ordering="task_type")
    def task(self, experiment: Experiment) -> str:
        return experiment.task_type or "–"

    @admin.display(description=gettext_lazy("completeness"), ordering="completeness")
    def completeness_bar(self, experiment: Experiment) -> SafeString:
        percent = experiment.completeness
        return format_html(
            '<span class="gf-bar"><progress max="100" value="{}" aria-label="{}"></progress>'
            "{} %</span>",
            percent,
            _("completeness"),
            percent,
        )

    @admin.display(description=gettext_lazy("confirmed"), ordering="confirmed")
    def confirmed_link(self, experiment: Experiment) -> SafeString:
        if experiment.confirmed == 100:
            return format_html('<span class="gf-tag gf-good">{} %</span>', experiment.confirmed)
        return format_html(
            '<a class="gf-link" href="{}?show=confirm&experiment={}">{} %</a>',
            reverse("admin:registry_app_proposal_changelist"),
            experiment.pk,
            experiment.confirmed,
        )
