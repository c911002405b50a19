"""Lines of the table: experiments, what scans propose, and the ways in and out of the registry."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from registry_app.admin.sync import seen_of
from registry_app.models import Experiment, SyncedFile, SyncQuestion
from tests.permissions.entries import (
    Data,
    Entry,
    Of,
    Send,
    button,
    chosen,
    form,
    model_pages,
    page,
    plain,
    takes,
)
from tests.permissions.roles import CURATES, RUNS, SEES, STAFF, secret_of
from tests.permissions.world import World
from tests.stories.browser import Page

LIST = "admin:registry_app_experiment"
EXPERIMENT = frozenset({"registry_app.Experiment"})
GUESSES = "admin:registry_app_proposal_changelist?show=confirm"
KINDS = ("train", "infer", "quant", "eval", "data", "demo")
YAML = """\
experiments:
  sampyo-new:
    path: sampyo-new
"""


def _uploaded(world: World, _boss: Client, _address: str) -> Data:
    return {"file": SimpleUploadedFile("experiments.yaml", YAML.encode())}


def _synced(world: World, _sender: Client, _address: str) -> Data:
    """Write the registry file whose owner differs; the form itself is empty."""
    experiment = Experiment.objects.get(pk=world.keys["experiment"])
    file = Path(settings.GUARDIANFLOW_REGISTRY)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(
        f"experiments:\n  {experiment.name}: {{path: {experiment.path}, owner: Yuna}}\n",
        encoding="utf-8",
    )
    settings.GUARDIANFLOW_CORE_URL = ""
    SyncedFile.objects.filter(questions=world.keys["question"]).update(path=str(file))
    return {}


def _answered(world: World, sender: Client, address: str) -> Data:
    """Return the answer that takes the file's owner."""
    _synced(world, sender, address)
    question = SyncQuestion.objects.get(pk=world.keys["question"])
    return {"file": str(question.pk), f"seen-{question.pk}": seen_of(question)}


def _confirmed(world: World, sender: Client, address: str) -> Data:
    """Return the form under the preview of a file, with the signed note of its sender."""
    answer = sender.post(address, _uploaded(world, sender, address) | secret_of(sender))
    shown = Page(status=200, url=address, text=answer.text, headers={}).form("confirm")
    return dict([*shown.fields, *shown.buttons])


EXPERIMENTS = model_pages(
    "registry_app_experiment",
    "experiment",
    version="experiment_version",
    spare="unused_experiment",
    to_read=True,
    adds=takes(
        "",
        see=CURATES,
        sends=(
            Send(
                what="register an experiment",
                by=CURATES,
                changes=EXPERIMENT,
                data=form("name", "path", press="_save", name="sampyo-new", path="sampyo-new"),
            ),
            Send(
                what="register an experiment in a popup",
                by=CURATES,
                changes=EXPERIMENT,
                query="?_popup=1",
                data=form("name", "path", press="_save", name="sampyo-new", path="sampyo-new"),
            ),
        ),
    ),
    changes=(
        Send(
            what="change an experiment",
            by=CURATES,
            changes=EXPERIMENT,
            data=form("owner", press="_save", owner="Sujin"),
        ),
        Send(
            what="change an entry point on the page of its experiment",
            by=CURATES,
            changes=frozenset({"registry_app.EntryPoint"}),
            data=form("owner", press="_save", **{"entry_points-0-timeout_s": "60"}),
        ),
    ),
    deletes=(
        Send(
            what="delete an experiment",
            by=CURATES,
            changes=EXPERIMENT,
            data=plain(post="yes"),
        ),
    ),
    actions=(
        Send(
            what="delete selected experiments",
            by=CURATES,
            changes=EXPERIMENT,
            data=chosen("delete_selected", "unused_experiment", post="yes"),
        ),
        *(
            Send(
                what="open the form that runs selected experiments",
                by=RUNS,
                data=chosen(f"run_{kind}_selected", "experiment"),
            )
            for kind in KINDS
        ),
    ),
)

OF_EXPERIMENTS: tuple[Entry, ...] = (
    page(f"{LIST}_source", "experiment", see=SEES, query="?path=train.py&line=1"),
    page(f"{LIST}_files", "experiment", see=SEES),
    page(f"{LIST}_migration", see=SEES),
    button(
        f"{LIST}_hand-back",
        "experiment",
        sends=(
            Send(
                what="let scans decide a field again",
                by=CURATES,
                changes=frozenset({"registry_app.FieldProvenance"}),
                data=plain(field="owner"),
            ),
        ),
    ),
    button(
        f"{LIST}_archive",
        "experiment",
        sends=(
            Send(
                what="archive an experiment",
                by=CURATES,
                changes=EXPERIMENT,
                data=plain(reason="sold"),
            ),
        ),
    ),
    button(
        f"{LIST}_restore",
        "archived_experiment",
        sends=(
            Send(
                what="restore an experiment from the archive",
                by=CURATES,
                changes=EXPERIMENT,
                data=plain(),
            ),
        ),
    ),
    button(
        f"{LIST}_notes",
        "experiment",
        sends=(
            Send(
                what="write a note about an experiment",
                by=CURATES | RUNS,
                changes=frozenset({"registry_app.Note"}),
                data=plain(text="40 images of cam07 added"),
            ),
        ),
    ),
    button(
        "admin:runs_app_check_environment",
        "experiment",
        sends=(
            Send(
                what="check the environment of an experiment",
                by=RUNS,
                changes=frozenset({"registry_app.EnvironmentCheck"}),
                data=plain(),
            ),
        ),
    ),
    page(f"{LIST}_runs_of", "experiment", see=SEES),
    *(page(f"{LIST}_run_{kind}", "experiment", see=RUNS) for kind in KINDS),
    page(f"{LIST}_scan", see=CURATES),
)

