"""Why a comparison of an old and a new side ended as it did, and why one cannot be started."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

EQUAL = TEXTS.add(
    "parity_equal",
    _(
        "Old and new give the same metrics, bit by bit (compared: {count}), and {change} gives"
        " others."
    ),
)
EQUAL_NO_CONTROL = TEXTS.add(
    "parity_equal_no_control",
    _(
        "Old and new give the same metrics, bit by bit (compared: {count}). There was no control:"
        " no parameter for epochs or a learning rate is known."
    ),
)
SAME_COMMAND = TEXTS.add(
    "parity_same_command",
    _(
        "The trainer starts the same file with the same arguments, and what it read of the results"
        " is what the portal reads (metrics: {count})."
    ),
)
WITHIN = TEXTS.add(
    "parity_within",
    _(
        "Every compared metric ({count}) is within the tolerance of {old} old and {new} new runs,"
        " and {change} is not."
    ),
)
OUTSIDE = TEXTS.add("parity_outside", _("Outside the tolerance: {metrics}."))
NOT_FINITE = TEXTS.add(
    "parity_not_finite", _("The new side gives no finite number for {metrics}; the old one does.")
)
NO_MAIN = TEXTS.add(
    "parity_no_main", _("The new side does not report {metric}, the main metric of the old one.")
)
NO_METRICS = TEXTS.add(
    "parity_no_metrics",
    _("This comparison proves nothing: there is no metric that all of its runs report."),
)
NO_LOSS = TEXTS.add(
    "parity_no_loss",
    _(
        "This comparison proves nothing: no loss is among the metrics that old and new report, and"
        " other metrics miss half of all changes."
    ),
)
NO_CONTROL = TEXTS.add(
    "parity_no_control",
    _(
        "This comparison proves nothing: the runs differ under the same seed, and without a"
        " parameter for epochs or a learning rate there is no control that could show what is"
        " noise."
    ),
)
CONTROL_IN = TEXTS.add(
    "parity_control_in",
    _(
        "This comparison proves nothing: {change} gives the same metrics as the old side, so equal"
        " metrics do not mean the same training."
    ),
)
RUN_FAILED = TEXTS.add(
    "parity_run_failed",
    _("This comparison proves nothing: run {run} ({role}) ended as {status}."),
)
RUN_DELETED = TEXTS.add(
    "parity_run_deleted", _("This comparison proves nothing: a run of it ({role}) was deleted.")
)
REFUSED = TEXTS.add(
    "parity_refused", _("This comparison proves nothing: a run was refused. {reason}")
)
HALF_THE_EPOCHS = TEXTS.add(
    "parity_half_the_epochs", _("a control with half the epochs ({name}={value})")
)
THIRD_OF_LR = TEXTS.add(
    "parity_third_of_lr",
    _("a control with a third of the learning rate ({name}={value})"),
)
CHANGED_MEANWHILE = TEXTS.add(
    "parity_changed_meanwhile",
    _("This comparison proves nothing: {files} changed while its runs were carried out."),
)
OLDER_STATE = TEXTS.add(
    "parity_older_state", _("The parity is of an older state: {files} changed since then.")
)
NEVER_COMPARED = TEXTS.add(
    "parity_never", _("Old and new have not been compared yet, or not with an end.")
)
NEW_SIDE = TEXTS.add("parity_new_side", _("the new side"))
OLD_SIDE = TEXTS.add("parity_old_side", _("the old side"))
NO_SIDE = TEXTS.add(
    "parity_no_side",
    _(
        "There is no script for {what}: the old side is a script of this entry point, the new one"
        " a class that inherits from BaseTrainer or ScriptTrainer."
    ),
    in_terminal=_("Name them with --old and --new."),
)
SEVERAL_SIDES = TEXTS.add(
    "parity_several_sides",
    _("Several scripts could be {what}: {scripts}. Choose one."),
    in_terminal=_("Name it with --old or --new."),
)
SAME_SIDES = TEXTS.add("parity_same_sides", _("Old and new are the same script: {script}."))
HAS_SECRETS = TEXTS.add(
    "parity_has_secrets",
    _(
        "Secret values are not stored, so a comparison of several runs cannot pass them: {names}."
        " Let the script read them from a file or from its own environment."
    ),
)
ALREADY_RUNNING = TEXTS.add(
    "parity_already_running", _("Old and new of {experiment} are already being compared.")
)
WARN_NO_CONTROL = TEXTS.add(
    "parity_warn_no_control",
    _(
        "No parameter for epochs or a learning rate has a known value, so there is no control. Only"
        " runs that are equal under one seed will be accepted."
    ),
)
WARN_NO_SEED = TEXTS.add(
    "parity_warn_no_seed",
    _(
        "No parameter for a seed is known on both sides. Runs are equal only if the scripts fix"
        " their seeds themselves."
    ),
)
