"""Run by path by the Python of a conda environment: becomes a command inside that environment.

`python -I -S conda_child.py PREFIX NAME=VALUE... -- COMMAND...` gives the command what `conda run`
gives: the CONDA variables, those of `conda env config vars`, and whatever the scripts of
`activate.d` export. The given values are set last. Standard library only, Python 3.6 and newer:
it runs on the environment's Python. It starts in place of the script, behind its fence and as its
user; nothing of the environment is run anywhere else.
"""

import sys

ACTIVATE_D = ("etc", "conda", "activate.d")
UNSET = "***unset***"
NOT_STARTED = 126


def main(words: "list[str]") -> None:
    end = words.index("--")
    prefix, own, command = words[0], words[1:end], words[end + 1 :]
    os.environ.update(variables(prefix))
    for name, value in stored_variables(prefix).items():
        if value == UNSET:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    for word in own:
        name, _, value = word.partition("=")
        os.environ[name] = value
    files = activation_files(prefix)
    if files:
        env = ["/usr/bin/env", "--"] if own else []
        here = os.path.dirname(os.path.abspath(__file__))
        shell = ["/bin/bash", "--noprofile", "--norc", os.path.join(here, "activate.sh")]
        command = shell + files + ["--"] + env + own + command
    try:
        os.execvpe(command[0], command, os.environ)  # noqa: S606 - no shell is the point
    except OSError as error:
        sys.stderr.write(command[0] + ": " + str(error.strerror) + "\n")
        sys.exit(127 if error.errno == 2 else NOT_STARTED)


def variables(prefix: str) -> "dict[str, str]":
    """Return the variables that conda sets for an active environment, including PATH."""
    above, folder = os.path.split(os.path.dirname(prefix))
    is_named = folder == "envs"
    base = above if is_named else prefix
    name = os.path.basename(prefix) if is_named else "base"
    if not os.path.isdir(os.path.join(base, "conda-meta")) and not is_named:
        name = prefix
    found = {
        "CONDA_PREFIX": prefix,
        "CONDA_DEFAULT_ENV": name,
        "CONDA_PROMPT_MODIFIER": "(" + name + ") ",
        "CONDA_SHLVL": "1",
    }
    program = os.path.join(base, "bin", "conda")
    if os.path.isfile(program):
        found["CONDA_EXE"] = program
        found["CONDA_PYTHON_EXE"] = os.path.join(base, "bin", "python")
    first = [os.path.join(prefix, "bin")]
    if os.path.isdir(os.path.join(base, "condabin")):
        first.append(os.path.join(base, "condabin"))
    rest = [part for part in os.environ.get("PATH", "").split(os.pathsep) if part not in first]
    found["PATH"] = os.pathsep.join(first + [part for part in rest if part])
    return found


def stored_variables(prefix: str) -> "dict[str, str]":
    """Return the variables of `conda env config vars set` and those of packages."""
    found = {}  # type: dict[str, str]
    folder = os.path.join(prefix, "etc", "conda", "env_vars.d")
    files = [os.path.join(folder, name) for name in sorted(listed(folder))]
    for path in (*files, os.path.join(prefix, "conda-meta", "state")):
        try:
            with open(path, encoding="utf-8") as file:
                row = json.load(file)
        except (OSError, ValueError):
            continue
        if path.endswith("state"):
            row = row.get("env_vars") if isinstance(row, dict) else None
        if isinstance(row, dict):
            found.update((str(name), str(value)) for name, value in row.items())
    return found


def activation_files(prefix: str) -> "list[str]":
    folder = os.path.join(prefix, *ACTIVATE_D)
    return [os.path.join(folder, name) for name in sorted(listed(folder)) if name.endswith(".sh")]


def listed(folder: str) -> "list[str]":
    try:
        return os.listdir(folder)
    except OSError:
        return []


if __name__ == "__main__":
    import json
    import os

    main(sys.argv[1:])
