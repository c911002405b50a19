"""Which MLflow experiment the runs of an experiment are sent to."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry_app.models import Experiment


class MlflowExperiment(models.Model):
    """The MLflow experiment that the first run of an experiment was sent to.

    It is identified by its id, so that its name may change with a customer or a zone. Two
    experiments may share one, if the name template gives both the same name.
    """

    experiment = models.OneToOneField(
        Experiment, models.CASCADE, related_name="mlflow", verbose_name=_("experiment")
    )
    mlflow_id = models.CharField(max_length=64)
    # Its name in MLflow, and the registry's name for it at the last comparison; empty after an
    # upgrade, because nothing is renamed then.
    name = models.CharField(max_length=500)
    wanted_name = models.CharField(max_length=500, blank=True)
    # By MLflow's own clock: in another store the same id is another experiment.
    created_ms = models.BigIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = _("MLflow experiment")
        verbose_name_plural = _("MLflow experiments")
        indexes: ClassVar = [models.Index(fields=["mlflow_id"], name="mlflow_experiment_id")]

    def __str__(self) -> str:
        return self.name
