"""The rows and files that the addresses of the table speak of."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from django.utils import timezone

from portal.models import AuditEntry, UpgradeNotice
from registry_app.changes.archive import archive
from registry_app.changes.change_sets import change_set
from registry_app.choices import (
    ChangeOrigin,
    ChildDecision,
    FieldSource,
    ImportKind,
    ImportState,
    ProposalStatus,
)
from registry_app.findings.left_out import keep
from registry_app.messages import plain
from registry_app.models import (
    Customer,
    Experiment,
    FactSheet,
    FieldProvenance,
    ImportJob,
    LeftOutChild,
    Proposal,
    ScanDecision,
    ScanJob,
    Site,
    SyncedFile,
    SyncLink,
    SyncQuestion,
    VocabularyWord,
    Zone,
)
from registry_app.scan.left_out import LeftOut
from registry_app.scan.run import ScanResult
from registry_app.sync.run import sync
from registry_app.texts.left_out import EMPTY
from runs_app.choices import RunStatus, SetKind, SetState, StepState
from runs_app.models import (
    HostHeartbeat,
    MainMetric,
    Parity,
    Run,
    RunFile,
    RunSet,
    RunStep,
    Schedule,
)
from runs_app.records import environment, source
from runs_app.system.files import write_json
from tests.factories import make_experiment, make_run, make_script, make_zone
from tests.permissions.roles import Role, employ
from tests.registry_app.sync.git.remote import make_remote
from tests.runs_app.conftest import TRAIN, Home

EPOCHS: dict[str, object] = {"name": "epochs", "flag": "--epochs", "type": "int", "default": 3}


SCENARIO = """\
runs:
  - experiment: sampyo-gimhae-bct
    type: train
