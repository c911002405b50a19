"""Base classes of trainers: one file, standard library only, Python 3.8 and newer.

It goes with the trainer, never with the portal: copy it next to the class that inherits from it.

    class PpeTrainer(BaseTrainer):
        experiment = "donghwa-entec-ppe"

        @dataclasses.dataclass
        class Config:  # becomes the command line: --data, --epochs
            data: str
            epochs: int = 100

        def train(self):
            ...

    if __name__ == "__main__":
        raise SystemExit(PpeTrainer.main())

What a trainer logs is appended to `trainer.jsonl` in GUARDIANFLOW_RECORD_DIR, or without a portal
in `guardianflow-out/<time>/`. Recording never fails a training: where the disk is full, it says so
once on stderr.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import dataclasses
import fnmatch
import hashlib
import importlib.util
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import typing

if typing.TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from typing import Any

INTERFACE = 1
STEPS = ("prepare", "train", "evaluate", "export")
RECORD = "trainer.jsonl"
SECRET = re.compile(r"(?i)pass(wor|w)?d|secret|credential|api_?key|access_?key|token$")
# Result tables that are looked for below the working directory, at most so many files and bytes.
TABLES = ("*.csv", "*.tsv")
AXES = ("epoch", "step", "iter", "iteration")
NOT_SEARCHED = frozenset({"venv", "env", "node_modules", "site-packages", "guardianflow-out"})
MAX_FILES, MAX_TABLE_BYTES = 20000, 32 * 2**20
KEPT_CHECKPOINTS = 2


class Record:
    """The file that says what a trainer did, one JSON object a line; writing never raises."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.path = os.path.join(folder, RECORD)
        self.is_broken = False

    def add(self, kind: str, **values: Any) -> None:
        try:
            line = json.dumps(dict({"kind": kind, "time": time.time()}, **values), default=str)
            os.makedirs(self.folder, exist_ok=True)
            with open(self.path, "a", encoding="utf-8") as file:
                file.write(line + "\n")
        except (OSError, TypeError, ValueError, RecursionError) as error:
            if not self.is_broken:
                note("%s is not written: %s" % (self.path, error))
            self.is_broken = True


