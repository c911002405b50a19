"""Constraints of the runs table, with messages for users, and its indexes."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from runs_app.choices import ON_HOST, TERMINAL, RunStatus

LOWEST_PRIORITY = -100
HIGHEST_PRIORITY = 100

INDEXES = [
    models.Index(fields=["status", "id"], name="run_by_status"),
    models.Index(fields=["experiment", "-id"], name="run_by_experiment"),
    # A list that is filtered by both reads no rows where none matches. One by status and experiment
    # would be slower: SQLite would use it for the last ended run, and sort.
    models.Index(fields=["queued_by", "status", "experiment"], name="run_by_person_and_status"),
    models.Index(fields=["queued_date"], name="run_by_date"),
    models.Index(
        fields=["host", "mlflow_next_at"],
        condition=~Q(mlflow_state="sent"),
        name="run_unsent",
    ),
    models.Index(
        fields=["host", "id"],
        condition=Q(summarised=0, started_at__isnull=False),
        name="run_unsummarised",
    ),
    models.Index(
        fields=["host", "collect_next_at"],
        condition=Q(collect_next_at__isnull=False),
        name="run_uncollected",
    ),
    models.Index(fields=["experiment", "type", "-id"], name="run_by_entry_point"),
    models.Index(fields=["main_value", "id"], name="run_by_main_value"),
    models.Index(fields=["finished_at", "status"], name="run_by_end"),
    models.Index(fields=["started_at", "id"], name="run_by_start"),
    models.Index(fields=["duration_s", "id"], name="run_by_duration"),
    # Narrow enough to be searched as a whole.
    models.Index(fields=["script"], name="run_by_script"),
    models.Index(fields=["version"], condition=~Q(version=""), name="run_by_version"),
    models.Index(fields=["id"], condition=~Q(note=""), name="run_with_note"),
    models.Index(
        fields=["experiment", "type"], condition=Q(is_best=True), name="run_best_of_experiment"
    ),
]

CONSTRAINTS = [
    models.UniqueConstraint(
        fields=["experiment"],
        condition=Q(status__in=sorted(ON_HOST), overlap=False),
        name="run_one_per_experiment",
        violation_error_message=_("Another run is using this experiment's directory."),
    ),
    models.CheckConstraint(
        condition=Q(priority__range=(LOWEST_PRIORITY, HIGHEST_PRIORITY)),
        name="run_priority_in_range",
        violation_error_message=_("The priority is a whole number from -100 to 100."),
    ),
    models.CheckConstraint(
        condition=Q(status__in=RunStatus.values),
        name="run_status_exists",
        violation_error_message=_("This status does not exist."),
    ),
    models.CheckConstraint(
        condition=~Q(status__in=sorted(ON_HOST)) | ~Q(host=""),
        name="run_on_host_names_host",
        violation_error_message=_("A run that is on a machine names that machine."),
    ),
    models.CheckConstraint(
        condition=~Q(status__in=sorted(TERMINAL)) | Q(finished_at__isnull=False),
        name="run_ended_has_end_time",
        violation_error_message=_("A run that has ended has an end time."),
    ),
    models.CheckConstraint(
        condition=~Q(status="succeeded") | Q(exit_code=0),
        name="run_succeeded_exited_zero",
        violation_error_message=_("A run succeeds only with exit status 0."),
    ),
    models.CheckConstraint(
        condition=~Q(status__in=[RunStatus.QUEUED, RunStatus.STARTING, RunStatus.RUNNING])
        | Q(finished_at__isnull=True, outcome="", exit_code__isnull=True),
        name="run_going_on_has_no_end",
        violation_error_message=_("A run that goes on has neither end nor outcome."),
    ),
    models.CheckConstraint(
        condition=~Q(status="queued") | Q(started_at__isnull=True),
        name="run_queued_has_no_start",
        violation_error_message=_("A queued run has not started."),
    ),
    models.CheckConstraint(
        condition=~Q(status="running") | Q(started_at__isnull=False),
        name="run_running_has_start_time",
        violation_error_message=_("A running run has a start time."),
    ),
    models.CheckConstraint(
        condition=~Q(status="finalizing") | Q(outcome__in=sorted(TERMINAL)),
        name="run_finalizing_has_outcome",
        violation_error_message=_("A run that is being closed shows its outcome."),
    ),
    models.CheckConstraint(
        condition=~Q(status__in=sorted(TERMINAL)) | Q(outcome=F("status")),
        name="run_ended_as_it_showed",
        violation_error_message=_("A run ends in the state that its outcome says."),
    ),
    models.CheckConstraint(
        condition=~Q(status__in=["errored", "lost"]) | Q(exit_code__isnull=True),
        name="run_without_witness_no_status",
        violation_error_message=_("An errored or lost run has no exit status."),
    ),
    models.CheckConstraint(
        condition=~Q(status__in=["failed", "timed_out"]) | Q(exit_code__isnull=False),
        name="run_failed_has_exit_status",
        violation_error_message=_("A run that failed has an exit status."),
    ),
    models.CheckConstraint(
        condition=Q(started_at__isnull=True)
        | Q(finished_at__isnull=True)
        | Q(finished_at__gte=F("started_at")),
        name="run_ends_after_its_start",
        violation_error_message=_("A run does not end before its start."),
    ),
]
