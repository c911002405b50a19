"""Why a promotion is refused, what it waits for, and what became of it."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

# Checks before a request or an approval.
STAGE_TOO_LOW = TEXTS.add(
    "promotion_stage_too_low",
    _("{experiment} is proved up to stage {proved}; a promotion needs stage 4."),
)
METADATA_OPEN = TEXTS.add(
    "promotion_metadata_open",
    _("The metadata of {experiment} is not complete and confirmed."),
)
NO_FILES = TEXTS.add(
    "promotion_no_files", _("Run {run} has no file to promote; name one that it made.")
)
FILE_UNKNOWN = TEXTS.add(
    "promotion_file_unknown", _("Run {run} left no file {path}. It left: {names}.")
)
FILE_NOT_KEPT = TEXTS.add(
    "promotion_file_not_kept", _("The portal has no copy of {path} of run {run}.")
)
FILE_DIFFERS = TEXTS.add(
    "promotion_file_differs",
    _("The copy of {path} of run {run} is not the file that the run made."),
)
RUN_NOT_GOOD = TEXTS.add("promotion_run_not_good", _("Run {run} has not succeeded."))
RUN_OF_PARITY = TEXTS.add(
    "promotion_run_of_parity",
    _("Run {run} is part of a parity comparison, which may be shortened. Train the model again."),
)
RUN_OF_OTHER = TEXTS.add("promotion_run_of_other", _("Run {run} is not a run of {experiment}."))
NO_EVALUATION = TEXTS.add(
    "promotion_no_evaluation",
    _(
        "No successful evaluation or inference run of {experiment} had {path} among its inputs "
        "and reported {metric}. Run one with this file."
    ),
)
CLASSES_DIFFER = TEXTS.add(
    "promotion_classes_differ",
    _("The classes differ: {source} has {found}, the registry has {registered}."),
)
CLASSES_UNSTATED = TEXTS.add(
    "promotion_classes_unstated",
    _("No plain file states the classes of this package; the approver confirms them."),
)
NO_PARITY = TEXTS.add(
    "promotion_no_parity",
    _("No comparison proves the trainer equal to the script for the present files."),
)
NAME_COLLIDES = TEXTS.add(
    "promotion_name_collides",
    _("The model would be called {name}, as that of {other}. Rename one of the experiments."),
)
OPEN_ALREADY = TEXTS.add(
    "promotion_open_already", _("Promotion {number} of {experiment} is still open.")
)
NEEDS_REASON = TEXTS.add("promotion_needs_reason", _("Say why, in one sentence."))
NOT_WAITING = TEXTS.add(
    "promotion_not_waiting", _("Promotion {number} does not wait for an approval.")
)
SAME_PERSON = TEXTS.add(
    "promotion_same_person",
    _(
        "Who requested a promotion does not approve it. With GUARDIANFLOW_SELF_APPROVAL one "
        "person may do both, and the record says so."
    ),
)
REQUESTER_GONE = TEXTS.add(
    "promotion_requester_gone",
    _(
        "The account that requested promotion {number} was deleted, so another person cannot be "
        "told from it. Reject it and request it again."
    ),
)
NOT_IN_FORCE = TEXTS.add("promotion_not_in_force", _("{experiment} has no promotion to withdraw."))
NO_PROMOTION = TEXTS.add(
    "promotion_none", _("{experiment} has no promotion that waits for an approval.")
)
NO_CORE = TEXTS.add(
    "promotion_no_core",
    _(
        "No core repository is configured, so it is in MLflow alone. Set GUARDIANFLOW_CORE_URL, "
        "withdraw it and promote it again."
    ),
)

# MLflow.
UPLOAD_REFUSED = TEXTS.add("promotion_upload_refused", _("MLflow refused these files: {names}."))
MODEL_NAME_TAKEN = TEXTS.add(
    "promotion_model_name_taken",
    _("MLflow already has a model {name}, of {other}. Rename it there, or the experiment here."),
)
NOT_IN_MLFLOW = TEXTS.add(
    "promotion_run_not_in_mlflow", _("Run {run} is not in MLflow yet; it is sent first.")
)
DOWNLOAD_DIFFERS = TEXTS.add(
    "promotion_download_differs",
    _("MLflow gives back other bytes of {names} than were uploaded."),
)

MOVED_ON = TEXTS.add(
    "promotion_moved_on", _("Promotion {number} was withdrawn or decided meanwhile.")
)

# The state of stage 5.
CHAMPION_GONE = TEXTS.add(
    "promotion_champion_gone",
    _("The files of version {version} of model {name} are gone from MLflow (mlflow gc?)."),
)
NO_CHAMPION = TEXTS.add("promotion_no_champion", _("Model {name} has no alias champion."))
OTHER_CHAMPION = TEXTS.add(
    "promotion_other_champion",
    _("The alias champion of {name} is at version {found}; version {version} was promoted."),
)
CHAMPION_DIFFERS = TEXTS.add(
    "promotion_champion_differs",
    _("Version {version} of model {name} has other files than were promoted: {names}."),
)
NOT_MERGED = TEXTS.add(
    "promotion_not_merged",
    _("Branch {branch} is not in {main} of the core repository yet."),
)
CORE_DIFFERS = TEXTS.add(
    "promotion_core_differs",
    _("The core section of {main} says something else about {experiment} than was promoted."),
)
CORE_FILE_INVALID = TEXTS.add(
    "promotion_core_file_invalid", _("{file} in the core repository cannot be read: {problem}")
)
INTEGRATED = TEXTS.add(
    "promotion_integrated",
    _("Version {version} of model {name} is the champion and is in {main}."),
)
INTEGRATED_RENAMED = TEXTS.add(
    "promotion_integrated_renamed",
    _(
        "Version {version} of model {name} is the champion and is in {main}, under {former}, as "
        "the experiment was called then."
    ),
)
UNCHECKED = TEXTS.add("promotion_unchecked", _("It could not be checked: {problem}"))
NO_PROMOTION_IN_FORCE = TEXTS.add(
    "promotion_none_in_force",
    _("A promoted model, and its entry in the main branch of the core repository."),
)

# The branch of the core repository.
COMMIT_SUBJECT = "Integrate {name} into the core"
WITHDRAWAL_SUBJECT = "Withdraw {name} from the core"
EDIT_REFUSED = TEXTS.add("promotion_edit_refused", _("{file}, line {line}: {reason}"))
BRANCH_CHANGED = TEXTS.add(
    "promotion_branch_changed",
    _("Others pushed to {branch}; their commits stay. Merge or delete that branch."),
)
BRANCH_REFUSED = TEXTS.add(
    "promotion_branch_refused", _("The remote refused branch {branch}: {problem}")
)
TRAINER_UNKNOWN = TEXTS.add(
    "promotion_trainer_unknown",
    _("The trainer of {experiment} is neither in the core repository nor in its directory."),
)
EDITED_SINCE = TEXTS.add(
    "promotion_edited_since",
    _("{file} was edited since and stays; undo it by hand if it has to go."),
)
NOT_ALLOWED = TEXTS.add(
    "promotion_not_allowed",
    _("There is no account {user} that promotes models."),
    in_terminal=_("Name one with --by."),
)
NOTHING_TO_PROMOTE = TEXTS.add(
    "promotion_nothing",
    _("No good run of {experiment} has left a model that the portal has kept."),
)
