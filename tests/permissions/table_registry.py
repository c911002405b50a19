"""Lines of the table: experiments, what scans propose, and the ways in and out of the registry."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

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
KINDS = ("train", "infer", "quant", "eval", "data", "demo")
YAML = """\
experiments:
  sampyo-new:
    path: sampyo-new
"""


def _uploaded(world: World, _boss: Client, _address: str) -> Data:
    return {"file": SimpleUploadedFile("experiments.yaml", YAML.encode())}


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
)

LINES = (*EXPERIMENTS, *OF_EXPERIMENTS, *IN_AND_OUT, *OTHERS)
