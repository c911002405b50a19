"""Scripts that are not started first."""

from __future__ import annotations

import pytest

from registry_app.inference.choice.lesser_scripts import (
    explains,
    fills_a_table,
    is_below_measurements,
    is_in_use,
    is_lesser,
    is_of_experiments,
    is_part,
    only_probes,
    prepares_data,
    repeated_scripts,
    runs_several,
    started_by_launchers,
    trains_for_scores,
)
from registry_app.inference.purpose.entry_points import find_entry_scripts
from tests.registry_app.inference.projects import make_project


@pytest.mark.parametrize(
    ("kind", "path", "expected"),
    [
        ("train", "examples/train.py", True),
        ("train", "cifar10_train.py", True),
        ("infer", "homework/traffic/infer.py", True),
        ("infer", "show_failures.py", True),
        ("infer", "compare_models.py", True),
        ("infer", "utils/inference_comparison/time_it.py", True),
        ("eval", "compare_models.py", False),  # that is its work
        ("eval", "examples/benchmark.py", True),
        ("demo", "demo.py", False),
        ("infer", "test_only_track.py", True),
        ("train", "patchcore_step_by_step.py", True),
        ("infer", "02_check_model.py", True),
        ("train", "reference_faiss/train.py", True),
        ("infer", "deepstream_power_log.py", True),
        ("infer", "detect_frame_latency.py", True),
        ("infer", "power_line_detection.py", False),
        ("infer", "vehicle_speed.py", False),
        ("eval", "measure_fps.py", False),  # that is its work
        ("quant", "export_for_visualization.py", True),
        ("infer", "visualization/cam_cell.py", True),
        ("infer", "src/infer_demo.py", False),  # named for the work
        ("infer", "demo/infer.py", True),
        ("infer", "helmet_demo.py", True),
        ("train", "train_demo.py", True),
        ("quant", "testbench_quantize.py", True),
        ("infer", "api/workers/infer_worker.py", True),
        ("infer", "coworker_detection.py", False),
        ("infer", "src/ensemble.py", True),
        ("infer", "ensemble/infer.py", False),  # a folder of all that is done
        ("train", "train_experiment.py", True),
        ("train", "experiments/train.py", False),  # perhaps all that is run
        ("train", "experiments/mnist.py", True),
        ("train", "train.py", False),
        ("train", "examined/train.py", False),
        ("train", "failed_attempts/train.py", True),
        ("infer", "tools/test_torchserver.py", True),
        ("infer", "torchserve_client.py", False),
    ],
)
def test_trials_examples_and_comparisons(kind: str, path: str, expected: bool) -> None:
    assert is_lesser(kind, path) is expected


@pytest.mark.parametrize(
    ("kind", "path", "expected"),
    [
        ("quant", "scripts/quantize_utils.py", True),
        ("train", "net_helper.py", True),
        ("infer", "utils/detect_tools.py", True),
        ("infer", "yard/camera_utils/show.py", True),
        ("infer", "tests/try_camera.py", True),
        ("train", "utils/train.py", False),  # its name says the type
        ("quant", "utils/export_onnx.py", False),
        ("quant", "utils/onnx_parts.py", True),
        ("infer", "utils/train.py", True),  # of another type
        ("infer", "test/detect.py", False),  # perhaps pictures to test with
        ("infer", "tools/detect_video.py", False),
        ("infer", "utils_detect.py", False),
        ("train", "utilisation/train_meter.py", False),
    ],
)
def test_names_of_parts_and_folders_of_tests(kind: str, path: str, expected: bool) -> None:
    assert is_part(kind, path) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("train_all.sh", True),
        ("train_multiple.sh", True),
        ("train_multi_gpu.sh", False),
        ("wall_train.py", False),
    ],
)
def test_names_that_say_many_runs(path: str, expected: bool) -> None:
    assert runs_several(path) is expected


@pytest.mark.parametrize(
    ("paths", "repeated"),
    [
        (["multi_predict.py", "predict.py"], {"multi_predict.py": "predict.py"}),
        (["multi_trainings.py", "training.py"], {"multi_trainings.py": "training.py"}),
        (["multi_predict.py", "other/predict.py"], {}),
        (["train_multi_gpu.py", "train.py"], {}),  # another way to train
        (["train.py", "train.sh"], {}),
    ],
)
def test_a_name_of_another_script_done_many_times(
    paths: list[str], repeated: dict[str, str]
) -> None:
    assert repeated_scripts(paths) == repeated


