"""An experiment of the world whose trainer was compared, and whose model was evaluated."""

from __future__ import annotations

import os
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from registry_app.models import Experiment

TRAINER = """\
from gf_base import ScriptTrainer

class FireTrainer(ScriptTrainer):
    experiment = "hanwha-yeosu-fire"
    script = "train.py"

if __name__ == "__main__":
    raise SystemExit(FireTrainer.main())
"""
METRICS = {
    "metrics/mAP50(B)": ((0.861, 0.858, 0.864, 0.859, 0.862), (0.860, 0.863, 0.859), 0.812, 0.006),
    "val/box_loss": ((0.412, 0.418, 0.409, 0.415, 0.411), (0.414, 0.410, 0.413), 0.598, 0.011),
}


def main() -> None:
    """Let what comes before a promotion have happened to the fires of Yeosu."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    from registry_app.choices import EntryPointType
    from registry_app.models import Experiment
    from runs_app.choices import RunStatus
    from runs_app.models import RunInput
    from runs_app.promotion.candidates import candidates_of
    from tests.browser.world import tree
    from tests.factories import make_run

    experiment = Experiment.objects.get(name=tree.FIRE.name)
    Experiment.objects.filter(pk=experiment.pk).update(completeness=100, confirmed=100)
    compare(experiment)
    [candidate, *_others] = candidates_of(experiment)
    evaluation = make_run(
        experiment,
        RunStatus.SUCCEEDED,
        type=EntryPointType.EVAL,
        main_metric="metrics/mAP50(B)",
        main_value=0.861,
    )
    file = candidate.file
    RunInput.objects.create(
        run=evaluation, path=file.path, name="weights", sha256=file.sha256, changed=False
    )


def compare(experiment: Experiment) -> None:
    """The record of a comparison over several seeds, and stage 4, which follows from it."""
    from django.contrib.auth.models import User
    from django.utils import timezone

    from registry_app.files.paths import experiment_directory
    from runs_app.models import Parity
    from runs_app.parity.sides import Sides, hashes_of
    from runs_app.parity.stored import to_json
    from runs_app.parity.table import Row
    from runs_app.stages.ladder import Proof
    from runs_app.stages.notes import store_standard
    from runs_app.texts import stages as texts
    from runs_app.trainers import gf_base

    directory = experiment_directory(experiment)
    (directory / "trainer.py").write_text(TRAINER)
    shutil.copy(gf_base.__file__, directory / "gf_base.py")
    rows = [
        Row(
            metric=metric,
            old=old,
            new=new,
            control=(control,),
            difference=abs(sum(old) / len(old) - sum(new) / len(new)),
            tolerance=tolerance,
            control_difference=abs(sum(old) / len(old) - control),
            control_tolerance=tolerance * 1.5,
        )
        for metric, (old, new, control, tolerance) in METRICS.items()
    ]
    ended = timezone.now() - timedelta(minutes=1)
    parity = Parity.objects.create(
        experiment=experiment,
        type="train",
        old_script="train.py",
        new_script="trainer.py",
        control={"name": "epochs", "value": 20, "kind": "half_the_epochs"},
        control_result="fell_out",
        rule_version=1,
        state="done",
        outcome="within",
        tier="spread",
        rows=to_json(rows),
        hashes=hashes_of(experiment, Sides(old="train.py", new="trainer.py")),
        machines=["gpu-01"],
        requested_by=User.objects.get(username="minsu"),
        requested_at=ended - timedelta(hours=3),
        finished_at=ended,
    )
    outcome = texts.OUTCOMES[parity.outcome]()
    why = texts.STANDARD_PROVED(
        script="trainer.py", kind="script", number=parity.pk, outcome=outcome
    )
    store_standard(experiment.pk, Proof(holds=True, why=why))


if __name__ == "__main__":
    main()
