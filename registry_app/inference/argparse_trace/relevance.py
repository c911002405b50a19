"""Find code that may reach an argument parser, so that a trace can skip the rest."""

from __future__ import annotations

import ast

from registry_app.inference.code.outline import Imported, words_of
from registry_app.inference.code.project import Project
from registry_app.inference.code.source import Source
from registry_app.inference.parameters.objects import Class, External, Function, Module, Names

MARKERS = frozenset(
    "add_argument add_arg add_arguments add_option ArgumentParser ArgParser OptionParser"
    " HfArgumentParser parse_args parse_known_args default_argument_parser add_argparse_args"
    " get_argument_parser get_arg_parser".split()
)
MAX_IMPORT_DEPTH = 5
# A marker in a text that contains no other marker.
_SHORTEST = [word for word in MARKERS if not any(o in word for o in MARKERS - {word})]


def parsers_spoken_of(source: Source) -> tuple[bool, tuple[Imported, ...]]:
    """Return whether a script mentions parsers, and the modules that it imports at its top."""
    speaks = any(word in source.text for word in _SHORTEST)
    return speaks, source.top_imports.modules


def relevance_of(project: Project) -> Relevance:
    """Return the Relevance of a directory, shared by all its scripts."""
    found = project.remembered.setdefault("relevance", Relevance(project))
    return found if isinstance(found, Relevance) else Relevance(project)


class Relevance:
    """Cached answers for the modules and functions of one directory.

    Answers are cached by path and line, because trees are evicted and parsed again.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._names = Names(project)
        self._speaks: dict[str, bool] = {}
        self._imports: dict[str, tuple[str, ...]] = {}
        self._reaches: dict[str, bool] = {}
        self._acts: dict[str, bool] = {}
        self._leads: dict[tuple[str, int], bool] = {}

    def reaches(self, source: Source) -> bool:
        """Whether a module mentions parsers, or imports a module of the directory that does."""
        if source.path not in self._reaches:
            self._reaches[source.path] = self._look_around(source)
        return self._reaches[source.path]

    def _look_around(self, source: Source) -> bool:
        seen, level = {source.path}, [source.path]
        for _ in range(MAX_IMPORT_DEPTH):
            if any(self._module_speaks(path) for path in level):
                return True
            inner = {path for file in level for path in self._imports[file]} - seen
            seen |= inner
            level = sorted(inner)
        return False

    def _module_speaks(self, path: str) -> bool:
        if path not in self._speaks:
            speaks, modules = self._project.found(parsers_spoken_of, path) or (False, ())
            self._speaks[path] = speaks
            found = (self._names.path_of(module, path) for module in modules)
            self._imports[path] = tuple(dict.fromkeys(target for target in found if target))
        return self._speaks[path]

    def imports(self, source: Source) -> tuple[str, ...]:
        """Return the modules of the directory that a module imports at its top, by path."""
        self._module_speaks(source.path)
        return self._imports[source.path]

    def acts(self, source: Source) -> bool:
        """Whether a module does something with parsers while it is imported."""
        if source.path not in self._acts:
            self._acts[source.path] = self.reaches(source) and self._top_acts(source)
        return self._acts[source.path]

    def _top_acts(self, source: Source) -> bool:
        quiet = ast.FunctionDef | ast.AsyncFunctionDef | ast.Import | ast.ImportFrom
        body = source.tree.body if source.tree else []
        return any(
            self._has_lead(words_of(source.lines, statement), source)
            for statement in body
            if not isinstance(statement, quiet)
        )

    def leads(self, function: Function) -> bool:
        """Whether a function could make or use a parser, itself or by what it calls."""
        if function.owner is not None and self._class_leads(function.owner):
            return True
        return self._definition_leads(function.node, function.source)

    def _class_leads(self, cls: Class) -> bool:
        return any(
            isinstance(base, Class) and self._definition_leads(base.node, base.source)
            for base in self._names.line_of(cls)
        )

    def _definition_leads(self, node: ast.stmt, source: Source) -> bool:
        key = (source.path, node.lineno)
        if key not in self._leads:
            self._leads[key] = False  # ends a recursion that comes here again
            self._leads[key] = self.reaches(source) and self._has_lead(
                words_of(source.lines, node), source
            )
        return self._leads[key]

    def _has_lead(self, words: frozenset[str], source: Source) -> bool:
        if words & MARKERS:
            return True
        outline = source.outline
        own = words & (outline.functions.keys() | outline.classes.keys() | outline.imports.keys())
        return any(self._name_leads(word, source) for word in sorted(own))

    def _name_leads(self, word: str, source: Source) -> bool:
        match self._names.in_module(word, source):
            case Function() as function:
                return self._definition_leads(function.node, function.source)
            case Class() as cls:
                return self._class_leads(cls)
            case Module(path=path):
                other = self._project.source(path)
                return other is not None and self.reaches(other)
            case External(name=name):
                return name.endswith("ArgumentParser")
        return False
