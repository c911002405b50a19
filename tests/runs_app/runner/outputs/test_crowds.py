"""One line for a folder of thousands of images; what people look for beside them is saved."""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import islice, product
from pathlib import Path

import pytest

from runs_app.runner.outputs.choice import ALL_BUT_JUNK, Rule
from runs_app.runner.outputs.crowds import FEW, MAX_BYTES, MAX_FILES, crowds_of
from runs_app.runner.outputs.keeping import KeptFile, keep
from runs_app.runner.outputs.snapshot import CREATED, FileDelta, Manifest, compare, take

MIB = 2**20
GIB = 2**30


def created(path: str, size_bytes: int = 100) -> FileDelta:
    return FileDelta(path=path, change=CREATED, size_bytes=size_bytes)


def images(folder: str, count: int) -> list[FileDelta]:
    return [created(f"{folder}/{number}.jpg") for number in range(count)]


def lines(*deltas: FileDelta) -> dict[str, int]:
    return {crowd.path: len(crowd.deltas) for crowd in crowds_of(deltas, frozenset())}


def test_folder_is_a_line_from_one_file_more_than_the_limit() -> None:
    assert lines(*images("crops", MAX_FILES)) == {}
    assert lines(*images("crops", MAX_FILES + 1)) == {"crops/": MAX_FILES + 1}


def test_folder_is_a_line_by_its_bytes() -> None:
    assert lines(created("a/x.npz", MAX_BYTES)) == {}
    assert lines(created("a/x.npz", MAX_BYTES), created("a/y.npz", 1)) == {"a/": 2}


def test_small_folders_count_for_the_one_above_them() -> None:
    deltas = [delta for part in range(5) for delta in images(f"out/images/{part}", 500)]
    assert lines(*deltas, created("out/report.html")) == {"out/images/": 2500}


def test_folder_with_weights_below_it_is_no_line_but_its_folders_are() -> None:
    deltas = [*images("exp/crops", 3000), created("exp/weights/best.pt"), created("exp/x.png")]
    assert lines(*deltas) == {"exp/crops/": 3000}
    assert lines(*images("exp", 3000), created("exp/best.pt")) == {}


def test_few_tables_and_logs_beside_the_images_are_no_part_of_the_line() -> None:
    deltas = [*images("out", 3000), created("out/results.csv"), created("out/run.log")]
    assert lines(*deltas) == {"out/": 3000}


def test_thousands_of_label_files_are_a_line_too() -> None:
    labels = [created(f"labels/{number}.txt") for number in range(3000)]
    assert lines(*labels) == {"labels/": 3000}


def test_files_of_the_directory_itself_are_a_line_of_their_own() -> None:
    loose = [created(f"{number}.jpg") for number in range(3000)]
    assert lines(*loose, *images("a", 10)) == {"./": 3000}


def frames(folders: Iterable[str], count: int, suffix: str = ".jpg") -> list[FileDelta]:
    return [created(f"{folder}/{number}{suffix}") for folder in folders for number in range(count)]


def numbered(name: str, count: int) -> list[str]:
    return [name.format(number) for number in range(10, 10 + count)]


