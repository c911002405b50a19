"""Find scripts that cannot start where they are: made to be copied into a framework's directory.

Authors keep their changed `train.py` of YOLOv5, and a launcher copies it into a fresh clone, where
`models` and `utils` are. The launcher is what people start.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from registry_app.inference.code.project import Project
from registry_app.inference.code.source import Source
from registry_app.inference.purpose.entry_points import EntryScript
from registry_app.words import ScriptLaunch

_COPIED = re.compile(r"\bcp\s[^\n]*")
_LAUNCHERS = frozenset({ScriptLaunch.SHELL, ScriptLaunch.BATCH})
# Folders of a framework that its scripts import from, and no installed package is named like.
_BESIDE = frozenset({"models", "utils", "nets", "layers"})


def modules_beside(source: Source) -> tuple[str, ...]:
    """Return the modules that a script imports from folders that should be beside it."""
    return tuple(
        module
        for node in source.nodes(ast.ImportFrom)
        if not node.level and (module := node.module or "").partition(".")[0] in _BESIDE
    )


def displaced_scripts(scripts: Sequence[EntryScript], project: Project) -> frozenset[str]:
    """Return the scripts that a launcher copies, and that need modules which are not here."""
    launchers = [project.source(script.path) for script in scripts if script.launch in _LAUNCHERS]
    copied = [
        words
        for launcher in launchers if launcher is not None
        for words in _COPIED.findall(launcher.text)
    ]  # fmt: skip
    return frozenset(
        script.path
        for script in scripts
        if "/" in script.path
        and any(script.path in words for words in copied)
        and len(modules := project.found(modules_beside, script.path) or ()) > 1
        and not any(project.module(script.path, module) for module in modules)
    )
