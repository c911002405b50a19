"""Why a value of a registry file cannot be replaced in place."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

NOT_ALONE = TEXTS.add("key_not_alone", _("the key shares its line with something else"))
COMMENTS_INSIDE = TEXTS.add("comments_inside", _("there are comments inside that would be lost"))
NOT_MAPPING = TEXTS.add("not_a_mapping", _("{key} has a single value where keys belong"))
KEY_GONE = TEXTS.add("key_gone", _("the key is not in the file"))
READS_DIFFERENTLY = TEXTS.add(
    "reads_differently", _("the file would not be read as it is meant; change the line by hand")
)
