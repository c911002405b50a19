"""Why a way to start a script is refused."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

NO_START = TEXTS.add(
    "start_way_unknown",
    _(
        "“{start}” is no way to start a script. Write one of {ways}; NAME is a function of the "
        "script, for example callable:main."
    ),
)