"""


@dataclass
class World:
    """Sampyo Gimhae with its runs, places that may be deleted, and people to be managed."""

    home: Home
    keys: dict[str, Any] = field(default_factory=dict)

    def value(self, name: str) -> Any:
        """Return the key of a row by its name here; of any other name the name itself."""
        return self.keys.get(name, name)

    def address(self, output: str) -> str:
        """Return the address of `name of the route, then attributes of the world`."""
        name, *args = output.partition("?")[0].split()
        query = output.partition("?")[2]
        address = reverse(name, args=[self.value(arg) for arg in args])
        return address + (f"?{query.format_map(self.keys)}" if query else "")


def build(home: Home) -> World:
    world = World(home=home)
    world.keys["core"] = core_repository(home)
    from tests.permissions.promotions import promotion_keys

    author = employ(Role.ADMINISTRATOR)
    assert author is not None
    _registry(world, author)
    _runs(world)
    world.keys |= promotion_keys()
    _people(world, author)
    world.keys["event"] = AuditEntry.objects.values_list("pk", flat=True)[0]
    return world


def core_repository(home: Home) -> str:
    """Make a core repository with one scenario and let the portal sync once; return its address.

    The lines of the table that speak of it switch to it; for the others there is none.
    """
    remote = make_remote(home.path.parent / "core")
    settings.GUARDIANFLOW_CORE_URL = str(remote.path)
    (remote.clone / "scenario").mkdir()
    (remote.clone / "scenario" / "a.yaml").write_text(SCENARIO, encoding="utf-8")
    remote.commit("experiments: {}\n")
    remote.push()
    sync()
    settings.GUARDIANFLOW_CORE_URL = ""
    return str(remote.path)


def _registry(world: World, author: User) -> None:
    experiment = world.home.experiment(parameters=[EPOCHS])
    (Path(experiment.path) / "train_new.py").write_text(TRAIN)
    make_script(experiment, path="train_new.py", parameters=[EPOCHS])
    with change_set(ChangeOrigin.ADMIN, by=author, summary=plain("an owner")) as made:
        experiment.owner = "Minsu"
        experiment.save()
    FactSheet.objects.create(experiment=experiment)
    origin = {"source": FieldSource.CURATED, "by": author}
    FieldProvenance.objects.create(experiment=experiment, field="owner", **origin)
    guess = {"source": FieldSource.SCANNED, "confidence": "sure"}
    FieldProvenance.objects.create(experiment=experiment, field="task.type", **guess)
    zone = experiment.zone
    assert zone is not None
    unused = make_experiment("sampyo-unused", zone=make_zone("sampyo", "incheon"))
    customer = Customer.objects.create(name="donghwa")
    site = Site.objects.create(customer=Customer.objects.create(name="hanil"), region="pohang")
    lonely = Site.objects.create(customer=customer, region="busan")
    lonely_zone = Zone.objects.create(site=site, name="mixer")
    word = VocabularyWord.objects.create(word="안전고리", task="ppe", language="ko")
    world.keys["import_job"] = ImportJob.objects.create(
        kind=ImportKind.REGISTRY,
        name="experiments.yaml",
        token="0" * 32,
        host=settings.GUARDIANFLOW_HOST,
        language="en",
        requested_by=author,
        state=ImportState.PLANNED,
        state_at=timezone.now(),
    ).pk
    world.keys["event"] = (
        AuditEntry.objects.order_by("pk").values_list("pk", flat=True).first() or 1
    )
    rejected = Proposal.objects.create(
        experiment=experiment,
        field="notes",
        value="old",
        status=ProposalStatus.REJECTED,
        closed_at=timezone.now(),
        closed_by=author,
    )
    world.keys |= {
        "experiment": experiment.pk,
        "guess": f"{experiment.pk}:task.type",
        "notice": UpgradeNotice.objects.create(kind=UpgradeNotice.GUESSES).pk,
        "experiment_version": experiment.history.latest("history_id").pk,
        "unused_experiment": unused.pk,
        "archived_experiment": _archived().pk,
        "question": _question(experiment),
        "customer": zone.site.customer_id,
        "customer_version": zone.site.customer.history.latest("history_id").pk,
        "site": zone.site_id,
        "site_version": zone.site.history.latest("history_id").pk,
        "zone": zone.pk,
        "zone_version": zone.history.latest("history_id").pk,
        "unused_customer": Customer.objects.create(name="ssangyong").pk,
        "unused_site": lonely.pk,
        "unused_zone": lonely_zone.pk,
        "vocabularyword": word.pk,
        "vocabularyword_version": word.history.latest("history_id").pk,
        "change_set": made.pk,
        "proposal": Proposal.objects.create(
            experiment=experiment, field="owner", held="Minsu", value="Jiwoo"
        ).pk,
        "rejected_proposal": rejected.pk,
        **_left_out(),
        "scan": ScanJob.objects.create(requested_by=author).pk,
    }
    world.keys["experiment_type"] = ContentType.objects.get_for_model(type(experiment)).pk
    ScanJob.objects.update(started_at="2026-11-28T00:00:00Z", finished_at="2026-11-28T00:00:01Z")


def _runs(world: World) -> None:
    world.keys["main_metric"] = MainMetric.objects.get(task_type="ppe").pk
    experiment = Experiment.objects.get(pk=world.keys["experiment"])
    queued = make_run(experiment)
    done = make_run(experiment, RunStatus.SUCCEEDED)
    (done.folder / "outputs").mkdir(parents=True)
    for name in ("stdout.log", "stderr.log", environment.NAME):
        (done.folder / name).write_text("{}\n")
    batch = RunSet.objects.create(kind=SetKind.BATCH)
    values = {"number": 1, "experiment": experiment, "type": "train"}
    RunStep.objects.create(run_set=batch, state=StepState.QUEUED, run=queued, **values)
    failed = RunSet.objects.create(
        kind=SetKind.CHAIN, state=SetState.FAILED, ended_at=timezone.now(), by_command=True
    )
    RunStep.objects.create(run_set=failed, state=StepState.REFUSED, **values)
    queued.folder.mkdir()
    for run, digest in ((done, "a"), (queued, "b")):
        write_json(run.folder / source.NAME, {"files": {"train.py": digest * 64}})
    (done.folder / "outputs" / "curve.png").write_bytes(b"\x89PNG\r\n")
    file = RunFile.objects.create(
        run=done, path="curve.png", change="created", size_bytes=6, kept="outputs/curve.png"
    )
    compared = make_experiment("sampyo-compared")
    Parity.objects.create(
        experiment=compared,
        type="train",
        old_script="train.py",
        new_script="train_new.py",
        rule_version=1,
    )
    schedule = Schedule.objects.create(name="nightly scan", kind="scan", cron="30 2 * * *")
    world.keys |= {
        "schedule": schedule.pk,
        "compared_experiment": compared.pk,
        "record": environment.NAME,
        "queued_run": queued.pk,
        "run_set": batch.pk,
        "failed_chain": failed.pk,
        "run": done.pk,
        "file": file.pk,
        "run_type": ContentType.objects.get_for_model(Run).pk,
        "host": HostHeartbeat.objects.create(host="gpu1", boot_id="1").pk,
        "drained_host": HostHeartbeat.objects.create(
            host="gpu2", boot_id="2", drained_at="2026-11-28T00:00:00Z", drained_by="boss"
        ).pk,
    }


def _people(world: World, author: User) -> None:
    world.keys |= {
        "author": author.pk,
        "user": User.objects.create_user("sujin", is_staff=True).pk,
        "group": Group.objects.create(name="Guests").pk,
    }


def _question(experiment: Experiment) -> int:
    """Return the question of an owner that the registry file and the portal do not agree on."""
    file, _is_new = SyncedFile.objects.get_or_create(path=str(settings.GUARDIANFLOW_REGISTRY))
    link = SyncLink.objects.create(
        file=file,
        experiment=experiment,
        name=experiment.name,
        path=experiment.path,
        unknown=["owner"],
    )
    return SyncQuestion.objects.create(
        file=file,
        key=str(link.pk),
        field="owner",
        name=experiment.name,
        in_file="Yuna",
        in_portal=experiment.owner,
    ).pk


def _left_out() -> dict[str, int]:
    """Return an empty folder that a scan left out, and a decision about another one."""
    root = Path(settings.GUARDIANFLOW_ROOTS[0])
    (root / "empty").mkdir()
    left = LeftOut(path=root / "empty", reason=EMPTY())
    keep(ScanResult(roots=(root,)), [left])
    decision = ScanDecision.objects.create(
        path=str(root / "datasets"), decision=ChildDecision.NEVER
    )
    return {"left_out_child": LeftOutChild.objects.get().pk, "scan_decision": decision.pk}


def _archived() -> Experiment:
    experiment = make_experiment("sold")
    archive([experiment], reason=plain("sold"), by=None)
    return experiment
