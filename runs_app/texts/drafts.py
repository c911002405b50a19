"""Why no adapter is drafted, or where a drafted one cannot go."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

CANNOT_READ = TEXTS.add("draft_cannot_read", _("{script} cannot be read."))
NO_ADAPTER_FOR_KIND = TEXTS.add(
    "no_adapter_for_kind",
    _("There is no adapter for {script}: only for Python scripts and shell launchers."),
)
ADAPTER_NEEDS_SCRIPT = TEXTS.add(
    "adapter_needs_script",
    _("{experiment} has no default script of type {type} in its directory."),
    on_page=_("Set one in the entry point."),
    in_terminal=_("Name one with --script."),
)
ADAPTER_NEEDS_PLACE = TEXTS.add(
    "adapter_needs_place",
    _("No core repository is set."),
    in_terminal=_(
        "Write the adapter to a folder with --output DIR, or to the terminal with --output -."
    ),
)
ADAPTER_IN_ROOT = TEXTS.add(
    "adapter_in_root",
    _(
        "{folder} is inside the root {root}, where the portal writes nothing. Choose another "
        "folder."
    ),
)
ADAPTER_THERE = TEXTS.add(
    "adapter_there", _("{file} is there and differs. Remove it, or choose another folder.")
)
ADAPTER_UNWRITABLE = TEXTS.add("adapter_unwritable", _("{file} cannot be written: {problem}"))
ADAPTER_BRANCH_TAKEN = TEXTS.add(
    "adapter_branch_taken",
    _(
        "Branch {branch} of {url} has other commits. Merge or delete it, then draft the adapter "
        "again."
    ),
)
ADAPTER_PUSH_REFUSED = TEXTS.add(
    "adapter_push_refused",
    _("{url} takes no push to branch {branch}: {problem}."),
    in_terminal=_("Write the adapter with --output DIR."),
)
