"""What a script is for, by its name and by what its code does."""

from __future__ import annotations

import pytest

from registry_app.choices import Confidence
from registry_app.inference.purpose import guess_types, type_by_name, wrapped_scripts
from tests.registry_app.inference.projects import make_source


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("train_yolov11_v2.py", "train"),
        ("src/finetune.py", "train"),
        ("TrainModel.py", "train"),
        ("학습.py", "train"),
        ("infer_benchmark.py", "infer"),
        ("detect.py", "infer"),
        ("추론.py", "infer"),
        ("webcam_demo.py", "infer"),
        ("export_openvino.py", "quant"),
        ("quantize_int8.py", "quant"),
        ("train_qat.py", "quant"),
        ("inference_onnx.py", "infer"),
        ("onnx_benchmark.py", "eval"),
        ("convert_to_onnx.py", "quant"),
        ("convert_labels.py", "data"),
        ("yolo_tflite.py", "quant"),
        ("eval_confusion.py", "eval"),
        ("val.py", "eval"),
        ("split_dataset.py", "data"),
        ("app.py", "demo"),
        ("smoke_train/__main__.py", "train"),
        ("model.py", None),
        ("restrain.py", None),
        ("contest.py", None),
    ],
)
def test_a_name_speaks_of_a_type(path: str, kind: str | None) -> None:
    assert type_by_name(path) == kind


@pytest.mark.parametrize(
    ("path", "text", "types", "confidence"),
    [
        ("train.py", "loss.backward()", ("train",), Confidence.SURE),
        ("main.py", "loss.backward()", ("train",), Confidence.LIKELY),
        ("main.py", "YOLO('a.pt').train(data='a.yaml', epochs=3)", ("train",), Confidence.LIKELY),
        ("main.py", "model.train()", (), Confidence.UNSURE),
        ("run.py", "cap = cv2.VideoCapture(0)", ("infer",), Confidence.LIKELY),
        ("detect.py", "x = 1", ("infer",), Confidence.UNSURE),
        ("convert.py", "torch.onnx.export(model, x, 'a.onnx')", ("quant",), Confidence.LIKELY),
        ("to.py", "YOLO('a.pt').export(format='onnx')", ("quant",), Confidence.LIKELY),
        ("split.py", "train_test_split(files)", ("data",), Confidence.SURE),
        ("benchmark_gpu.py", "cv2.VideoCapture(0)", ("eval",), Confidence.UNSURE),
        ("tutorial.ipynb", "{}", ("demo",), Confidence.UNSURE),
        ("download_data.py", "model.fit()", ("data",), Confidence.UNSURE),
        ("helper.py", "x = 1", (), Confidence.UNSURE),
    ],
)
def test_code_weighs_more_than_names(
    path: str, text: str, types: tuple[str, ...], confidence: Confidence
) -> None:
    guess = guess_types(make_source(text, path))
    assert guess.value == types
    assert guess.confidence == confidence


def test_a_script_that_does_two_things_has_both_types() -> None:
    text = "YOLO('a').train(data='a', epochs=1)\nYOLO('a').export(format='onnx', half=True)"
    assert set(guess_types(make_source(text, "run.py")).value) == {"train", "quant"}


def test_the_reason_is_told() -> None:
    guess = guess_types(make_source("loss.backward()", "train.py"))
    assert guess.reason == "its code looks like train; its name speaks of train"


def test_a_launcher_is_for_what_it_starts() -> None:
    text = "#!/bin/bash\n# python infer.py\ncd x\npython3 -u train.py --epochs 3\n"
    assert guess_types(make_source(text, "go.sh")).value == ("train",)
    assert guess_types(make_source("yolo detect train data=a.yaml", "go.bat")).value == ("train",)


def test_scripts_in_a_launcher_are_found_outside_comments() -> None:
    text = "# python old.py\npython a.py && python -m tools.b x\n"
    assert wrapped_scripts(text) == ["a.py", "tools/b.py"]
