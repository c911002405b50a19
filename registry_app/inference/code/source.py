"""A file of an experiment as text and, for Python, as a syntax tree."""

from __future__ import annotations

import ast
import codecs
import io
import itertools
import json
import re
import tokenize
import warnings
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, overload

from registry_app.inference.code.cells import cell
from registry_app.inference.code.older_python import as_python_3
from registry_app.inference.code.outline import Outline, TopImports, outline_of, top_imports
from registry_app.inference.code.tree_index import Node, Other, TreeIndex
from registry_app.messages import Message
from registry_app.texts import remarks

PYTHON = (".py",)
NOTEBOOK = (".ipynb",)
SHELL = (".sh", ".bash")
BATCH = (".bat", ".cmd", ".ps1")
SCRIPTS = PYTHON + NOTEBOOK + SHELL + BATCH

_DECLARATION = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*[-\w.]+")
_MAGIC_LINE = re.compile(r"^[ \t]*[%!]", re.MULTILINE)
# What `jupyter nbconvert --to script` writes before a cell.
_CELL_MARK = re.compile(r"^# In ?\[[\d ]*\]:?", re.MULTILINE)


@dataclass(frozen=True, kw_only=True, eq=False)
class Source:
    """One script; `tree` is None if the text cannot be parsed.

    `commands` are the shell lines of a notebook (`!python train.py`), without the leading `!`.
    """

    path: str
    text: str
    tree: ast.Module | None = None
    commands: tuple[str, ...] = ()
    warnings: tuple[Message, ...] = field(default=())

    @cached_property
    def index(self) -> TreeIndex:
        """All nodes of the tree by their type, computed once; empty without a tree."""
        return TreeIndex(self.tree or ast.Module(body=[], type_ignores=[]))

    @cached_property
    def outline(self) -> Outline:
        """What the names of the module refer to; empty without a tree."""
        return outline_of(self.tree, self.top_imports) if self.tree else Outline()

    @cached_property
    def top_imports(self) -> TopImports:
        """What the module imports at its top level; several rules ask this of every script."""
        return top_imports(self.tree) if self.tree else TopImports()

    @cached_property
    def lines(self) -> list[str]:
        """The text, line by line."""
        return self.text.split("\n")

    @overload
    def nodes(self, kind: type[Node], /) -> list[Node]: ...
    @overload
    def nodes(self, kind: type[Node], other: type[Other], /) -> list[Node | Other]: ...
    @overload
    def nodes(self, *types: type[ast.AST]) -> list[ast.AST]: ...
    def nodes(self, *types: type[ast.AST]) -> list[Any]:
        """Return the nodes of exactly these types; use this instead of walking the tree."""
        return self.index.nodes(*types)

    def calls(self, *names: str) -> list[ast.Call]:
        """Return the calls of these names, however they are reached: `fit`, `model.fit`."""
        return self.index.calls(*names)


