"""The metric that represents a run, by task type, and what stored summaries were based on."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry_app.models import Experiment
from runs_app.choices import Direction


class MainMetric(models.Model):
    """The main metric of a task type: the first of `names` that a run has.

    The row of the empty task type is for all task types without a row.
    """

    task_type = models.CharField(
        _("task type"),
        max_length=60,
        unique=True,
        blank=True,
        error_messages={"unique": _("There is already a main metric for this task type.")},
        help_text=_("As in experiments, for example ppe; empty: all task types without a row."),
    )
    names = models.JSONField(
        _("names of metrics"),
        default=list,
        help_text=_(
            "The first one that a run has is its main metric. Case, punctuation and prefixes such "
            "as val/ or metrics/ do not matter; * stands for any characters."
        ),
    )
    direction = models.CharField(
        _("better is"), max_length=6, choices=Direction, default=Direction.BY_NAME
    )

    class Meta:
        verbose_name = _("main metric")
        verbose_name_plural = _("main metrics")
        ordering = ("task_type",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(direction__in=Direction.values),
                name="main_metric_direction_exists",
                violation_error_message=_("This direction does not exist."),
            )
        ]

    def __str__(self) -> str:
        return self.task_type or str(_("all other task types"))


class SummaryBasis(models.Model):
    """What the summaries of an experiment's runs were computed with.

    Where it differs from the experiment or the table of main metrics, they are computed again.
    `rule` is the text of the main metric; empty: it has been changed.
    """

    experiment = models.OneToOneField(
        Experiment, models.CASCADE, related_name="summary_basis", verbose_name=_("experiment")
    )
    task_type = models.CharField(max_length=60, blank=True)
    classes = models.JSONField(default=list)
    rule = models.TextField(blank=True)

    class Meta:
        verbose_name = _("basis of summaries")
        verbose_name_plural = _("bases of summaries")

    def __str__(self) -> str:
        return str(self.experiment)
