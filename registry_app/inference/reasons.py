"""The words in which the scan says why: kept as written here, shown in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from registry_app.choices import EntryPointType
from registry_app.inference.phrases import Phrases

CALLS = _("calls {name} in line {line}")
CALLS_ELSEWHERE = _("runs {path}, which calls {name} in line {line}")
IMPORTS = _("imports {name}")
STARTS = _("starts {script}")
TURNS_FILES = _("reads files and writes others")
NAME_SPEAKS_OF = _("its name speaks of {kind}")
ONLY_ONE = _("the only {kind} script")
HIGHEST_VERSION = _("highest version among {count} {kind} scripts")
NAMED_ELSEWHERE = _("named in a note or launcher")
RUNNERS_UP = _("next: {paths}")
NEAREST_TO_TOP = _("first of {count} {kind} scripts, nearest to the top")
OPTIONS_OF_DEFAULT = _("the options of the default script")
KEY_OF_YAML = _("key “{key}” of a YAML file")
LIST_OF_NAMES = _("a list of names")
LABEL_MAP = _("a label map")
ANNOTATIONS = _("categories of annotations")
CONSTANT = _("the constant {name}")
BEFORE_TASK = _("before the task in the name")
BEFORE_REGION = _("before the region {region} in the name")
LAST_WORD = _("the last word of the name")
LAST_AFTER_REGION = _("the last word of the name, after the region")
REGION_NAME = _("the name of a region")
PLANT_NUMBER = _("the number of a plant")
BETWEEN = _("between region and task in the name")
NOTE = _("a note says so")
KNOWN_SPELLING = _("“{spelling}” is the known customer {customer}")
SOUNDS_KNOWN = _("“{spelling}” sounds like the known customer {customer}")
KNOWN_PLACE = _("a known place of this customer")
CLASS_NAMES = _("the names of the classes")
WORD_OF_NAME = _("a word of the name")
WORDS_OF_CODE = _("what the scripts speak of")
WHAT_IT_IMPORTS = _("what it imports")
FOUND_THERE = _("the directory lies there")
SAME_SCRIPTS = _("{same} of {count} scripts are those of the directory that is gone")


def _type_in_words(kind: str) -> str:
    known = kind in EntryPointType.values
    return str(EntryPointType(kind).label).lower() if known else kind


_PHRASES = Phrases(
    [value for name, value in list(globals().items()) if name.isupper() and isinstance(value, str)],
    words={"kind": _type_in_words},
)
_AND = "; "


def joined(*reasons: str) -> str:
    """Return several reasons as one text."""
    return _AND.join(reason for reason in reasons if reason)


def shown(reason: str) -> str:
    """Return a reason in the present language; words that are not from here stay as they are."""
    return _AND.join(_PHRASES.shown(piece) or piece for piece in reason.split(_AND))
