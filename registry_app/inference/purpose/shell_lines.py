"""Find what the lines of a launcher, a batch file or a notebook start."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from registry_app.arguments.starts import Start
from registry_app.inference.code.remembered import remembered
from registry_app.inference.purpose.evidence.shell_lists import with_lists_in_place
from registry_app.inference.purpose.script_names import by_word, type_by_name, type_of_function
from registry_app.inference.purpose.sign_tables import PIPELINE_ELEMENT
from registry_app.kinds import KINDS, EntryPointType

_WORD = re.compile(r"""(?:[^\s"']|"[^"]*"|'[^']*')+""")
_CONTINUED = re.compile(r"[\\^`][ \t]*\n[ \t]*")
# A here-document, from `<<EOF` to `EOF`, is input and is not run.
_HANDED_TEXT = re.compile(r"<<-?\s*[\"']?(\w+)[\"']?[^\n]*\n.*?\n\s*\1[ \t]*(?=\n|$)", re.DOTALL)
# A message to the user over several lines names commands to start later.
_SHOWN = re.compile(
    r"""\b(echo|printf|die|fail|fatal|err|error|abort|warn|warning|info|log|note|usage|msg|message)"""
    r"""(?:[ \t]+-\w+)*[ \t]+(?:"(?:[^"\\]|\\.)*"|'[^']*')""",
    re.DOTALL,
)
_BATCH_FILE = re.compile(r"^[ \t]*@echo\b", re.MULTILINE | re.IGNORECASE)
_COMMENT = re.compile(r"^\s*(?:#|::|rem\b|REM\b|@rem\b|@REM\b|//)")
# Separators between commands; the alternatives before them skip quoted text.
_BETWEEN = re.compile(
    r"""(?P<quoted>\\.|"(?:[^"\\]|\\.)*"|'[^']*')|(?P<sign>&&|\|\||;|\|&?|(?<!>)&(?!>))"""
)
PROGRAM = re.compile(r"(?:\./|\.\./|~/|\.\\|\$\{?\w+\}?/|(?:[\w.-]+/)*build/|bin/)[^\s=]*$")
# A variable that a launcher sets to a constant, in a shell or a batch file.
_SET = re.compile(
    r"""^\s*(?:export\s+|readonly\s+|local\s+|set\s+)?([A-Za-z_]\w*)=("[^"$`]*"|'[^']*'|[^\s"'$`();|&]+)\s*(?:\s#.*)?$"""
)
# A batch file takes all that follows: `set TRAIN_CMD=python train.py --resume`.
_SET_IN_BATCH = re.compile(
    r"""^\s*set[ \t]+"?([A-Za-z_]\w*)=((?:call[ \t]+)?"?[\w.:/\\%~-]*python[^\n]*)$""",
    re.IGNORECASE,
)
# A path below a folder that is not known: `RUNNER="$ROOT/scripts/run.sh"`.
_SET_BELOW = re.compile(
    r"""^\s*(?:export\s+|readonly\s+|local\s+)?([A-Za-z_]\w*)=("?\$\{?\w+\}?/[\w./-]+"?)\s*$"""
)
# A value that the environment may replace, and a program that is looked for:
# `BIN="${BIN:-/opt/detect}"`, `TRTEXEC=$(command -v trtexec || echo /usr/bin/trtexec)`.
_SET_UNLESS = re.compile(
    r"""^\s*(?:export\s+|readonly\s+|local\s+)?([A-Za-z_]\w*)="?\$\{\w+:?-([\w./-]+)\}"?\s*$"""
)
_SET_BY_SEARCH = re.compile(
    r"""^\s*(?:export\s+|readonly\s+|local\s+)?([A-Za-z_]\w*)="""
    r"""["]?\$\((?:command -v|which|type -P)\s+([\w./-]+)[\s|&)]"""
)
_USED = re.compile(r"\$\{?([A-Za-z_]\w*)\}?(?![\w:#%/\[-])|%([A-Za-z_]\w*)%")
# Switches with which a script that trains only measures.
_MEASURES = re.compile(
    r"--(?:eval|evaluate|test|val|validate)[-_]only|--evaluate|--only[-_](?:eval|test)"
)
# The same for a script of any work, where no value follows: `main.py -test -bs 1`.
_SWITCH = re.compile(r"--?(?:test|eval|evaluate)")
# Commands of a script, as those of Lightning: `cli.py fit --config a.yaml`.
_COMMANDS = {
    **dict.fromkeys(("fit", "train"), EntryPointType.TRAIN),
    **dict.fromkeys(("test", "validate", "evaluate", "eval", "val"), EntryPointType.EVAL),
    **dict.fromkeys(("predict", "infer", "inference"), EntryPointType.INFER),
}
_MODE = re.compile(r"--?(?:mode|phase|stage|action)(?:=(.+))?")
# Launchers of frameworks, with the option by which they only measure.
_MEASURING_OPTIONS = {"model_main_tf2": "--checkpoint_dir", "model_main": "--checkpoint_dir"}
_SEES_FAILURES = re.compile(r"\b(?:pipefail|PIPESTATUS)\b")
# These print or set something; a command in their arguments is not run.
_NOT_EXECUTING = frozenset(
    "echo printf print info warn log ok error fail alias export set local readonly cat write-host"
    " write-output cp mv rm title usage".split()
)
_BEFORE_COMMANDS = re.compile(
    r"^(?:[A-Za-z_]\w*=.*|exec|time|nohup|sudo|vglrun|do|then|else|if|!|@.*|call|start|nice|eval|run"
    r"|stdbuf|-[ioe][L0])$"
)
_PYTHON = re.compile(
    r"^(?:python[0-9.]*w?(?:\.exe)?|py|pypy3?|torchrun|accelerate|deepspeed"
    r"|\$?[{(%]*(?:python|py|interpreter|sys\.executable)\w*[)}%]*)$",
    re.IGNORECASE,
)
# Modules that start the script that follows them.
_LAUNCHING_MODULES = frozenset(
    "torch.distributed.launch torch.distributed.run torch.distributed.elastic_launch"
    " accelerate.commands.launch paddle.distributed.launch pdb cProfile coverage debugpy"
    " scalene launch".split()
)
# Programs and modules that start a process for each GPU.
_WAYS = {
    "torchrun": Start.TORCHRUN,
    "torch.distributed.run": Start.TORCHRUN,
    "accelerate": Start.ACCELERATE,
    "accelerate.commands.launch": Start.ACCELERATE,
}
# Modules that prepare or check the environment.
_NO_WORK = frozenset("pip venv virtualenv ensurepip site json.tool py_compile compileall".split())
_HELP = frozenset({"--help", "-h"})
# A launcher that gets these asks about what another start began, or ends it.
_AFTER_START = _HELP | frozenset({"stop", "status", "--stop", "--status", "down", "logs", "kill"})
_ASKING = _HELP | {"--version", "-V"}
_SHELLS = frozenset({"bash", "sh", "zsh", "source", ".", "powershell", "pwsh"})
# They queue a script, or a command, that a computer of a cluster runs later.
_QUEUES = frozenset({"sbatch", "qsub"})
_LAUNCHERS = (".sh", ".bash", ".bat", ".cmd", ".ps1")
_YOLO_MODES = by_word("yolo")
# Other programs whose first words say what they do.
_OF_COMMANDS = frozenset(
    "caffe tao tlt mim anomalib otx autotrain lightly-train pulsar2 optimum-cli paddleocr".split()
)
_PROGRAM_COMMANDS = {
    "train": EntryPointType.TRAIN,
    "finetune": EntryPointType.TRAIN,
    "predict": EntryPointType.INFER,
    "infer": EntryPointType.INFER,
    "inference": EntryPointType.INFER,
    "ocr": EntryPointType.INFER,
    "export": EntryPointType.QUANT,
    "build": EntryPointType.QUANT,
    "prune": EntryPointType.QUANT,
    "test": EntryPointType.EVAL,
    "evaluate": EntryPointType.EVAL,
}
_DARKNET_MODES = by_word("darknet")
_CONTAINERS = frozenset(
    "docker podman nerdctl docker-compose nvidia-docker singularity apptainer".split()
)
# Options of containers that take the next word, and long ones that take none.
_BOX_OPTIONS = frozenset({"-v", "-e", "-w", "-u", "-p", "-f", "-h", "-l", "-m", "--entrypoint"})
_BOX_SWITCHES = frozenset({"--rm", "--privileged", "--init", "--detach", "--interactive", "--tty"})
_HAILO = frozenset({"hailo", "hailomz", "hailortcli"})
_HAILO_MODES = by_word("hailo")
# What a program of the author's own is given to run a model: a model, and pictures.
_OWN_PROGRAM = re.compile(
    PROGRAM.pattern + r"|/(?:[\w.-]+/)*[\w-]+$|\$\{?\w+\}?$|[^\s\\]*\\[^\s]*\.exe$"
)
_GIVES_MODEL = re.compile(
    r"\.(?:onnx|engine|trt|plan|rknn|hef|tflite|mnn|om|bmodel|axmodel|dlc|param|xml|pt|weights|nb)$"
    r"|^--?(?:engine|model|weights|onnx|hef|trt)(?:[_-]?(?:path|file))?(?:=|$)"
)
PICTURES = re.compile(
    r"\.(?:jpe?g|png|bmp|mp4|avi|mkv|mov)$|^(?:rtsp|rtmp|csi|v4l2)://|^/dev/video\d"
    r"|^--?(?:images?|video|sequence|camera|stream|source|rtsp|csi)(?:[_-]?(?:path|file|dir))?(?:=|$)"
)
# Programs and modules with a known purpose, with the points for it.
_TOOLS: dict[str, tuple[EntryPointType, int]] = {
    tool: (kind.type, points)
    for kind in KINDS
    for points, tools in kind.words.tools
    for tool in tools.split()
}


@dataclass(frozen=True, kw_only=True)
class Started:
    """One thing that a line starts: a script as written there and its way, or a known program."""

    script: str = ""
    way: Start = Start.SCRIPT
    kind: EntryPointType | None = None
    points: int = 3
    words: str = ""


def commands_of(text: str) -> list[str]:
    """Return the single commands of a shell or batch text, without comments and line breaks."""
    return [command for command, _sign in parted(text)]


@remembered(texts=512, longest=10_000)
def parted(text: str) -> tuple[tuple[str, str], ...]:
    """Return the commands of a text, each with the operator after it: `&&`, `|`, `&`, or ''."""
    return tuple(_parted(text))


def _parted(text: str) -> Iterator[tuple[str, str]]:
    text = _HANDED_TEXT.sub("", text).replace("^&", " ")
    lines = [line for line in text.splitlines() if not _COMMENT.match(line)]
    text = with_lists_in_place("\n".join(lines))
    is_batch = _BATCH_FILE.search(text) is not None
    if not is_batch:  # whose messages have one line and any quotation marks
        text = _SHOWN.sub(_without_lines, text)
    constants: dict[str, str] = {}
    for written in _CONTINUED.sub(" ", text).splitlines():
        found_set = (
            _SET.match(written)
            or _SET_BELOW.match(written)
            or _SET_UNLESS.match(written)
            or _SET_BY_SEARCH.match(written)
        )
        if found_set is not None:
            constants[found_set[1]] = found_set[2].strip("\"'")
        elif is_batch and (found_set := _SET_IN_BATCH.match(written)) is not None:
            constants[found_set[1]] = found_set[2].strip('"')
        line = _with_constants(written, constants)
        begin = 0
        for found in _BETWEEN.finditer(line):
            if found["quoted"] is None:
                command = line[begin : found.start()].strip()
                if command:
                    yield command, found["sign"]
                begin = found.end()
        if line[begin:].strip():
            yield line[begin:].strip(), ""


def _without_lines(shown: re.Match[str]) -> str:
    """Return a message as it is, or its command alone if it has several lines."""
    return shown[1] if "\n" in shown[0] else shown[0]


def _with_constants(line: str, constants: dict[str, str]) -> str:
    """Return a line with the values of variables that were set to constants before it."""
    if not constants:
        return line
    return _USED.sub(lambda used: constants.get(used[1] or used[2], used[0]), line)


def started_by(text: str) -> list[Started]:
    """Return everything that a text of commands starts, in order."""
    return [started for command in commands_of(text) for started in started_in(command)]


def scripts_behind_pipes(text: str) -> list[str]:
    """Return scripts whose failure a pipe hides: `python train.py | tee log` exits like tee."""
    if _SEES_FAILURES.search(text):
        return []
    piped = [started.script for command, sign in parted(text) if sign in {"|", "|&"}
             for started in started_in(command) if started.script]  # fmt: skip
    return list(dict.fromkeys(piped))


def words_of(command: str) -> list[str]:
    """Return the words of a command from the program on, without sub-shell parentheses."""
    return list(_words_of(command))


@remembered(texts=4096, longest=500)
def _words_of(command: str) -> tuple[str, ...]:
    if command.count("(") > command.count(")"):
        command = command.lstrip("({ ")
    elif command.count(")") > command.count("("):
        command = command.rstrip(") ")
    return tuple(itertools.dropwhile(_BEFORE_COMMANDS.match, _WORD.findall(command)))


@remembered(texts=8192, longest=500)
def started_in(command: str) -> tuple[Started, ...]:
    """Return the scripts and programs that one command starts."""
    return tuple(_started_in(command))


def _started_in(command: str) -> Iterator[Started]:
    words = words_of(command)
    if not words or words[0].lower().rstrip(".:") in _NOT_EXECUTING:
        return
    inner = _handed_to_shell(words)
    if inner:
        yield from started_by(inner)
        return
    words = [word.strip("\"'") for word in words]
    program = posixpath.basename(words[0].replace("\\", "/")).lower()
    if program in {"yolo", "ultralytics"}:
        yield from _mode(words, _YOLO_MODES)
    elif program in {"darknet", "darknet.exe"}:
        yield from _mode(words, _DARKNET_MODES)
    elif program in _OF_COMMANDS:
        yield from _mode(words[:4], _PROGRAM_COMMANDS)
    elif program in _TOOLS:
        yield from _tool(program, words)
    elif program in _HAILO:
        yield from _mode(words, _HAILO_MODES)
    elif program in _CONTAINERS and (tool := _tool_inside(words)):
        yield from _tool(posixpath.basename(tool[0]), tool)
    else:
        yield from list(_script(words)) or _own_program(words)


def _handed_to_shell(words: list[str]) -> str:
    """Return the text passed to another shell: `bash -c "cd x && python train.py"`."""
    for number, word in enumerate(words[:-1]):
        if word in {"-c", "-lc", "-ic", "--wrap", "/c"} and " " in words[number + 1]:
            return words[number + 1].strip("\"'")
    wrapped = (word.removeprefix("--wrap=") for word in words if word.startswith("--wrap="))
    return next(wrapped, "").strip("\"'")


def _tool_inside(words: list[str]) -> list[str]:
    """Return the known program that a container runs, with what it gets."""
    if not {"run", "exec"} & {*words[1:3]}:
        return []
    for number, word in enumerate(words):
        if number > 2 and posixpath.basename(word) in _TOOLS and not _of_option(words[number - 1]):
            return words[number:]
    return []


def _of_option(word: str) -> bool:
    """Whether a word is an option of containers that takes the next: `--name trtexec`."""
    return word in _BOX_OPTIONS or (
        word.startswith("--") and "=" not in word and word not in _BOX_SWITCHES
    )


def _tool(program: str, words: list[str]) -> Iterator[Started]:
    """Yield a known program, unless it only says its version; a loaded engine is only timed."""
    kind, points = _TOOLS[program]
    if _ASKING.intersection(words):
        return
    if program == "trtexec" and "--loadEngine" in " ".join(words) and "--save" not in str(words):
        kind = EntryPointType.EVAL
    yield Started(kind=kind, points=points, words=program)


def _own_program(words: list[str]) -> Iterator[Started]:
    """Yield a program that gets a model and a picture: `./build/detect ppe.engine a.jpg`."""
    is_own = _OWN_PROGRAM.match(words[0]) or words[:2] == ["docker", "run"]
    given = [*words[1:], *(word.rpartition("=")[2] for word in words[1:])]
    reads = any(map(_GIVES_MODEL.search, given)) and any(map(PICTURES.search, given))
    is_pipeline = words[0].startswith("gst-launch") and PIPELINE_ELEMENT.search(" ".join(words))
    if (is_own and reads) or is_pipeline:
        yield Started(kind=EntryPointType.INFER, words=posixpath.basename(words[0]))


def _mode(words: list[str], modes: dict[str, EntryPointType]) -> Iterator[Started]:
    given = [word.removeprefix("mode=") for word in words[1:]]
    mode = next((word for word in given if word in modes), "")
    if mode:
        yield Started(kind=modes[mode], words=f"{words[0]} {mode}")


def _script(words: list[str]) -> Iterator[Started]:
    """Yield the script behind wrappers: `srun python -m torch.distributed.launch train.py`."""
    for number, word in enumerate(words):
        program = posixpath.basename(word.replace("\\", "/"))
        if _PYTHON.match(program):
            yield from _behind_python(words[number + 1 :], _WAYS.get(program, Start.SCRIPT))
            return
        if program in _QUEUES:
            queued = (word for word in words[number + 1 :] if word.endswith(_LAUNCHERS))
            yield from (Started(script=tidy_path(word)) for word in itertools.islice(queued, 1))
        if program in _SHELLS and number + 1 < len(words):
            left = list(itertools.dropwhile(lambda word: word.startswith("-"), words[number + 1 :]))
            if left and left[0].endswith(_LAUNCHERS) and not _AFTER_START.intersection(left[1:2]):
                yield Started(script=tidy_path(left[0]))
            return
    if words[0].endswith(_LAUNCHERS) and _AFTER_START.intersection(words[1:2]):
        return
    if words[0].endswith((".py", *_LAUNCHERS)):
        yield Started(script=tidy_path(words[0]))
    elif len(words) > 2 and words[1] == "run" and words[2].endswith(".py"):
        yield Started(script=tidy_path(words[2]))  # `uv run train.py`


def _behind_python(words: list[str], way: Start) -> Iterator[Started]:
    if _HELP.intersection(words):
        return  # it prints how the script is started
    is_module = False
    for number, word in enumerate(words):
        if is_module:
            is_module = False
            if word in _LAUNCHING_MODULES:
                way = _WAYS.get(word, way)
                continue
            if word in _NO_WORK:
                return
            if word in _TOOLS:
                kind, points = _TOOLS[word]
                yield Started(kind=kind, points=points, words=word)
            elif re.fullmatch(r"\w+(?:\.\w+)*", word):
                is_plain = way is Start.SCRIPT
                script = word.replace(".", "/") + ".py"
                chosen = _chosen_by_options(script, words[number + 1 :])
                yield Started(script=script, kind=chosen, way=Start.MODULE if is_plain else way)
            return
        if word == "-m":
            is_module = True
        elif word == "-c":
            return
        elif word.endswith(".py"):
            script = tidy_path(word)
            chosen = _chosen_by_options(script, words[number + 1 :])
            yield Started(script=script, kind=chosen, way=way)
            return


def _chosen_by_options(script: str, options: list[str]) -> EntryPointType | None:
    """Return the type that the options of a command choose: `train_net.py --eval-only` measures."""
    stem = posixpath.basename(script).removesuffix(".py")
    sign = _MEASURING_OPTIONS.get(stem, "")
    if any(_MEASURES.fullmatch(word) or (sign and word.startswith(sign)) for word in options):
        return EntryPointType.EVAL
    if type_by_name(script) is None:  # `make_dataset.py test` makes a part of it
        if options and options[0] in _COMMANDS:
            return _COMMANDS[options[0]]
        if any(map(_is_switch, options, [*options[1:], "-"])):
            return EntryPointType.EVAL
    for number, word in enumerate(options):
        found = _MODE.fullmatch(word)
        if found is not None:
            value = found[1] or next(iter(options[number + 1 :]), "")
            return type_of_function(value)
    return None


def _is_switch(word: str, following: str) -> bool:
    return following.startswith("-") and _SWITCH.fullmatch(word) is not None


def tidy_path(path: str) -> str:
    r"""Return a path with slashes, without the variables before it: `${ROOT}/a.py`, `.\\a.py`."""
    path = re.sub(r"^%~dp0[/\\]?", "", path).replace("\\", "/")
    return re.sub(r"^.*[$%{}()\"'][^/]*/", "", path).removeprefix("./")
