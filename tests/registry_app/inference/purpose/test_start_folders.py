"""In which folder a script is started, by a table of notes, launchers and files."""

from __future__ import annotations

import pytest

from registry_app.inference.guess import Guess
from registry_app.inference.purpose.start_folders import start_folder
from registry_app.messages import joined
from registry_app.words import Confidence
from tests.registry_app.inference.projects import make_project

FILES = {"src/train.py": "print('x')", "src/run.py": "", "tools/eval.py": "", "train.py": ""}


def folder(script: str, note: str = "", **files: str) -> Guess[str] | None:
    texts = {name.replace("__", "/").replace("_sh", ".sh"): text for name, text in files.items()}
    project = make_project({**FILES, **texts}, name="ppe")
    return start_folder(script, project, [("README.md", note)] if note else [])


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("```\ncd src && python train.py --epochs 3\n```", "src"),
        ("```bash\n$ cd src\n$ python3 train.py\n```", "src"),
        ("    cd ./src; python train.py", "src"),
        ("`cd src && python train.py` 로 학습합니다.", "src"),
        ("1. cd src && CUDA_VISIBLE_DEVICES=0 python train.py", "src"),
        ("- (cd src && python train.py)", "src"),
        ("```\ncd ppe/src\npython train.py\n```", "src"),
        ("```\ngit clone x\ncd ppe\ncd src\npython train.py\n```", "src"),
        ("```\ncd /home/minsu/ppe/src\npython -m train\n```", "src"),
        ("```\ncd tools && python ../src/train.py\n```", "tools"),
        ("```\npushd src\npython train.py\n```", "src"),
        # Started from the top, whatever else is said later.
        ("```\npython src/train.py\n```\n```\ncd src && python train.py\n```", None),
        ("```\ncd src && python run.py\n```", None),
        ("```\ncd src\n```\n\n```\npython train.py\n```", None),
        ("```\ncd ~/elsewhere && python train.py\n```", None),
        ("```\ncd $HOME\npython src/train.py\n```", None),
        ("```\n(cd src && ls)\npython src/train.py\n```", None),
        ("src 폴더에서 train.py 를 실행", None),
    ],
)
def test_a_note_says_where_a_script_is_started(note: str, expected: str | None) -> None:
    found = folder("src/train.py", note)
    assert (found.value if found else None) == expected


def test_the_line_of_the_note_is_the_evidence() -> None:
    found = folder("src/train.py", "# 학습 방법\n\n```\ncd src && python train.py\n```\n")
    assert found is not None
    assert (found.source, found.confidence) == ("README.md:4", Confidence.SURE)
    assert joined(found.reason) == "starts src/train.py there"


@pytest.mark.parametrize(
    ("path", "launcher", "expected"),
    [
        ("run_sh", "cd src\npython train.py\n", "src"),
        ("run_sh", 'cd "$(dirname "$0")/src" && python train.py', "src"),
        ("src__go_sh", 'cd "$(dirname "$0")"\npython train.py', "src"),
        ("src__go_sh", 'cd "$(dirname "${BASH_SOURCE[0]}")/.."\npython src/train.py', None),
        ("src__go_sh", "python src/train.py", None),
        ("run_sh", "cd src\npython run.py\ncd ..\npython src/train.py", None),
    ],
)
def test_a_launcher_says_so_too(path: str, launcher: str, expected: str | None) -> None:
    found = folder("src/train.py", **{path: launcher})
    assert (found.value if found else None) == expected


def test_a_launcher_that_finds_its_script_next_to_it_starts_there() -> None:
    found = folder("src/go.sh", src__go_sh="python run.py --x")
    assert found is not None
    assert (found.value, found.source) == ("src", "src/go.sh:1")
    assert folder("src/go.sh", src__go_sh="python src/run.py") is None


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("print(open('config.yaml').read())", "src"),
        ("p.add_argument('--cfg', default='config.yaml', help='x.yaml')", "src"),
        ("YOLO('x').train(data='./cfg/data.yaml')", "src"),
        # Also at the top, nowhere, put together with its own place, or only said.
        ("open('config.yaml'); open('README.md')", None),
        ("open('nowhere.yaml')", None),
        ("open(os.path.join(HERE, 'config.yaml'))", None),
        ("HERE = Path(__file__).parent\nopen('config.yaml')", None),
        ("os.chdir('x')\nopen('config.yaml')", None),
        ("print('config.yaml')", None),
    ],
)
def test_files_that_are_only_next_to_a_script_tell_its_folder(
    code: str, expected: str | None
) -> None:
    files = {"src/a.py": code, "src/config.yaml": "", "src/cfg/data.yaml": "", "README.md": ""}
    found = start_folder("src/a.py", make_project(files), [])
    assert (found.value if found else None) == expected
    if found:
        assert found.confidence is Confidence.LIKELY
