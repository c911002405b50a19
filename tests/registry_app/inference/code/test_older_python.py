"""Statements of Python 2 become those of Python 3, on the same lines."""

from __future__ import annotations

import ast

import pytest

from registry_app.inference.code.older_python import as_python_3


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("print 'a'", "print('a')"),
        ("    print 'a', b", "    print('a', b)"),
        ("if a: print b", "if a: print(b)"),
        ("print a  # b", "print(a ) # b"),
        ("print 'a #%d' % b", "print('a #%d' % b)"),
        ("print >> sys.stderr, a", "print(a)"),
        ("print ('%d') % a", "print(('%d') % a)"),
        ("print (a), b", "print((a), b)"),
        ("except IOError, error:", "except IOError as error:"),
        ("except (A, B), error:", "except (A, B) as error:"),
        ("raise ValueError, 'a'", "raise ValueError('a')"),
        # These are the same in both.
        ("print('a')", "print('a')"),
        ("print = log", "print = log"),
        ("printed = 3", "printed = 3"),
        ("print", "print"),
        ("except (A, B):", "except (A, B):"),
        ("raise ValueError('a', b)", "raise ValueError('a', b)"),
    ],
)
def test_what_is_written_in_another_way(older: str, newer: str) -> None:
    assert as_python_3(older) == newer


def test_lines_keep_their_numbers() -> None:
    text = "try:\n    print 'a'\nexcept IOError, error:\n    raise ValueError, error\n"
    calls = [node for node in ast.walk(ast.parse(as_python_3(text))) if isinstance(node, ast.Call)]
    assert [call.lineno for call in calls] == [2, 4]
