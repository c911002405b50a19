"""Problems of launchers are found from their text."""

from __future__ import annotations

import pytest

from registry_app.inference.purpose.shell_commands import (
    Activation,
    activations,
    background_work,
    pythons_by_path,
    remarks_on,
    unseen_scripts,
)


@pytest.mark.parametrize(
    ("text", "scripts"),
    [
        ("python train.py --epochs 2\necho done\n", ["train.py"]),
        ("python a.py\npython b.py\n", ["a.py"]),
        ("python a.py; echo done", ["a.py"]),
        ("for f in 0 1; do\n  python train.py --fold $f\ndone\n", ["train.py"]),
        ("if [ -d x ]; then\n  python train.py\nfi\necho done\n", ["train.py"]),
        ("python train.py\nexit 0\n", ["train.py"]),
        ("yolo detect train data=a.yaml\ncp best.pt out/\n", ["yolo"]),
        ("python train.py && echo ok\necho the end\n", ["train.py"]),
        ("bash sub.sh\nls\n", ["sub.sh"]),
        ("(cd sub && python train.py)\necho done\n", ["train.py"]),
    ],
)
def test_a_failure_that_the_launcher_goes_on_after_is_lost(text: str, scripts: list[str]) -> None:
    assert unseen_scripts(text) == scripts


@pytest.mark.parametrize(
    "text",
    [
        "python train.py\n",
        "cd sub\npython train.py\n",
        "#!/bin/bash\nset -e\npython train.py\necho done\n",
        "set -euo pipefail\npython train.py\necho done\n",
        "#!/bin/bash -e\npython train.py\necho done\n",
        "set -o errexit\npython train.py\necho done\n",
        "trap 'exit 1' ERR\npython train.py\necho done\n",
        "python train.py || exit 1\necho done\n",
        "if python train.py; then echo ok; else exit 1; fi\n",
        "python train.py\nstatus=$?\necho done\nexit $status\n",
        "python train.py && echo ok\n",
        "if [ -d x ]; then\n  python train.py\nfi\n",
        "python train.py\nexit\n",
        "echo python train.py\necho done\n",
        "until python train.py; do sleep 1; done\n",
    ],
)
def test_a_launcher_that_ends_as_its_script_does_is_right(text: str) -> None:
    assert unseen_scripts(text) == []


@pytest.mark.parametrize(
    ("text", "work"),
    [
        ("nohup python train.py > train.log 2>&1 &\necho started $!\n", ["train.py"]),
        ("python train.py &> log &\n", ["train.py"]),
        ("(cd sub; python train.py) &\n", ["train.py"]),
        ("for i in 0 1; do python train.py $i; done &\n", ["train.py"]),
        ("{\n python train.py\n} &\ndisown\n", ["train.py"]),
        ("screen -dmS night python train.py\n", ["train.py"]),
        ("tmux new -d -s night 'python train.py'\n", []),  # handed on as one word
        ("tmux new-session -d -s night python train.py\n", ["train.py"]),
        ("setsid python train.py\n", ["train.py"]),
        ("yolo train data=a.yaml &\n", ["yolo"]),
        ("CUDA_VISIBLE_DEVICES=0 nohup python a.py &\npython b.py &\n", ["a.py", "b.py"]),
        ("python a.py &\npython b.py &\nwait\n", []),
        ("python monitor.py &\npython train.py\n", []),
        ("tensorboard --logdir runs &\npython train.py\n", []),
        ("python train.py > log 2>&1\n", []),
        ("python train.py --name 'a & b'\n", []),
    ],
)
def test_work_that_nothing_waits_for_is_reported(text: str, work: list[str]) -> None:
    assert background_work(text) == work


def test_remarks_name_what_is_lost_and_only_of_shells() -> None:
    assert [item.code for item in remarks_on("python a.py | tee log\n")] == ["unseen_failure"]
    assert [item.code for item in remarks_on("python a.py\necho b\n")] == ["unchecked_failure"]
    assert [item.code for item in remarks_on("nohup python a.py &\n")] == ["in_background"]
    assert (
        remarks_on("#!/usr/bin/env python3\nimport os\nos.system('python a.py')\nprint()\n") == []
    )


def test_environments_that_a_launcher_activates_are_known() -> None:
    text = (
        "source ~/miniconda3/etc/profile.d/conda.sh\nconda activate ppe-train\n"
        "source venv/bin/activate\n. '/opt/my env/bin/activate'\n"
        "conda run -n other python x.py\nsource activate old\necho conda activate no\n"
    )
    assert activations(text) == [
        Activation(kind="conda", name="ppe-train"),
        Activation(kind="venv", name="venv/bin/activate"),
        Activation(kind="venv", name="/opt/my env/bin/activate"),
        Activation(kind="conda", name="other"),
        Activation(kind="conda", name="old"),
    ]


def test_interpreters_that_are_named_by_their_path_are_known() -> None:
    text = "/opt/py39/bin/python3.9 train.py\npython eval.py\nDEV=0 /usr/bin/python x.py\n"
    assert pythons_by_path(text) == ["/opt/py39/bin/python3.9", "/usr/bin/python"]
