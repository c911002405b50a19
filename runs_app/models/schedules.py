"""Schedules, and what became of each of their times."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry_app.choices import EntryPointType
from registry_app.models import Experiment
from registry_app.models.message_field import MessageField
from runs_app.choices import ScheduleKind, TimeState
from runs_app.models.run_sets import RunSet
from runs_app.models.runs import Run


class ScheduleQuerySet(models.QuerySet["Schedule"]):
    """Queries over all schedules."""

    def due(self, now: datetime) -> ScheduleQuerySet:
        """Those whose time has come, or was computed by a clock that was put back since."""
        return self.filter(
            Q(next_at=None) | Q(next_at__lte=now) | Q(computed_at__gt=now), is_enabled=True
        ).order_by("pk")


class Schedule(models.Model):
    """What is started at the times of a cron line, with the rights that its owner has then.

    - `cron`: five fields, in the portal's time zone
    - `experiment`, `type`, `script`, `version`, `values`: what a run starts; `values` are lines
      NAME=VALUE, as the command line takes them
    - `file`: the name of a scenario or a pipeline of the core repository
    - `next_at`: its next time, which was computed at `computed_at`
    - `key`: what the keys of its runs are made of, so that no time is started twice
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=100, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=ScheduleKind)
    cron = models.CharField(
        _("times"),
        max_length=100,
        help_text=_("Minute, hour, day of the month, month, day of the week: 30 2 * * 1-5"),
    )
    is_enabled = models.BooleanField(_("enabled"), default=True)
    experiment = models.ForeignKey(
        Experiment,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("experiment"),
    )
    type = models.CharField(_("type"), max_length=10, choices=EntryPointType.choices, blank=True)
    script = models.CharField(_("script"), max_length=500, blank=True)
    version = models.CharField(_("version"), max_length=100, blank=True)
    values = models.JSONField(_("values"), default=list, blank=True)
    file = models.CharField(_("file"), max_length=200, blank=True)
    leave_out = models.BooleanField(_("leave out what is refused"), default=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
    )
    next_at = models.DateTimeField(_("next time"), null=True, blank=True)
    computed_at = models.DateTimeField(null=True, editable=False)

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        verbose_name = _("schedule")
        verbose_name_plural = _("schedules")
        ordering = ("name",)
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class ScheduleTime(models.Model):
    """One time of a schedule and what became of it; of missed times in a row, the first."""

    schedule = models.ForeignKey(
        Schedule, models.CASCADE, related_name="times", verbose_name=_("schedule")
    )
    at = models.DateTimeField(_("time"))
    state = models.CharField(_("state"), max_length=10, choices=TimeState)
    note = MessageField(_("note"))
    run = models.ForeignKey(
        Run, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("run")
    )
    run_set = models.ForeignKey(
        RunSet,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("run set"),
    )
    noted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("time of a schedule")
        verbose_name_plural = _("times of schedules")
        ordering = ("-at",)
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["schedule", "at"], name="schedule_time_once")
        ]

    def __str__(self) -> str:
        return f"{self.schedule} {self.at:%Y-%m-%d %H:%M}"
