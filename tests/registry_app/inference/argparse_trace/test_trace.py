"""A trace finds the parser that a script really uses, however the script gets to it."""

from __future__ import annotations

from textwrap import dedent

import pytest

from registry_app.choices import Confidence
from registry_app.inference.parameters.command_line import CommandLine
from registry_app.inference.readers.all import read_command_line
from tests.registry_app.inference.projects import make_project


def read(files: dict[str, str]) -> CommandLine:
    project = make_project(files)
    source = project.source("train.py")
    assert source is not None
    return read_command_line(source, project)


def names(line: CommandLine) -> list[str]:
    return [parameter.name for parameter in line.parameters]


IMPORT = "import argparse\n"

ONE_FILE = {
    "in a loop over literals": """
        p = argparse.ArgumentParser()
        for name, size in [("a", 1), ("b", 2)]:
            flag = f"--{name}-size"
            p.add_argument(flag, type=int, default=size)
        p.parse_args()
        """,
    "in a loop over a mapping": """
        SIZES = {"a_size": 1, "b_size": 2}
        p = argparse.ArgumentParser()
        for name, size in SIZES.items():
            p.add_argument("--" + name, type=int, default=size)
        p.parse_args()
        """,
    "by a helper that is handed the parser": """
        def add(parser, name, default=0):
            parser.add_argument(f"--{name}-size", type=int, default=default)
        def main():
            p = argparse.ArgumentParser()
            add(p, "a", 1)
            add(p, "b", default=2)
            return p.parse_args()
        if __name__ == "__main__":
            main()
        """,
    "by a parent": """
        base = argparse.ArgumentParser(add_help=False)
        base.add_argument("--a-size", type=int, default=1)
        p = argparse.ArgumentParser("tool", parents=[base])
        p.add_argument("--b-size", type=int, default=2)
        p.parse_args()
        """,
    "in a class that holds the parser": """
        class Options:
            def __init__(self):
                self.parser = argparse.ArgumentParser()
                self.more()
            def more(self):
                self.parser.add_argument("--a-size", type=int, default=1)
                self.parser.add_argument("--b-size", type=int, default=2)
            def parse(self):
                return self.parser.parse_args()
        if __name__ == "__main__":
            Options().parse()
        """,
    "in a class that is a parser": """
        class Parser(argparse.ArgumentParser):
            def __init__(self):
                super().__init__()
                self.add_argument("--a-size", type=int, default=1)
        p = Parser()
        p.add_argument("--b-size", type=int, default=2)
        p.parse_args()
        """,
    "with words and options from variables": """
        p = argparse.ArgumentParser()
        common = {"type": int, "default": 1}
        flags = ["-a", "--a-size"]
        p.add_argument(*flags, **dict(default=1, dest="a_size"))
        p.add_argument("--b-size", type=int, default=0)
        p.set_defaults(b_size=2)
        p.parse_args()
        """,
    "in two steps": """
        first = argparse.ArgumentParser(add_help=False)
        first.add_argument("--a-size", default=1)
        known, rest = first.parse_known_args()
        p = argparse.ArgumentParser()
        p.add_argument("--b-size", default=2)
        p.parse_args(rest)
        """,
    "in a class body": """
        class Args:
            parser = argparse.ArgumentParser()
            parser.add_argument("--a-size", default=1)
            parser.add_argument("--b-size", default=2)
            found = parser.parse_args()
        """,
    "through a launcher that is handed the function": """
        import torch
        def main(rank):
            p = argparse.ArgumentParser()
            p.add_argument("--a-size", default=1)
            p.add_argument("--b-size", default=2)
            p.parse_args()
        if __name__ == "__main__":
            torch.multiprocessing.spawn(main)
        """,
    "from named tuples": """
        import collections
        Option = collections.namedtuple("Option", "flags type default")
        def parse(parser, options):
            for one in options:
                parser.add_argument(*one.flags, type=one.type, default=one.default)
            return parser.parse_args()
        if __name__ == "__main__":
            p = argparse.ArgumentParser()
            parse(p, [Option(["--a-size"], type=int, default=1), Option(["--b-size"], int, 2)])
        """,
}


@pytest.mark.parametrize("how", ONE_FILE)
def test_arguments_are_found(how: str) -> None:
    line = read({"train.py": IMPORT + dedent(ONE_FILE[how])})
    assert [(parameter.name, parameter.default) for parameter in line.parameters] == [
        ("a_size", 1),
        ("b_size", 2),
    ]
    assert line.known