class BaseTrainer:
    """One training of an experiment. Subclasses name it and define `train`; all else is optional.

    `kind` says how deep the interface goes: `native` (functions are called), `lifted` (the lines of
    a main guard were taken over) or `script` (an unmodified script as a process). With
    `takes_more`, words that `Config` does not know are in `self.more` instead of refused.
    """

    experiment = ""
    kind = "native"
    takes_more = False
    exports: tuple[str, ...] = ()

    @dataclasses.dataclass
    class Config:
        """The settings: a field without a default is required; `metadata` may hold `help`,
        `choices`, `flag`, `positional`, `nargs` and `secret`."""

    def __init__(self, config: Any, record: Record, more: Any = ()) -> None:
        self.config = config
        self.record = record
        self.more = list(more)
        self.started = time.time()
        self.steps_logged: dict[str, int] = {}

    def prepare(self) -> Any:
        """Prepare data and model."""

    def train(self) -> Any:
        """Train; a returned mapping is logged as metrics."""
        raise NotImplementedError("%s has no train()" % type(self).__name__)

    def evaluate(self) -> Any:
        """Evaluate; return a mapping of metrics."""

    def export(self) -> Any:
        """Export; return the paths of the files that were made: those of `exports`, if any."""
        made = [path for path in files_below(".") if is_newer(path, self.started)]
        return [path for path in made if any(fnmatch.fnmatch(path, p) for p in self.exports)]

    def log_metric(self, name: str, value: Any, step: Any = None) -> None:
        """Record a number; without a step each name counts its own from 0."""
        try:
            number = float(value)
            step = self.steps_logged.get(name, -1) + 1 if step is None else int(step)
        except Exception as error:  # noqa: BLE001  arrays of libraries raise what they like
            note("metric %s is not recorded: %s" % (name, error))
            return
        self.steps_logged[name] = step
        self.record.add("metric", name=str(name), value=number, step=step)

    def log_metrics(self, values: Any, step: Any = None) -> None:
        """Record each number of a mapping; other values, such as texts, are left out."""
        for name, value in values.items():
            if is_number(value):
                self.log_metric(name, value, step)

    def log_artifact(self, path: Any) -> None:
        """Record a file that the training made; it stays where it is."""
        path = str(path)
        self.record.add("artifact", path=path, size_bytes=size_of(path))

    def checkpoint(self, step: int, model: Any) -> str:
        """Copy a saved model aside, complete or not at all; return the copy, '' if none was made.

        The newest two are kept.
        """
        folder = os.path.join(self.record.folder, "checkpoints")
        target = os.path.join(folder, "%09d-%s" % (step, os.path.basename(os.fspath(model))))
        try:
            os.makedirs(folder, exist_ok=True)
            shutil.copyfile(model, target + ".part")
            os.replace(target + ".part", target)
            for old in checkpoints(self.record.folder)[:-KEPT_CHECKPOINTS]:
                os.remove(old)
        except OSError as error:
            note("no checkpoint of %s: %s" % (model, error))
            return ""
        self.record.add("checkpoint", step=int(step), path=target)
        return target

    def last_checkpoint(self) -> str:
        """Return the newest checkpoint of this record, else of the last one beside it, or ''."""
        beside = os.path.dirname(os.path.abspath(self.record.folder))
        records = [self.record.folder]
        if os.path.basename(beside) == "guardianflow-out":
            records += sorted(
                (os.path.join(beside, name) for name in names_in(beside)), reverse=True
            )
        return next((found[-1] for found in map(checkpoints, records) if found), "")

    @classmethod
    def main(cls, argv: Any = None) -> int:
        """Read the command line, run the steps, and return the exit status."""
        config, steps, more = read_command(cls, sys.argv[1:] if argv is None else list(argv))
        record = Record(record_folder())
        trainer = cls(config, record, more)
        record.add("header", **header_of(cls, config, steps))
        status = 1
        try:
            with tables_logged(trainer):
                status = trainer.run(steps)
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 0 if end.code is None else status
            raise
        finally:
            record.add("end", status=status)
        return status

    def run(self, steps: Sequence[str]) -> int:
        for step in steps:
            self.record.add("step", name=step)
            result = getattr(self, step)()
            if hasattr(result, "items"):
                self.log_metrics(result)
            elif step == "export":
                for path in result or ():
                    self.log_artifact(path)
        return 0


class ScriptTrainer(BaseTrainer):
    """An unmodified script as a trainer: started as a process of its own, with its own status.

    `arguments` is a template: words with `{name}`, one for each setting. A word whose setting is
    not given is left out, with the option before it. Settings that the template does not name go
    after it by their own flag.
    """

    kind = "script"
    script = ""
    arguments = ""

    def train(self) -> Any:
        named = set(re.findall(r"{(\w+)}", self.arguments))
        words = filled(self.arguments, vars(self.config))
        words += words_of(self.config, leave_out=named) + self.more
        is_shell = self.script.endswith((".sh", ".bash"))
        program = [shutil.which("bash") or "/bin/bash"] if is_shell else [sys.executable]
        # The words may hold secrets, so only their digest is recorded.
        joined = "\0".join([self.script, *words]).encode("utf-8", "surrogateescape")
        digest = hashlib.sha256(joined).hexdigest()
        sha256 = digest_of(self.script)
        self.record.add("process", script=self.script, sha256=sha256, words_sha256=digest)
        status = run_process([*program, self.script, *words])
        if status:
            raise SystemExit(status)


# What adapters use


@contextlib.contextmanager
def as_main_arguments(script: str, words: Sequence[str]) -> Iterator[None]:
    """Let code that reads `sys.argv` see a command line; an exit with status 0 is a normal end."""
    before, sys.argv = sys.argv, [script, *words]
    try:
        yield
    except SystemExit as end:
        if end.code not in (None, 0):
            raise
    finally:
        sys.argv = before


