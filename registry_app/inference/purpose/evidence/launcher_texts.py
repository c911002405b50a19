"""What the text of a launcher shows as a whole: whether it works, checks or only talks."""

from __future__ import annotations

import posixpath
import re

from registry_app.inference.purpose.shell_lines import (
    PICTURES,
    PROGRAM,
    commands_of,
    started_by,
    words_of,
)

_CHECKING = frozenset({"pytest", "unittest", "nose", "nose2", "tox", "nox", "py.test"})
_MOVING = frozenset("cp mv rsync ln tar unzip 7z split mkdir convert magick sed awk find".split())
_ENABLING = frozenset({"enable", "daemon-reload"})
# Programs that install, fetch and unpack, and those that people use around them.
_FETCHING = frozenset(
    "pip pip3 apt apt-get apt-key add-apt-repository yum dnf apk brew snap choco winget conda mamba"
    " micromamba poetry uv npm wget curl git gdown aria2c kaggle tar unzip 7z dpkg".split()
)
_AROUND_FETCHING = frozenset(
    "ldconfig cd pushd popd source . activate rm mkdir ln cp mv chmod chown fallocate mkswap swapon"
    " nvidia-smi nvcc virtualenv modprobe update-alternatives find ls pwd sleep touch cls tee"
    " cmake make".split()
)
# With these an installer or a build starts something else: `uv run train.py`.
_STARTS_MORE = frozenset({"run", "exec", "train", "infer", "test", "all", "up"})
_SET_UP = frozenset({"install", "develop", "build", "build_ext", "bdist_wheel"})
# What a shell does by itself.
_SPEAKS = re.compile(
    r"echo\.?|printf|print|write-host|export|set|setlocal|endlocal|local|readonly|declare|shift|read"
    r"|getopts|while|until|for|if|fi|done|case|esac|in|else|elif|function|return|exit|break|continue"
    r"|true|false|test|:|\[\[?|\{|\}|\(\(?|\)|pause|param|\w+\(\)|[^\s()$&|/.]+\)|[a-z_]\w*\+?=.*"
)


def runs_a_program(text: str) -> bool:
    """Whether a text starts its own program by path: `./build/yolo a.jpg`."""
    programs = (words[0] for command in commands_of(text) if (words := words_of(command)))
    return any(PROGRAM.match(program.strip("\"'")) for program in programs)


def program_for_pictures(text: str) -> str:
    """Return the author's program that gets pictures and no model, '': `./build/ocr conf a.jpg`.

    Where the program runs a model, that is the one of its settings or of its code.
    """
    for command in commands_of(text):
        words = words_of(command)
        program = words[0].strip("\"'") if words else ""
        if PROGRAM.match(program) and any(map(PICTURES.search, words[1:])):
            return posixpath.basename(program)
    return ""


def program_for_arguments(text: str) -> str:
    """Return the compiled program that a launcher only prepares the way for: `exec "$BIN" "$@"`."""
    programs = [
        posixpath.basename(words[0].strip("\"'"))
        for command in commands_of(text)
        if (words := words_of(command)) and words[-1].strip("\"'") == "$@"
        if PROGRAM.match(words[0].strip("\"'")) and "." not in posixpath.basename(words[0])
    ]
    return programs[-1] if programs else ""


def only_talks(text: str) -> bool:
    """Whether a text starts no program: it reads its options, sets variables and prints them."""
    first = [
        words[0].lower().rstrip(";")
        for command in commands_of(text)
        if (words := words_of(command))
    ]
    return bool(first) and all(_SPEAKS.fullmatch(word) for word in first)


def only_checks(text: str) -> bool:
    """Whether a text starts nothing but tests: `python -m pytest tests`."""
    started = [words_of(command) for command in commands_of(text)]
    tests = [bool(_CHECKING & set(words)) for words in started if words]
    scripts = [
        found for found in started_by(text) if found.script.removesuffix(".py") not in _CHECKING
    ]
    return any(tests) and not any(found.script or found.kind for found in scripts)


def only_installs(text: str) -> bool:
    """Whether a text installs, downloads and unpacks, and starts nothing of the author's own."""
    commands = [words for command in commands_of(text) if (words := words_of(command))]
    working = [words for words in commands if not _SPEAKS.fullmatch(words[0].lower().rstrip(";"))]
    is_aside = all(_installs(words) or _is_around(words) for words in working)
    is_more = any(not _STARTS_MORE.isdisjoint(words[1:3]) for words in working)
    return is_aside and not is_more and any(map(_installs, working))


def _is_around(words: list[str]) -> bool:
    program = _program(words)
    is_shell = program in {"bash", "sh"} and "-c" in words[1:2]
    return program in _AROUND_FETCHING or (is_shell and only_talks(words[-1].strip("\"'")))


def _program(words: list[str]) -> str:
    return re.split(r"[/\\]", words[0].strip("\"'").lower())[-1].removesuffix(".exe")


def _installs(words: list[str]) -> bool:
    """Whether a command installs or fetches: `python -m pip install`, `setup.py develop`."""
    program = _program(words)
    if not program.startswith("python"):
        return program in _FETCHING
    is_set_up = words[1:2] == ["setup.py"] and not _SET_UP.isdisjoint(words[2:])
    return words[1:3] == ["-m", "pip"] or is_set_up


def moves_files(text: str) -> bool:
    """Whether a text copies, moves, unpacks or makes files."""
    programs = (words[0] for command in commands_of(text) if (words := words_of(command)))
    return any(program in _MOVING for program in programs)


def installs_a_service(text: str) -> bool:
    """Whether a text makes the system start something by itself: `systemctl enable detector`."""
    return "systemctl" in text and any(
        words[0] == "systemctl" and not _ENABLING.isdisjoint(words)
        for command in commands_of(text)
        if (words := words_of(command))
    )