def words(count: int) -> list[str]:
    """As many names without a digit."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return ["".join(word) for word in islice(product(letters, repeat=3), count)]


def one_each(folders: Iterable[str], name: str, size_bytes: int = 100) -> list[FileDelta]:
    return [created(f"{folder}/{name}", size_bytes) for folder in folders]


SITES = ("gate", "kiln", "lobby", "quarry", "silo")
LOOKED_AT = [
    *(created("plots/confusion_matrix.png"), created("plots/pr_curve.png")),
    *(created("report/final.png"), created("figures/roc.png")),
]


@pytest.mark.parametrize(
    ("deltas", "expected"),
    [
        pytest.param(
            frames(numbered("video_{}", 50), 100),
            {"video_*/": 5000},
            id="frames of many videos in the directory itself",
        ),
        pytest.param(
            [*frames(numbered("exp/video_{}", 50), 100), created("exp/weights/best.pt")],
            {"exp/video_*/": 5000},
            id="frames of many videos beside weights",
        ),
        pytest.param(
            [created("best.pt"), *frames(numbered("pred_{}", 25), 100, ".png"), *LOOKED_AT],
            {"pred_*/": 2500},
            id="plots and reports are no part of predictions in numbered folders",
        ),
        pytest.param(
            [*one_each(numbered("pred_{}", 2100), "mask.png"), *LOOKED_AT],
            {"pred_*/": 2100},
            id="nor of thousands of folders with a mask each",
        ),
        pytest.param(
            [*frames(numbered("{}", 90), 100, ".png"), *LOOKED_AT],
            {"[0-9]*/": 9000},
            id="the line of folders whose names are numbers covers no other",
        ),
        pytest.param(
            [*frames(["predict", *numbered("predict{}", 24)], 100), *LOOKED_AT],
            {"predict*/": 2500},
            id="the first of them has no number",
        ),
        pytest.param(
            [*frames(SITES, 500), *LOOKED_AT],
            {},
            id="five folders of names of their own are looked at one by one",
        ),
        pytest.param(
            frames(numbered("shift_{}", 5), 500),
            {"shift_1*/": 2500},
            id="five numbered folders, each of hundreds",
        ),
        pytest.param(
            frames(numbered("shift_{}", 4), 600), {}, id="four folders are looked at one by one"
        ),
        pytest.param(frames(numbered("{}", 21), 10), {}, id="many folders, and few files together"),
        pytest.param(
            frames(numbered("id_{}", 300), 10),
            {"id_*/": 3000},
            id="ten crops of each of 300 people",
        ),
        pytest.param(
            [*frames(numbered("run_{}", 25), 100), *frames(["run_99"], 9)],
            {"run_*/": 2500},
            id="a numbered folder with under a tenth of the usual count is no part of it",
        ),
        pytest.param(
            [*frames(numbered("run_{}", 25), 100), *frames(["run_99"], 10)],
            {"run_*/": 2510},
            id="one with a tenth is",
        ),
        pytest.param(
            [*frames(numbered("v{}", 3), 500), *frames(["v30", "v40"], 500, ".png")],
            {},
            id="folders of another kind do not count",
        ),
        pytest.param(
            [*frames(numbered("a{}", 50), 100), *frames(numbered("b{}", 50), 100, ".npy")],
            {"a*/": 5000, "b*/": 5000},
            id="each kind is a line",
        ),
        pytest.param(
            [*frames(numbered("{}", 25), 100), *frames(numbered("{}x", 25), 100, ".npy")],
            {"[0-9]*/": 2500, "*x/": 2500},
            id="each kind under a name of its own",
        ),
        pytest.param(
            [
                *frames(["v99", *numbered("v{}", 25)], 100),
                *frames(["v98", *numbered("v{}0", 25)], 100, ".npy"),
            ],
            {"v*/": 5200},
            id="kinds of the same pattern are one line",
        ),
        pytest.param(
            [
                *frames([f"fold_{fold}/cam_{cam}" for fold in range(10) for cam in range(3)], 101),
                *[created(f"fold_{fold}/best.pt") for fold in range(10)],
            ],
            {"fold_*/cam_*/": 3030},
            id="each number of a path is a star",
        ),
        pytest.param(
            [
                *frames(numbered("fold_{}/crops", 10), 300),
                *[created(f"{fold}/best.pt") for fold in numbered("fold_{}", 10)],
            ],
            {"fold_1*/crops/": 3000},
            id="the crops of each fold beside its weights",
        ),
        pytest.param(
            [
                *frames(numbered("trial_{}/plots", 300), 12),
                *[created(f"{trial}/best.pt") for trial in numbered("trial_{}", 300)],
            ],
            {},
            id="the few plots of each of many trainings are kept",
        ),
        pytest.param(
            one_each(numbered("video_{}", 101), "features.npz", MAX_BYTES // 100),
            {"video_*/": 101},
            id="by their bytes",
        ),
        pytest.param(
            one_each(numbered("video_{}", 100), "features.npz", MAX_BYTES // 50),
            {},
            id="a hundred large files are looked at one by one",
        ),
        pytest.param(
            one_each(numbered("r{}", 5), "embeddings.npz", 300 * MIB),
            {},
            id="and so is a handful",
        ),
        pytest.param(
            [*frames(numbered("video_{}", 50), 100), *frames(["crops"], 2001)],
            {"video_*/": 5000, "crops/": 2001},
            id="a folder that is large enough is its own line",
        ),
        pytest.param(
            [
                *frames(numbered("v{}", 50), 100),
                *[created(f"{folder}/boxes.csv") for folder in numbered("v{}", 50)],
                created("results.csv"),
            ],
            {"v*/": 5000},
            id="a table in each folder is no part of it",
        ),
    ],
)
def test_folders_whose_names_differ_in_numbers_count_together(
    deltas: list[FileDelta], expected: dict[str, int]
) -> None:
    assert lines(*deltas) == expected
    assert lines(*reversed(deltas)) == expected


FIGURES = [created("out/figures/roc.png"), created("out/summary.png")]


@pytest.mark.parametrize(
    ("deltas", "expected"),
    [
        pytest.param(
            [*one_each(numbered("out/pred_{}", 2100), "mask.png"), *FIGURES],
            {"out/pred_*/": 2100},
            id="thousands of folders with a mask each",
        ),
        pytest.param(
            [*frames(numbered("out/pred_{}", 1100), 2), *FIGURES],
            {"out/pred_*/": 2200},
            id="with two",
        ),
        pytest.param(
            [
                *one_each(numbered("out/pred_{}/mask", 1100), "mask.png"),
                *one_each(numbered("out/pred_{}/overlay", 1100), "overlay.png"),
                *FIGURES,
            ],
            {"out/pred_*/": 2200},
            id="with two folders each",
        ),
        pytest.param(
            [*one_each(numbered("a/b/out/pred_{}", 2100), "mask.png"), created("a/b/out/roc.png")],
            {"a/b/out/pred_*/": 2100},
            id="further down",
        ),
        pytest.param(
            one_each(numbered("out/pred_{}", 2100), "mask.png"),
            {"out/": 2100},
            id="nothing beside them",
        ),
        pytest.param(
            [*frames([f"out/{site}" for site in SITES], 500), *FIGURES],
            {"out/": 2500},
            id="folders of names of their own, and few files beside them",
        ),
        pytest.param(
            [
                *frames([f"out/{site}/{part}" for site in SITES for part in range(10)], 50),
                *FIGURES,
            ],
            {"out/": 2500},
            id="of numbered folders each",
        ),
        pytest.param(
            [*frames([f"out/{site}" for site in SITES], 500), *frames(["out/plots"], FEW + 1)],
            {"out/": 2500 + FEW + 1},
            id="more than a few files beside them",
        ),
        pytest.param(
            [
                *frames([f"out/{site}" for site in SITES], 500),
                created("out/figures/x.npz", MAX_BYTES // FEW + 1),
            ],
            {"out/": 2501},
            id="a large file beside them",
        ),
        pytest.param(
            [*images("out", 2500), *FIGURES],
            {"out/": 2500},
            id="a figure in a folder beside thousands of images",
        ),
        pytest.param(
            [*images("out", 2500), created("out/roc.png"), created("out/pr_curve.png")],
            {"out/": 2500},
            id="figures among thousands of images",
        ),
        pytest.param(
            [*[created(f"{number}.jpg") for number in range(2500)], created("roc.png")],
            {"./": 2500},
            id="in the directory itself",
        ),
        pytest.param(
            [created(f"out/{name}.jpg") for name in words(MAX_FILES + 1)],
            {"out/": MAX_FILES + 1},
            id="thousands of images of names of their own",
        ),
        pytest.param(
            [
                *one_each(numbered("out/pred_{}", 2100), "mask.png"),
                *images("out/crops", 2100),
                *images("out", 2100),
                *FIGURES,
            ],
            {"out/pred_*/": 2100, "out/crops/": 2100, "out/": 2100},
            id="several crowds",
        ),
    ],
)
def test_few_figures_beside_a_crowd_are_no_part_of_it(
    deltas: list[FileDelta], expected: dict[str, int]
) -> None:
    assert lines(*deltas) == expected
    assert lines(*reversed(deltas)) == expected


def made(directory: Path) -> tuple[FileDelta, ...]:
    return compare(Manifest(files={}), take(directory, prunable=()))


def kept(directory: Path, limit_bytes: int, rule: Rule | None = None) -> dict[str, KeptFile]:
    (directory.parent / "run").mkdir(exist_ok=True)
    outputs = directory.parent / "run" / "outputs"
    rule = rule or Rule()
    found = keep(directory, made(directory), outputs, rule=rule, limit_bytes=limit_bytes)
    return {one.path: one for one in found}


def on_disk(folder: Path) -> int:
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("count", [2500, pytest.param(50_000, marks=pytest.mark.long)])
@pytest.mark.parametrize("place", ["runs/exp/weights/best.pt", "runs/exp/crops/best.pt", "best.pt"])
def test_weights_are_kept_beside_thousands_of_images(
    tmp_path: Path, place: str, count: int
) -> None:
    crops = tmp_path / "e" / "runs" / "exp" / "crops"
    crops.mkdir(parents=True)
    for number in range(count):
        os.close(os.open(crops / f"{number}.jpg", os.O_CREAT | os.O_WRONLY, 0o600))
    best = tmp_path / "e" / place
    best.parent.mkdir(parents=True, exist_ok=True)
    best.write_bytes(os.urandom(3 * MIB))
    found = kept(tmp_path / "e", 4 * MIB)
    assert (tmp_path / "run" / found[place].kept).read_bytes() == best.read_bytes()
    if "crops" not in place:
        assert found["runs/exp/crops/"].members == count
        assert len(found) == 2


@pytest.mark.parametrize("count", [100, pytest.param(1000, marks=pytest.mark.long)])
@pytest.mark.parametrize("place", ["", "runs/exp"])
def test_frames_of_fifty_videos_are_one_line_and_what_is_beside_them_is_kept(
    tmp_path: Path, place: str, count: int
) -> None:
    top = tmp_path / "e" / place
    for video in range(50):
        folder = top / f"video_{video:02}"
        folder.mkdir(parents=True)
        (folder / "boxes.csv").write_text("frame,x\n")
        for number in range(count):
            os.close(os.open(folder / f"{number}.jpg", os.O_CREAT | os.O_WRONLY, 0o600))
    for name in ("weights/best.pt", "results.csv", "args.yaml", "curve.png"):
        (top / name).parent.mkdir(exist_ok=True)
        (top / name).write_text(name)
    found = kept(tmp_path / "e", MIB)
    line = found[(Path(place) / "video_*").as_posix() + "/"]
    assert (line.members, line.kept) == (50 * count, "")
    assert f"{50 * count} in 50 folders" in str(line.left_out)
    others = [one for one in found.values() if one is not line]
    assert len(others) == 54
    assert all(one.kept for one in others)


@pytest.mark.parametrize("name", ["{}.pt", "{}.dat", "{}/features.npz"])
def test_two_hundred_gigabytes_do_not_fill_the_disk(tmp_path: Path, name: str) -> None:
    for number in range(200):
        huge = tmp_path / "e" / "out" / name.format(number)
        huge.parent.mkdir(parents=True, exist_ok=True)
        with huge.open("wb") as file:
            file.truncate(GIB + 1)
    (tmp_path / "e" / "out" / "best.onnx").write_bytes(b"weights")
    (tmp_path / "e" / "out" / "results.csv").write_bytes(b"epoch\n1\n")
    found = kept(tmp_path / "e", 32 * MIB)
    assert found["out/best.onnx"].kept
    assert found["out/results.csv"].kept
    assert on_disk(tmp_path / "run") <= 33 * MIB


def test_images_that_a_pattern_names_are_saved(tmp_path: Path) -> None:
    (tmp_path / "e" / "crops").mkdir(parents=True)
    for number in range(MAX_FILES + 1):
        (tmp_path / "e" / "crops" / f"{number}.jpg").write_bytes(b"1")
    found = kept(tmp_path / "e", MIB, Rule(patterns=[ALL_BUT_JUNK, "*.jpg"]))
    assert "crops/" not in found
    assert all(one.kept for one in found.values())


def test_weights_come_before_smaller_files_of_other_kinds(tmp_path: Path) -> None:
    (tmp_path / "e").mkdir()
    sizes = {"best.pt": 700, "results.csv": 150, "train.log": 100, "curve.png": 60, "a.png": 40}
    for name, size in sizes.items():
        (tmp_path / "e" / name).write_bytes(b"x" * size)
    found = kept(tmp_path / "e", 1000)
    assert {path for path, one in found.items() if one.kept} == {
        *("best.pt", "results.csv", "train.log", "a.png")
    }