def load(script: str, beside: str = __file__) -> Any:
    """Import a script of the working directory under its own name, without its main guard.

    Its folder becomes the first of `sys.path`, as Python itself does it; that of the trainer is
    taken off, so that no module of the script is hidden by one of the trainer.
    """
    if not os.path.isfile(script):
        raise SystemExit("%s is not in %s: start the trainer there" % (script, os.getcwd()))
    own = os.path.realpath(os.path.dirname(beside))
    sys.path[:] = [path for path in sys.path if os.path.realpath(path or ".") != own]
    sys.path.insert(0, os.path.dirname(os.path.abspath(script)))
    name = os.path.splitext(os.path.basename(script))[0]
    if name == "__main__":  # of a package: under its own name its guard would run at once
        name = "main_of_package"
    spec = importlib.util.spec_from_file_location(name, os.path.abspath(script))
    if spec is None or spec.loader is None:
        raise SystemExit("%s cannot be imported" % script)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    with as_main_arguments(script, ()):
        spec.loader.exec_module(module)
    return module


def words_of(config: Any, leave_out: Collection[str] = ()) -> list[str]:
    """Return the settings as words of a command line; one that is None is left out.

    `metadata` of a field: `flag` (one that ends with `=` is one word with its value), `switch`
    (true passes the flag alone), `off` (false passes this flag), `each` (the flag before each
    value), `positional`.
    """
    words: list[str] = []
    last: list[str] = []
    for field in dataclasses.fields(config):
        value, about = getattr(config, field.name), field.metadata
        if value is None or field.name in leave_out:
            continue
        flag = about.get("flag") or "--" + field.name.replace("_", "-")
        if about.get("positional"):
            last += as_words(value)
        elif about.get("switch") or about.get("off"):
            shown = (
                flag if value and about.get("switch") else about.get("off") if not value else None
            )
            words += [shown] if shown else []
        elif flag.endswith("="):
            words += [flag + word for word in as_words(value)]
        elif about.get("each"):
            words += [word for item in as_words(value) for word in (flag, item)]
        else:
            values = as_words(value)
            is_odd = len(values) == 1 and values[0].startswith("-") and flag.startswith("--")
            words += ["%s=%s" % (flag, values[0])] if is_odd else [flag, *values]
    return words + last


def given(config: Any) -> dict[str, Any]:
    """Return the settings that are not None, as keyword arguments of a function."""
    return {name: value for name, value in vars(config).items() if value is not None}


# The command line


def read_command(cls: Any, argv: list[str]) -> Any:
    """Return the config, the steps and the words that are left; exits as argparse does."""
    parser = argparse.ArgumentParser(prog=cls.__name__, allow_abbrev=False, description=cls.__doc__)
    parser.add_argument("--gf-steps", metavar="STEP,…", default=",".join(STEPS))
    parser.add_argument("--gf-config", metavar="FILE.json", help="settings as a JSON object")
    for field, kind, is_list in typed_fields(cls.Config):
        add_option(parser, field, kind, is_list)
    known, more = parser.parse_known_args(argv)
    if more and not cls.takes_more:
        parser.error("unrecognized arguments: " + " ".join(more))
    given_words = vars(known)
    steps = [step.strip() for step in given_words.pop("gf_steps").split(",") if step.strip()]
    for step in steps:
        if step not in STEPS:
            parser.error("--gf-steps has no step %r; there are %s" % (step, ", ".join(STEPS)))
    values = from_file(parser, cls.Config, given_words.pop("gf_config"))
    values.update({name: value for name, value in given_words.items() if value is not None})
    for field in dataclasses.fields(cls.Config):
        if field.name not in values and is_required(field):
            parser.error("--%s is required" % field.name.replace("_", "-"))
    return cls.Config(**values), steps, more


def add_option(parser: Any, field: Any, kind: Any, is_list: bool) -> None:
    about = field.metadata
    options = {"dest": field.name, "default": argparse.SUPPRESS, "help": about.get("help")}
    flags = [about["flag"]] if re.match("-.*[^=]$", about.get("flag") or "") else []
    spelled = "--" + field.name
    flags += [flag for flag in (spelled.replace("_", "-"), spelled) if flag not in flags]
    if kind is bool and not about.get("positional"):
        parser.add_argument(*flags, action="store_true", **options)
        off = [about["off"]] if about.get("off") else []
        off += ["--no-" + name.lstrip("-") for name in flags]
        off = [name for name in off if name not in flags]
        if off:
            parser.add_argument(*off, action="store_false", **dict(options, help=None))
        return
    choices = about.get("choices") or typing_choices(kind)
    if choices:
        options["choices"] = choices
        kind = type(choices[0])
    options["type"] = kind if callable(kind) else str
    nargs = about.get("nargs") or ("*" if is_list else None)
    if about.get("each"):
        options["action"] = "append"
    elif nargs is not None:
        options["nargs"] = nargs
    if about.get("positional"):
        name, optional = options.pop("dest"), not is_required(field)
        # A suppressed default would be converted to the type.
        options["default"] = None
        parser.add_argument(name, **dict(options, nargs=nargs or ("?" if optional else None)))
    else:
        parser.add_argument(*flags, **options)