@pytest.mark.parametrize(
    ("launcher", "started"), [("train.sh", {"examples/main.py"}), ("demo.sh", set())]
)
def test_what_a_launcher_starts_is_in_use(launcher: str, started: set[str]) -> None:
    files = {"examples/main.py": "model.fit()\n", launcher: "python examples/main.py\n"}
    assert started_by_launchers("train", find_entry_scripts(make_project(files))) == started


@pytest.mark.parametrize(
    ("kind", "path", "expected"),
    [
        ("train", "src/crossval.py", True),
        ("train", "cross_validation.py", True),
        ("train", "train_cross_val.py", False),
        ("train", "train_kfold.py", False),
        ("eval", "crossval.py", False),
        ("train", "src/hyperparameter_tuning.ipynb", True),
        ("train", "hyper_param_tuning_train_obb.py", True),
        ("train", "train_optuna.py", True),
        ("train", "grid_search.py", True),
        ("train", "fine_tuning.py", False),
        ("train", "train_grid_cells.py", False),
        ("infer", "hyperparameters.py", False),
    ],
)
def test_a_cross_validation_or_a_search_leaves_scores_alone(
    kind: str, path: str, expected: bool
) -> None:
    assert trains_for_scores(kind, path) == expected


@pytest.mark.parametrize(
    ("kind", "path", "expected"),
    [
        ("infer", "tools/generate_plate_scores.py", True),
        ("infer", "make_count_csv.py", True),
        ("infer", "generate_submission.py", False),
        ("infer", "score_images.py", False),
        ("infer", "read_scores.py", False),
        ("eval", "generate_scores.py", False),
    ],
)
def test_names_of_tables_for_an_analysis(kind: str, path: str, expected: bool) -> None:
    assert fills_a_table(kind, path) == expected


@pytest.mark.parametrize(
    ("kind", "path", "expected"),
    [
        ("infer", "probe_npu.py", True),
        ("infer", "probe_detection.py", False),  # of what is in pictures
        ("infer", "ultrasound_probe.py", False),
        ("infer", "smoke_yard.py", False),
        ("train", "probe_linear.py", False),
    ],
)
def test_names_of_probes(kind: str, path: str, expected: bool) -> None:
    assert only_probes(kind, path) == expected


@pytest.mark.parametrize(
    ("kind", "path", "expected"),
    [
        ("train", "prepare_data/clusters.py", True),
        ("infer", "extract_poses.py", True),
        ("infer", "auto_label.py", True),
        ("quant", "extract_head.py", False),
        ("data", "extract_poses.py", False),  # that is its work
        ("train", "datasets/train.py", False),  # named for the work
        ("train", "train_dataset.py", False),
        ("infer", "crane.py", False),
    ],
)
def test_names_of_preparations(kind: str, path: str, expected: bool) -> None:
    assert prepares_data(kind, path) is expected


@pytest.mark.parametrize(
    ("kind", "path", "expected"),
    [
        ("infer", "src/explain.py", True),
        ("infer", "contrast/grad_cam.py", True),
        ("infer", "generate_gradcam.py", True),
        ("infer", "densecrf.py", True),
        ("infer", "infer_gradcam.py", False),  # named for the work
        ("infer", "cam_subscriber.py", False),  # of a camera
        ("eval", "explain.py", False),
    ],
)
def test_names_of_explanations(kind: str, path: str, expected: bool) -> None:
    assert explains(kind, path) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src/evaluation/robustness.py", True),
        ("benchmarks/run_video.py", True),
        ("evaluation/infer.py", False),  # named for the work
        ("test/demo.py", False),
        ("evaluation.py", False),
    ],
)
def test_folders_of_measurements(path: str, expected: bool) -> None:
    assert is_below_measurements(path) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [("production.py", True), ("train_prod.py", True), ("products.py", False)],
)
def test_names_of_models_in_use(path: str, expected: bool) -> None:
    assert is_in_use(path) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("kit/Experiments/train.py", True),
        ("experiment.py", False),
        ("experiments_2/train.py", False),
    ],
)
def test_folders_of_experiments(path: str, expected: bool) -> None:
    assert is_of_experiments(path) is expected
