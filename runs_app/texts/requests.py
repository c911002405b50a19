"""What is wrong with a request: an unknown name, a form, a run that has ended."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

NAME_OF_SEVERAL = TEXTS.add(
    "name_of_several", _("{name} may mean {names}. Give one of these names.")
)
NO_EXPERIMENT_NEAR = TEXTS.add(
    "no_experiment_near", _("There is no experiment {name}. Did you mean {names}?")
)
NO_EXPERIMENT = TEXTS.add(
    "no_experiment",
    _("There is no experiment {name}."),
    in_terminal=_("`guardianflow list` shows them all."),
)
NO_EXPERIMENTS = TEXTS.add(
    "no_experiments",
    _("There is no experiment {name}, and no other either."),
    on_page=_("Scan first."),
    in_terminal=_("`guardianflow scan --import` finds them."),
)
NO_RUN = TEXTS.add(
    "no_run",
    _("There is no run {number}."),
    in_terminal=_("`guardianflow runs` lists them."),
)
NO_HOST = TEXTS.add("no_host", _("No worker of {host} has ever reported; known hosts: {known}."))
RUN_ENDING = TEXTS.add("run_ending", _("Run {run} is ending already."))
RUN_ENDED = TEXTS.add("run_ended", _("Run {run} has ended already: {status}."))
LOGS_GONE = TEXTS.add("logs_gone", _("The folder of run {run} is gone, and its logs with it."))
LOGS_ELSEWHERE = TEXTS.add(
    "logs_elsewhere", _("The logs of run {run} are not on this machine; it was on {host}.")
)
NEVER_ON_MACHINE = TEXTS.add("never_on_machine", _("Run {run} has no logs: it was never started."))
GIVEN_AS_SECRET_TOO = TEXTS.add("given_as_secret_too", _("{name} is given twice; drop one."))
GIVEN_AS_FURTHER_TOO = TEXTS.add(
    "given_as_further_too", _("{name} is given twice; take it out of the further parameters.")
)
NO_NAMED_ARGUMENT = TEXTS.add(
    "no_named_argument",
    _("'{argument}' has no value, or no name."),
    in_terminal=_("With --named-args, write `-- --name value`."),
)
NO_VARIABLE = TEXTS.add(
    "no_variable",
    _("'{pair}' is not an environment variable. Write NAME=VALUE, for example PPE_DATA=/nas/ppe."),
)
VARIABLE_GIVEN_TWICE = TEXTS.add(
    "variable_given_twice", _("The variable {name} is given twice; drop one.")
)
NO_TIME = TEXTS.add(
    "no_time", _("'{text}' is not a time. Write 2026-12-01T22:00, or +2h for in two hours.")
)
TIME_PASSED = TEXTS.add("time_passed", _("{text} has passed already. Give a later time, or none."))
TIME_TOO_FAR = TEXTS.add("time_too_far", _("{text} is more than {days} days ahead."))
NO_SECRET_VALUE = TEXTS.add(
    "no_secret_value",
    _("There is no value for the secret {name}."),
    in_terminal=_("Type it at the prompt, or write it as one line to standard input."),
)
OPEN_QUOTE_IN_EXTRA = TEXTS.add(
    "open_quote_in_extra",
    _("The extra arguments have an open quote or a lone backslash. Close the quote."),
)
NOTE = TEXTS.add("note_of_run", _("The note"))
WORKER_RUNS = TEXTS.add(
    "worker_runs", _("A worker is running for {home} already; stop that one first.")
)

NO_ENGINEER_CONFIRMED = TEXTS.add(
    "no_engineer_confirmed", _("No engineer has confirmed the command of {entry} yet.")
)
COMMAND_CHANGED = TEXTS.add(
    "command_changed",
    _("The command of {entry} was changed since an engineer confirmed it."),
)
LAST_CHANGE = TEXTS.add("last_change", _("Last change: {when}."))
LAST_CHANGE_BY = TEXTS.add("last_change_by", _("Last change: {user}, {when}."))
READ_IT = TEXTS.add(
    "read_it",
    _("Read it."),
    on_page=_("Then tick it in the form and queue it."),
    in_terminal=_("Then repeat the command with --confirm {digest}"),
)