IN_AND_OUT: tuple[Entry, ...] = (
    takes(
        f"{LIST}_import_yaml",
        see=CURATES,
        sends=(
            Send(what="look at what a registry file would change", by=CURATES, data=_uploaded),
            Send(
                what="import a registry file",
                by=CURATES,
                changes=EXPERIMENT,
                data=_confirmed,
                own=True,
            ),
        ),
    ),
    page(f"{LIST}_export_yaml", see=SEES),
    page(f"{LIST}_export_table", see=SEES),
)

OTHERS: tuple[Entry, ...] = (
    *model_pages(
        "registry_app_changeset",
        "change_set",
    ),
    button(
        "admin:registry_app_changeset_undo",
        "change_set",
        sends=(Send(what="undo a change set", by=CURATES, changes=EXPERIMENT, data=plain()),),
    ),
    *model_pages(
        "registry_app_proposal",
        "proposal",
        see_row=STAFF,  # it leads to the list, which asks
        actions=(
            Send(
                what="accept a proposal",
                by=CURATES,
                changes=EXPERIMENT,
                data=form("accept", accept=Of("proposal")),
            ),
            Send(
                what="reject a proposal",
                by=CURATES,
                changes=frozenset({"registry_app.Proposal"}),
                data=form("reject", reject=Of("proposal")),
            ),
            Send(
                what="confirm a guess of a scan",
                by=CURATES,
                changes=EXPERIMENT,
                query="?show=confirm",
                data=form("accept", at=GUESSES, accept="chosen", chosen=Of("guess")),
            ),
            Send(
                what="take a guess of a scan out",
                by=CURATES,
                changes=EXPERIMENT | {"registry_app.Proposal"},
                query="?show=confirm",
                data=form("reject", at=GUESSES, reject=Of("guess")),
            ),
            Send(
                what="have a rejected proposal proposed again",
                by=CURATES,
                changes=frozenset({"registry_app.Proposal"}),
                query="?show=rejected",
                data=form(
                    "reconsider",
                    at="admin:registry_app_proposal_changelist?show=rejected",
                    reconsider=Of("rejected_proposal"),
                ),
            ),
        ),
    ),
    *model_pages(
        "registry_app_syncquestion",
        "question",
        see_row=STAFF,  # it leads to the list, which asks
        actions=(
            Send(
                what="sync with the registry file",
                by=CURATES,
                changes=frozenset({"registry_app.SyncedFile", "registry_app.SyncLink"}),
                data=_synced,
            ),
            Send(
                what="answer a question between the registry file and the portal",
                by=CURATES,
                changes=EXPERIMENT
                | {"registry_app.SyncedFile", "registry_app.SyncLink", "registry_app.SyncQuestion"},
                data=_answered,
            ),
        ),
    ),
    *model_pages(
        "registry_app_scanjob",
        "scan",
        adds=takes(
            "",
            see=CURATES,
            sends=(
                Send(
                    what="ask for a scan",
                    by=CURATES,
                    changes=frozenset({"registry_app.ScanJob"}),
                    data=plain(),
                ),
            ),
        ),
    ),
    page("admin:registry_app_scanjob_progress", "scan", see=SEES),
    page("admin:registry_app_scanjob_left_out", see=SEES),
    page("admin:registry_app_scanjob_hit_rates", see=SEES),
    button(
        "admin:registry_app_scanjob_decide",
        "left_out_child",
        sends=(
            Send(
                what="let scans draft a directory that they leave out",
                by=CURATES,
                changes=frozenset({"registry_app.ScanDecision"}),
                data=plain(decision="add"),
            ),
            Send(
                what="let scans never list a directory again",
                by=CURATES,
                changes=frozenset({"registry_app.ScanDecision"}),
                data=plain(decision="never"),
            ),
        ),
    ),
    button(
        "admin:registry_app_scanjob_take_back",
        "scan_decision",
        sends=(
            Send(
                what="take back a decision about a directory that scans leave out",
                by=CURATES,
                changes=frozenset({"registry_app.ScanDecision"}),
                data=plain(),
            ),
        ),
    ),
    button(
        "close_notice",
        "notice",
        sends=(
            Send(
                what="close the notice of an upgrade on the home page",
                by=CURATES,
                changes=frozenset({"portal.UpgradeNotice"}),
                data=plain(),
            ),
        ),
    ),
)

LINES = (*EXPERIMENTS, *OF_EXPERIMENTS, *IN_AND_OUT, *OTHERS)
