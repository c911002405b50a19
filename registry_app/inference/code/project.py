"""The readable files of one experiment, each read and parsed once where they are not too many."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence

from registry_app.inference.code.source import PYTHON, SCRIPTS, Source, decode, read_source

Reader = Callable[[str], bytes | None]
# Trees take some fifty times the room of their text, so of large directories not all are kept.
KEPT_CHARACTERS = 8 * 2**20


class Project:
    """Paths are relative to the experiment, with slashes; `read` gives None for no content.

    `visit` is told which script a rule looks at, so that whoever waits knows where it is.
    `changed_on` has the day of each file's last change (days since 1970), where it is known.
    """

    def __init__(
        self,
        *,
        name: str,
        paths: Sequence[str],
        read: Reader,
        visit: Callable[[str], None] = lambda path: None,
        changed_on: Mapping[str, int] | None = None,
    ) -> None:
        self.name = name
        self.changed_on = changed_on or {}
        # What rules work out about the whole directory, each under a name of its own.
        self.remembered: dict[str, object] = {}
        self._modules: dict[tuple[str, str, int], str | None] = {}
        self._visit = visit
        self._kept_characters = 0
        self.paths = tuple(sorted(paths))
        self._known = frozenset(paths)
        self._read = read
        self._sources: dict[str, Source | None] = {}
        self._importers: dict[str, set[str]] | None = None

    def __contains__(self, path: str) -> bool:
        return path in self._known

    def text(self, path: str) -> str | None:
        """Return a file's text, or None where it cannot be read."""
        data = self._read(path)
        return None if data is None else decode(data)[0]

    def source(self, path: str) -> Source | None:
        """Return a script as text and tree, or None where it cannot be read."""
        self._visit(path)
        if path not in self._sources:
            data = self._read(path) if path in self._known else None
            source = None if data is None else read_source(path, data)
            self._make_room(len(source.text) if source else 0)
            self._sources[path] = source
        return self._sources[path]

    def _make_room(self, characters: int) -> None:
        """Forget the scripts that were read first until another one has room."""
        self._kept_characters += characters
        while self._kept_characters > KEPT_CHARACTERS and self._sources:
            oldest = self._sources.pop(next(iter(self._sources)))
            self._kept_characters -= len(oldest.text) if oldest else 0

    def scripts(self) -> Iterator[Source]:
        """Every script file in the order of its path."""
        for path in self.paths:
            if path.lower().endswith(SCRIPTS):
                source = self.source(path)
                if source is not None:
                    yield source

    def importers(self, path: str) -> frozenset[str]:
        """Paths of the Python files that import the module at `path`."""
        if self._importers is None:
            self._importers = self._read_imports()
        return frozenset(self._importers.get(path, ()))

    def _read_imports(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for source in self.scripts():
            if source.tree is None:
                continue
            for node in (*source.nodes(ast.Import), *source.nodes(ast.ImportFrom)):
                for target in self._targets(source.path, node):
                    if target != source.path:
                        found.setdefault(target, set()).add(source.path)
        return found

    def _targets(self, importer: str, node: ast.AST) -> Iterator[str]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                path = self.module(importer, alias.name)
                if path:
                    yield path
        elif isinstance(node, ast.ImportFrom):
            base = self.module(importer, node.module or "", level=node.level)
            if base:
                yield base
            for alias in node.names:
                dotted = f"{node.module}.{alias.name}" if node.module else alias.name
                path = self.module(importer, dotted, level=node.level)
                if path:
                    yield path

    def module(self, importer: str, dotted: str, *, level: int = 0) -> str | None:
        """Return the path of a module of this experiment as `importer` would find it."""
        key = (posixpath.dirname(importer), dotted, level)
        if key not in self._modules:
            self._modules[key] = self._module(*key)
        return self._modules[key]

    def _module(self, folder: str, dotted: str, level: int) -> str | None:
        parts = [part for part in dotted.split(".") if part]
        if level:
            for _ in range(level - 1):
                folder = posixpath.dirname(folder)
            return self._at(folder, parts)
        # Python looks beside the started script, which is some folder above the importer.
        while True:
            found = self._at(folder, parts) if parts else None
            if found or not folder:
                return found
            folder = posixpath.dirname(folder)

    def _at(self, folder: str, parts: list[str]) -> str | None:
        stem = posixpath.join(folder, *parts) if parts else folder
        for candidate in (stem + PYTHON[0], posixpath.join(stem, "__init__.py")):
            if candidate in self._known:
                return candidate
        return None
