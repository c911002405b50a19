"""Lines of the table: runs, what they left, and the machines they run on."""

from __future__ import annotations

from tests.permissions.entries import Entry, Send, button, chosen, form, model_pages, page
from tests.permissions.roles import RUNS, SEES

RUN = frozenset({"runs_app.Run"})
HOST = frozenset({"runs_app.HostHeartbeat"})
NEW = "admin:runs_app_run_new"
ASKED = "?type=train&experiment={experiment}"

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
                changes=RUN,
                data=form("token", at=f"{NEW}{ASKED}", press="queue"),
            ),
            Send(
                what="run an experiment again",
                by=RUNS,
                changes=RUN,
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
    page("admin:runs_app_run_states", see=SEES, query="?id={run}"),
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
    page("admin:runs_app_run_log", "run", "stdout", see=SEES),
    page("admin:runs_app_run_log_file", "run", "stdout", see=SEES),
    page("admin:runs_app_run_record", "run", "record", see=SEES),
    page("admin:runs_app_run_file", "run", "file", see=SEES),
    page("admin:runs_app_run_file_raw", "run", "file", see=SEES),
    page("admin:runs_app_run_file_picture", "run", "file", see=SEES),
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
)
