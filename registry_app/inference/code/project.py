"""The readable files of one experiment, each read and parsed once unless there are too many.

Trees need much memory, so only some are kept. What rules want of every script is computed before
its tree is evicted: see `Project.note`.
"""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from registry_app.inference.code.source import (
    NOTEBOOK,
    PYTHON,
    SCRIPTS,
    Source,
    decode,
    read_source,
    script_text,
)
from registry_app.messages import Message
from registry_app.texts import remarks

BAD_CODEC = remarks.BAD_CODEC(encoding="").code
Reader = Callable[[str], bytes | None]
# What one rule finds in one script; it keeps no node of the tree.
Found = TypeVar("Found")
Rule = Callable[[Source], Found]
# Files that say how the packages beside them, or in their folder `src`, are installed.
_OF_PACKAGES = frozenset({"setup.py", "pyproject.toml", "setup.cfg"})
# A tree takes some fifty times the memory of its text, so large directories are cached in part.
# Four times this takes 150 MiB more, and saves directories of a thousand scripts a twelfth of their
# time; but a reader that has grown so far is replaced, and a new one costs 0.8 s at its start.
KEPT_CHARACTERS = 2 * 2**20


# A named tuple: there are many, and a frozen dataclass takes twice the time to make.
class Import(NamedTuple):
    """An import statement: every module that it may load, `level` folders up if not 0."""

    dotted: tuple[str, ...]
    level: int = 0


def imports_of(source: Source) -> tuple[Import, ...]:
    """Return the import statements of a script, anywhere in it."""
    plain = [
        Import(dotted=tuple(alias.name for alias in node.names))
        for node in source.nodes(ast.Import)
    ]
    named = [
        Import(
            dotted=(
                node.module or "",
                *(
                    f"{node.module}.{alias.name}" if node.module else alias.name
                    for alias in node.names
                ),
            ),
            level=node.level,
        )
        for node in source.nodes(ast.ImportFrom)
    ]
    return (*plain, *named)


