"""Why a child of a root is no experiment, and why a decision about one is refused."""

from __future__ import annotations

from registry_app.messages import TEXTS, Message, plain
from registry_app.messages import marked as _

EMPTY = TEXTS.add("left_out_empty", _("an empty folder"))
PICTURES = TEXTS.add("left_out_pictures", _("only pictures or videos"))
DATA = TEXTS.add("left_out_data", _("only data"))
NO_SCRIPT = TEXTS.add("left_out_no_script", _("no script, no weights and no note about a model"))
ENVIRONMENT = TEXTS.add("left_out_environment", _("a Python environment"))
HIDDEN = TEXTS.add("left_out_hidden", _("hidden: the name begins with a dot"))
NO_FOLDER = TEXTS.add("left_out_no_folder", _("not a folder"))
DEAD_LINK = TEXTS.add("left_out_dead_link", _("a link to {target}, which is not there"))
LOOP = TEXTS.add("left_out_loop", _("a link that leads to itself"))
LINK_TO_EXPERIMENT = TEXTS.add(
    "link_to_experiment", _("a link to {target}, which is in the same roots")
)
SAME_IN_UNICODE = TEXTS.add(
    "same_in_unicode",
    _("another directory is named {name} too, composed otherwise in Unicode; rename one"),
)
BAD_NAME = TEXTS.add("bad_name", _("the name is too long or has characters that cannot be shown"))
UNREADABLE = TEXTS.add("left_out_unreadable", _("cannot be read ({problem})"))
NOT_READ = TEXTS.add("left_out_not_read", _("reading failed: {problem}"))
ARCHIVED = TEXTS.add(
    "left_out_archived",
    _("its experiment {name} is archived"),
    on_page=_("(restore it on its page)"),
    in_terminal=_("(`guardianflow unarchive {name}` brings it back)"),
)
RENAMED = TEXTS.add(
    "left_out_renamed",
    _("perhaps the experiment {name} under a new name; answer the proposal first"),
)

# Those that a person may overrule.
MAY_BE_ADDED = frozenset(
    text.code for text in (EMPTY, PICTURES, DATA, NO_SCRIPT, ENVIRONMENT, HIDDEN)
)
# Those that hide what may well be an experiment, until somebody repairs them, and links by which
# people may look for one.
PROBLEMS = frozenset(
    text.code
    for text in (
        DEAD_LINK,
        LOOP,
        LINK_TO_EXPERIMENT,
        SAME_IN_UNICODE,
        BAD_NAME,
        UNREADABLE,
        NOT_READ,
    )
)

# The reason without its values, for counts.
_SHORT = {
    DEAD_LINK.code: TEXTS.add("left_out_dead_link_short", _("a dead link")),
    LINK_TO_EXPERIMENT.code: TEXTS.add("left_out_link_short", _("a second link")),
    SAME_IN_UNICODE.code: TEXTS.add("left_out_unicode_short", _("the same name in Unicode")),
    BAD_NAME.code: TEXTS.add("left_out_name_short", _("an unusable name")),
    HIDDEN.code: TEXTS.add("left_out_hidden_short", _("hidden")),
    UNREADABLE.code: TEXTS.add("left_out_unreadable_short", _("cannot be read")),
    NOT_READ.code: TEXTS.add("left_out_not_read_short", _("reading failed")),
    ARCHIVED.code: TEXTS.add("left_out_archived_short", _("archived")),
    RENAMED.code: TEXTS.add("left_out_renamed_short", _("perhaps renamed")),
}


def short(code: str) -> Message:
    """Return the reason of this code without its values; of a newer version the code itself."""
    text = _SHORT.get(code)
    if text is not None:
        return text()
    try:
        return TEXTS[code]()
    except KeyError:
        return plain(code)


# Why a decision is refused
NOT_THERE = TEXTS.add("left_out_not_there", _("There is no {path}."))
NOT_A_CHILD = TEXTS.add(
    "left_out_not_a_child", _("{path} is not directly inside one of the roots: {roots}")
)
HAS_EXPERIMENT = TEXTS.add(
    "left_out_has_experiment",
    _("{path} is the directory of the experiment {name}."),
    on_page=_("Archive it on its page."),
    in_terminal=_("`guardianflow archive {name}` takes it out of the lists."),
)
ADDED_ALREADY = TEXTS.add(
    "left_out_added_already",
    _("{path} is the experiment {name} already; there is nothing to add."),
)
CANNOT_BE_ADDED = TEXTS.add("left_out_cannot_be_added", _("{path} cannot be added: {reason}"))
NOTHING_DECIDED = TEXTS.add("left_out_nothing_decided", _("Nothing was decided about {path}."))
