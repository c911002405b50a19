"""What belongs to a script: the notes that name it, what lies beside it, and its task."""

from __future__ import annotations

import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from registry_app.inference.purpose.entry_points import EntryScript
from registry_app.inference.task.vocabulary import Vocabulary, as_one
from registry_app.kinds import EntryPointType

# A folder with the default of another type counts more than one with a few scripts.
BESIDE_DEFAULT = 8
_WITH_RUNS = 4
# The file with the classes is beside what is trained on them.
WITH_CLASSES = 2
_CORE = (EntryPointType.TRAIN, EntryPointType.INFER, EntryPointType.QUANT)
_NAMED_SCRIPT = re.compile(r"[\w./+\-가-힣]+\.(?:py|sh|ipynb)\b")
_COMMAND = re.compile(
    r"(?:\bpython[\d.]*|\bbash|\bsh|\btorchrun|\blaunch|\bsource)\s+(?:-\S+\s+(?:\d+\s+)?)*"
    r"([\w./+\-가-힣]+\.(?:py|sh))\b|(?<![\w/])\./([\w./+\-가-힣]+\.sh)\b"
    # In a sentence: run `main_image.py`, execute *count.py*, and `count.py`를 실행.
    r"|\b(?i:run|execute|launch)\s+(?:the\s+)?[`*]+([\w./+\-가-힣]+\.(?:py|sh))`?"
    r"|[`*]+([\w./+\-가-힣]+\.(?:py|sh))[`*]+[을를]?\s*실행"
)
# What such a sentence names besides: run `main_image.py` / `main_video.py`.
_ALSO_NAMED = re.compile(r"[`*]*\s*(?:/|,|and|or)\s*[`*]+([\w./+\-가-힣]+\.(?:py|sh))")
MAX_OPENING = 6000
_NOTE_OF_FRAMEWORK = re.compile(r"github\.com/ultralytics/assets|world's most loved vision AI")
_CHANGED = re.compile(r"(?:^|[`$>;&]|\s)cd\s+([\w./\-가-힣]+)")
_RESULT = re.compile(r"(?:^|/)(?:results\.csv|results\.txt|args\.yaml|opt\.yaml|events\.out\.\S+)$")


def named_scripts(notes: Iterable[tuple[str, str]], known: Collection[str]) -> frozenset[str]:
    """Return the scripts that notes name anywhere."""
    found = {
        posixpath.normpath(name) for _path, text in notes for name in _NAMED_SCRIPT.findall(text)
    }
    return frozenset(found & set(known))


def is_of_framework_itself(note: str) -> bool:
    """Whether a note came with a framework, and says nothing of what the author starts."""
    return _NOTE_OF_FRAMEWORK.search(note[:MAX_OPENING]) is not None


def noted_scripts(notes: Iterable[tuple[str, str]], known: Collection[str]) -> frozenset[str]:
    """Return the scripts that notes start, also after `cd kit`: `tools/train.py` is then in it."""
    found: set[str] = set()
    for _path, text in notes:
        folders: list[str] = []
        for line in text.splitlines():
            folders += [posixpath.normpath(folder) for folder in _CHANGED.findall(line)]
            for found_command in _COMMAND.finditer(line):
                for named in _named_by(found_command):
                    found.update(_meant(posixpath.normpath(named), folders, known))
    return frozenset(found)


def _named_by(command: re.Match[str]) -> Iterator[str]:
    """Yield the script that a command or a sentence starts, and those that it names beside it."""
    *_commands, in_english, _in_korean = command.groups()
    yield next(filter(None, command.groups()))
    also = _ALSO_NAMED.match(command.string, command.end()) if in_english else None
    while also:
        yield also[1]
        also = _ALSO_NAMED.match(command.string, also.end())


def _meant(named: str, folders: Sequence[str], known: Collection[str]) -> list[str]:
    for folder in reversed(folders):
        tail = posixpath.normpath(posixpath.join(folder, named))
        below = [path for path in known if path == tail or path.endswith(f"/{tail}")]
        if below:
            return below
    return [named] if named in known else []


def folders_in_use(paths: Iterable[str], scripts: Sequence[EntryScript]) -> Counter[str]:
    """Weigh the folders of scripts: by past runs below, and by the types that they have scripts of.

    Past runs below the directory itself weigh nothing.
    """
    types: dict[str, set[str]] = defaultdict(set)
    for script in scripts:
        types[posixpath.dirname(script.path)].update(set(script.types.value[:1]) & {*_CORE})
    with_runs = {folder for path in paths if _RESULT.search(path) for folder in _above(path)}
    return Counter(
        {
            folder: len(kinds) + (_WITH_RUNS if folder in with_runs else 0)
            for folder, kinds in types.items()
        }
    )


def named_after_task(
    task: str | None, scripts: Sequence[EntryScript], vocabulary: Vocabulary
) -> frozenset[str]:
    """Return the scripts, and folders of scripts, whose names name a task: `ppe/train.py`."""
    found: set[str] = set()
    for script in scripts if task else ():
        folder, name = posixpath.split(script.path)
        for path, text in ((folder, folder), (script.path, posixpath.splitext(name)[0])):
            if _names(text, task or "", vocabulary):
                found.add(path)
    return frozenset(found)


def _names(text: str, task: str, vocabulary: Vocabulary) -> bool:
    parts = task.split("+")
    return any(
        as_one([part, named]) == [part]
        for named in vocabulary.tasks_in(vocabulary.words_in(text))
        for part in parts
    )


def _above(path: str) -> Iterable[str]:
    folder = posixpath.dirname(path)
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
