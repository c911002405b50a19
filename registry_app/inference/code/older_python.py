"""Turn statements of Python 2 into those of Python 3, so that older scripts can be read.

`print "found", n` and `except IOError, error:` are nearly all that keeps such a script from being
parsed. Lines keep their numbers.
"""

from __future__ import annotations

import re

# `print` with anything but a bracket or an assignment behind it, alone or behind `if x:`.
_PRINT = re.compile(
    r"""^([ \t]*(?:(?:if|else|elif|for|while|try|except)\b[^\n"':]*:[ \t]+)?)print[ \t]+"""
    r"""(?:>>[ \t]*[\w.]+[ \t]*,[ \t]*)?([^\s(=.,][^\n]*)$""",
    re.MULTILINE,
)
# `print ("%d" % n), "of", m` and `print("a") % b` go on behind their bracket.
_FORMATTED = re.compile(r"^([ \t]*)print[ \t]*(\([^\n]*\)[ \t]*[%,][^\n]+)$", re.MULTILINE)
_EXCEPT = re.compile(
    r"^([ \t]*except[ \t]+(?:[\w.]+|\([^\n()]*\)))[ \t]*,[ \t]*(\w+)[ \t]*:", re.MULTILINE
)
_RAISE = re.compile(r"^([ \t]*raise[ \t]+[\w.]+)[ \t]*,[ \t]*([^\n]+)$", re.MULTILINE)


def as_python_3(text: str) -> str:
    """Return a text with the statements that Python 3 writes in another way."""
    text = _PRINT.sub(_printed, text)
    text = _FORMATTED.sub(_printed, text)
    return _RAISE.sub(r"\1(\2)", _EXCEPT.sub(r"\1 as \2:", text))


def _printed(found: re.Match[str]) -> str:
    """Return a call of `print`; a comment at the end of the line stays behind it."""
    given, sign, comment = found[2].partition(" #")
    if given.count('"') % 2 or given.count("'") % 2:
        return f"{found[1]}print({found[2]})"  # the sign is inside a text
    return f"{found[1]}print({given}){sign}{comment}"
