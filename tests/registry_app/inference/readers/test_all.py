"""Command lines of other libraries: absl, Hydra, detectron2, `sys.argv`, and files that cannot be "
"parsed."""

from __future__ import annotations

from typing import Any

import pytest

from registry_app.arguments.parameters import COMMAND
from registry_app.choices import Confidence
from registry_app.inference.code.source import read_source
from registry_app.inference.parameters.command_line import (
    CommandLine,
    draft_template,
    for_command,
)
from registry_app.inference.readers.all import read_command_line
from tests.registry_app.inference.projects import make_project


def read(files: dict[str, str] | str) -> CommandLine:
    project = make_project({"train.py": files} if isinstance(files, str) else files)
    source = project.source("train.py")
    assert source is not None
    return read_command_line(source, project)


def defaults(line: CommandLine) -> dict[str, Any]:
    return {
        parameter.name: parameter.default_expr or parameter.default for parameter in line.parameters
    }


def test_flags_of_absl_and_of_what_is_imported() -> None:
    line = read(
        {
            "train.py": """
            from absl import app, flags
            import model
            FLAGS = flags.FLAGS
            flags.DEFINE_integer("epochs", 3, "횟수")
            flags.DEFINE_bool("amp", True, "")
            flags.DEFINE_list("tags", ["a", "b"], "")
            flags.DEFINE_multi_integer("gpu", [0], "")
            flags.DEFINE_enum("opt", "sgd", ["sgd", "adam"], "")
            flags.DEFINE_string("data", None, "")
            flags.mark_flag_as_required("data")
            app.run(main)
            """,
            "model.py": "from absl import flags\nflags.DEFINE_float('lr', 0.1, '')\n",
        }
    )
    assert line.known
    assert defaults(line) == {
        "epochs": 3,
        "amp": True,
        "tags": "a,b",
        "gpu": [0],
        "opt": "sgd",
        "data": None,
        "lr": 0.1,
    }
    by_name = {parameter.name: parameter for parameter in line.parameters}
    assert (by_name["gpu"].action, by_name["opt"].choices) == ("append", ("sgd", "adam"))
    assert by_name["lr"].source == "model.py:2"
    template = "--epochs={epochs} --tags={tags} --opt={opt} --data={data} --lr={lr}"
    assert draft_template(line) == template


HYDRA = {
    "train.py": """
    import hydra
    @hydra.main(version_base=None, config_path="conf", config_name="config")
    def main(cfg): ...
    main()
    """,
    "conf/config.yaml": """
    defaults:
      - base
      - model: small
      - optional local: mine
      - override hydra/job_logging: none
      - _self_
    epochs: 10
    lr: 1e-3
    out: ${name}/x
    sizes: [640, 640]
    data:
      path: ???
      _target_: Loader
    """,
    "conf/base.yaml": "seed: 1\nepochs: 1\n",
    "conf/model/small.yaml": "depth: 18\n",
    "conf/model/big.yaml": "# @package _global_\ndepth: 50\n",
}


def test_hydra_offers_the_keys_of_its_files() -> None:
    line = read(HYDRA)
    assert line.known
    assert defaults(line) == {
        "seed": 1,
        "epochs": 10,
        "model": "small",
        "model.depth": 18,
        "lr": 0.001,
        "out": "${name}/x",
        "sizes": [640, 640],
        "data.path": None,
        "local": None,
        "hydra.run.dir": "outputs/DATE/TIME",
    }
    by_name = {parameter.name: parameter for parameter in line.parameters}
    assert by_name["model"].choices == ("big", "small")
    assert by_name["data.path"].flag == "data.path="
    assert by_name["epochs"].source == "conf/config.yaml:8"
    # A default that is passed would win over every file that somebody chooses.
    assert draft_template(line) == "data.path={data.path}"


def test_hydra_with_a_class_for_a_configuration() -> None:
    line = read("""
    import hydra
    from dataclasses import dataclass
    from hydra.core.config_store import ConfigStore
    @dataclass
    class Config:
        data: str
        epochs: int = 3
    ConfigStore.instance().store(name="config", node=Config)
    @hydra.main(config_name="config")
    def main(cfg): ...
    """)
    assert [(parameter.flag, parameter.required) for parameter in line.parameters[:2]] == [
        ("data=", True),
        ("epochs=", False),
    ]


def test_the_configuration_of_ultralytics_is_known() -> None:
    line = read("""
    import hydra
    from ultralytics.yolo.utils import DEFAULT_CONFIG, ROOT
    @hydra.main(version_base=None, config_path=str(DEFAULT_CONFIG.parent),
                config_name=DEFAULT_CONFIG.name)
    def predict(cfg): ...
    if __name__ == "__main__":
        predict()
    """)
    assert {"model=", "source=", "imgsz="} <= {parameter.flag for parameter in line.parameters}
    assert not line.known
    assert draft_template(line) == ""


@pytest.mark.parametrize("config", ["a: [", "- list", "", "a: &x [*x]\n", "\0"])
def test_a_broken_configuration_is_no_crash(config: str) -> None:
    line = read({**HYDRA, "conf/config.yaml": config})
    assert "hydra.run.dir" in defaults(line)


def test_a_configuration_that_is_missing_leaves_the_command_line_open() -> None:
    assert not read({"train.py": HYDRA["train.py"]}).known


def test_keys_of_a_file_that_is_merged_with_the_command_line() -> None:
    line = read(
        {
            "train.py": "from omegaconf import OmegaConf\n"
            "cfg = OmegaConf.merge(OmegaConf.load('cfg.yaml'), OmegaConf.from_cli())\n",
            "cfg.yaml": "lr: 0.1\n",
        }
    )
    assert [(parameter.flag, parameter.default) for parameter in line.parameters] == [("lr=", 0.1)]
    assert not line.known


