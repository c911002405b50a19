"""Lines of the table: runs, what they left, and the machines they run on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.conf import settings
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
from tests.permissions.roles import ADMINISTRATORS, CURATES, RUNS, SEES

if TYPE_CHECKING:
    from tests.permissions.world import World

RUN = frozenset({"runs_app.Run"})
QUEUED = RUN | {"runs_app.RunParameter"}
COMPARED = QUEUED | {"runs_app.Parity", "runs_app.ParityRun"}
PLAN = "?type=train&plan=1&old=train.py&new=train_new.py"
RUN_SET = frozenset({"runs_app.RunSet", "runs_app.RunStep"})
HOST = frozenset({"runs_app.HostHeartbeat"})
PROMOTION = frozenset({"runs_app.Promotion"})
SCHEDULE = frozenset({"runs_app.Schedule"})
MAIN_METRIC = frozenset({"runs_app.MainMetric"})
NEW = "admin:runs_app_run_new"
BESIDE = "?run={run}&run={queued_run}"
ASKED = "?type=train&experiment={experiment}"
SET_FILE = "admin:runs_app_runset_files?file=scenario%2Fa.yaml"
OTHER_SCENARIO = "runs:\n  - experiment: sampyo-gimhae-bct\n    type: eval\n"
SYNCED = frozenset({"registry_app.SyncedFile", "registry_app.SyncLink"})


def ticked_as_read(world: World, boss: Client, address: str) -> Data:
    """Return the form that starts a file, with the tick that it was read."""
    settings.GUARDIANFLOW_CORE_URL = world.keys["core"]
    sent = form("token", "file", "digest", at=SET_FILE)(world, boss, address)
    tick = re.search(r'name="read" value="([^"]+)"', boss.get(world.address(SET_FILE)).text)
    assert tick is not None
    return {**sent, "read": tick[1]}


def edited(world: World, boss: Client, address: str) -> Data:
    """Return the form that changes a file."""
    settings.GUARDIANFLOW_CORE_URL = world.keys["core"]
    return form("seen", "file", "text", at=SET_FILE, text=OTHER_SCENARIO)(world, boss, address)


LINES: tuple[Entry, ...] = (
    *model_pages(
        "runs_app_run",
        "run",
        actions=(
            Send(
                what="cancel selected runs",
                by=RUNS,
                changes=RUN,
                data=chosen("cancel_runs", "queued_run"),
            ),
        ),
    ),
    Entry(
        name=NEW,
        see=RUNS,
        query=ASKED,
        sends=(
            Send(
                what="queue a run",
                by=RUNS,
                changes=QUEUED,
                data=form("token", at=f"{NEW}{ASKED}", press="queue"),
            ),
            Send(
                what="run an experiment again",
                by=RUNS,
                changes=QUEUED,
                data=form("token", at=f"{NEW}?again={{run}}", press="queue"),
            ),
        ),
    ),
    button(
        "admin:runs_app_run_preview",
        sends=(
            Send(
                what="look at the command of a run",
                by=RUNS,
                data=form("token", at=f"{NEW}{ASKED}"),
            ),
        ),
    ),
    button(
        "admin:runs_app_run_fields",
        sends=(
            Send(
                what="look at the parameters of a script",
                by=RUNS,
                data=form("token", at=f"{NEW}{ASKED}"),
            ),
        ),
    ),
    button(
        "admin:runs_app_run_portal_python",
        sends=(
            Send(
                what="let the portal's Python start an entry point",
                by=RUNS,
                changes=frozenset({"registry_app.EntryPoint", "registry_app.Confirmation"}),
                data=form("token", at=f"{NEW}{ASKED}"),
            ),
        ),
    ),
    page("admin:runs_app_run_parity", "experiment", see=SEES),
    button(
        "admin:runs_app_run_parity_start",
        "experiment",
        sends=(
            Send(
                what="compare old and new",
                by=RUNS,
                changes=COMPARED,
                data=form(
                    "plan", at=f"admin:runs_app_run_parity experiment{PLAN}", action="/start/"
                ),
            ),
        ),
    ),
    button(
        "admin:runs_app_run_parity_cancel",
        "compared_experiment",
        sends=(
            Send(
                what="cancel a comparison of old and new",
                by=RUNS,
                changes=frozenset({"runs_app.Parity"}),
                data=form(at="admin:runs_app_run_parity compared_experiment", action="/cancel/"),
            ),
        ),
    ),
    page("admin:runs_app_run_rows", see=SEES, query="?id={run}"),
    page("admin:runs_app_run_choices", see=SEES),
    page("admin:runs_app_run_csv", see=SEES),
    page("admin:runs_app_run_compare", see=SEES, query=BESIDE),
    page("admin:runs_app_run_compare_csv", see=SEES, query=BESIDE),
    page("admin:runs_app_run_compare_source", see=SEES, query=f"{BESIDE}&path=train.py"),
    page("admin:runs_app_run_states", see=SEES, query="?id={run}"),
    page("admin:runs_app_run_curves", see=SEES, query="?id={run}"),
    page("admin:runs_app_run_state", "run", see=SEES),
    page("admin:runs_app_run_metrics", "run", see=SEES),
    button(
        "admin:runs_app_run_cancel",
        "queued_run",
        sends=(
            Send(
                what="cancel a run",
                by=RUNS,
                changes=RUN,
                data=form(at="admin:runs_app_run_change queued_run", action="/cancel/"),
            ),
        ),
    ),
    button(
        "admin:runs_app_run_priority",
        "queued_run",
        sends=(
            Send(
                what="change the priority of a run",
                by=RUNS,
                changes=RUN,
                data=form("priority", at="admin:runs_app_run_change queued_run", priority="7"),
            ),
        ),
    ),
    button(
        "admin:runs_app_run_not_before",
        "queued_run",
        sends=(
            Send(
                what="set when a queued run may start",
                by=RUNS,
                changes=RUN,
                data=form(
                    "not_before", at="admin:runs_app_run_change queued_run", not_before="+2h"
                ),
            ),
        ),
    ),
    button(
        "admin:runs_app_run_remarks",
        "run",
        sends=(
            Send(
                what="write a note on a run",
                by=CURATES | RUNS,
                changes=RUN,
                data=form("note", at="admin:runs_app_run_change run", action="/remarks/", note="x"),
            ),
        ),
    ),
    page("admin:runs_app_run_archive", "run", see=SEES),
    page("admin:runs_app_run_log", "run", "stdout", see=SEES),
    page("admin:runs_app_run_log_file", "run", "stdout", see=SEES),
    page("admin:runs_app_run_log_search", "run", "stdout", see=SEES, query="?q=epoch"),
    page("admin:runs_app_run_log_place", "run", "stdout", see=SEES, query="?go=50%25"),
    page("admin:runs_app_run_record", "run", "record", see=SEES),
    page("admin:runs_app_run_file", "run", "file", see=SEES),
    page("admin:runs_app_run_file_raw", "run", "file", see=SEES),
    page("admin:runs_app_run_file_picture", "run", "file", see=SEES),
    *model_pages("runs_app_promotion", "promotion", to_read=True),
    Entry(
        name="admin:runs_app_promotion_new",
        see=RUNS,
        query="?experiment={promotable}",
        sends=(
            Send(
                what="request the promotion of a model",
                by=RUNS,
                query="?experiment={promotable}",
                changes=PROMOTION,
                data=plain(file=Of("model_file"), reason="Better hooks"),
            ),
        ),
    ),
    button(
        "admin:runs_app_promotion_approve",
        "promotion",
        sends=(
            Send(
                what="approve a promotion",
                by=RUNS,
                changes=PROMOTION,
                data=plain(classes="on"),
            ),
        ),
    ),
    button(
        "admin:runs_app_promotion_reject",
        "promotion",
        sends=(
            Send(
                what="reject a promotion",
                by=RUNS,
                changes=PROMOTION,
                data=plain(reason="Not yet"),
            ),
        ),
    ),
    button(
        "admin:runs_app_promotion_withdraw",
        "promotion_in_force",
        sends=(
            Send(
                what="withdraw a promotion",
                by=RUNS,
                changes=PROMOTION,
                data=plain(reason="Wrong hooks"),
            ),
        ),
    ),
    button(
        "admin:runs_app_promotion_check",
        "promotion_in_force",
        sends=(
            Send(
                what="have a worker check a promotion",
                by=RUNS,
                changes=frozenset({"runs_app.StageProof"}),
                data=plain(),
            ),
        ),
    ),
    *model_pages("runs_app_runset", "run_set"),
    page("admin:runs_app_runset_files", see=SEES),
    button(
        "admin:runs_app_runset_file_run",
        sends=(
            Send(
                what="queue a scenario or a pipeline",
                by=RUNS,
                changes=RUN_SET | QUEUED | {"runs_app.ConfirmedFile"},
                data=ticked_as_read,
            ),
        ),
    ),
    button(
        "admin:runs_app_runset_file_save",
        sends=(
            Send(
                what="change a file of a scenario or a pipeline",
                by=CURATES,
                changes=SYNCED,
                data=edited,
            ),
        ),
    ),
    button(
        "admin:runs_app_runset_cancel",
        "run_set",
        sends=(
            Send(
                what="cancel a run set",
                by=RUNS,
                changes=RUN | RUN_SET,
                data=form(at="admin:runs_app_runset_change run_set", action="/cancel/"),
            ),
        ),
    ),
    button(
        "admin:runs_app_runset_not_before",
        "run_set",
        sends=(
            Send(
                what="set when the queued runs of a set may start",
                by=RUNS,
                changes=RUN,
                data=form(
                    "not_before", at="admin:runs_app_runset_change run_set", not_before="+2h"
                ),
            ),
        ),
    ),
    button(
        "admin:runs_app_runset_resume",
        "failed_chain",
        sends=(
            Send(
                what="resume a chain",
                by=RUNS,
                changes=QUEUED | RUN_SET,
                data=form(at="admin:runs_app_runset_change failed_chain", action="/resume/"),
            ),
        ),
    ),
    *model_pages(
        "runs_app_hostheartbeat",
        "host",
        actions=(
            Send(
                what="drain a machine",
                by=RUNS,
                changes=HOST,
                data=chosen("drain_hosts", "host"),
            ),
            Send(
                what="let a machine take runs again",
                by=RUNS,
                changes=HOST,
                data=chosen("undrain_hosts", "drained_host"),
            ),
        ),
    ),
    page("admin:runs_app_schedule_times", see=SEES, query="?cron=0+2+*+*+*"),
    *model_pages(
        "runs_app_schedule",
        "schedule",
        adds=takes(
            "",
            see=RUNS | CURATES,
            sends=(
                Send(
                    what="add a schedule of scans",
                    by=CURATES,
                    changes=SCHEDULE,
                    data=form("cron", press="_save", name="hourly", kind="scan", cron="0 * * * *"),
                ),
                Send(
                    what="add a schedule of runs",
                    by=RUNS,
                    changes=SCHEDULE,
                    data=form(
                        "cron",
                        press="_save",
                        name="daily",
                        kind="run",
                        cron="0 3 * * *",
                        experiment=Of("experiment"),
                        type="train",
                    ),
                ),
            ),
        ),
        changes=(
            Send(
                what="change a schedule of scans",
                by=CURATES,
                changes=SCHEDULE,
                data=form("cron", press="_save", cron="5 4 * * *"),
            ),
        ),
        deletes=(
            Send(
                what="delete a schedule of scans",
                by=CURATES,
                changes=SCHEDULE,
                data=plain(post="yes"),
            ),
        ),
        actions=(
            Send(
                what="delete selected schedules of scans",
                by=CURATES,
                changes=SCHEDULE,
                data=chosen("delete_selected", "schedule", post="yes"),
            ),
        ),
    ),
    *model_pages(
        "runs_app_mainmetric",
        "main_metric",
        adds=takes(
            "",
            see=ADMINISTRATORS,
            sends=(
                Send(
                    what="add a main metric",
                    by=ADMINISTRATORS,
                    changes=MAIN_METRIC,
                    data=form("names", press="_save", task_type="welding", names="F1"),
                ),
            ),
        ),
        changes=(
            Send(
                what="change a main metric",
                by=ADMINISTRATORS,
                changes=MAIN_METRIC,
                data=form("names", press="_save", names="F1\nmAP50"),
            ),
        ),
        deletes=(
            Send(
                what="delete a main metric",
                by=ADMINISTRATORS,
                changes=MAIN_METRIC,
                data=plain(post="yes"),
            ),
        ),
        actions=(
            Send(
                what="delete selected main metrics",
                by=ADMINISTRATORS,
                changes=MAIN_METRIC,
                data=chosen("delete_selected", "main_metric", post="yes"),
            ),
        ),
    ),
)
