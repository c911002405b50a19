"""The migration stages of an experiment in words: proofs, what is missing, and the next step."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry_app.choices import Stage
from registry_app.reading import message_text
from runs_app.admin.details.commands import form_address
from runs_app.admin.promotions import PROMOTE, new_address
from runs_app.models import Promotion
from runs_app.stages.facts import ladder_for
from runs_app.stages.ladder import Ladder, Role, Step

OWNERS: Mapping[Role, str | Promise] = {
    Role.PM: "PM",
    Role.ENGINEER: gettext_lazy("engineer"),
    Role.APPROVER: gettext_lazy("approver"),
    Role.WORKER: gettext_lazy("worker"),
    Role.NONE: "",
}
# What a user needs for the page of a step.
NEEDS: Mapping[Step | None, str] = {
    Step.FILL: "registry_app.change_experiment",
    Step.CONFIRM: "registry_app.change_experiment",
    Step.NAME_SCRIPT: "registry_app.change_experiment",
    Step.RUN: "runs_app.queue_run",
    Step.STANDARDISE: "runs_app.queue_run",
    Step.PROMOTE: PROMOTE,
}
STEPS: Mapping[Step, str | Promise] = {
    Step.FILL: gettext_lazy("Fill in the metadata"),
    Step.CONFIRM: gettext_lazy("Confirm the guesses"),
    Step.NAME_SCRIPT: gettext_lazy("Name a script"),
    Step.RUN: gettext_lazy("Run it"),
    Step.STANDARDISE: gettext_lazy("Make it a trainer and compare"),
    Step.PROMOTE: gettext_lazy("Promote a model"),
    Step.APPROVE: gettext_lazy("Approve the promotion"),
    Step.MERGE: gettext_lazy("Merge the branch"),
    Step.WAIT: gettext_lazy("Wait for the worker"),
}
# What an engineer has from the next stage.
GAINS: Mapping[Stage, str | Promise] = {
    Stage.METADATA: gettext_lazy(
        "Runs are found by customer, site and task, in the portal and in MLflow."
    ),
    Stage.WRAPPED: gettext_lazy(
        "Each run keeps its command, log, files and metrics and can be repeated; the script "
        "stays as it is."
    ),
    Stage.STANDARD: gettext_lazy(
        "Every training starts the same way and keeps checkpoints, with proof that nothing changed."
    ),
    Stage.INTEGRATED: gettext_lazy(
        "Others use the model by its name, with a checked file, and the core keeps the trainer."
    ),
}


@dataclass(frozen=True, kw_only=True)
class RungShown:
    """One stage: its number and name, whether it is proved, and why or why not."""

    number: int
    label: str
    is_proved: bool
    why: str


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The stages of an experiment as pages show them.

    `step` is the label of the one next step, '' if there is none; `address` is its page and
    `command` the same step in a terminal, each '' if there is none.
    """

    stage: int
    label: str
    proved: int
    note: str
    reason: str
    rungs: tuple[RungShown, ...]
    missing: str
    step: str
    address: str
    command: str
    owner: str
    gain: str


def stages_shown(experiment: Any, user: Any) -> Shown:
    """Return the stages of an experiment that was fetched `with_facts`.

    The next step leads to its page only for a user who may take it.
    """
    ladder = ladder_for(experiment)
    step, address, command = _step(experiment, ladder)
    if (needed := NEEDS.get(ladder.step)) and not user.has_perm(needed):
        address = ""
    after = ladder.next
    return Shown(
        stage=ladder.effective.value,
        label=str(ladder.effective.label),
        proved=ladder.proved.value,
        note=_held(ladder),
        reason=experiment.stage_reason,
        rungs=tuple(
            RungShown(
                number=rung.stage.value,
                label=str(rung.stage.label),
                is_proved=rung.is_proved,
                why=message_text(rung.why),
            )
            for rung in ladder.rungs
        ),
        missing=_missing(ladder),
        step=step,
        address=address,
        command=command,
        owner=str(OWNERS[ladder.owner]),
        gain=str(GAINS[after.stage]) if after is not None else "",
    )


def stage_text(experiment: Any) -> str:
    """Return the stage of an experiment fetched `with_facts`, and who holds it there."""
    ladder = ladder_for(experiment)
    stage = ladder.effective
    text = _("Stage {number}, {label}.").format(number=stage.value, label=stage.label)
    return " ".join(filter(None, (text, _held(ladder))))


def next_stage_text(experiment: Any) -> str:
    """Return what is missing for the stage after the proved one; '' at the last stage."""
    return _missing(ladder_for(experiment))


def _held(ladder: Ladder) -> str:
    if ladder.held is None or ladder.held == ladder.proved:
        return ""
    if ladder.is_held_lower:
        return _("Held by hand; {number} is proved.").format(number=ladder.proved.value)
    return _("Held {held}, proof says {number}.").format(
        held=ladder.held.value, number=ladder.proved.value
    )


def _missing(ladder: Ladder) -> str:
    after = ladder.next
    if after is None:
        return ""
    return _("For stage {number}: {what}").format(
        number=after.stage.value, what=message_text(after.why)
    )


def _step(experiment: Any, ladder: Ladder) -> tuple[str, str, str]:
    """Return the label, the page and the command of the next step."""
    label = str(STEPS.get(ladder.step, ""))
    review = reverse("admin:registry_app_proposal_changelist")
    form = reverse("admin:registry_app_experiment_change", args=[experiment.pk])
    kind, pk = experiment.script_type, experiment.promotion_pk
    promotion = Promotion(pk=pk).get_absolute_url() if pk else ""
    name = shlex.quote(experiment.name)
    promote = f"guardianflow promote {name}"
    where = {
        Step.FILL: (form, ""),
        Step.CONFIRM: (f"{review}?show=confirm&experiment={experiment.pk}", ""),
        Step.NAME_SCRIPT: (form, ""),
        Step.RUN: (
            form_address(kind, [experiment.pk]) if kind else "",
            f"guardianflow run {name} --type {kind}",
        ),
        Step.STANDARDISE: (
            reverse("admin:runs_app_run_parity", args=[experiment.pk]),
            f"guardianflow adapter {name}",
        ),
        Step.PROMOTE: (new_address(experiment), f"{promote} --reason TEXT"),
        Step.APPROVE: (promotion, f"{promote} --approve"),
        Step.MERGE: (promotion, f"{promote} --check"),
        Step.WAIT: (promotion, f"{promote} --show"),
    }
    return label, *where.get(ladder.step, ("", ""))
