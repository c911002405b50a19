"""The readable files of one experiment, each read and parsed once unless there are too many."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence

from registry_app.inference.code.source import PYTHON, SCRIPTS, Source, decode, read_source
from registry_app.messages import Message
from registry_app.texts import remarks

BAD_CODEC = remarks.BAD_CODEC(encoding="").code
Reader = Callable[[str], bytes | None]
# A tree takes some fifty times the memory of its text, so large directories are cached in part.
KEPT_CHARACTERS = 8 * 2**20


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
        self._read = read
        self._sources: dict[str, Source | None] = {}
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
        if path not in self._sources:
            data = self._read(path) if path in self._known else None
            source = None if data is None else read_source(path, data)
            for warning in source.warnings if source is not None else ():
                if warning.code == BAD_CODEC:
                    self.odd[path] = warning
            self._evict(len(source.text) if source else 0)
            self._sources[path] = source
        return self._sources[path]

    def _evict(self, characters: int) -> None:
        """Evict the oldest scripts until a script of this size fits."""
        self._kept_characters += characters
        while self._kept_characters > KEPT_CHARACTERS and self._sources:
            oldest = self._sources.pop(next(iter(self._sources)))
            self._kept_characters -= len(oldest.text) if oldest else 0

    def scripts(self) -> Iterator[Source]:
        """Yield every script file, ordered by path."""
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
        # Python searches the started script's folder, which may be any folder above the importer.
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
