"""Rows of machines: their heartbeats, and which run has which of their GPUs."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from runs_app.models.moments import CLOCK_DRIFT_S


class HostHeartbeat(models.Model):
    """A machine that runs scripts, when its tick last ran, and what it has."""

    host = models.CharField(_("host"), max_length=255, unique=True)
    boot_id = models.CharField(max_length=64)
    tick_at = models.DateTimeField(_("last tick"), default=timezone.now)
    slots = models.PositiveSmallIntegerField(_("slots"), default=2)
    started_at = models.DateTimeField(_("worker started"), default=timezone.now)
    # Of each GPU: index, uuid, name, total_mib, free_mib, at the time of the last tick.
    gpus = models.JSONField(_("GPUs"), default=list)
    gpu_error = models.CharField(max_length=300, blank=True)
    # Of its scripts, in the form of `isolation.isolation_of`; {} if its worker is an older version.
    isolation = models.JSONField(_("isolation"), default=dict)
    drained_at = models.DateTimeField(_("drained"), null=True, blank=True)
    drained_by = models.CharField(_("drained by"), max_length=150, blank=True)

    class Meta:
        verbose_name = _("worker host")
        verbose_name_plural = _("worker hosts")
        ordering = ("host",)
        permissions: ClassVar = [("drain_host", "Can drain hosts")]

    def __str__(self) -> str:
        return self.host

    def is_alive(self, *, within_s: float = 30) -> bool:
        """Whether its tick ran within the last `within_s` seconds.

        A tick in the future is of before its clock was set back: a living worker renews it soon.
        """
        age_s = (timezone.now() - self.tick_at).total_seconds()
        return -CLOCK_DRIFT_S < age_s < within_s

    @property
    def is_drained(self) -> bool:
        """Whether it finishes its runs and takes no more."""
        return self.drained_at is not None


class GpuLease(models.Model):
    """A GPU that a run uses or used exclusively; a constraint allows one open lease per GPU."""

    run = models.ForeignKey(
        "runs_app.Run", models.CASCADE, related_name="gpu_leases", verbose_name=_("run")
    )
    host = models.CharField(_("host"), max_length=255)
    device = models.CharField(_("device"), max_length=96, help_text="UUID of the GPU.")
    index = models.PositiveSmallIntegerField(_("number"))
    name = models.CharField(_("name"), max_length=100, blank=True)
    taken_at = models.DateTimeField(_("taken"), default=timezone.now)
    released_at = models.DateTimeField(_("released"), null=True, blank=True)

    class Meta:
        verbose_name = _("GPU lease")
        verbose_name_plural = _("GPU leases")
        ordering = ("run", "index")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["host", "device"],
                condition=Q(released_at__isnull=True),
                name="gpu_lease_one_run_per_device",
                violation_error_message=_("Another run is using this GPU."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.host} GPU {self.index}"
