"""What a change set is about, and why rows cannot be changed or changed back."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

# The name of a row, by its model.
ROWS = {
    "customer": TEXTS.add("row_customer", _("customer {name}")),
    "site": TEXTS.add("row_site", _("site {name}")),
    "zone": TEXTS.add("row_zone", _("zone {name}")),
    "experiment": TEXTS.add("row_experiment", _("experiment {name}")),
    "vocabularyword": TEXTS.add("row_vocabulary_word", _("word {name}")),
    "entrypoint": TEXTS.add("row_entry_point", _("entry point {name}")),
}
ONE_PROPOSAL = TEXTS.add("one_proposal", _("1 proposal: {names}"))
PROPOSALS = TEXTS.add("proposals", _("{count} proposals: {names}"))
AND_MORE = TEXTS.add("and_more", _("{names} and {count} more"))
UNDONE = TEXTS.add("undone", _("Undone: change set {number}"))
UNDONE_OF = TEXTS.add("undone_of", _("Undone: change set {number} ({summary})"))

PREVIEW_STALE = TEXTS.add(
    "preview_stale", _("The registry changed after this preview was made. Look at it once more.")
)
PREVIEW_OLD = TEXTS.add("preview_old", _("This preview is too old. Choose the file once more."))
CHOOSE_KIND = TEXTS.add("choose_kind", _("Choose what the rows of the sheet are."))
CHOOSE_FILE = TEXTS.add("choose_file", _("Choose a file first."))
FILE_TOO_LARGE = TEXTS.add("upload_too_large", _("The file is larger than {limit} MiB."))
WORKER_DIED = TEXTS.add(
    "worker_died_at_file", _("The worker died {count} times at this file. Nothing was written.")
)
READERS_NOT_STARTED = TEXTS.add(
    "readers_not_started", _("The processes that read experiments cannot be started: {problem}")
)
SAME_NAME = TEXTS.add(
    "same_name",
    _(
        "Two experiments are called {name}: {one} and {other}. Rename one of the directories or "
        "take its root out."
    ),
)
ARCHIVED = TEXTS.add("archived", _("Archived: {names}"))
RESTORED = TEXTS.add("restored", _("Restored from the archive: {names}"))
ALREADY_ARCHIVED = TEXTS.add("already_archived", _("Archived already: {names}"))
NOT_ARCHIVED = TEXTS.add("not_archived", _("Not archived: {names}"))
IS_ARCHIVED = TEXTS.add(
    "is_archived",
    _("The experiment {name} is archived."),
    on_page=_("Restore it on its page first."),
    in_terminal=_("`guardianflow unarchive {name}` brings it back."),
)
ONE_VALUE_REVIEWED = TEXTS.add("one_value_reviewed", _("1 value reviewed: {names}"))
VALUES_REVIEWED = TEXTS.add("values_reviewed", _("{count} values reviewed: {names}"))

# Why answers to proposals or guesses are refused; then nothing is written
NOTHING_DONE = TEXTS.add("nothing_done", _("Nothing was done. {problems}"))
NOT_OPEN = TEXTS.add(
    "proposals_not_open", _("Nothing was done: these are not open any more: {names}.")
)
WITH_STATE = TEXTS.add("proposal_with_state", "{proposal} ({state})")
STATES = {
    "accepted": TEXTS.add("proposal_accepted", _("Accepted")),
    "rejected": TEXTS.add("proposal_rejected", _("Rejected")),
    "superseded": TEXTS.add("proposal_superseded", _("Superseded by another guess")),
    "withdrawn": TEXTS.add("proposal_withdrawn", _("No longer needed")),
}
NOT_THERE = TEXTS.add("proposals_not_there", _("Nothing was done: choose proposals that exist."))
CHANGED_SINCE_SHOWN = TEXTS.add(
    "changed_since_shown",
    _(
        "Nothing was done: these changed after you opened the page: {names}. "
        "Look at them once more."
    ),
)
SAYS_THIS_ALREADY = TEXTS.add(
    "says_this_already", _("Nothing was done: {name} says this already; reject the proposal.")
)
CHOOSE_VALUE = TEXTS.add("choose_value", _("Nothing was done: choose at least one value first."))

# Why a change set cannot be undone
NO_LONGER_FITS = TEXTS.add(
    "no_longer_fits",
    _(
        "The state before the change set no longer fits the other rows: another row has "
        "the same name or place by now. First undo the change set that created it."
    ),
)
TOUCHED_NOTHING = TEXTS.add(
    "touched_nothing", _("This change set touched no row; there is nothing to undo.")
)
CHANGED_SINCE = TEXTS.add(
    "changed_since",
    _(
        "Changed again since then: {names}. Undo those change sets first, or put the "
        "values right by hand."
    ),
)
NOT_RECORDED = TEXTS.add(
    "value_not_recorded",
    _("The previous value of {name} was not recorded; correct it by hand."),
)
OLD_STATE_INVALID = TEXTS.add(
    "old_state_invalid", _("{name} cannot have its old state again: {problem}")
)
STILL_NEEDED = TEXTS.add(
    "still_needed", _("{names} still need something that this change set created.")
)