def decode(data: bytes) -> tuple[str, str]:
    """Return the text and the encoding: the declared one, UTF-8, else Korean, else Latin-1."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # as PowerShell writes it
        return data.decode("utf-16", errors="replace"), "utf-16"
    for encoding in (_declared_or_marked(data), "utf-8", "cp949"):
        text = _decoded(data, encoding)
        if text is not None:
            return text, encoding
    return data.decode("latin-1"), "latin-1"


def _decoded(data: bytes, encoding: str) -> str | None:
    """Return the text in an encoding, None if its codec cannot read it, whatever it raises."""
    try:
        return data.decode(encoding)
    except (UnicodeError, LookupError, ValueError):
        return None


def _declared_or_marked(data: bytes) -> str:
    return "utf-8-sig" if data.startswith(codecs.BOM_UTF8) else _declared(data)


def _declared(data: bytes) -> str:
    if b"coding" not in b"\n".join(data.split(b"\n", 2)[:2]):
        return "utf-8"  # most scripts declare none, and looking for one properly takes long
    try:
        return tokenize.detect_encoding(io.BytesIO(data).readline)[0]
    except (SyntaxError, UnicodeError):
        return "utf-8"


def _declares(data: bytes) -> bool:
    """Whether one of the first two lines declares an encoding."""
    return any(_DECLARATION.match(line) for line in data[:400].split(b"\n")[:2])


def read_source(path: str, data: bytes) -> Source:
    """Read one script by its suffix; what cannot be read becomes a warning, never an error."""
    text, encoding = decode(data)
    notes = [] if encoding in {"utf-8", "utf-8-sig"} else [remarks.READ_AS(encoding=encoding)]
    if encoding != _declared_or_marked(data) and _declares(data):
        notes = [remarks.BAD_CODEC(encoding=encoding)]
    if path.lower().endswith(SHELL) and "\r\n" in text:
        notes.append(remarks.CRLF_LAUNCHER())
    text = _with_plain_ends(text)
    commands: tuple[str, ...] = ()
    tree, problem = None, None
    if path.lower().endswith(NOTEBOOK):
        text, tree, commands, problem = _notebook_code(text)
    elif path.lower().endswith(PYTHON):
        tree, problem = parse(text)
        if tree is None:
            tree, commands = _pasted_cells(text)
        if tree is None:
            tree = parse(as_python_3(text))[0]
    notes += [problem] if problem else []
    return Source(path=path, text=text, tree=tree, commands=commands, warnings=tuple(notes))


def script_text(data: bytes) -> str:
    """Return the text of a script that is no notebook, as `read_source` does."""
    return _with_plain_ends(decode(data)[0])


def _with_plain_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def parse(text: str) -> tuple[ast.Module | None, Message | None]:
    """Return the syntax tree, or None and the problem with the text."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes concern the author only
            return ast.parse(text), None
    except SyntaxError as error:
        return None, remarks.NO_PYTHON(line=error.lineno or 1, problem=error.msg)
    except (ValueError, RecursionError, MemoryError) as error:
        return None, remarks.NOT_PARSED(problem=type(error).__name__)


def _notebook_code(
    text: str,
) -> tuple[str, ast.Module | None, tuple[str, ...], Message | None]:
    """Return the code cells as one text, its tree, their shell lines, and what is wrong with it.

    Lines with notebook syntax become empty lines; a cell that does not parse is skipped, so that
    one broken cell does not hide the others. Cells are parsed one by one only where one is broken.
    """
    try:
        cells = json.loads(text)["cells"]
        sources = ["".join(part["source"]) for part in cells if part.get("cell_type") == "code"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return "", ast.Module(body=[], type_ignores=[]), (), remarks.NO_NOTEBOOK()
    codes: list[str] = []
    commands: list[str] = []
    for source in sources:
        code, lines = cell(source)
        commands += lines
        codes.append(code)
    whole = "\n".join(codes)
    tree, problem = parse(whole)
    if tree is None:
        whole = "\n".join(code for code in codes if parse(code)[0] is not None)
        tree, problem = parse(whole)
    return whole, tree, tuple(commands), problem


def _pasted_cells(text: str) -> tuple[ast.Module | None, tuple[str, ...]]:
    """Return the tree and the shell lines of a script that was pasted from a notebook.

    Python cannot start it as it is, but what it is for can be read: `!ls` is the only fault.
    """
    if not _MAGIC_LINE.search(text):
        return _exported_cells(text), ()
    code, commands = cell(text)
    tree, problem = parse(code)
    return (_exported_cells(code), ()) if problem else (tree, tuple(commands))


def _exported_cells(text: str) -> ast.Module | None:
    """Return the tree of a notebook that was exported as a script, without its broken cells.

    `# In[7]:` begins a cell, and `cd/data/Train` is no Python. Lines keep their numbers.
    """
    begins = [found.start() for found in _CELL_MARK.finditer(text)]
    if not begins:
        return None
    cells = [text[begin:end] for begin, end in itertools.pairwise([0, *begins, len(text)])]
    plain = (part if parse(part)[0] is not None else "\n" * part.count("\n") for part in cells)
    return parse("".join(plain))[0]
