"""Rows of what runs measured and were given, so that lists can sort and filter by them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from runs_app.models.runs import Run

NAME_LENGTH = 250
TEXT_LENGTH = 250


class RunMetric(models.Model):
    """One metric of a run: its values over all steps in short.

    `name` is as the writer spells it. A value that is no finite number is null. `best` is the
    lowest or the highest value, by the direction of the metric when it was computed.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="metrics", verbose_name=_("run"))
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    last = models.FloatField(_("last value"), null=True)
    best = models.FloatField(_("best value"), null=True)
    lowest = models.FloatField(_("least value"), null=True)
    highest = models.FloatField(_("greatest value"), null=True)
    points = models.PositiveIntegerField(_("points"), default=1)

    class Meta:
        verbose_name = _("metric of a run")
        verbose_name_plural = _("metrics of runs")
        ordering = ("id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "name"], name="run_metric_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["name", "best", "run"], name="run_metric_by_best"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.best}"


class RunParameter(models.Model):
    """One parameter of a run, as text and, where it is one, as a number."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="parameters", verbose_name=_("run"))
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    text = models.CharField(_("value"), max_length=TEXT_LENGTH, blank=True)
    number = models.FloatField(_("number"), null=True)

    class Meta:
        verbose_name = _("parameter of a run")
        verbose_name_plural = _("parameters of runs")
        ordering = ("id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "name"], name="run_parameter_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["name", "number", "run"], name="run_parameter_by_number"),
            models.Index(fields=["name", "text", "run"], name="run_parameter_by_text"),
        ]

    def __str__(self) -> str:
        return f"{self.name}={self.text}"