SEVERAL_FILES = {
    "parsed while its module is imported": {
        "train.py": "from options import args\nprint(args.a)\n",
        "options.py": f"{IMPORT}p = argparse.ArgumentParser()\np.add_argument('--a')\n"
        "args = p.parse_args()\n",
    },
    "made in a module that a module imports": {
        "train.py": "import lib\nlib.main()\n",
        "lib/__init__.py": "from .cli import parse\ndef main():\n    parse()\n",
        "lib/cli.py": f"{IMPORT}def parse():\n    p = argparse.ArgumentParser()\n"
        "    p.add_argument('--a')\n    return p.parse_args()\n",
    },
    "made by a base class elsewhere": {
        "train.py": "from options.train import Train\nif __name__ == '__main__':\n"
        "    Train().parse()\n",
        "options/train.py": "from .base import Base\nclass Train(Base):\n"
        "    def more(self, p):\n        p = Base.more(self, p)\n"
        "        p.add_argument('--a')\n        return p\n",
        "options/base.py": f"{IMPORT}class Base:\n    def more(self, p):\n        return p\n"
        "    def parse(self):\n        p = argparse.ArgumentParser()\n"
        "        p = self.more(p)\n        return p.parse_args()\n",
    },
    "imported with a star": {
        "train.py": "from common import *\nparse(argparse.ArgumentParser())\n",
        "common.py": f"{IMPORT}def parse(p):\n    p.add_argument('--a')\n    p.parse_args()\n",
    },
}


@pytest.mark.parametrize("how", SEVERAL_FILES)
def test_a_parser_elsewhere_in_the_directory_is_found(how: str) -> None:
    line = read(SEVERAL_FILES[how])
    assert names(line) == ["a"]
    assert line.known


def test_only_the_parser_that_is_used_counts() -> None:
    line = read(
        {
            "train.py": f"{IMPORT}from other import helper\n"
            "def old():\n    p = argparse.ArgumentParser()\n    p.add_argument('--gone')\n"
            "    return p.parse_args()\n"
            "p = argparse.ArgumentParser()\np.add_argument('--a')\np.parse_args()\n"
            "p.add_argument('--too-late')\n"
            "q = argparse.ArgumentParser()\nq.add_argument('--fixed')\nq.parse_args(['--fixed'])\n",
            "other.py": f"{IMPORT}def helper(): ...\nif __name__ == '__main__':\n"
            "    p = argparse.ArgumentParser()\n    p.add_argument('--foreign')\n"
            "    p.parse_args()\n",
        }
    )
    assert names(line) == ["a"]


@pytest.mark.parametrize("call", ["['--quiet', f'--limit={args.a}']", "argv=['--limit', limit()]"])
def test_a_parser_that_is_called_with_words_of_the_code_does_not_count(call: str) -> None:
    line = read(
        {
            "train.py": f"{IMPORT}import checking\np = argparse.ArgumentParser()\n"
            f"p.add_argument('--a')\nargs = p.parse_args()\nchecking.parse({call})\n",
            "checking.py": f"{IMPORT}def parse(argv=None):\n    p = argparse.ArgumentParser()\n"
            "    p.add_argument('--limit')\n    return p.parse_args(argv)\n",
        }
    )
    assert names(line) == ["a"]
    assert line.known


def test_an_argument_that_depends_on_something_is_only_likely() -> None:
    line = read(
        {
            "train.py": f"{IMPORT}import torch\nDEBUG = False\np = argparse.ArgumentParser()\n"
            "p.add_argument('--a')\n"
            "if torch.cuda.is_available():\n    p.add_argument('--gpu')\n"
            "if DEBUG:\n    p.add_argument('--debug')\n"
            "p.parse_args()\n"
        }
    )
    found = {parameter.name: parameter.confidence for parameter in line.parameters}
    assert found == {"a": Confidence.SURE, "gpu": Confidence.LIKELY}


@pytest.mark.parametrize(
    "unread",
    [
        "p.add_argument('--' + name())",
        "p = Trainer.add_argparse_args(p)",
        "deepspeed.add_config_arguments(p)",
        "p.add_argument(*flags)",
    ],
)
def test_what_escapes_us_leaves_the_command_line_open(unread: str) -> None:
    text = (
        f"{IMPORT}import deepspeed\nfrom lightning import Trainer\n"
        f"p = argparse.ArgumentParser()\np.add_argument('--a')\n{unread}\np.parse_args()\n"
    )
    line = read({"train.py": text})
    assert names(line) == ["a"]
    assert not line.known


def test_the_place_of_a_parameter_that_only_a_run_knows_is_reported() -> None:
    text = f"{IMPORT}p = argparse.ArgumentParser()\np.add_argument('--' + name())\np.parse_args()\n"
    assert read({"train.py": text}).unread == ("train.py:3",)


def test_two_sides_of_a_switch_are_one_parameter() -> None:
    line = read(
        {
            "train.py": f"{IMPORT}p = argparse.ArgumentParser()\n"
            "p.add_argument('--amp', dest='amp', action='store_true')\n"
            "p.add_argument('--no-amp', dest='amp', action='store_false')\n"
            "p.set_defaults(amp=True)\np.parse_args()\n"
        }
    )
    (amp,) = line.parameters
    assert (amp.flag, amp.action, amp.default) == ("--amp", "boolean_optional", True)


def test_functions_that_call_each_other_end() -> None:
    text = f"{IMPORT}def a(p):\n    b(p)\ndef b(p):\n    p.add_argument('--x')\n    a(p)\n"
    line = read({"train.py": f"{text}p = argparse.ArgumentParser()\na(p)\np.parse_args()\n"})
    assert names(line) == ["x"]
