"""Why an argument template is refused."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

OPEN_QUOTE = TEXTS.add(
    "template_open_quote",
    _("The argument template has an open quote or a lone backslash at its end: {template}"),
)
NO_PLACEHOLDER = TEXTS.add(
    "template_no_placeholder",
    _(
        "'{part}' in the argument template is not a placeholder. Write {{name}} for a parameter, "
        "and {{{{ or }}}} where the script itself needs a brace."
    ),
)
UNKNOWN_NAME = TEXTS.add(
    "template_unknown_name",
    _(
        "'{part}' in the argument template is not a parameter of {script}. It takes {names}. If "
        "the script changed, scan it again."
    ),
)
UNKNOWN_NAME_NEAR = TEXTS.add(
    "template_unknown_name_near",
    _(
        "'{part}' in the argument template is not a parameter of {script}. Did you mean {near}? It "
        "takes {names}. If the script changed, scan it again."
    ),
)
UNKNOWN_NAME_OF_NONE = TEXTS.add(
    "template_unknown_name_of_none",
    _(
        "'{part}' in the argument template is not a parameter of {script}, which takes none. If "
        "the script changed, scan it again."
    ),
)
