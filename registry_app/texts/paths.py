"""Why a path is not allowed for an experiment or a script."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

NO_PATH = TEXTS.add("path_none", _("An experiment needs the path of its directory."))
CLIMBS = TEXTS.add("path_climbs", _("The path {path} climbs with “..”; write it without."))
OUTSIDE = TEXTS.add(
    "path_outside",
    _(
        "The path {path} is outside every root ({roots}). Move the directory below one "
        "of them, or add its folder to GUARDIANFLOW_ROOTS."
    ),
)
NO_ROOT_FOR = TEXTS.add(
    "path_no_root", _("No root is set, so {path} is outside every root; set GUARDIANFLOW_ROOTS.")
)
IS_ROOT = TEXTS.add("path_is_root", _("The path {path} names a root itself."))
LEADS_OUT = TEXTS.add(
    "path_leads_out",
    _(
        "The path {path} leads by a link to {place}, outside of every root. Put the link directly "
        "into a root ({roots}), or add the folder it leads to to GUARDIANFLOW_ROOTS."
    ),
)
TOO_LONG = TEXTS.add(
    "path_of_directory_too_long",
    _("The path of the directory is longer than a file system allows. Shorten it."),
)
NO_ROOTS = TEXTS.add("no_roots", _("none is set"))
SCRIPT_OUTSIDE = TEXTS.add(
    "script_outside",
    _("“{script}” is not a path inside the experiment; write it relative to its directory."),
)
SCRIPT_LEADS_OUT = TEXTS.add(
    "script_leads_out",
    _(
        "{script} leads out of {directory} by a link; only scripts inside it, and links to scripts "
        "inside a root, are run."
    ),
)
NO_CORE_SCRIPT = TEXTS.add(
    "no_core_script",
    _(
        "“{script}” is no trainer of the core repository; write it as "
        "core:trainers/NAME/trainer.py."
    ),
)
FOLDER_OUTSIDE = TEXTS.add(
    "folder_outside",
    _("“{folder}” is not a folder inside the experiment; write it relative to its directory."),
)
FOLDER_LEADS_OUT = TEXTS.add(
    "folder_leads_out",
    _("{folder} leads out of {directory} by a link; scripts start inside it."),
)
