"""Which files are kept of a run, and which of them belong together."""

from __future__ import annotations

from pathlib import Path

import pytest

from runs_app.runner.outputs import junk
from runs_app.runner.outputs.choice import Rule
from runs_app.runner.outputs.keeping import keep
from runs_app.runner.outputs.kinds import Rank, rank_of, sets_of
from runs_app.runner.outputs.snapshot import CREATED, FileDelta


@pytest.mark.parametrize(
    "name",
    [
        *("m.pt", "m.pth", "m.ckpt", "m.torchscript", "m.safetensors", "m.gguf", "m.pdparams"),
        *(
            "m.pb",
            "m.h5",
            "m.hdf5",
            "m.keras",
            "m.tflite",
            "checkpoint",
            "m.mlmodel",
            "m.onnx.data",
        ),
        *("model.ckpt.data-00000-of-00001", "model.ckpt.index", "m.xml", "m.engine", "m.plan"),
        *("m.weights", "m.caffemodel", "m.ncnn.param", "m.rknn", "m.hef", "m.om", "m.dlc", "m.pte"),
        *("m.pdmodel", "m.pdiparams", "m.pdiparams.info", "m.pickle", "m.calib", "report.xlsx"),
        *("train.log.1", "demo.mp4", "curve.gif", "table.parquet", "config.toml", "yolo.cfg"),
    ],
)
def test_weights_of_every_framework_and_what_people_look_at_is_kept(name: str) -> None:
    assert Rule(junk=junk.USUAL).refusal(f"runs/{name}", 1) is None


@pytest.mark.parametrize(
    ("path", "rank"),
    [
        ("runs/best.pt", Rank.WEIGHTS),
        ("model.safetensors", Rank.WEIGHTS),
        ("results.csv", Rank.TABLES),
        ("events.out.tfevents.1", Rank.TABLES),
        ("args.yaml", Rank.TEXTS),
        ("train.log", Rank.TEXTS),
        ("labels/000.xml", Rank.OTHER),
        ("curve.png", Rank.OTHER),
        ("features.npz", Rank.OTHER),
    ],
)
def test_weights_are_told_from_tables_reports_and_the_rest(path: str, rank: Rank) -> None:
    assert rank_of(path) is rank


def test_description_of_a_model_is_weights_only_with_its_numbers() -> None:
    assert rank_of("m.xml", in_set=True) is Rank.WEIGHTS


def test_files_of_one_model_are_a_set() -> None:
    paths = [
        "a/m.onnx",
        "a/m.onnx.data",
        "b/m.xml",
        "b/m.bin",
        "b/metadata.yaml",
        "c/m.xml",
        "d/m.bin",
    ]
    assert {*sets_of(paths)} == {
        frozenset({"a/m.onnx", "a/m.onnx.data"}),
        frozenset({"b/m.xml", "b/m.bin", "b/metadata.yaml"}),
    }


def test_of_a_set_all_are_kept_or_none(tmp_path: Path) -> None:
    sizes = {"m.xml": 10, "m.bin": 900, "big.onnx": 20, "big.onnx.data": 5000, "results.csv": 5}
    directory = tmp_path / "e"
    directory.mkdir()
    for name, size in sizes.items():
        (directory / name).write_bytes(b"x" * size)
    deltas = [FileDelta(path=name, change=CREATED, size_bytes=size) for name, size in sizes.items()]
    kept = keep(directory, deltas, tmp_path / "outputs", rule=Rule(), limit_bytes=1000)
    assert {one.path for one in kept if one.kept} == {"m.xml", "m.bin", "results.csv"}
    assert all("saved up to" in str(one.left_out) for one in kept if not one.kept)
