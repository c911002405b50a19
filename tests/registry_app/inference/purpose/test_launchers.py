"""What a script starts of other scripts of its directory."""

from __future__ import annotations

import json

import pytest

from registry_app.inference.purpose.launchers import (
    commands_in,
    find_started,
    scripts_of_runner,
    without_engines,
)
from registry_app.inference.purpose.shell_lines import started_by
from tests.registry_app.inference.projects import make_project, make_source

RUN = "def go(command, check=True):\n    subprocess.run(command, check=check)\n"


@pytest.mark.parametrize(
    ("script", "launcher", "found"),
    [
        ("train.py", "go.sh", "train.py"),
        ("train.py", "scripts/go.sh", "train.py"),
        ("run.py", "scripts/go.sh", "scripts/run.py"),
        ("../train.py", "scripts/go.sh", "train.py"),
        ("net/train.py", "go.sh", "net/train/__main__.py"),
        ("../../outside.py", "scripts/go.sh", ""),
        ("/home/minji/train.py", "go.sh", ""),
        ("missing.py", "go.sh", ""),
    ],
)
def test_scripts_are_found_where_the_launcher_may_have_gone(
    script: str, launcher: str, found: str
) -> None:
    project = make_project(
        dict.fromkeys(["train.py", "scripts/run.py", "net/train/__main__.py", "go.sh"], "x = 1\n")
    )
    assert find_started(script, launcher, project) == found


@pytest.mark.parametrize(
    ("text", "scripts"),
    [
        ("os.system('python train.py')", ["train.py"]),
        ("subprocess.run(['python', 'train.py', '--a', str(x)])", ["train.py"]),
        ("subprocess.Popen([sys.executable, 'train.py'])", ["train.py"]),
        ("os.system(f'cd {folder} && python train.py')", ["train.py"]),
        ("subprocess.run(command)", []),
        ("command = 'python a.py --x {}'\nsubprocess.run(command, shell=True)", ["a.py"]),
        ("command = 'python a.py {}'.format(x)\nos.system(command)", ["a.py"]),
        ("command = [sys.executable, 'a.py', x]\nsubprocess.run(command)", ["a.py"]),
        ("command = ['python3', 'a.py', '--url', url] + extra\nsubprocess.call(command)", ["a.py"]),
        ("a = os.path.join(here, 'a.py')\nsubprocess.run([sys.executable, a, '-v'])", ["a.py"]),
        ("a = here / 'a.py'\nsubprocess.run([sys.executable, str(a)])", ["a.py"]),
        ("a = 'a.py'\ncommand = [sys.executable, a]\nsubprocess.run(command)", ["a.py"]),
        ("c = [sys.executable, '-m', 'kit.a', x] + more\nsubprocess.run(c)", ["kit/a.py"]),
        ("c = [sys.executable, '-u', 'a.py', x]\nsubprocess.run(c)", ["a.py"]),
        ("c = [sys.executable, '-c', 'print(1)']\nsubprocess.run(c)", []),
        ("os.system('python a.py --seed %d' % seed)", ["a.py"]),
        # A function of the script runs what it gets.
        (RUN + "go('python a.py --seed 3')", ["a.py"]),
        (RUN + "go([py, 'a.py', '--seed', '3'])", ["a.py"]),
        (RUN + "go([py, str(ROOT / 'scripts' / 'a.py'), '--seed', seed])", ["scripts/a.py"]),
        (RUN + "go(ROOT / 'a.py')\ngo(['ffmpeg', 'a.mp4'])\ngo()", []),
        (RUN + "stop('python a.py')", []),
        ("def go(text): subprocess.run(command)\ngo('python a.py')", []),
        ("os.system('python a.py --seed ' + str(seed) + ' --fast')", ["a.py"]),
        ("os.system('python {} --seed {}'.format('a.py', seed))", []),
        ("os.system('python a.py --seed {}'.format(seed))", ["a.py"]),
        ("subprocess.run(shlex.split('python a.py'))", ["a.py"]),
        ("subprocess.run('python a.py'.split())", ["a.py"]),
        ("os.system(' '.join(['python', 'a.py', seed]))", ["a.py"]),
        ("subprocess.run(args=['python', 'a.py'])", ["a.py"]),
        ("c: list[str] = ['python', 'a.py']\nsubprocess.run(c)", ["a.py"]),
        ("def c(): return [sys.executable, 'a.py', x]\nsubprocess.run(c())", ["a.py"]),
        ("def c(): return [sys.executable, 'a.py', x]\nprint(c())", []),
        ("runpy.run_path('a.py', run_name='__main__')", ["a.py"]),
        ("a = 'a.txt'\nsubprocess.run(['cat', a])", []),
        ("usage = 'python a.py starts me'\nsubprocess.run(['ls'])", []),
        ("pipeline.run('train.py')", ["train.py"]),
        ("def c(): return ['docker', 'run', box, 'python', 'a.py']\nsubprocess.run(c())", ["a.py"]),
        ("os.system(f'{sys.executable} a.py --seed {seed}')", ["a.py"]),
        ("os.system(f'{shlex.quote(sys.executable)} a.py')", ["a.py"]),
        ("os.system(f'{tool} a.py --seed {seed}')", []),
        ("c = f'cd {there} && {sys.executable} -u a.py'\nos.system(c)", ["a.py"]),
        ("c = f'cd {there} && {tool} a.py'\nos.system(c)", []),
        ("c = f'yolo predict model={w}'\nsubprocess.call(c, shell=True)", [""]),
        ("c = 'yolo'\nsubprocess.call(['ls'])", []),
    ],
)
def test_commands_in_python(text: str, scripts: list[str]) -> None:
    found = commands_in(make_source(text, "go.py"), make_project({}))
    assert [item.script for item in found] == scripts


