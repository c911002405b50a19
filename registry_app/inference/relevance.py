"""Tells which code could lead to a parser, so that a trace need not follow the rest."""

from __future__ import annotations

import ast
import re

from registry_app.inference.objects import Class, External, Function, Module, Names
from registry_app.inference.outline import words_of
from registry_app.inference.source import Source

MARKERS = frozenset(
    "add_argument add_arg add_arguments add_option ArgumentParser ArgParser OptionParser"
    " HfArgumentParser parse_args parse_known_args default_argument_parser add_argparse_args"
    " get_argument_parser get_arg_parser".split()
)
_MARKER = re.compile(rf"\b(?:{'|'.join(sorted(MARKERS))})\b|ArgumentParser")
DEEPEST_IMPORT = 4


class Relevance:
    """Answers for the modules and functions of one directory, each worked out once."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._modules: dict[str, bool] = {}
        self._functions: dict[int, bool] = {}

    def reaches(self, source: Source, depth: int = 0) -> bool:
        """Whether a module speaks of parsers, or imports one of the directory that does."""
        known = self._modules.get(source.path)
        if known is not None:
            return known
        found = _MARKER.search(source.text) is not None
        self._modules[source.path] = found
        if found or depth > DEEPEST_IMPORT:
            return found
        for one in (*source.outline.imports.values(), *source.outline.stars):
            path = self._names.path_of(one, source)
            other = self._names.project.source(path) if path else None
            if other is not None and self.reaches(other, depth + 1):
                self._modules[source.path] = True
                return True
        return False

    def leads(self, function: Function) -> bool:
        """Whether a function could make or use a parser, itself or by what it calls."""
        if function.owner is not None and self._class_leads(function.owner):
            return True
        return self._leads(function.node, function.source)

    def _class_leads(self, cls: Class) -> bool:
        return any(
            isinstance(one, Class) and self._leads(one.node, one.source)
            for one in self._names.line_of(cls)
        )

    def _leads(self, node: ast.stmt, source: Source) -> bool:
        key = id(node)
        if key in self._functions:
            return self._functions[key]
        self._functions[key] = False
        if not self.reaches(source):
            return False
        words = words_of(source.lines, node)
        found = bool(words & MARKERS) or any(
            self._name_leads(word, source) for word in sorted(words) if self._is_own(word, source)
        )
        self._functions[key] = found
        return found

    def _is_own(self, word: str, source: Source) -> bool:
        outline = source.outline
        return word in outline.functions or word in outline.classes or word in outline.imports

    def _name_leads(self, word: str, source: Source) -> bool:
        match self._names.in_module(word, source):
            case Function() as function:
                return self._leads(function.node, function.source)
            case Class() as cls:
                return self._class_leads(cls)
            case Module(path=path):
                other = self._names.project.source(path)
                return other is not None and self.reaches(other)
            case External(name=name):
                return name.endswith("ArgumentParser")
        return False
