"""The promotions that the addresses of the table speak of."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.utils import timezone

from runs_app.choices import RunStatus
from runs_app.models import Promotion, Run, RunFile, RunInput
from runs_app.stages.ladder import Proof
from runs_app.stages.notes import store_standard
from tests.factories import make_experiment, make_run, make_user
from tests.runs_app.promotion.welding import make_proof


def promotion_keys() -> dict[str, Any]:
    """A model that can be promoted, one that waits for an approval, and one in force."""
    keys: dict[str, Any] = {}
    requester = make_user("requester")
    for name, state in (("promotable", ""), ("promotion", "requested"), ("in_force", "promoted")):
        experiment = make_experiment(
            f"sampyo-{name}", task_type="ppe", completeness=100, confirmed=100
        )
        store_standard(experiment.pk, Proof(holds=True))
        make_proof(experiment)
        made, judge = (make_run(experiment, RunStatus.SUCCEEDED) for _number in range(2))
        Run.objects.filter(pk=judge.pk).update(type="eval", main_metric="mAP50", main_value=0.8)
        (made.folder / "outputs").mkdir(parents=True)
        (made.folder / "outputs" / "best.pt").write_bytes(b"weights")
        digest = sha256(b"weights").hexdigest()
        facts = {"path": "best.pt", "sha256": digest, "size_bytes": 7}
        file = RunFile.objects.create(run=made, change="created", kept="outputs/best.pt", **facts)
        RunInput.objects.create(run=judge, name="weights", changed=False, **facts)
        keys |= {"model_file": file.pk, "promotable": experiment.pk} if not state else {}
        if state:
            key = "promotion" if state == "requested" else "promotion_in_force"
            keys[key] = Promotion.objects.create(
                experiment=experiment,
                state=state,
                files=[{**facts, "name": "best.pt"}],
                training_run=made,
                requested_by=requester,
                approved_at=timezone.now() if state == "promoted" else None,
                reason="Better hooks",
            ).pk
    return keys
