"""What proves each migration stage, what is missing for it, and why a stage changed."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

# What proves a stage.
DIRECTORY_KNOWN = TEXTS.add("stage_directory_known", _("A scan or a registry file names it."))
METADATA_CONFIRMED = TEXTS.add(
    "stage_metadata_confirmed", _("All metadata is known and confirmed.")
)
RUN_SUCCEEDED = TEXTS.add("stage_run_succeeded", _("Run {run} succeeded."))

# What is missing for a stage.
VALUES_MISSING = TEXTS.add("stage_values_missing", _("{count} missing"))
VALUES_GUESSED = TEXTS.add("stage_values_guessed", _("{count} to confirm"))
METADATA_LACKS = TEXTS.add("stage_metadata_lacks", _("Metadata: {names}."))
NO_RUN_SUCCEEDED = TEXTS.add("stage_no_run_succeeded", _("A run that succeeds."))
NO_ENTRY_POINT = TEXTS.add("stage_no_entry_point", _("An entry point with a script, and a run."))
NOT_STANDARD = TEXTS.add(
    "stage_not_standard",
    _("A trainer of the standard interface, a run of it, and an equal comparison with the script."),
)
NOT_INTEGRATED = TEXTS.add(
    "stage_not_integrated",
    _("A promoted model, and its entry in the main branch of the core repository."),
)
EARLIER_STAGE = TEXTS.add("stage_earlier", _("Stage {number} comes first."))
OUTCOMES = {
    "equal": TEXTS.add("stage_outcome_equal", _("equal")),
    "within": TEXTS.add("stage_outcome_within", _("within the tolerance")),
}
STANDARD_PROVED = TEXTS.add(
    "stage_standard_proved",
    _("{script} ({kind}) trains like the script: comparison {number}, {outcome}."),
)
STANDARD_WITHOUT_CONTROL = TEXTS.add(
    "stage_standard_without_control",
    _("{script} ({kind}) trains like the script: comparison {number}, {outcome}, no control."),
)
NO_TRAINER = TEXTS.add(
    "stage_no_trainer",
    _("{script} has no class of the standard interface that names its experiment."),
)
NO_RUN_OF_TRAINER = TEXTS.add(
    "stage_no_run_of_trainer", _("A run of {script} that succeeds and leaves its record.")
)
TRAINER_OF_OTHER = TEXTS.add(
    "stage_trainer_of_other",
    _("The trainer {script} says that it is of {other}; set its `experiment` to {experiment}."),
)
TRAINER_CHANGED = TEXTS.add(
    "stage_trainer_changed", _("{script} was changed since its last run; run it again.")
)