def typed_fields(config: Any) -> list[Any]:
    """Return each field, the type of its values, and whether it takes several.

    An annotation that this Python cannot read is read as text.
    """
    try:
        kinds = typing.get_type_hints(config)
    except Exception:  # noqa: BLE001  `int | None` before 3.10, a name that is not there
        kinds = {}
    return [
        (field, *(item_of(kinds[field.name]) if field.name in kinds else named_type(field)))
        for field in dataclasses.fields(config)
    ]


def named_type(field: Any) -> Any:
    words = re.findall(r"\w+", str(field.type))
    plain = {"int": int, "float": float, "bool": bool, "str": str}
    found = [plain[word] for word in words if word in plain]
    is_list = words[:1] and words[0].lower() in ("list", "tuple", "sequence")
    return (found[0] if found else str), bool(is_list)


def item_of(kind: Any) -> Any:
    """Return the type of a value, without Optional, and whether there are several."""
    origin, inner = getattr(kind, "__origin__", None), getattr(kind, "__args__", ())
    if type(None) in inner:
        return item_of(next(part for part in inner if part is not type(None)))
    if origin in (list, tuple, set) or kind in (list, tuple):
        return (inner[0] if inner and isinstance(inner[0], type) else str), True
    return kind, False


def typing_choices(kind: Any) -> Any:
    return list(kind.__args__) if str(kind).startswith("typing.Literal") else None


def is_required(field: Any) -> bool:
    missing = dataclasses.MISSING
    return field.default is missing and field.default_factory is missing


def from_file(parser: Any, config: Any, path: Any) -> Any:
    if not path:
        return {}
    try:
        with open(path, encoding="utf-8") as file:
            values = json.load(file)
    except (OSError, ValueError) as error:
        parser.error("--gf-config %s: %s" % (path, error))
    known = {field.name for field in dataclasses.fields(config)}
    unknown = sorted(set(values) - known) if isinstance(values, dict) else ["no JSON object"]
    if unknown:
        parser.error("--gf-config %s: unknown %s" % (path, ", ".join(unknown)))
    return values


# Records


def record_folder() -> str:
    """Return the folder of this run's record: the portal's, else a new one here."""
    folder = os.environ.get("GUARDIANFLOW_RECORD_DIR")
    return folder or os.path.join("guardianflow-out", time.strftime("%Y%m%d-%H%M%S"))


def header_of(cls: Any, config: Any, steps: Any) -> Any:
    secret = {f.name for f in dataclasses.fields(config) if f.metadata.get("secret")}
    shown = {
        name: "***" if value and (name in secret or SECRET.search(name)) else value
        for name, value in vars(config).items()
    }
    module = sys.modules.get(cls.__module__)
    files = {"trainer": getattr(module, "__file__", "") or "", "gf_base": __file__}
    return {
        "interface": INTERFACE,
        "class": cls.__name__,
        "experiment": cls.experiment,
        "trainer_kind": cls.kind,
        "steps": list(steps),
        "config": shown,
        "interpreter": sys.executable,
        "python": sys.version.split()[0],
        "files": {name: {"path": path, "sha256": digest_of(path)} for name, path in files.items()},
    }