@pytest.mark.parametrize(
    ("cell", "scripts"),
    [
        (
            "args = '--epochs 3'\ncmd = f'uv run python models/train.py {args}'\n!{cmd}",
            ["models/train.py"],
        ),
        ("run = 'python train.py'\n!$run", ["train.py"]),
        ("run = 'python train.py'\nprint(run)\n!pip install {package}", []),  # only shown
    ],
)
def test_a_notebook_runs_what_a_variable_holds(cell: str, scripts: list[str]) -> None:
    text = json.dumps({"cells": [{"cell_type": "code", "source": cell}]})
    found = [item.script for item in commands_in(make_source(text, "go.ipynb"), make_project({}))]
    assert found == scripts


def test_an_engine_that_is_built_for_the_inference_is_a_step() -> None:
    build = "docker run --rm box trtexec --onnx=a.onnx --saveEngine=a.trt"
    look = "docker run -v a:/b --gpus all box deepstream-app -c a.txt"
    commands = started_by(f"{build}\n{look}\npython export.py")
    assert [found.kind for found in without_engines(commands)] == ["infer", None]
    assert [found.kind for found in without_engines(started_by(build))] == ["quant"]


LIBRARY = """\
ROOT="$(cd "$(dirname "$0")/.." && pwd)"
RUNNER="$ROOT/scripts/learn_all.sh"
learn() {
  if [ -n "$1" ]; then
    bash "$RUNNER" "$@"
  fi
}
learn_lr() { learn --axis lr; }
function look {
  python detect.py
}
"""


@pytest.mark.parametrize(
    ("text", "scripts"),
    [
        ('D="$(dirname "$0")"\nsource "$D/_lib.sh"\nlearn_lr "$@"', ["scripts/learn_all.sh"]),
        (". ./scripts/_lib.sh\nif look; then echo; fi", ["detect.py"]),
        ('source "$(dirname "$0")/_lib.sh" && python a.py', ["a.py"]),
        # Nothing of it is called, or it is only spoken of.
        ("source _lib.sh\necho learn\npython a.py  # look", ["a.py"]),
        ("source _more.sh\nlook", ["setup_all.py", "detect.py"]),
        # What the file does itself is done too, and what is not here may do something.
        ("source _more.sh", ["setup_all.py"]),
        ("source missing.sh\nlook", ["missing.sh"]),
        # A file that sources itself ends.
        ("source _self.sh\npython a.py", ["_self.sh", "a.py"]),
    ],
)
def test_a_launcher_starts_what_it_calls_of_the_files_that_it_sources(
    text: str, scripts: list[str]
) -> None:
    project = make_project(
        {
            "scripts/go.sh": text,
            "scripts/_lib.sh": LIBRARY,
            "scripts/_more.sh": "source _lib.sh\n[ -f a ] || python setup_all.py",
            "scripts/_self.sh": "source _self.sh",
        }
    )
    source = project.source("scripts/go.sh")
    assert source is not None
    assert [item.script for item in commands_in(source, project)] == scripts


RUN_EACH = "def go(step): subprocess.run([sys.executable, str(step)])\n"


@pytest.mark.parametrize(
    ("text", "scripts"),
    [
        (RUN_EACH + "for step in ('prepare.py', 'src/train.py'): go(step)",
         ["prepare.py", "src/train.py"]),
        (RUN_EACH + "go(ROOT / 'src' / 'train.py')", ["src/train.py"]),
        (RUN_EACH + "steps = {'learn': 'src/train.py'}", ["src/train.py"]),
        (RUN_EACH.replace("sys.executable", "'python3'") + "go('prepare.py')", ["prepare.py"]),
        (RUN_EACH.replace("sys.executable", "args.python") + "go('prepare.py')", ["prepare.py"]),
        (RUN_EACH.replace("sys.executable", "tool") + "go('prepare.py')", []),
        # The folder of the scripts is written where they are started.
        (RUN_EACH.replace("str(step)", "join(here, 'src', step)") + "go('train.py')",
         ["src/train.py"]),
        (RUN_EACH.replace("str(step)", "join(here, folder, step)") + "go('train.py')", []),
        # Its own name, what is not there and a text about a script are none.
        (RUN_EACH + "print('go.py')\ngo('lost.py')\nprint('run prepare.py first')", []),
        # What is started is written there, or nothing is.
        ("subprocess.run([sys.executable, 'prepare.py'])\nnames = ['src/train.py']", []),
        ("words = ['ls', step]\nsubprocess.run(words)\nnames = ['src/train.py']", []),
        ("command = [sys.executable, step]\nnames = ['src/train.py']", []),
    ],
)  # fmt: skip
def test_a_script_that_hands_others_to_python_names_them(text: str, scripts: list[str]) -> None:
    project = make_project(
        dict.fromkeys(["prepare.py", "src/train.py"], "x = 1\n") | {"go.py": text}
    )
    source = project.source("go.py")
    assert source is not None
    assert [item.script for item in scripts_of_runner(source, project)] == scripts
