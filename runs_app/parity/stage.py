"""Whether stage 4 is proved: a trainer, a run of it, and a comparison, all for today's files."""

from __future__ import annotations

from django.utils import timezone

from registry_app.changes.known_names import is_name_of
from registry_app.messages import Message
from registry_app.models import Experiment
from runs_app.choices import RunStatus
from runs_app.executors.base import folder_of
from runs_app.models import Parity, Run
from runs_app.parity.holds import holds
from runs_app.parity.sides import is_trainer
from runs_app.stages.ladder import Proof
from runs_app.stages.notes import store_standard
from runs_app.stages.waiting import standard_due
from runs_app.texts import stages as texts
from runs_app.trainers.record import Header, header

# More runs of a trainer are not asked for a record.
MAX_RUNS = 20


def check_due() -> int:
    """Look at all experiments that are due, and store the answers; return how many there were."""
    pks = set(standard_due(timezone.now()).values_list("experiment", flat=True))
    for experiment in Experiment.objects.filter(pk__in=pks):
        store_standard(experiment.pk, proof_of(experiment))
    return len(pks)


def proof_of(experiment: Experiment) -> Proof:
    """Return whether stage 4 is proved now: reads the files of both sides and a record.

    A changed file takes it back: the comparison, and the run, are of other hashes then.
    """
    newest = Parity.objects.speaking_for(experiment)
    if newest is None:
        return Proof(why=texts.NOT_STANDARD())
    found = holds(experiment, newest.type)
    if not found.is_proof or found.parity is None:
        return Proof(why=found.reason)
    script = found.parity.new_script
    if not is_trainer(experiment, script):
        return Proof(why=texts.NO_TRAINER(script=script))
    record = _record_of(experiment, script)
    wrong = _wrong(experiment, found.parity, record)
    if record is None or wrong is not None:
        return Proof(why=wrong)
    text = texts.STANDARD_PROVED if found.has_control else texts.STANDARD_WITHOUT_CONTROL
    return Proof(
        holds=True,
        why=text(
            script=script,
            kind=record.kind,
            number=found.parity.pk,
            outcome=texts.OUTCOMES[found.parity.outcome](),
        ),
    )


def _wrong(experiment: Experiment, parity: Parity, record: Header | None) -> Message | None:
    script = parity.new_script
    if record is None:
        return texts.NO_RUN_OF_TRAINER(script=script)
    if not is_name_of(record.experiment, experiment):
        return texts.TRAINER_OF_OTHER(
            script=script, other=record.experiment or "–", experiment=experiment.name
        )
    if record.sha256.get("trainer") != parity.hashes.get("trainer"):
        return texts.TRAINER_CHANGED(script=script)
    return None


def _record_of(experiment: Experiment, script: str) -> Header | None:
    """Return the record of the newest good run of a trainer that left one."""
    runs = Run.objects.filter(
        experiment=experiment, script=script, status=RunStatus.SUCCEEDED
    ).order_by("-pk")
    records = (header(folder_of(run)) for run in runs[:MAX_RUNS])
    return next((record for record in records if record is not None), None)
