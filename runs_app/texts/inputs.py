"""Why an input of a run has no hash."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

TOO_LARGE = TEXTS.add("input_too_large", _("larger than {limit} GiB"))
TOO_SLOW = TEXTS.add("input_too_slow", _("reading all inputs took longer than {seconds} seconds"))
NOT_THERE = TEXTS.add("input_not_there", _("not there before the start"))
NO_FILE = TEXTS.add("input_no_file", _("a folder or another thing that is no plain file"))
UNREADABLE = TEXTS.add("input_unreadable", _("the portal cannot read it: {error}"))
OF_THE_PORTAL = TEXTS.add("input_of_the_portal", _("inside the portal's own data directory"))
OUTSIDE = TEXTS.add(
    "input_outside", _("outside the roots, where scripts run as another Linux user")
)
