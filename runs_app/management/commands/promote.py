"""Requests, approves, withdraws and shows promotions."""

from __future__ import annotations

import getpass
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from registry_app.models import Experiment
from registry_app.reading import message_text
from runs_app.choices import PromotionState
from runs_app.cli.command import RunsCommand
from runs_app.cli.find import experiment_named, run_numbered
from runs_app.exceptions import RefusedError
from runs_app.models import Promotion, Run, StageProof
from runs_app.promotion import request as promotions
from runs_app.promotion.candidates import candidates_of
from runs_app.stages.notes import ask_for_check
from runs_app.texts import promotion as texts

PERMISSION = "runs_app.promote"


class Command(RunsCommand):
    help = (
        "Request the promotion of a model of an experiment, or approve, reject, withdraw, check or "
        "show it. A worker carries it out."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="name of the experiment")
        action = parser.add_mutually_exclusive_group()
        action.add_argument("--approve", action="store_true", help="approve the requested one")
        action.add_argument("--reject", action="store_true", help="close the requested one")
        action.add_argument("--withdraw", action="store_true", help="take back the one in force")
        action.add_argument(
            "--check", action="store_true", help="have a worker look whether it still holds"
        )
        action.add_argument("--show", action="store_true", help="show the promotions")
        parser.add_argument("--run", metavar="ID", help="the run that made the model")
        parser.add_argument(
            "--file",
            metavar="PATH",
            action="append",
            default=[],
            help="a file of that run, the model first; without it the likeliest one",
        )
        parser.add_argument("--reason", default="", help="why; needed unless approving")
        parser.add_argument(
            "--classes-confirmed",
            action="store_true",
            help="with --approve: the approver compared the classes, which no plain file states",
        )
        parser.add_argument(
            "--by",
            metavar="USER",
            default="",
            help="the account that decides; the one of the terminal's user by default",
        )
        parser.add_argument("--json", action="store_true", help="the promotions as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        experiment = experiment_named(options["name"])
        if not options["show"]:
            self._act(experiment, options)
        self._show(experiment, as_json=options["json"])

    def _act(self, experiment: Experiment, options: dict[str, Any]) -> None:
        by = _account(options["by"])
        if options["approve"]:
            promotions.approve(
                _requested(experiment), by=by, classes_confirmed=options["classes_confirmed"]
            )
        elif options["reject"]:
            promotions.reject(_requested(experiment), by=by, reason=options["reason"])
        elif options["withdraw"]:
            promotions.withdraw(_in_force(experiment), by=by, reason=options["reason"])
        elif options["check"]:
            ask_for_check(_in_force(experiment).experiment_id)
        else:
            run, paths = _chosen(experiment, options["run"], options["file"])
            promotions.request(experiment, run, paths, reason=options["reason"], by=by)

    def _show(self, experiment: Experiment, *, as_json: bool) -> None:
        people = ("requested_by", "approved_by", "withdrawn_by")
        rows = list(Promotion.objects.filter(experiment=experiment).select_related(*people))
        proof = StageProof.objects.filter(experiment=experiment).first()
        if as_json:
            self.show_json([_plain(row, proof) for row in rows])
            return
        columns = (_("Promotion"), _("State"), _("Model"), _("File"), _("By"), _("Approved by"))
        self.show_table(columns, [_line(row) for row in rows])
        for row in rows[:1]:
            if row.problem is not None:
                self.say(message_text(row.problem))
            elif row.state == PromotionState.PROMOTED and proof and proof.integrated_why:
                self.say(message_text(proof.integrated_why))


def _account(name: str) -> User:
    """Return the account that decides; raises RefusedError for one that may not."""
    name = name or getpass.getuser()
    user = User.objects.filter(username=name, is_active=True).first()
    if user is None or not user.has_perm(PERMISSION):
        raise RefusedError(texts.NOT_ALLOWED(user=name))
    return user


def _chosen(experiment: Experiment, number: str | None, paths: list[str]) -> tuple[Run, list[str]]:
    if number:
        return run_numbered(number), paths
    found = candidates_of(experiment)
    if not found:
        raise RefusedError(texts.NOTHING_TO_PROMOTE(experiment=experiment.name))
    file = found[0].file
    return file.run, paths or [file.path]


def _requested(experiment: Experiment) -> Promotion:
    row = Promotion.objects.filter(experiment=experiment, state=PromotionState.REQUESTED).first()
    if row is None:
        raise RefusedError(texts.NO_PROMOTION(experiment=experiment.name))
    return row


def _in_force(experiment: Experiment) -> Promotion:
    states = (PromotionState.APPROVED, PromotionState.PROMOTED)
    row = Promotion.objects.filter(experiment=experiment, state__in=states).first()
    if row is None:
        raise RefusedError(texts.NOT_IN_FORCE(experiment=experiment.name))
    return row


def _line(row: Promotion) -> list[str]:
    model = f"{row.mlflow_name} {row.mlflow_version}".strip()
    return [
        str(row.pk),
        str(row.get_state_display()),
        model or "–",
        str(row.files[0]["path"]) if row.files else "–",
        str(row.requested_by or "–"),
        str(row.approved_by or "–"),
    ]


def _plain(row: Promotion, proof: StageProof | None) -> dict[str, Any]:
    in_force = row.state == PromotionState.PROMOTED
    return {
        "id": row.pk,
        "state": row.state,
        "files": row.files,
        "model": row.mlflow_name,
        "version": row.mlflow_version,
        "run": row.training_run_id,
        "evaluation": row.evaluation_run_id,
        "metric": row.metric,
        "value": row.value,
        "branch": row.core_branch,
        "commit": row.core_commit,
        "requested_by": str(row.requested_by or ""),
        "approved_by": str(row.approved_by or ""),
        "self_approved": row.is_self_approved,
        "withdrawn_by": str(row.withdrawn_by or ""),
        "withdrawal_branch": row.withdrawal_branch,
        "step": row.wanted,
        "problem": str(row.problem or ""),
        "integrated": bool(in_force and proof and proof.is_integrated),
        "integrated_why": str((in_force and proof and proof.integrated_why) or ""),
    }
