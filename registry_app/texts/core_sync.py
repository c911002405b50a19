"""Why a sync with the core repository could not be done, and what waits for whom."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

NO_GIT = TEXTS.add("no_git", _("git cannot be started: install it on this machine."))
GIT_TOO_OLD = TEXTS.add(
    "git_too_old",
    _("git {version} is too old for the core repository: install git {oldest} or newer."),
)
GIT_FAILED = TEXTS.add(
    "git_failed",
    _("git {command} failed, so nothing was changed; edits wait for the next sync: {problem}"),
)
GIT_TOO_SLOW = TEXTS.add(
    "git_too_slow", _("git did not end within {seconds} s. Edits wait for the next sync.")
)
CREDENTIALS_UNREADABLE = TEXTS.add(
    "core_credentials_unreadable",
    _("GUARDIANFLOW_CORE_CREDENTIALS_FILE {file} cannot be read by the portal."),
)
CREDENTIALS_OPEN = TEXTS.add(
    "core_credentials_open",
    _(
        "Other users can read GUARDIANFLOW_CORE_CREDENTIALS_FILE {file}, so it is not used. "
        "Run `chmod 600` on it."
    ),
)
FILE_STALE = TEXTS.add(
    "core_file_stale",
    _(
        "{file} is not what you opened: it was changed in the core repository. Nothing was saved. "
        "Compare; saving again replaces it with your text."
    ),
)
FILE_UNCHANGED = TEXTS.add("core_file_unchanged", _("{file} has this content already."))
FILE_NOT_TAKEN = TEXTS.add(
    "core_file_not_taken",
    _("{file} was not saved: the core repository takes the portal's commit nowhere: {problem}"),
)
UNREACHABLE = TEXTS.add(
    "core_unreachable",
    _("{url} cannot be reached, so edits wait for the next sync: {problem}"),
)
NO_BRANCH = TEXTS.add(
    "core_no_branch",
    _("{url} has no branch {branch}. Push a first commit to it, or set GUARDIANFLOW_CORE_BRANCH."),
)
FILE_MOVED = TEXTS.add(
    "core_file_moved",
    _(
        "{file} is not on branch {branch} any more: it was moved to {new}. Nothing was changed. "
        "Set GUARDIANFLOW_CORE_REGISTRY_PATH to {new} if that is right."
    ),
)
FILE_REMOVED = TEXTS.add(
    "core_file_removed",
    _(
        "{file} is not on branch {branch} any more. Nothing was changed: revert the commit that "
        "removed it, or set GUARDIANFLOW_CORE_REGISTRY_PATH."
    ),
)
NOT_A_FILE = TEXTS.add(
    "core_not_a_file",
    _("{file} is a link or a folder on branch {branch}; only a file is read."),
)
TOO_LARGE = TEXTS.add("core_too_large", _("{file} has more than {most} MB, so it is not read."))
LAST_COMMIT = TEXTS.add("core_last_commit", _("{file} (last commit {commit} by {author})"))
PUSH_UNCLEAR = TEXTS.add(
    "core_push_unclear",
    _("Whether {url} took the changes is not known; the next sync looks: {problem}"),
)
WAITS_FOR_MERGE = TEXTS.add(
    "core_waits_for_merge",
    _(
        "Branch {branch} takes no pushes ({problem}). The portal's changes are on branch "
        "{proposed}: merge it into {branch}. The file's changes are in the portal."
    ),
)
OTHERS_ON_BRANCH = TEXTS.add(
    "core_others_on_branch",
    _(
        "Branch {branch} takes no pushes ({problem}), and {proposed} has commits of others, which "
        "are kept. Merge {proposed} or delete it; the portal's changes wait until then. The file's "
        "changes are in the portal."
    ),
)
NO_PUSH_AT_ALL = TEXTS.add(
    "core_no_push_at_all",
    _(
        "{url} takes pushes neither to {branch} nor to {proposed} ({problem}). The portal's "
        "changes wait; the file's changes are in the portal."
    ),
)
REWRITTEN = TEXTS.add(
    "core_rewritten",
    _("The history of branch {branch} was rewritten since the last sync; values were merged."),
)
COMMIT_SUBJECT = "Take over what was edited in the portal"
