"""Why a run set, or a step of one, is refused or ended."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

NOTHING_MATCHED = TEXTS.add(
    "set_nothing_matched",
    _("Nothing that step {step} (run {run}) left matches {pattern}; there are: {files}."),
)
MAYBE_PACKED = TEXTS.add(
    "set_maybe_packed",
    _(
        "Nothing that step {step} (run {run}) left as a file of its own matches {pattern}. Its "
        "many small files are in {archive}, of which a step cannot take one."
    ),
)
NO_FILES = TEXTS.add(
    "set_no_files", _("Step {step} (run {run}) left no file, so nothing matches {pattern}.")
)
SEVERAL_MATCHED = TEXTS.add(
    "set_several_matched",
    _(
        "Several files of step {step} (run {run}) match {pattern}: {files}. Narrow the pattern, "
        "or write pick: first or pick: last."
    ),
)
NOT_KEPT = TEXTS.add("set_not_kept", _("{file} of step {step} (run {run}) was not kept: {reason}."))
GONE = TEXTS.add("set_gone", _("the copy is not in the run folder any more"))
NO_STEP = TEXTS.add("set_no_step", _("{name} takes a file from {step}, which is no earlier step."))
NOT_WHAT_IT_MADE = TEXTS.add(
    "set_not_what_it_made",
    _("{path} is not what step {step} (run {run}) made; it was written {when}."),
)
READS_MISSING = TEXTS.add(
    "set_reads_missing", _("{path} does not exist; it should be what step {step} (run {run}) made.")
)
READS_UNREADABLE = TEXTS.add(
    "set_reads_unreadable",
    _("{path} should be what step {step} (run {run}) made, and cannot be read: {reason}."),
)
READS_OUTSIDE = TEXTS.add(
    "set_reads_outside", _("{path} of reads is outside the directory of the experiment.")
)
READS_AND_OVERLAP = TEXTS.add(
    "set_reads_and_overlap",
    _(
        "A step with reads needs its directory for itself, and the entry point {type} allows runs "
        "that overlap: one could write the file. Do not allow that, or hand the file over by a "
        "parameter."
    ),
)
COPY_DIFFERS = TEXTS.add(
    "set_copy_differs",
    _("The copy of {file} (run {run}) does not hold what was kept; it may be damaged."),
)
NOT_COLLECTED = TEXTS.add(
    "set_not_collected",
    _(
        "It waits for the files of run {run}, which could not be collected yet. That is tried "
        "again, and then it goes on."
    ),
)
FILES_ELSEWHERE = TEXTS.add(
    "set_files_elsewhere",
    _("It waits for a worker of {host}: the files that its next step takes are only there."),
)
FILES_OF_SEVERAL_HOSTS = TEXTS.add(
    "set_files_of_several_hosts",
    _(
        "{name} takes files of steps that ran on different machines ({hosts}). A step can take "
        "files of one machine."
    ),
)
STUCK = TEXTS.add(
    "set_stuck",
    _(
        "It cannot go on: {error}. It is tried again every few seconds; the log of the worker "
        "has the details."
    ),
)
NO_SECRETS = TEXTS.add(
    "set_no_secrets",
    _("A step cannot take a secret value: it would have to be stored until the step starts."),
)
LOST_RIGHT = TEXTS.add("set_lost_right", _("{user} is not allowed to run scripts any more."))
NO_RIGHT = TEXTS.add("set_no_right", _("{user} is not allowed to run scripts."))
NO_OWNER = TEXTS.add("set_no_owner", _("The user who made it does not exist any more."))
TOO_MANY = TEXTS.add(
    "set_too_many", _("{count} runs are more than the {limit} that can be queued at once.")
)
GRID_LINE = TEXTS.add(
    "set_grid_line",
    _("“{line}” is no line of a grid. Write a parameter and its values: lr = 0.1, 0.01"),
)
GRID_TWICE = TEXTS.add("set_grid_twice", _("{name} has two lines in the grid. Write one."))
THEN_AND_GRID = TEXTS.add(
    "set_then_and_grid", _("A grid cannot be followed by another run. Leave one of them empty.")
)
THEN_HALF = TEXTS.add(
    "set_then_half",
    _("Name both the parameter that gets the file and the pattern of the file, or neither."),
)
SOME_REFUSED = TEXTS.add(
    "set_some_refused", _("Nothing was queued; {count} of {total} are refused:\n{refusals}")
)
NO_SET = TEXTS.add("set_no_set", _("There is no run set {number}."))
SCRIPT_CHANGED = TEXTS.add(
    "set_script_changed", _("{script} was changed since run {run} started it.")
)
COMMIT_CHANGED = TEXTS.add(
    "set_commit_changed", _("The directory is not at commit {commit} any more, as run {run} was.")
)
RESUME_ALONE = TEXTS.add(
    "set_resume_alone",
    _("A run set is resumed by its number alone."),
    in_terminal=_("Write `pipeline run --resume ID`, without a name."),
)
NOT_A_CHAIN = TEXTS.add(
    "set_not_a_chain",
    _("Run set {number} ({kind}) cannot be resumed: only a chain can."),
    on_page=_("To repeat a run of it, choose Run again on the page of that run."),
    in_terminal=_("To repeat a run of it, start that run again with `guardianflow run`."),
)
FILES_GONE = TEXTS.add(
    "set_files_gone",
    _(
        "The chain cannot be resumed: what {name} takes from step {step} (run {run}) is not in the "
        "run folder any more. Start the chain anew."
    ),
)
OPTION_DOES_NOTHING = TEXTS.add(
    "set_option_does_nothing", _("{option} does nothing with {action}. Leave it out.")
)
NOT_RESUMABLE = TEXTS.add(
    "set_not_resumable", _("Run set {number} cannot be resumed: it is {state}.")
)