class Project:
    """Paths are relative to the experiment, with slashes; `read` gives None for no content.

    `visit` is called with the script that a rule examines, to report progress.
    `links` maps each script that links out of the experiment to the link's target.
    `changed_on` maps files to the day of their last change (days since 1970), where known.
    """

    def __init__(
        self,
        *,
        name: str,
        paths: Sequence[str],
        read: Reader,
        visit: Callable[[str], None] = lambda path: None,
        changed_on: Mapping[str, int] | None = None,
        links: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.changed_on = changed_on or {}
        self.links = links or {}
        # Results of rules about the whole directory, each under its own key.
        self.remembered: dict[str, object] = {}
        # Files whose text had to be read in another encoding than they declare.
        self.odd: dict[str, Message] = {}
        self._modules: dict[tuple[str, str, int], str | None] = {}
        self._visit = visit
        self._kept_characters = 0
        self.paths = tuple(sorted(paths))
        self._known = frozenset(paths)
        # What the first word of a module's name can be here: most imports are of something else.
        self._first_words = frozenset(
            word.removesuffix(PYTHON[0]) for path in paths for word in path.split("/")
        )
        # Where packages that are installed from here lie: beside their `setup.py`, or in `src`.
        self._installed = tuple(
            folder
            for path in self.paths if posixpath.basename(path) in _OF_PACKAGES
            for folder in (posixpath.dirname(path), posixpath.join(posixpath.dirname(path), "src"))
            if folder
        )  # fmt: skip
        self._read = read
        self._sources: dict[str, Source | None] = {}
        self._rules: tuple[Rule[Any], ...] = ()
        self._results: dict[Rule[Any], dict[str, Any]] = {}
        self._importers: dict[str, set[str]] | None = None

    def __contains__(self, path: str) -> bool:
        return path in self._known

    def data(self, path: str) -> bytes | None:
        """Return a file's content, or None if it cannot be read."""
        return self._read(path)

    def text(self, path: str) -> str | None:
        """Return a file's text, or None if it cannot be read."""
        data = self._read(path)
        return None if data is None else decode(data)[0]

    def source(self, path: str) -> Source | None:
        """Return a script as text and tree, or None if it cannot be read."""
        self._visit(path)
        if path in self._sources:
            # The least recently used scripts are evicted first.
            source = self._sources[path] = self._sources.pop(path)
            return source
        data = self._read(path) if path in self._known else None
        source = None if data is None else read_source(path, data)
        for warning in source.warnings if source is not None else ():
            if warning.code == BAD_CODEC:
                self.odd[path] = warning
        self._evict(len(source.text) if source else 0)
        self._visit(path)  # it is examined next, and no longer what was evicted
        return self._sources.setdefault(path, source)

    def _evict(self, characters: int) -> None:
        """Evict scripts until one of this size fits."""
        self._kept_characters += characters
        while self._kept_characters > KEPT_CHARACTERS and self._sources:
            oldest = self._sources.pop(next(iter(self._sources)))
            if oldest is not None:
                self._kept_characters -= len(oldest.text)
                self._visit(oldest.path)
                for rule in self._rules:
                    self._result(rule, oldest)

    def note(self, *rules: Rule[Any]) -> None:
        """Apply these rules to every script before it is evicted; their results are kept.

        Otherwise each rule would parse a large directory again. In most directories nothing is
        evicted, and a rule is applied only to the scripts that are asked for.
        """
        self._rules = (*self._rules, *rules)

    def forget(self) -> None:
        """Drop everything that was read, once the draft is complete.

        What rules remember refers to the project, which holds the trees: without this, a garbage
        collection would have to visit every node, which takes as long as parsing.
        """
        self._sources.clear()
        self._results.clear()
        self.remembered.clear()

    def found(self, rule: Rule[Found], path: str) -> Found | None:
        """Return what a rule finds in a script, None if the script cannot be read."""
        known: dict[str, Found] = self._results.setdefault(rule, {})
        if path not in known:
            source = self.source(path)
            return None if source is None else self._result(rule, source)
        return known[path]

    def _result(self, rule: Rule[Found], source: Source) -> Found:
        known: dict[str, Found] = self._results.setdefault(rule, {})
        if source.path not in known:
            known[source.path] = rule(source)
        return known[source.path]

    def found_in_scripts(self, rule: Rule[Found]) -> Iterator[tuple[str, Found]]:
        """Yield path and result of a rule for every script, ordered by path."""
        for path in self.script_paths():
            found = self.found(rule, path)
            if found is not None:
                yield path, found

    def scripts(self, suffixes: tuple[str, ...] = SCRIPTS) -> Iterator[Source]:
        """Yield every script file with one of these suffixes, ordered by path."""
        for path in self.script_paths(suffixes):
            source = self.source(path)
            if source is not None:
                yield source

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield path and text of every script, without parsing those that are not kept."""
        for path in self.script_paths():
            if path in self._sources or path.lower().endswith(NOTEBOOK):
                source = self.source(path)
                text = source.text if source is not None else None
            else:
                data = self._read(path)
                text = None if data is None else script_text(data)
            if text is not None:
                yield path, text

    def script_paths(self, suffixes: tuple[str, ...] = SCRIPTS) -> list[str]:
        """Return the paths of all script files with one of these suffixes."""
        return [path for path in self.paths if path.lower().endswith(suffixes)]

    def importers(self, path: str) -> frozenset[str]:
        """Paths of the Python files that import the module at `path`."""
        if self._importers is None:
            self._importers = self._read_imports()
        return frozenset(self._importers.get(path, ()))

    def _read_imports(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for path, imports in self.found_in_scripts(imports_of):
            for statement in imports:
                for target in self._targets(path, statement):
                    if target != path:
                        found.setdefault(target, set()).add(path)
        return found

    def _targets(self, importer: str, statement: Import) -> Iterator[str]:
        for dotted in statement.dotted:
            path = self.module(importer, dotted, level=statement.level)
            if path:
                yield path

    def module(self, importer: str, dotted: str, *, level: int = 0) -> str | None:
        """Return the path of a module of this experiment as `importer` would find it."""
        # Most modules are of a library; they are not worth a key.
        first = dotted.partition(".")[0]
        if first and first not in self._first_words:
            return None
        key = (importer.rpartition("/")[0], dotted, level)
        if key not in self._modules:
            self._modules[key] = self._module(*key)
        return self._modules[key]

    def _module(self, folder: str, dotted: str, level: int) -> str | None:
        parts = [part for part in dotted.split(".") if part]
        if level:
            for _ in range(level - 1):
                folder = posixpath.dirname(folder)
            return self._at(folder, parts)
        # Python searches the started script's folder, which may be any folder above the importer.
        while True:
            found = self._at(folder, parts) if parts else None
            if not found and parts:  # an installed package, as of a robot: `src/NAME`
                found = self._at(f"{folder}/src" if folder else "src", parts)
            if not found and parts:  # as `_init_paths.py` lets Python find them
                found = self._at(f"{folder}/lib" if folder else "lib", parts)
            if found or not folder:
                break
            folder = folder.rpartition("/")[0]
        if found is None and parts:
            installed = (self._at(folder, parts) for folder in self._installed)
            found = next((path for path in installed if path), None)
        return found

    def _at(self, folder: str, parts: list[str]) -> str | None:
        stem = "/".join((folder, *parts) if folder else parts)
        # As for Python, a package comes before a module of its name: `crack/` beside `crack.py`.
        package = f"{stem}/__init__.py" if stem else "__init__.py"
        if package in self._known:
            return package
        return f"{stem}.py" if f"{stem}.py" in self._known else None