def digest_of(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    except OSError:
        return ""


def checkpoints(folder: str) -> list[str]:
    inside = os.path.join(folder, "checkpoints")
    names = [name for name in names_in(inside) if not name.endswith(".part")]
    return [os.path.join(inside, name) for name in sorted(names)]


def names_in(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


@contextlib.contextmanager
def tables_logged(trainer: BaseTrainer) -> Iterator[None]:
    """Log the new rows of result tables that were written meanwhile."""
    before = {path: beginning_of(path) for path in tables_below(".")}
    try:
        yield
    finally:
        for path in tables_below("."):
            size, digest = before.get(path, (0, ""))
            if beginning_of(path) == (size, digest):
                continue
            skipped = size if size and beginning_of(path, size) == (size, digest) else 0
            log_table(trainer, path, skipped)


def log_table(trainer: BaseTrainer, path: str, skipped: int) -> None:
    with contextlib.suppress(OSError, csv.Error, ValueError, OverflowError):
        with open(path, "rb") as file:
            old = file.read(skipped).decode("utf-8", "replace")
            text = old + file.read(MAX_TABLE_BYTES).decode("utf-8", "replace")
        lines = [line for line in text.splitlines() if line.strip()]
        rows = csv.reader(lines, delimiter="\t" if path.endswith(".tsv") else ",")
        names = [name.strip() for name in next(rows, [])]
        first = len([line for line in old.splitlines() if line.strip()]) - 1
        for number, row in enumerate(rows):
            if number < first or len(row) != len(names):
                continue
            values = {name: float(v) for name, v in zip(names, row) if is_number(v.strip())}
            axis = next((name for name in values if name.lower() in AXES), None)
            step = int(values.pop(axis)) if axis else number
            trainer.log_metrics(values, step)


def tables_below(folder: str) -> list[str]:
    found = (p for p in files_below(folder) if any(fnmatch.fnmatch(p, t) for t in TABLES))
    return [path for path in found if (size_of(path) or 0) <= MAX_TABLE_BYTES]


def size_of(path: str) -> Any:
    """Return the size of a file in bytes, None if there is none."""
    try:
        return os.path.getsize(path) if os.path.isfile(path) else None
    except (OSError, ValueError):
        return None


def files_below(folder: str) -> list[str]:
    found: list[str] = []
    for place, inside, files in os.walk(folder):
        inside[:] = sorted(n for n in inside if n not in NOT_SEARCHED and not n.startswith("."))
        found += [os.path.normpath(os.path.join(place, name)) for name in files]
        if len(found) > MAX_FILES:
            break
    return sorted(path for path in found[:MAX_FILES] if os.path.isfile(path))


def beginning_of(path: str, size: Any = None) -> Any:
    """Return the size and the digest of a file, or of its beginning."""
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_TABLE_BYTES if size is None else size)
    except OSError:
        return 0, ""
    return len(data), hashlib.sha256(data).hexdigest()


def is_newer(path: str, since: float) -> bool:
    try:
        return os.path.getmtime(path) >= since - 1
    except OSError:  # a temporary file that has gone meanwhile
        return False


# Scripts as processes


def filled(template: str, values: Any) -> list[str]:
    """Return the words of a template with the given settings in their places."""
    words: list[str] = []
    for word in shlex.split(template):
        names = re.findall(r"{(\w+)}", word)
        if any(values.get(name) in (None, False) for name in names):
            if word[:1] == "{" and words and words[-1].startswith("-"):
                words.pop()
        elif names and word == "{%s}" % names[0]:
            words += [] if values[names[0]] is True else as_words(values[names[0]])
        else:
            words.append(re.sub(r"{(\w+)}", lambda name: str(values[name[1]]), word))
    return words


def as_words(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, (list, tuple)) else [str(value)]


def run_process(argv: list[str]) -> int:
    """Run a program to its end; return its status, 128 + signal if it was killed.

    The portal signals every process of a run itself, and a terminal those in its foreground; else
    a signal is passed on.
    """
    process = subprocess.Popen(argv)
    is_signalled = "GUARDIANFLOW_RUN_ID" in os.environ

    def pass_on(number: int, _frame: Any) -> None:
        if not is_signalled and not (number == signal.SIGINT and sys.stdin and sys.stdin.isatty()):
            process.send_signal(number)

    before = {n: signal.signal(n, pass_on) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        status = process.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return status if status >= 0 else 128 - status


def is_number(value: Any) -> bool:
    if isinstance(value, str) and not re.fullmatch(
        r"(?i)[-+]?[\d.]+(e[-+]?\d+)?|[-+]?(nan|inf)", value
    ):
        return False
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return not isinstance(value, (bytes, bool))


def note(text: str) -> None:
    """Say something on stderr, which may be closed."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.write("guardianflow: %s\n" % text)
