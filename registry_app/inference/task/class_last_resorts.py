"""Find class names where no file or script has any: in code of other languages, in shown settings.

const char* class_names[] = {"helmet", "head"};          C, C++, C#, Java
const labels = ["helmet", "head"];                       JavaScript, Rust
names: [helmet, head]                                    what a note shows
two classes: helmet and head                             what a note says
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from registry_app.inference.code.project import Project
from registry_app.inference.task.class_files import checked, names_in_yaml
from registry_app.inference.task.class_notes import names_in_note
from registry_app.inference.task.written_settings import block_of_settings

MAX_TEXT = 200_000
_NATIVE = (".cpp", ".cc", ".cxx", ".cu", ".c", ".h", ".hpp", ".cs", ".java", ".kt", ".js", ".rs")
# Code for a page that came from elsewhere.
_LIBRARY = (".min.js", ".bundle.js")
_NOTES = (".md", ".rst", ".txt")
_PROSE = (".md", ".rst")
_LISTED = "classes"  # what a list in prose is called
_MOST = 60
# Two texts or more in brackets, and what stands before them: the variable, and maybe its type.
_LIST = re.compile(r"[{\[](\s*\"[^\"\n]{1,60}\"(?:\s*,\s*\"[^\"\n]{1,60}\")+\s*(?:,\s*)?)[}\]]")
_BEFORE = 120
_VARIABLE = re.compile(
    r"\b(\w{0,30}(?:class|label|categor)\w{0,30}|names)\b(?:\[\w{0,20}\])?\s*"
    r"(?::[^=:\n]{0,40})?=?[^=;{}()\[\]\"]{0,40}(?:\[\]|[(&])?\Z",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"\"([^\"\n]*)\"")

# Path, line, names, and the variable that holds them ('' for settings).
Place = tuple[str, int, tuple[str, ...], str]


def names_elsewhere(project: Project) -> Iterator[Place]:
    """Yield each list of names that no other rule reads."""
    for path in project.paths:
        lowered = path.lower()
        if lowered.endswith(_LIBRARY):
            continue
        if lowered.endswith(_NATIVE):
            yield from _in_code(path, (project.text(path) or "")[:MAX_TEXT])
        elif lowered.endswith(_NOTES):
            yield from _in_text(path, (project.text(path) or "")[:MAX_TEXT])


def _in_code(path: str, text: str) -> Iterator[Place]:
    for found in _LIST.finditer(text):
        variable = _VARIABLE.search(text, max(0, found.start() - _BEFORE), found.start())
        names = checked(_QUOTED.findall(found[1])) if variable else ()
        if variable and names and len(names) <= _MOST:
            yield path, text.count("\n", 0, found.start()) + 1, names, variable[1]


def _in_text(path: str, text: str) -> Iterator[Place]:
    block = block_of_settings(text)
    found = names_in_yaml(block[0]) if block else None
    if block and found:
        yield path, text.count("\n", 0, block.start(1)) + 1, found[0], ""
    if path.lower().endswith(_PROSE):
        for line, names in names_in_note(text):
            yield path, line, names, _LISTED
