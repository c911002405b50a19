"""What is wrong with a schedule, and what became of its times."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

NO_CRON = TEXTS.add(
    "schedule_no_cron",
    _("“{line}” is no cron line. Write minute, hour, day, month and day of the week: 30 2 * * 1-5"),
)
RANDOM = TEXTS.add(
    "schedule_random",
    _("“{line}” leaves a time to chance (R or H). Write numbers: 30 2 * * 1-5"),
)
NEVER = TEXTS.add("schedule_never", _("“{line}” has no time: there is no such day."))
NO_OWNER = TEXTS.add("schedule_no_owner", _("Its owner does not exist any more."))
LOST_RIGHT = TEXTS.add("schedule_lost_right", _("{user} is not allowed to do this any more."))
NO_RIGHT = TEXTS.add("schedule_no_right", _("{user} is not allowed to do this."))
NEEDS = TEXTS.add("schedule_needs", _("This kind of schedule needs it."))
NO_SECRETS = TEXTS.add(
    "schedule_no_secrets",
    _("A schedule cannot give a secret value: it would have to be stored until then."),
)
MISSED = TEXTS.add(
    "schedule_missed",
    _("No worker was running, or its clock was put forward: {count} times until {until}."),
)
MISSED_ONE = TEXTS.add(
    "schedule_missed_one", _("No worker was running, or its clock was put forward.")
)
HELD_UP = TEXTS.add(
    "schedule_held_up",
    _(
        "A worker was running, but busy with something else for too long, or its clock was put "
        "forward: {count} times until {until}."
    ),
)
HELD_UP_ONE = TEXTS.add(
    "schedule_held_up_one",
    _(
        "A worker was running, but busy with something else for too long, or its clock was put "
        "forward."
    ),
)
WILL_BE_SKIPPED = TEXTS.add(
    "schedule_will_be_skipped",
    _("Its times will be skipped: {why} Queue it once by hand, where it is shown to be read."),
)
INTERRUPTED = TEXTS.add(
    "schedule_interrupted", _("The worker stopped while it was starting this time.")
)
BROKE = TEXTS.add("schedule_broke", _("The portal failed: {error}."))
SCAN = TEXTS.add("schedule_scan", _("Scan {number} was requested."))
SYNCED = TEXTS.add("schedule_synced", _("Synced."))
SYNCED_QUESTIONS = TEXTS.add(
    "schedule_synced_questions", _("Synced; {count} questions wait for an answer.")
)