def test_the_parser_of_detectron2_is_known() -> None:
    line = read("""
    from detectron2.engine import default_argument_parser, launch
    def main(args): ...
    if __name__ == "__main__":
        parser = default_argument_parser()
        parser.add_argument("--fold", type=int, default=0)
        args = parser.parse_args()
        launch(main, args.num_gpus, args=(args,))
    """)
    names = [parameter.name for parameter in line.parameters]
    assert {"config_file", "eval_only", "num_gpus", "fold"} <= set(names)
    assert line.known
    assert draft_template(line) == (
        "--num-gpus {num_gpus} --num-machines {num_machines} --machine-rank {machine_rank}"
        " --fold {fold}"
    )


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("video = sys.argv[1]\nn = int(sys.argv[2])", [("video", "", True), ("n", "int", True)]),
        ("_, a, b = sys.argv", [("a", "", True), ("b", "", True)]),
        ("print(sys.argv[2])", [("arg1", "", True), ("arg2", "", True)]),
        (
            "video = sys.argv[1]\nn = float(sys.argv[2]) if len(sys.argv) > 2 else 1.0",
            [("video", "", False), ("n", "float", False)],
        ),
    ],
)
def test_places_of_argv(text: str, rows: list[tuple[str, str, bool]]) -> None:
    line = read(f"import sys\n{text}\n")
    assert [
        (parameter.name, parameter.type, parameter.required) for parameter in line.parameters
    ] == rows
    assert all(parameter.positional for parameter in line.parameters)


def test_argv_read_in_another_way_too_leaves_the_command_line_open() -> None:
    assert not read("import sys\na = sys.argv[1]\nrest = sys.argv[2:]\n").known


BROKEN = """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument('--epochs', type=int, default=3,  # how often (often)
                    help='a ) in a text')
# parser.add_argument('--gone')
parser.add_argument('--' + name)
args = parser.parse_args()
print(args.epochs
"""


@pytest.mark.parametrize("text", [BROKEN, BROKEN.replace("print(args.epochs", "\0")])
def test_of_a_file_that_cannot_be_parsed_single_statements_are_read(text: str) -> None:
    line = read(text)
    (epochs,) = line.parameters
    assert (epochs.default, epochs.help, epochs.source) == (3, "a ) in a text", "train.py:4")
    assert epochs.confidence == Confidence.UNSURE
    assert not line.known


def test_korean_help_of_a_file_in_cp949_is_kept() -> None:
    text = "import argparse\np = argparse.ArgumentParser()\n"
    text += "p.add_argument('--epochs', help='학습 횟수')\np.parse_args()\n"
    source = read_source("train.py", text.encode("cp949"))
    (epochs,) = read_command_line(source, make_project({})).parameters
    assert epochs.help == "학습 횟수"


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "-" * 3000 + "1\n",
        "x = " + "[" * 90 + "1" + "]" * 90 + "\n",
        "x = " + "+".join(["a"] * 3000) + "\n",
        "x = a" + ".b()" * 3000 + "\n",
        "p.add_argument('--x', default=" + "f(" * 80 + ")" * 80 + ")\n",
        "\n".join(f"p.add_argument('--n{number}', default={number})" for number in range(5000)),
    ],
)
def test_deep_and_large_files_end(text: str) -> None:
    start = "import argparse\np = argparse.ArgumentParser()\n"
    read(f"{start}{text}\np.parse_args()\n")


def test_a_sub_command_that_was_not_chosen_is_a_parameter() -> None:
    line = read("""
    import argparse
    p = argparse.ArgumentParser()
    s = p.add_subparsers(dest="what", required=True)
    for name in ("train", "export"):
        s.add_parser(name).add_argument("--epochs", type=int)
    p.parse_args()
    """)
    (command,) = for_command(line, "").parameters
    assert (command.name, command.choices) == (COMMAND, ("train", "export"))


@pytest.mark.parametrize(
    ("arguments", "drafted"),
    [
        ("type=int, default=3", True),
        ("default=3", False),  # the script would get the text "3"
        ("default=True", False),
        ("type=bool, default=False", False),  # bool("False") is true
        ("type=float, default=1", True),
        ("type=int, default=0.5", False),
        ("default='a'", True),
        ("type=positive, default=3", False),
        ("type=positive, default='3'", True),
    ],
)
def test_a_default_is_written_out_only_where_it_comes_back_the_same(
    arguments: str, drafted: bool
) -> None:
    line = read(
        f"import argparse\np = argparse.ArgumentParser()\np.add_argument('--x', {arguments})\n"
        "p.parse_args()\n"
    )
    assert draft_template(line) == ("--x {x}" if drafted else "")


@pytest.mark.parametrize(
    "withheld",
    [
        "p = argparse.ArgumentParser()\ng = p.add_mutually_exclusive_group()",
        "import yaml\ng = p = argparse.ArgumentParser()\np.set_defaults(**yaml.safe_load(text))",
        "import configargparse\ng = p = configargparse.ArgParser()",
    ],
)
def test_a_default_that_could_stand_against_something_is_not_written_out(withheld: str) -> None:
    line = read(
        f"import argparse\n{withheld}\ng.add_argument('--a', default='1')\n"
        "g.add_argument('--b', default='2')\np.parse_args()\n"
    )
    assert [parameter.default for parameter in line.parameters] == ["1", "2"]
    assert draft_template(line) == ""
