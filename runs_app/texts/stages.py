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
A_RUN_SUCCEEDED = TEXTS.add("stage_a_run_succeeded", _("A wrapped run succeeded."))

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
