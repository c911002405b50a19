"""What is wrong in a core repository, and why one is not written."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

# The subject of a problem that concerns no single key of an MLproject.
MLPROJECT = TEXTS.add("mlproject_itself", _("The MLproject"))

# Files
FILE_MISSING = TEXTS.add(
    "core_file_missing",
    _(
        "This file is missing. `guardianflow core init` writes one into a new folder, from where "
        "it can be copied."
    ),
)
NO_PLAIN_FILE = TEXTS.add(
    "core_no_plain_file",
    _("This is a link or no plain file, and is not read. Put a copy in its place."),
)
FILE_UNREADABLE = TEXTS.add("core_file_unreadable", _("This file cannot be read: {problem}"))
NO_PYTHON = TEXTS.add("core_no_python", _("This is not Python: {problem}."))
NO_JSON = TEXTS.add("core_no_json", _("This is not JSON: {problem}."))

# The MLproject
MLPROJECT_EMPTY = TEXTS.add(
    "mlproject_empty", _("The MLproject is empty. Write `entry_points: {{}}` into it.")
)
NO_ENTRY_POINTS = TEXTS.add(
    "mlproject_no_entry_points",
    _("MLflow cannot read entry_points without a value. Write `entry_points: {{}}`."),
)
NO_ENTRY_MAPPING = TEXTS.add(
    "mlproject_no_entry_mapping",
    _("entry_points must be a mapping of names. Write `entry_points: {{}}` to begin."),
)
SEVERAL_ENVIRONMENTS = TEXTS.add(
    "mlproject_several_environments",
    _("MLflow takes one environment, but the MLproject has {names}. Keep one."),
)
NO_COMMAND = TEXTS.add(
    "mlproject_no_command", _("The entry point {name} has no command, so MLflow cannot run it.")
)
NO_PARAMETER_TYPE = TEXTS.add(
    "mlproject_no_parameter_type",
    _("The parameter {name} has no type, so MLflow cannot read the entry point. Write `string`."),
)
LONE_BRACE = TEXTS.add(
    "mlproject_lone_brace",
    _(
        "The command of {name} has a brace without its partner. Write it twice, as MLflow "
        "fills in {{parameters}}."
    ),
)
UNKNOWN_PLACEHOLDER = TEXTS.add(
    "mlproject_unknown_placeholder",
    _(
        "The command of {name} has {part}, which is not one of its parameters; MLflow would "
        "leave the run open. List it under parameters, or write the braces twice."
    ),
)
NOT_REGISTERED = TEXTS.add(
    "mlproject_not_registered",
    _(
        "{name} runs the experiment {experiment}, which {file} does not have. Correct the name, "
        "or remove the entry point."
    ),
)
NO_SUCH_ENTRY_POINT = TEXTS.add(
    "mlproject_no_such_entry_point",
    _(
        "{name} runs {type} of {experiment}, which has no such entry point in {file}. Add it "
        "there, or remove this one."
    ),
)

TRAINER_NOT_REGISTERED = TEXTS.add(
    "core_trainer_not_registered",
    _(
        "The trainer {name} is of the experiment {experiment}, which {file} does not have. Correct "
        "its line “experiment = …”."
    ),
)

# A new repository
NOT_EMPTY = TEXTS.add(
    "core_folder_not_empty",
    _("{folder} is not empty ({names}). Name a new folder, or an empty git repository."),
    in_terminal=_(
        "To bring a core repository up to date: "
        "`guardianflow export {folder}/registry/experiments.yaml` and "
        "`guardianflow export --mlproject {folder}`."
    ),
)
NO_FOLDER = TEXTS.add("core_no_folder", _("{folder} is a file. Name a new folder."))
IN_ROOT = TEXTS.add(
    "core_in_root",
    _("{folder} is inside {root}, which holds experiments and is never written to. Name another."),
)
UNWRITABLE = TEXTS.add("core_unwritable", _("{name} cannot be written: {problem}"))
