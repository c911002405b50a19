"""Rank the files with class names by who uses them: past runs, scripts, notes."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Collection, Iterator

from registry_app.inference.code.project import Project
from registry_app.inference.task.sample_sets import is_of_framework

_LIST_SUFFIX = re.compile(r"\.(?:ya?ml|txt|names|json|pbtxt)\b")
# The path before a suffix, read backwards: forwards, each of its characters could begin it.
_PATH_BACKWARDS = re.compile(r"\w[\w./\\+\-가-힣]*")
MAX_PATH_LENGTH = 255
_DATA_OF_RUN = re.compile(r"^data:\s*['\"]?([^'\"\n]+)", re.MULTILINE)
# How settings of OpenMMLab name the class that reads a data set.
_TYPE = re.compile(r"\b(?:dataset_?)?type\s?=\s?['\"](\w{2,60})['\"]")
# Settings of TensorFlow's object detection, the option that names them, and what they name.
_PIPELINE = ".config"
_OF_PIPELINE = re.compile(
    r"^(?![ \t]*(?:#|//|REM\b))[^\n]*pipeline_config_path[=\s]+[\"']?([\w./-]{1,200}\.config)",
    re.MULTILINE,
)
_LABEL_MAP = re.compile(r"\blabel_map_path\s*:\s*[\"']([^\"'\n]{1,255})")
SETTINGS_OF_RUN = frozenset({"opt.yaml", "args.yaml"})
NOTES = (".md", ".rst", ".sh", ".bat")


class Ranking:
    """Rank how certainly a file is used: lower is more certain, `unknown` is no evidence."""

    def __init__(self, *groups: Collection[str]) -> None:
        self.unknown = len(groups)
        self._groups = [
            ({_known_by(path) for path in group}, _basenames(group)) for group in groups
        ]

    def __call__(self, path: str) -> float:
        name = posixpath.basename(path)
        for number, (mentions, names) in enumerate(self._groups):
            if mentions & {_known_by(path), name}:
                return number
            if name in names:  # in a folder with another name here
                return number + 0.5
        return self.unknown


def ranking(project: Project, given: Collection[str]) -> Ranking:
    """Return the rank of files: of actual runs, then `given` ones, then named ones."""
    settings = [path for path in project.paths if posixpath.basename(path) in SETTINGS_OF_RUN]
    trained = [
        match[1].strip()
        for path in settings
        if (match := _DATA_OF_RUN.search(project.text(path) or ""))
    ]
    trained += _of_pipelines(project)
    notes = (project.text(path) or "" for path in project.paths if path.lower().endswith(NOTES))
    texts = itertools.chain((text for _path, text in project.texts()), notes)
    return Ranking(trained, given, {file for text in texts for file in mentioned_files(text)})


def _of_pipelines(project: Project) -> Iterator[str]:
    """Yield the label maps of the settings by which a command trains or exports a model.

    The settings of models that were tried before lie beside them, and in lines that are left out.
    """
    settings = [path for path in project.paths if path.endswith(_PIPELINE)]
    started = {
        posixpath.basename(named)
        for _path, text in (project.texts() if len(settings) > 1 else ())
        if _PIPELINE in text
        for named in _OF_PIPELINE.findall(text)
    }
    for path in settings:
        if posixpath.basename(path) in started:
            yield from _LABEL_MAP.findall(project.text(path) or "")


def mentioned_files(text: str) -> Iterator[str]:
    """Yield text that looks like the path of a file with class names.

    Search for the suffix first: almost every word could begin a path.
    """
    for suffix in _LIST_SUFFIX.finditer(text):
        end = suffix.start()
        found = _PATH_BACKWARDS.match(text[max(0, end - MAX_PATH_LENGTH) : end][::-1])
        if found:
            yield found[0][::-1] + suffix[0]


def _known_by(name: str) -> str:
    """Return folder and name of a file: the folders above differ between machines."""
    parts = [part for part in re.split(r"[/\\]+", name) if part not in {"", ".", ".."}]
    return "/".join(parts[-2:])


def _basenames(names: Collection[str]) -> set[str]:
    return {_known_by(name).rpartition("/")[2] for name in names}


def named_types(project: Project) -> frozenset[str]:
    """Return what settings outside a framework's folders are of: `dataset_type = "Bridges"`."""
    return frozenset(
        _joined(name)
        for path, text in project.texts()
        if "type" in text and not is_of_framework(path)
        for name in _TYPE.findall(text)
    )


def is_named_type(path: str, types: Collection[str]) -> bool:
    """Whether a module is named after one of these, with or without `Dataset` behind it."""
    stem = _joined(posixpath.basename(path).partition(".")[0])
    return stem in types or f"{stem}dataset" in types


def _joined(name: str) -> str:
    return name.replace("_", "").lower()
