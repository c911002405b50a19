"""What a script is for, by what it does, by its name and by its first words."""

from __future__ import annotations

import json
import unicodedata

import pytest

from registry_app.choices import Confidence
from registry_app.inference.guess import Guess
from registry_app.inference.purpose.purpose import guess_types, type_by_words
from registry_app.messages import joined
from tests.registry_app.inference.projects import make_project

TORCH = "import torch\n"
YOLO = "from ultralytics import YOLO\n"


def types_of(text: str, path: str, **others: str) -> Guess[tuple[str, ...]]:
    """The types of one file, beside others whose names have `__` for a slash."""
    files = {name.replace("__", "/") + ".py": content for name, content in others.items()}
    project = make_project(files | {path: text})
    source = project.source(path)
    assert source is not None
    return guess_types(source, project)


LIVE = """cap = cv2.VideoCapture(0)
m = YOLO('a')
a = time.time()
r = m(cap.read())
b = time.time()
"""
STEPS = "import torch\na = time.time()\nloss.backward()\nopt.step()\nprint(time.time() - a)\n"
TIMED = (
    TORCH
    + """from net import Net
model = Net()
x = torch.randn(1, 3, 8, 8)
model.eval()
a = time.time()
model(x)
print(time.time() - a)
"""
)


@pytest.mark.parametrize(
    ("path", "text", "types", "confidence"),
    [
        ("train.py", "loss.backward()", ("train",), Confidence.SURE),
        ("main.py", "loss.backward()", ("train",), Confidence.LIKELY),
        ("main.py", YOLO + "YOLO('a').train(data='a', epochs=3)", ("train",), Confidence.LIKELY),
        (
            "main.py",
            "trainer = DefaultTrainer(cfg)\ntrainer.train()",
            ("train",),
            Confidence.LIKELY,
        ),
        ("main.py", "model.train()", (), Confidence.UNSURE),
        ("run.py", "cap = cv2.VideoCapture(0)", ("infer",), Confidence.LIKELY),
        ("run.py", YOLO + "m = YOLO('a')\nr = m('b.jpg')", ("infer",), Confidence.LIKELY),
        ("run.py", "s = onnxruntime.InferenceSession('a')", ("infer",), Confidence.LIKELY),
        ("detect.py", "x = 1", ("infer",), Confidence.UNSURE),
        ("convert.py", "torch.onnx.export(model, x, 'a.onnx')", ("quant",), Confidence.LIKELY),
        ("to.py", "YOLO('a.pt').export(format='onnx')", ("quant",), Confidence.LIKELY),
        ("split.py", "train_test_split(files)", ("data",), Confidence.SURE),
        ("scale.py", "scaler.fit(x)", (), Confidence.UNSURE),
        ("groups.py", "DBSCAN(eps=2).fit(points)", (), Confidence.UNSURE),
        ("scale.py", "StandardScaler().fit(x)", (), Confidence.UNSURE),
        ("benchmark_gpu.py", "cv2.VideoCapture(0)", ("eval",), Confidence.UNSURE),
        ("tutorial.ipynb", "{}", ("demo",), Confidence.UNSURE),
        ("download_data.py", "model.fit()", ("data",), Confidence.UNSURE),
        ("crop.py", "for f in glob('*'):\n    imwrite(f, imread(f))", ("data",), Confidence.SURE),
        ("tidy.py", "json.dump(json.load(open('a')), b)", ("data",), Confidence.UNSURE),
        ("page.py", "import streamlit as st\nst.title('x')", ("demo",), Confidence.LIKELY),
        ("server.py", "import litserve\nlitserve.LitServer(a).run()", ("demo",), Confidence.SURE),
        ("helper.py", "x = 1", (), Confidence.UNSURE),
    ],
)
def test_code_weighs_more_than_names(
    path: str, text: str, types: tuple[str, ...], confidence: Confidence
) -> None:
    guess = types_of(text, path)
    assert (guess.value, guess.confidence) == (types, confidence)


@pytest.mark.parametrize(
    ("path", "text", "first"),
    [
        # Who trains also measures, predicts and exports; who exports tries the result out.
        ("run.py", "loss.backward()\nopt.step()\nCOCOeval(a)\ncv2.VideoCapture(0)", "train"),
        ("run.py", YOLO + "m = YOLO('a')\nm.train(data='b')\nm.export(format='onnx')", "train"),
        ("run.py", TORCH + "torch.onnx.export(m)\nInferenceSession('a')", "quant"),
        ("look.py", "import streamlit\ncv2.VideoCapture(0)", "demo"),
        # A test that looks at pictures tries a model; one over labelled data measures it.
        ("test_yolo.py", YOLO + "YOLO('a').predict(source='a.mp4', show=True)", "infer"),
        ("test.py", TORCH + "net.load_state_dict(w)\nnet.eval()\nfor x, y in load: net(x)", "eval"),
        ("test.py", TORCH + "net = torch.load(w)\nfor x in load: net(x)\ndf.to_csv(p)", "infer"),
        ("convert.py", "import onnx\nonnx.save(shrunk(onnx.load(a)), b)\nimread(c)", "quant"),
        # An analysis of cracks looks at pictures as much as a test does; a comparison measures.
        ("crack_analysis.py", YOLO + "YOLO('a').predict(source='b', conf=0.5)", "infer"),
        ("error_analysis.py", YOLO + "YOLO('a').predict(source='b', conf=0.5)", "eval"),
        ("comparison.py", f'"""Detection, compared."""\n{YOLO}YOLO("a").predict(source=b)', "eval"),
        (
            "smoke_test.py",
            '"""Run one inference."""\nimport onnxruntime\nInferenceSession(a)',
            "infer",
        ),
        ("exporter.py", YOLO + "test = YOLO('a')\nimread(test('b'))", "quant"),
        ("utils/train.py", "import kit\nkit.go()", "train"),
        ("tools/hpo.py", "import kit\nkit.go()", "train"),
        # A curve of scores is measured; a checkpointer loads weights for whatever follows.
        ("iou_curve.py", TORCH + "model = torch.load(w)\nmodel(imread(a))", "eval"),
        ("generate_ocr_scores.py", "import easyocr\nr.readtext(imread(a))", "eval"),
        ("compute_anomaly_scores.py", TORCH + "m = torch.load(w)\nm(imread(a))", "infer"),
        (
            "run.py",
            "from detectron2 import x\nDetectionCheckpointer(m).resume_or_load(w)\nonnx.export(m)",
            "quant",
        ),
        ("run.py", "from detectron2 import x\nt = MyTrainer(cfg)\nt.resume_or_load()", "train"),
        ("tools/test_tracking.py", "from mmengine import x\nrunner.test()", "eval"),
        ("tracking.py", TORCH + "m = torch.load(w)\nm(imread(a))\nruns.test()", "infer"),
        # Cells that train, whatever the tutorial is about, and whatever the data are called.
        ("VGG16_Tutorial.py", "model.fit(x)", "demo"),
        # What a distillation exports at the end is the network that learned.
        ("distill.py", "train_model()\nsave_inference_model(p)", "train"),
        ("export_distilled.py", "train_model()\nsave_inference_model(p)", "quant"),
        # A picture is no made-up input, also beside zeros, and turned colours are no part of one.
        ("unet.py", TORCH + "net = build(w)\nnet(Image.open(p))\nnp.zeros(3)", "infer"),
        ("export_pack.py", YOLO + "YOLO('a').predict(source='a')", "quant"),
        ("validation.py", TORCH + "cv2.VideoCapture('a')\nm.predict(x)", "eval"),
        # It is timed how long a test of an idea trains; a benchmark of trainings measures them.
        ("test_page.py", STEPS, "train"),
        ("benchmark_page.py", STEPS, "eval"),
        # Gradients alone are looked at or timed.
        ("cam.py", TORCH + "score.backward()\nm.eval()\nm.load_state_dict(w)", "infer"),
        ("pseudo_label.py", YOLO + "YOLO('a').predict(source='b')", "data"),
        # A noun in the name says what is looked for, not whether the script trains for it.
        ("crack-detection.py", "model.fit(x)\nmodel.predict(y)", "train"),
        ("crack-detection.py", YOLO + "YOLO('a').predict(source='b')", "infer"),
        ("detect_cracks.py", TORCH + "model.eval()\nmodel.detect(imread('a'))", "infer"),
        # A plot at the end is no demo.
        ("head_demo.py", YOLO + "r = YOLO('a')(imread('b'))\nax.imshow(r)\nplt.show()", "infer"),
        # Frames per second in a window measure nothing.
        ("simple_test.py", YOLO + LIVE + "cv2.imshow('a', r)", "infer"),
        ("simple_benchmark.py", YOLO + LIVE + "cv2.imshow('a', r)", "eval"),
        # A network loads the weights of its backbone; made-up numbers go through it all the same.
        ("speed.py", TIMED, "eval"),
        # Gradients that are plotted train nothing; weights written out are for another engine.
        ("infer_trt.py", "import tensorrt\nbuild_serialized_network(n)\nexecute_v2(b)", "infer"),
        ("build_trt.py", "import tensorrt\nbuild_serialized_network(n)\nexecute_v2(b)", "quant"),
        ("val.py", TORCH + "COCOeval(a)\nsave('images/a', 'labels/val')", "eval"),
        ("losses.py", TORCH + "loss.backward()\nplt.plot(x.grad)", None),
        ("losses.py", TORCH + "loss.backward()\nopt.step()\nplt.plot(x)", "train"),
        (
            "out.py",
            TORCH + "w = torch.load(a).state_dict()\nf.write(struct.pack('>f', w))",
            "quant",
        ),
        ("send.py", "import socket\ns.sendall(struct.pack('>f', 1.0))", None),
        # A session of TensorFlow 1 with restored weights runs them.
        ("look.py", "import tensorflow\nsaver.restore(s, p)\ns.run(y, x)\nimread(a)", "infer"),
        (
            "fix_train.py",
            '"""Patch the training script."""\nopen(a, "w").write(open(a).read())',
            "data",
        ),
    ],
)
def test_what_is_done_on_the_way_does_not_count(path: str, text: str, first: str | None) -> None:
    net = "class Net:\n    def __init__(self): self.load_state_dict(torch.load('backbone'))\n"
    assert types_of(text, path, net=net).value == ((first,) if first else ())


@pytest.mark.parametrize(
    ("step", "types"), [("", ("infer",)), ("adam.step()", ("train",)), ("fit(net)", ("train",))]
)
def test_an_optimizer_that_never_steps_is_left_over(step: str, types: tuple[str, ...]) -> None:
    """The script was cut out of the training, and now loads its weights."""
    text = f"{TORCH}adam = SGD(net)\nnet.load_state_dict(w)\nnet.eval()\n{step}"
    assert types_of(text, "main.py").value == types


def test_running_a_model_on_made_up_numbers_is_no_inference() -> None:
    text = TORCH + "from net import Net\nmodel = Net()\ny = model(torch.randn(1, 3, 8, 8))\n"
    assert types_of(text, "shape.py", net="class Net: ...\n").value == ()


REPORT = '''"""Build the inventory of detection results."""
import json, pathlib
def _count_boxes(rows): ...
rows = json.loads(pathlib.Path("a").read_text())
json.dump(_count_boxes(rows), open("b", "w"))
'''


# As macOS writes the name, each syllable in its parts.
PARTED = unicodedata.normalize("NFD", "카메라_예측.py")
OPTIONS = """import argparse
parser = argparse.ArgumentParser()
parser.add_argument({!r}, type=int)
print(parser.parse_args())
"""


@pytest.mark.parametrize(
    ("path", "text", "types"),
    [
        # What only reads and draws runs no model, whatever it is called.
        ("detection_inventory.py", REPORT, ("data",)),
        ("plot_predictions.ipynb", "import pandas\npandas.read_csv('a')", ()),
        ("training_summary.py", "import json, yaml\njson.dump(yaml.safe_load(x), y)", ()),
        ("export_yolo_dataset.py", REPORT, ("data",)),
        # Only the plain word of a type is believed where the code is understood and silent.
        ("train_fire.py", "import yaml\nconfig = yaml.safe_load(open('a'))\n", ()),
        ("train_fire.py", OPTIONS.format("--epochs"), ("train",)),
        ("train_fire.py", OPTIONS.format("--recordings"), ()),
        ("fire.py", OPTIONS.format("--epochs"), ()),
        # Where its pictures come from adds nothing to the plain word; what else it reads does.
        ("infer_stream.py", "import json\nsettings = json.load(open('a'))\n", ("infer",)),
        ("predict_images_v2.py", "import json\nsettings = json.load(open('a'))\n", ("infer",)),
        ("infer_schema.py", "import json\nsettings = json.load(open('a'))\n", ()),
        ("detect_cameras.py", "import json\nsettings = json.load(open('a'))\n", ()),
        ("train.py", "import yaml\nconfig = yaml.safe_load(open('a'))\n", ("train",)),
        ("stream_infer.py", "import json\nsettings = json.load(open('a'))\n", ("infer",)),
        ("추론_영상.py", "import json\nsettings = json.load(open('a'))\n", ("infer",)),
        (PARTED, "import json\nsettings = json.load(open('a'))\n", ("infer",)),
        ("추론.py", "import json\nsettings = json.load(open('a'))\n", ("infer",)),
        ("inference_report.py", "import json\nrows = json.load(open('a'))\n", ()),
        # A model, a library that may be one, a sibling or a command leave the name its say.
        ("detection_inventory.py", REPORT + "import onnxruntime", ("infer",)),
        ("detection_inventory.py", REPORT + "import plant_vision", ("infer",)),
        ("detection_inventory.py", REPORT + "from .engine import go", ("infer",)),
        ("detection_inventory.py", REPORT + "import subprocess", ("infer",)),
        ("detection_inventory.py", REPORT + "import os\nos.system(command)", ("infer",)),
        ("predict_table.py", "import pickle\npickle.load(f).predict(x)", ("infer",)),
        ("train.py", "import os\nos.execv('python', words)", ("train",)),
        ("train.py", "import numpy\nw -= rate * slope", ("train",)),
    ],
)
def test_without_a_model_no_name_makes_it_one(path: str, text: str, types: tuple[str, ...]) -> None:
    if path.endswith(".ipynb"):
        text = json.dumps({"cells": [{"cell_type": "code", "source": text}]})
    assert types_of(text, path).value == types


CAMERA = "import picamera2, cv2\ncv2.imshow('a', picamera2.Picamera2().capture_array())\n"
CURVES = """import pandas, numpy
def create_training_graphs(rows): plt.plot(rows['epoch'], rows['loss'])
create_training_graphs(pandas.read_csv('results.csv'))
"""
FINDS = "import cv2\nmarks = cv2.findContours(cv2.imread('a.jpg'), 1, 2)\n"
GAUGE = FINDS.replace("marks =", "def read(path): return").replace("'a.jpg'", "path")
ASKS = (
    "import cv2, requests\nframe = cv2.VideoCapture(0).read()[1]\n"
    "answer = requests.post(url, files={'a': frame}).json()\n"
)
FILM = "import cv2\ncap = cv2.VideoCapture(0)\nwhile True: cv2.imshow('a', cap.read()[1])\n"


@pytest.mark.parametrize(
    ("path", "text", "types"),
    [
        # Looking at a film is no looking for something.
        ("roi.py", FILM, ()),
        ("webcam.py", FILM + "import numpy", ()),
        ("frame_exporter.py", FILM + "cv2.imwrite('b.png', frame)", ("data",)),
        ("roi.py", FILM + "from vision import find", ("infer",)),
        ("roi.py", FILM + "import torch", ("infer",)),
        ("motion.py", FILM + "cv2.createBackgroundSubtractorMOG2()", ("infer",)),
        ("predict_webcam.py", FILM, ("infer",)),
        # Printed markers are measured, unless a model looks too; a robot's node carries pictures.
        # Among a framework's helpers a name alone is none of work.
        ("utils/loggers/hpo.py", "import kit\nkit.go()", ()),
        ("marker_detector.py", FILM + "import rclpy, socket\ncv2.aruco.detectMarkers(a)", ()),
        ("marker_detector.py", FILM + "import torch\ncv2.aruco.detectMarkers(a)", ("infer",)),
        ("camera_node.py", FILM + "import rclpy\nfrom cv_bridge import CvBridge", ()),
        # Numbers that a model left are drawn without one, with torch at hand or not.
        ("detection_curves.py", "import torch\nplt.plot(torch.load('a'))", ()),
        ("detection_curves.py", "import torch\nnet = Net()\nplt.plot(net.predict(x))", ("infer",)),
        ("detection_curves.py", "import torch, plant\nplt.plot(plant.go())", ("infer",)),
        # The library of a camera gives pictures alone, and settings are read by another one.
        ("test_camera.py", CAMERA, ()),
        ("make_video.py", CAMERA + "cv2.VideoWriter(a)", ()),
        ("camera.py", CAMERA + "from picamera2.devices import Hailo\nHailo('a')", ("infer",)),
        ("camera.py", CAMERA + "import torch", ("infer",)),
        ("inference_look.py", "import omegaconf, cv2\nplt.subplots()\ncv2.imread(a)", ()),
        # What is found and then drawn was found by rules.
        ("part_detection.py", FINDS + "plt.plot(marks)", ("infer",)),
        ("part_detection.py", FINDS.replace("cv2.findContours", "abs") + "plt.plot(b)", ()),
        # A server answers what a camera sees, and its answer is shown.
        ("camera_test.py", ASKS + "cv2.imshow('a', frame)", ("infer",)),
        ("camera_test.py", ASKS, ()),
        # Curves of a training that is over; who counts epochs may train by numbers alone.
        ("create_training_graphs.py", CURVES, ()),
        ("create_training_graphs.py", CURVES + "for epoch in turns: w -= slope", ("train",)),
        ("create_training_graphs.py", CURVES + "import torch, plant\nplant.go()", ("train",)),
    ],
)
def test_eyes_alone_infer_nothing(path: str, text: str, types: tuple[str, ...]) -> None:
    assert types_of(text, path).value == types


@pytest.mark.parametrize(
    ("path", "text", "others", "types"),
    [
        ("run.py", FINDS + "print(len(marks))", {}, ("infer",)),
        ("run.py", "from gauge import read\nread('a')", {"gauge.py": GAUGE}, ("infer",)),
        # Where models are, the script is of another kind.
        ("run.py", FINDS + "print(len(marks))", {"net.py": TORCH}, ()),
        ("run.py", FINDS + "cv2.imwrite('b', a)", {"net.py": TORCH}, ("data",)),
        ("draw_marks.py", FINDS + "print(len(marks))", {}, ()),
        ("demos/sort.py", FINDS + "print(len(marks))", {}, ()),
        ("run.py", FINDS.replace("cv2.findContours", "abs"), {}, ()),
    ],
)
def test_rules_of_vision_infer_where_no_model_is(
    path: str, text: str, others: dict[str, str], types: tuple[str, ...]
) -> None:
    project = make_project({path: text, **others})
    source = project.source(path)
    assert source is not None
    assert guess_types(source, project).value == types


def test_a_model_is_called_by_the_function_that_gets_it() -> None:
    serve = (
        "import zmq\nfrom ultralytics import YOLO\nfrom looking import look\n"
        "model = YOLO('a.pt')\nwhile True: socket.send(look({given}, socket.recv()))\n"
    )
    looking = "def look(model, image): return model(image, verbose=False)\n"
    for given, types in (("model", ("infer",)), ("other", ())):
        found = types_of(serve.replace("{given}", given), "serve.py", looking=looking)
        assert found.value == types


@pytest.mark.parametrize(
    ("path", "text", "types"),
    [
        ("violence.py", "import statsmodels.api as sm\nsm.OLS(y, x).fit(cov_type='HC1')", ()),
        ("forest.py", "import sklearn\nforest.fit(x, y)", ("train",)),
        ("forest_stats.py", "import sklearn\nforest.fit(x, y)", ()),
        ("EDA.py", "import sklearn\nforest.fit(x, y)", ("data",)),
        ("stats.py", TORCH + "loss.backward()\noptimizer.step()", ("train",)),
    ],
)
def test_statistics_train_nothing(path: str, text: str, types: tuple[str, ...]) -> None:
    assert types_of(text, path).value == types


@pytest.mark.parametrize(
    ("path", "text", "types"),
    [
        ("verify_detection.py", "import vision\nvision.go()", ()),
        ("plot_predictions.py", "import vision\nvision.go()", ()),
        ("show_detections.py", YOLO + "YOLO('a').predict(source=0)", ("infer",)),
        ("check_service.py", "import lib\nlib.go()", ()),
        ("service.py", "import lib\nlib.go()", ("train",)),
    ],
)
def test_who_looks_after_models_does_not_work_with_one(
    path: str, text: str, types: tuple[str, ...]
) -> None:
    assert types_of(text, path, lib="def go():\n    model.fit(x)\n").value == types


@pytest.mark.parametrize(
    ("name", "types"),
    [
        ("run_inference", ("infer",)),
        ("_do_predict", ("infer",)),
        ("upload_video", ()),
        ("count_epochs", ()),
        ("simulate_detection", ()),
        ("_resize_to_fit", ()),
        ("should_augment_track", ()),
    ],
)
def test_a_function_says_what_it_does_by_its_verb(name: str, types: tuple[str, ...]) -> None:
    text = f"import vision\ndef {name}(): vision.no_grad()\n{name}()\n"
    assert types_of(text, "go.py").value == types


@pytest.mark.parametrize(
    "text",
    [
        "p.add_argument('--mode', choices=['train', 'infer'])",
        "p.add_argument('--train', action='store_true'); p.add_argument('--infer', action=ON)",
        "s.add_parser('train')\ns.add_parser('infer')",
        "if args.mode == 'train': ...\nelif args.mode == 'infer': ...",
        "fire.Fire({'train': train, 'infer': infer})",
    ],
)
def test_a_script_that_lets_choose_has_each_type(text: str) -> None:
    text = text.replace("action=ON", "action='store_true'")
    work = "loss.backward()\nopt.step()\ncv2.VideoCapture(0)\n"
    assert types_of(TORCH + work + text, "main.py").value == ("train", "infer")
    assert types_of(TORCH + work, "main.py").value == ("train",)
    # The parts of a set of data, and how something is drawn, are no work.
    for option in ("--split", "--mode_visualize", "--log-mode"):
        text = f"p.add_argument('{option}', choices=['train', 'infer'])\n"
        assert types_of(TORCH + work + text, "main.py").value == ("train",)
    for switch in ("--live", "--no-infer"):  # a source of pictures, and what is left out
        text = f"p.add_argument('{switch}', action='store_true')\n"
        assert types_of(TORCH + work + text, "main.py").value == ("train",)


def test_work_in_other_modules_counts_where_the_script_says_nothing() -> None:
    engine = "class Engine:\n    def fit(self):\n        loss.backward()\n        opt.step()\n"
    text = "from lib.engine import Engine\nEngine().fit2()\n"
    assert types_of(text, "main.py", lib__engine=engine.replace("fit", "fit2")).value == ("train",)
    assert types_of(text, "evaluate.py", lib__engine=engine.replace("fit", "fit2")).value == (
        "eval",
    )


@pytest.mark.parametrize(
    ("path", "call", "types"),
    [
        # Data are fetched for the training that is called afterwards.
        ("main.py", "extractall(a)\nengine.go()", ("train",)),
        ("main.py", "extractall(a)\nengine.look()", ("data",)),
        ("prepare_data.py", "extractall(a)\nengine.go()", ("data",)),
        ("check_data.py", "extractall(a)\nengine.go()", ("data",)),
        ("main.py", "extractall(a)\nclassification_report(x, y)\nengine.go()", ("eval",)),
    ],
)
def test_data_are_fetched_for_a_training_elsewhere(
    path: str, call: str, types: tuple[str, ...]
) -> None:
    engine = "def go():\n    loss.backward()\n    opt.step()\ndef look(): ...\n"
    text = f"import zipfile, torch, engine\nf = zipfile.ZipFile(a)\nf.{call}\n"
    assert types_of(text, path, engine=engine).value == types


@pytest.mark.parametrize(
    ("path", "text", "types"),
    [
        ("train_pseudo.ipynb", "train_one_epoch(net)", ("train",)),
        ("unet_pseudo.py", "train_one_epoch(net)", ("train",)),
        ("pseudo_labels.py", "train_one_epoch(net)", ("train",)),
        ("unet_pseudo.py", "net.predict(x)", ("data",)),
        ("split_dataset.py", "train_model(net)", ("data",)),
    ],
)
def test_who_trains_with_pseudo_labels_makes_none(
    path: str, text: str, types: tuple[str, ...]
) -> None:
    assert types_of(TORCH + text, path).value == types


def test_a_mere_test_may_try_a_model_of_another_module() -> None:
    net = """
    from ultralytics import YOLO
    class Net:
        def __init__(self): self.model = YOLO("a.pt")
        def look(self, image): return self.model(image)
    """
    text = "from net import Net\ncv2.imshow('a', Net().look(image))\n"
    assert types_of(text, "test.py", net=net).value == ("infer",)
    assert types_of(text, "evaluate.py", net=net).value == ("eval",)


def test_what_a_framework_calls_when_something_happens_counts() -> None:
    text = """
    from ultralytics import YOLO
    class Node(LifecycleNode):
        def on_configure(self, state): self.sub = self.create_subscription(Image, self.seen)
        def seen(self, image): self.model.predict(source=image)
        def unused(self): self.model.train(data="a")
    rclpy.spin(Node())
    """
    assert types_of(text, "node.py").value == ("infer",)


def test_a_profile_in_another_module_is_no_training() -> None:
    text = "from tools import profile\nprofile(3)\n"
    assert types_of(text, "main.py", tools="def profile(m):\n    y.backward()\n").value == ()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("YOLOv8 Object Detector Training Script", "train"),
        ("Export detection models to inference format.", "quant"),
        ("Export the documentation page as a standalone HTML file.", None),
        ("Runs inference on a folder of pictures", "infer"),
        ("Generate synthetic training data for layouts.", "data"),
        ("Train on the training data", "train"),
        # `train` is a part of the data here.
        ("Create train data and write it", None),
        ("Create subject-exclusive train/val/test splits from a table", "data"),
        ("Removes parts of a graph that are only needed for training", None),
        ("Removes training-only operations", None),
        ("A train/test script", None),
        ("Train, test and export a detector", "train"),
        ("Script to export the documentation into an HTML file.", None),
        ("Export annotations as COCO", "data"),
        ("Export a model with its labels", "quant"),
        ("Export the model to ONNX and write a report.", "quant"),
        ("Export", None),
        ("Render time series into images for prediction or training.", None),
        ("Generate predictions for a test", "infer"),
        ("Script for training YOLO", "train"),
        ("안전모 데이터를 나눕니다.", "data"),
        ("모델을 평가합니다", "eval"),
        ("Copyright 2020 Jiwoo.\n\nTrain a model", None),
        ("trt_ssd.py\n\nDoes object detection with TensorRT.", "infer"),
        ("", None),
    ],
)
def test_the_first_sentence_speaks_of_a_type(text: str, kind: str | None) -> None:
    assert type_by_words(text) == kind


def test_the_reason_names_the_call_and_its_place() -> None:
    guess = types_of("import a\n\nloss.backward()\nopt.step()", "train.py")
    assert joined(guess.reason) == "calls backward in line 3; its name suggests train"
    assert guess.source == "train.py:3"


def test_the_reason_names_the_module_whose_code_was_followed() -> None:
    guess = types_of("import lib\nlib.go()\n", "main.py", lib="def go():\n    model.fit(x)\n")
    assert joined(guess.reason) == "runs lib.py, which calls fit in line 2"
    assert (guess.value, guess.confidence) == (("train",), Confidence.UNSURE)


def test_a_launcher_is_for_what_it_starts() -> None:
    text = "#!/bin/bash\n# python infer.py\ncd x\npython3 -u train.py --epochs 3\n"
    guess = types_of(text, "go.sh")
    assert (guess.value, joined(guess.reason)) == (("train",), "starts train.py")
    assert types_of("yolo detect train data=a.yaml", "go.bat").value == ("train",)
    assert types_of("python main.py", "go.sh", main="model.fit(x)").value == ("train",)
    assert types_of("python train.py\npython infer.py", "go.sh").value == ("train", "infer")
    assert types_of("docker build .", "go.sh").value == ()


@pytest.mark.parametrize(
    ("path", "text", "types"),
    [
        ("install_trt.sh", "apt-get install -y tensorrt", ()),
        ("train_env.sh", "python -m pip install torch -f \\\n  https://a.b", ()),
        ("train_env.sh", "pip install torch\n./learn", ("train",)),
        ("train.sh", "git pull\nmake train", ("train",)),
        ("torch2trt_install.sh", "sudo pip3 install a\nsudo python3 setup.py install", ()),
        ("train.sh", "uv run learn", ("train",)),
        ("export_model.sh", "docker cp box:/best.pt .", ()),
        ("install_trt.sh", "usage() { echo; }\n: ${1:?usage: install_trt.sh <a>}", ()),
        ("export_model.sh", "./build/yolo -s a.wts a.engine", ("quant",)),
        ("train.sh", "docker run --gpus all box", ("train",)),
        ("train_args.sh", 'name=${1:-a}\necho "training $name"', ()),
        ("train_all.sh", "for m in a b; do\n./learn $m\ndone", ("train",)),
        ("plot_training.sh", "cd src\npython3 plot_training_graph.py --out a", ()),
        ("run_stream.sh", 'die "see\n  ./verify_stream.sh\n"\ngst-launch-1.0 filesrc', ()),
        ("check_training.sh", "ps aux | grep -E 'train.py|test.py'", ()),
    ],
)
def test_a_launcher_does_not_do_what_it_has_nothing_for(
    path: str, text: str, types: tuple[str, ...]
) -> None:
    assert types_of(text, path).value == types


@pytest.mark.parametrize(
    ("path", "types"),
    [("run_all.sh", ("train", "infer")), ("train.sh", ("train",)), ("prepare_all.sh", ("data",))],
)
def test_a_launcher_that_is_named_for_a_type_starts_the_others_for_that(
    path: str, types: tuple[str, ...]
) -> None:
    assert types_of("python train.py\npython infer.py", path).value == types


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("x = 1", ("quant",)),
        ('"""Object detection on a camera."""', ("infer",)),
        ("import tensorrt\nmodel.detect(cv2.imread('a'))", ("infer",)),
        ("from vision import Net\ncv2.imshow('a', Net().forward(x))", ("infer",)),
    ],
)
def test_the_format_of_a_model_in_a_name_says_little(text: str, types: tuple[str, ...]) -> None:
    assert types_of(text, "trt_yolo.py").value == types


def test_a_script_that_starts_another_is_for_what_that_does() -> None:
    text = "import subprocess, sys\nsubprocess.run([sys.executable, 'work.py', '--a', x])\n"
    assert types_of(text, "go.py", work="model.fit(x)").value == ("train",)
    assert types_of("os.system(f'python train.py --epochs {n}')", "go.py").value == ("train",)


def test_a_script_of_a_plain_name_starts_others_for_that() -> None:
    text = "import os\nos.system('python test.py')\n"
    assert types_of(text, "infer.py", test="COCOeval(a)").value == ("infer",)
    assert types_of(text, "go.py", test="COCOeval(a)").value == ("eval",)
    assert types_of("./view.sh", "start_stream.sh").value == ("infer",)
    assert types_of("python view.py", "start_stream.sh", view=FILM).value == ("infer",)
    assert types_of("python view.py", "go.sh", view=FILM).value == ()


def test_scripts_that_start_each_other_end() -> None:
    assert types_of("os.system('python b.py')", "a.py", b="os.system('python a.py')").value == ()


def test_a_notebook_is_for_what_its_shell_lines_start() -> None:
    cells = [{"cell_type": "code", "source": "!cd yolov5 && python train.py --data a.yaml"}]
    assert types_of(json.dumps({"cells": cells}), "colab.ipynb").value == ("train",)


PAGE = "import gradio as gr\ngr.Interface(fn=look).launch()\n"
DETECTS = "a, b = '../data/images', '../data/labels'\nw = '../runs/train/best.pt'\n"
DETECTS += "copy(a, b)\n!python detect.py --weights {w} --source {a}\n"


@pytest.mark.parametrize(
    ("path", "cell", "first"),
    [
        # A page in the last cell shows what the cells before it learned.
        ("leaves.ipynb", "model.fit(x, y)\n" + PAGE, "train"),
        ("leaves.ipynb", PAGE, "demo"),
        ("demo.ipynb", "model.fit(x, y)\n" + PAGE, "demo"),
        # Where a notebook is named for what it starts, that gives answers and no set.
        ("03_detect.ipynb", DETECTS, "infer"),
        ("03_leaves.ipynb", DETECTS, "data"),
    ],
)
def test_what_the_cells_of_a_notebook_are_for(path: str, cell: str, first: str) -> None:
    cells = [{"cell_type": "code", "source": cell}]
    assert types_of(json.dumps({"cells": cells}), path).value[0] == first


ULTRA_SET = YOLO + "m = YOLO('a.pt')\nfor x, name in DataLoader(files): row = m(x)\n"
ULTRA = YOLO + "model = YOLO('a.pt')\nresult = model(cv2.imread('yard.jpg'))\n"

ULTRA_VIEW = (
    ULTRA
    + """
pictures = data / "test" / "images"
truth = data / "test" / "labels"
weights = runs / "train" / "val" / "best.pt"
cv2.imshow('a', draw(result, recall))
cv2.imwrite(path, a)
"""
)


RESTORES = (
    TORCH
    + """utils.load_checkpoint(restoring, path)
restoring.eval()
for noisy, name in DataLoader(pictures):
    clean = restoring(noisy)
    psnr.append(score(clean))
"""
)


PRUNES = YOLO + "net = YOLO(a)\ncut(net)\nnet.train(data=b, epochs=3)\nnet.val()\n"
STORES = """import tensorflow as tf
from nets import model
x = tf.placeholder(tf.float32, [None, 416, 416, 3])
boxes = model(x)
steps = load_weights(tf.global_variables(), "yolov3.weights")
sess.run(steps)
tf.train.Saver().save(sess, "a.ckpt")
"""
SWITCHED = """import torch
from nets import *
model = Net()
model.load_state_dict(torch.load("a.pt"))
if ONNX_EXPORT:
    torch.onnx.export(model, x, "a.onnx")
print(model(cv2.imread(a)))
"""


@pytest.mark.parametrize(
    ("path", "text", "first"),
    [
        # Without anything to compare with, a model is only tried.
        ("yolo_test.py", ULTRA, "infer"),
        ("testing.py", ULTRA, "infer"),
        (
            "test.py",
            "from rknn.api import RKNN\ncv2.imread(a)\nrknn.inference(inputs=[x])",
            "infer",
        ),
        ("test.py", ULTRA + "accuracy = hits / len(files)", "eval"),
        ("testing.py", ULTRA + "compute_metrics(result)", "eval"),
        ("test.py", ULTRA + "confusion_matrix(a, b)", "eval"),
        ("test.py", ULTRA + "for images, labels in loader: model(images)", "eval"),
        ("test.py", ULTRA + "for images, paths in loader: model(images)", "infer"),
        # A prepared set in batches, for the tool that scores the result.
        ("test_lanes.py", ULTRA_SET, "eval"),
        ("test_lanes.py", ULTRA_SET + "cv2.imwrite(a, b)", "infer"),
        # Answers that go over a set and fill a table are kept; scores make it a measurement.
        ("test_anomaly.py", ULTRA_SET + "open('scores.csv', 'w')", "infer"),
        ("test_anomaly.py", ULTRA_SET + "open('scores.csv')", "eval"),
        ("test_anomaly.py", ULTRA_SET + "open('scores.csv', 'w')\naccuracy = 1", "eval"),
        ("test.py", "import torch", "eval"),
        # A viewer shows the truth beside what the model found.
        ("test.py", ULTRA + "gt_boxes = read(path)\ncv2.imshow('a', draw(result))", "infer"),
        ("test.py", ULTRA_VIEW, "infer"),
        # Who restores or segments pictures keeps them, and scores them besides.
        ("test_derain.py", RESTORES + "utils.save_img(name, clean)", "infer"),
        ("test.py", RESTORES + "Image.fromarray(clean).save(name)", "infer"),
        ("test.py", RESTORES + "show(Image.fromarray(clean))", "eval"),
        ("test.py", RESTORES, "eval"),
        ("evaluate.py", RESTORES + "utils.save_img(name, clean)", "eval"),
        ("test_coco.py", "cv2.imshow('a', b)\nconfusion_matrix(a, b)", "eval"),
        ("evaluate.py", ULTRA, "eval"),
        # A window alone shows what a model finds, unless something is scored or compared.
        ("validate.py", ULTRA + "cv2.imshow('a', result)", "infer"),
        ("validate.py", ULTRA + "cv2.imshow('a', result)\naccuracy = 1", "eval"),
        ("validate.py", ULTRA + "cv2.imshow('a', result)\nmap50 = model.val()", "eval"),
        ("validate.py", ULTRA + "plt.imshow(result)", "eval"),
        ("benchmark.py", ULTRA, "eval"),
        # The name says that there is nothing to compare with, or that others do.
        ("test_no_label.py", ULTRA_SET, "infer"),
        ("test_upload.py", ULTRA_SET, "infer"),
        # The last word measures, if scores are taken; a number is a boast.
        ("detect_eval.py", ULTRA + "confusion_matrix(a, b)", "eval"),
        ("detect_eval.py", ULTRA, "infer"),
        ("detect_eval.py", ULTRA_VIEW, "infer"),
        ("signs with 98% accuracy.py", TORCH + "model.fit(x)\nmodel.evaluate(y)", "train"),
        ("signs accuracy.py", TORCH + "model.fit(x)\nmodel.evaluate(y)", "eval"),
    ],
)
def test_a_test_measures_only_what_it_compares(path: str, text: str, first: str) -> None:
    assert types_of(text, path).value == (first,)


RUNNER = "import mmengine\n{}runner = mmengine.Runner.from_cfg(cfg)\nrunner.test()\n"


@pytest.mark.parametrize(
    ("path", "text", "first"),
    [
        # A runner measures, or writes what a competition asks for.
        ("baseline.py", RUNNER.format(""), "eval"),
        ("baseline.py", RUNNER.format("cfg.path = SUBMISSION_PATH\n"), "infer"),
        ("custom_inference.py", RUNNER.format(""), "infer"),
        ("detection.py", RUNNER.format(""), "eval"),
    ],
)
def test_a_runner_that_writes_answers_infers(path: str, text: str, first: str) -> None:
    assert types_of(text, path).value == (first,)


SUBMITS = """
import json, mmdet
found = json.load(open(a))
answers = single_gpu_test(net, loader)
rows.to_csv(f"submission_{epoch}.csv")
label["bbox"] = found["annotations"]
json.dump(found, open(b, "w"))
"""
DARKNET = """import numpy as np
from keras.models import Model
file = open("a.weights", "rb")
numbers = np.ndarray(shape=(9,), buffer=file.read(36))
model = Model(build(numbers))
{}
"""
MAKES_SMALL = (
    TORCH
    + """class Small(torch.nn.Module):
    def __init__(self, net): self.{}()
    def {}(self): self.weights = torch.round(self.net.weights)
small = Small(model)
{}
score = model(torch.load("a.pt"))
"""
)
SLIMS = TORCH + "net.load_weights(a)\n{}\nslim.save_weights(b)\n"
CHANNELS = "slim.conv.weight.data = net.conv.weight.data[kept].clone()"
AGAIN = TORCH + "net.load_state_dict(torch.load(a))\n{}torch.save(net.state_dict(), b)\n"
SAVER = "import tensorflow\nsaver.restore(session, a)\nsession.run({})\nsaver.save(session, b)\n"


@pytest.mark.parametrize(
    ("path", "text", "types"),
    [
        # Channels that are kept are copied into a smaller network.
        ("slim.py", SLIMS.format(CHANNELS), ("quant",)),
        ("slim.py", SLIMS.format(CHANNELS.replace("[kept]", "")), ()),
        ("slim.py", SLIMS.format(CHANNELS + "\nloss.backward()\nopt.step()"), ("train",)),
        ("slim.py", SLIMS.format(CHANNELS).replace("slim.save", "slim.show"), ()),
        # Weights are read and only written again.
        ("fold.py", AGAIN.format(""), ("quant",)),
        ("fold.py", AGAIN.format("net(cv2.imread(c))\n"), ("infer",)),
        ("fold.py", AGAIN.format("loss.backward()\nopt.step()\n"), ("train",)),
        ("fold.py", AGAIN.format("").replace("net.state_dict()", "scores"), ("data",)),
        ("create.py", SAVER.format("start()"), ("quant",)),
        ("create.py", SAVER.format("boxes, feed_dict={x: cv2.imread(c)}"), ("infer",)),
        # The numbers of a binary file fill a network; one that learns, or looks, is none.
        ("convert.py", DARKNET.format("model.save(a)"), ("quant",)),
        ("convert.py", DARKNET.format("model.summary()"), ("data",)),
        ("yolo.py", DARKNET.format("model.fit(x, y)\nmodel.save(a)"), ("train",)),
        # Own code that quantizes, and keeps what it made.
        (
            "ptq_kd.py",
            MAKES_SMALL.format("quantize_model", "quantize_model", "torch.save(small, b)"),
            ("quant",),
        ),
        (
            "ptq_kd.py",
            MAKES_SMALL.format("quantize_model", "quantize_model", "print(small)"),
            (),
        ),
        (
            "ptq_kd.py",
            MAKES_SMALL.format("round_all", "round_all", "torch.save(small, b)"),
            ("data",),
        ),
        (
            "convert_tfjs.py",
            (
                "import tensorflow\nmodel.load_weights(a)\nf = tensorflow.function(model(x))\n"
                "tensorflow.io.write_graph(convert_variables_to_constants_v2(f), a, b)"
            ),
            ("quant",),
        ),
        # A saver stores the weights of another program; nothing is fed in between.
        ("convert_weights.py", STORES, ("quant",)),
        ("convert_weights.py", STORES + "sess.run(boxes, {x: cv2.imread(a)})", ("infer",)),
        ("convert_weights.py", STORES.replace("tf.global_variables()", "net"), ("infer",)),
        # An export that waits for a constant of another file is not what the script is for.
        ("look.py", SWITCHED, ("infer",)),
        ("look.py", SWITCHED.replace("model =", "ONNX_EXPORT = True\nmodel ="), ("quant",)),
        ("look.py", SWITCHED.replace("if ONNX_EXPORT:", "if True:"), ("quant",)),
    ],
)
def test_weights_that_are_changed_by_hand_are_for_another_program(
    path: str, text: str, types: tuple[str, ...]
) -> None:
    assert types_of(text, path).value == types


@pytest.mark.parametrize(
    ("path", "text", "types"),
    [
        (
            "execute.py",
            (
                "import json, keras\nnet = keras.models.load_model(a)\nopen(b, 'w')\n"
                "net.predict_proba(json.load(c))"
            ),
            ("infer",),
        ),
        ("execute.py", "import keras\nnet.fit(x)\nnet.predict_proba(y)", ("train",)),
        ("faces.py", "import cv2\ncv2.FaceDetectorYN.create(a).detect(b)", ("infer",)),
        ("faces.py", "import cv2\ncv2.Kit.create(a).show(b)", ()),
        # Only a network is made, which is printed.
        ("print_config.py", "import mmseg\nprint(init_segmentor(open(a)))", ()),
        ("segment.py", "import mmseg\nprint(init_segmentor(open(a)))", ("infer",)),
        # A video becomes pictures, though a window shows them.
        (
            "video2images.py",
            "import cv2, kit\na = cv2.VideoCapture(b)\ncv2.imwrite(c, a)\ncv2.imshow('a', a)",
            ("data",),
        ),
        # Answers for a competition are no labels, though they are shown as such.
        ("boxes.py", SUBMITS, ("infer",)),
        ("boxes.py", SUBMITS.replace("submission", "rows"), ("data",)),
    ],
)
def test_who_runs_a_model_is_seen_by_its_calls(
    path: str, text: str, types: tuple[str, ...]
) -> None:
    assert types_of(text, path).value == types


GST = "import gi\nfrom gi.repository import Gst\n"


@pytest.mark.parametrize(
    ("text", "types"),
    [
        (GST + "p = Gst.ElementFactory.make('nvinfer', 'primary')", ("infer",)),
        (
            GST + "p = Gst.parse_launch(f'{source} ! hailonet hef-path={hef} ! fakesink')",
            ("infer",),
        ),
        (GST + "p = Gst.parse_launch('v4l2src ! videoconvert ! autovideosink')", ()),
        (GST + "print('nvinfer-like elements')", ()),
        # A helper that nothing here calls.
        (GST + "def inference(hef):\n    return f'hailonet hef-path={hef}'\nprint(1)", ()),
        ("print('nvinfer needs DeepStream')", ()),
    ],
)
def test_an_element_of_a_pipeline_runs_a_model(text: str, types: tuple[str, ...]) -> None:
    assert types_of(text, "street.py").value == types


def test_a_pipeline_of_another_module_counts_where_the_script_says_nothing() -> None:
    base = GST + "class App:\n    def pipeline(self): return 'hailonet hef-path=a'\n"
    text = "import hailo_base\nfrom base import App\nApp().pipeline()"
    assert types_of(text, "street.py", base=base).value == ("infer",)


@pytest.mark.parametrize(
    ("path", "text", "types"),
    [
        ("tools/export_coco_labels.py", "import labelbox\njson.dump(a, open(b))", ("data",)),
        ("export_labels.py", "torch.onnx.export(model, x, 'a.onnx')", ("quant",)),
        ("make_smaller_bboxes.py", ULTRA + "open(a, 'w').write(b)", ("data",)),
        # Data are collected with a model's help; a robot that collects things runs one.
        ("data/collector.py", ULTRA + "csv.writer(f).writerow(a)", ("data",)),
        ("collect_frames.py", ULTRA + "cv2.imwrite(a, b)", ("data",)),
        ("trash_collector.py", ULTRA + "arm.grasp(a)", ("infer",)),
        ("make_boxes.py", ULTRA + "model.train(data=a, epochs=3)", ("train",)),
        ("detect_boxes.py", ULTRA + "open(a, 'w').write(b)", ("infer",)),
        # Weights for a microcontroller.
        (
            "to_c.py",
            "import keras\nw = model.get_weights()\nopen('net.h', 'w').write(w)",
            ("quant",),
        ),
        ("show.py", "import keras\nw = model.get_weights()\nprint(w)", ()),
        # The engine is only built to be used at once.
        (
            "cam_onnx.py",
            "import tensorrt\nbuild_engine(n)\nexecute_v2(b)\nVideoCapture(0)\ncv2.imshow(a, b)",
            ("infer",),
        ),
    ],
)
def test_data_are_not_models(path: str, text: str, types: tuple[str, ...]) -> None:
    assert types_of(text, path).value == types


@pytest.mark.parametrize(
    ("text", "files", "types"),
    [
        ("./build/ocr conf.txt a.jpg", {"README.md": "# OCR with TensorRT"}, ("infer",)),
        ("./build/ocr conf.txt a.jpg", {"README.md": "# Letters in photographs"}, ()),
        ("./build/ocr conf.txt", {"README.md": "# OCR with TensorRT"}, ()),
        ("vglrun ./follow --width=1280 csi://0", {"README.md": "# On TensorRT"}, ("infer",)),
        ("cd build\ncmake .. -DA=a.jpg", {"README.md": "# OCR with TensorRT"}, ()),
        # Beside Python scripts it may as well only cut or draw.
        ("./build/cut conf.txt a.jpg", {"README.md": "# On TensorRT", "a.py": "x = 1"}, ()),
    ],
)
def test_a_launcher_of_a_compiled_program(
    text: str, files: dict[str, str], types: tuple[str, ...]
) -> None:
    project = make_project({"run.sh": text, **files})
    source = project.source("run.sh")
    assert source is not None
    assert guess_types(source, project).value == types


@pytest.mark.parametrize(
    ("path", "text", "types"),
    [
        (
            "convert.sh",
            "for f in *.onnx; do trtexec --onnx=$f --saveEngine=$f.trt; done",
            ("quant",),
        ),
        ("convert.sh", "python convert_labels.py", ("data",)),
        ("demo.sh", "python detect.py --source a.jpg", ("infer",)),
        ("demo.sh", "streamlit run page.py", ("demo",)),
        ("check_env.sh", "trtexec --version", ()),
        # It runs the model to see that it does.
        ("verify_tracking.sh", "deepstream-app -c a.txt\npython tracks.py", ("eval",)),
        ("measure_edge.sh", "deepstream-app -c a.txt", ("eval",)),
        ("run_pipeline_benchmark.sh", "./build/look --engine a.plan --csi", ("eval",)),
        ("run_pipeline.sh", "./build/look --engine a.plan --csi", ("infer",)),
        ("run_benchmark.sh", "python train.py", ("train",)),
        ("verify_box.sh", "docker ps", ()),
        ("check_helmets.sh", "python detect.py", ("infer",)),
        # Who builds an app at most tries it out; an engine is built for its own sake.
        ("ios/build.ps1", "Set-Location ..\npython detect.py", ()),
        ("build.sh", "trtexec --onnx=a.onnx --saveEngine=a.trt\npython detect.py", ("quant",)),
        ("build_and_run.sh", "python detect.py", ("infer",)),
        ("build_train.sh", "python train.py", ("train",)),
        ("deploy_v2.sh", "scp -r . board:\nssh board ls\npython detect.py", ()),
        ("quick_deploy.sh", "python infer.py", ()),
        ("install.sh", "pip install .\npython train.py", ()),
        ("board.sh", "sudo systemctl enable eyes.service\n./detect.sh", ()),
        ("board.sh", "sudo systemctl restart eyes.service\n./detect.sh", ("infer",)),
        ("board.sh", "echo 'sudo systemctl enable eyes'\n./detect.sh", ("infer",)),
        # Notes of what was typed on a rented machine.
        ("gcp.sh", "python train.py\nsudo shutdown\npython train.py\nsudo shutdown", ()),
        ("gcp.sh", "python train.py\nsudo shutdown", ("train",)),
        ("train_and_deploy.sh", "python train.py\nscp a.pt board:", ("train",)),
        # What is prepared may be an engine.
        ("prepare_tensorrt.sh", "trtexec --onnx=a.onnx --saveEngine=a.trt", ("quant",)),
        ("prepare_data.sh", "wget a.zip\ntrtexec --onnx=a.onnx --saveEngine=a.trt", ("data",)),
        # Data are made for what learns from them.
        ("all.sh", "python prepare_a.py\npython make_boxes.py\npython train.py", ("train", "data")),
        ("all_datasets.sh", "python prepare_a.py\npython train.py", ("train",)),
        ("make_dataset.sh", "python train.py\npython convert_labels.py", ("data",)),
        ("prepare_dataset.sh", "python prepare_a.py\npython train.py", ("data",)),
        # A noun says what is trained, unless nothing trains.
        ("count_pipeline.sh", "python train.py\npython eval.py", ("train", "eval")),
        ("count_pipeline.sh", "python infer.py\npython eval.py", ("infer",)),
        # What evaluates may be how a framework infers; a series of tests only checks.
        ("inference.sh", "python train_net.py --eval-only", ("infer",)),
        ("segment.sh", "python train_net.py --eval-only", ("eval",)),
        ("inference.sh", "python train_net.py", ("train",)),
        ("inference_tests.sh", "python evaluate.py\npython infer.py", ("eval",)),
        ("save_predictions.sh", "python /far/save_predictions.py", ("infer",)),
        ("plot_predictions.sh", "python /far/plot_predictions.py", ()),
        # Inference between two trainings makes data for the second one.
        ("all.sh", "python train.py\npython infer.py\npython train.py", ("train",)),
        ("all.sh", "python train.py\npython train.py\npython infer.py", ("train", "infer")),
        (
            "all.sh",
            "case $1 in\na) python train.py;;\nb) python infer.py;;\nc) python train.py;;\nesac",
            ("train", "infer"),
        ),
    ],
)
def test_what_a_launcher_starts_tells_what_its_name_means(
    path: str, text: str, types: tuple[str, ...]
) -> None:
    assert types_of(text, path).value == types


@pytest.mark.parametrize(
    ("files", "types"),
    [
        ({"kit/go_on.py": "model.fit(x)"}, ("train",)),
        ({"kit/go_on.py": "model.fit(x)", "old/go_on.py": "model.fit(x)"}, ()),
        ({"kit/other.py": "model.fit(x)"}, ()),
    ],
)
def test_a_launcher_may_know_the_folder_of_what_it_starts(
    files: dict[str, str], types: tuple[str, ...]
) -> None:
    project = make_project({"go.sh": 'cd "$KIT"\npython go_on.py', **files})
    source = project.source("go.sh")
    assert source is not None
    assert guess_types(source, project).value == types


OWN_FORMULAS = """import tensorflow as tf
def quantize_multiplier(scale): return scale * 2
def quantize(values): return quantize_multiplier(values)
print(quantize(tf.ones(3)))
"""
SHAPES = "import tensorflow as tf\nnet = tf.lite.Interpreter('a')\nnet.allocate_tensors()\n"
SELF_TEST = "import torch\nloss = head(torch.randn(2, 3)).sum()\nloss.backward()\n"
SENDS = "import boto3\nimport cv2\nimport cloud\ncap = cv2.VideoCapture(0)\nsend(cap.read())\n"
LOOP = """import cv2
import detection
cap = cv2.VideoCapture(path)
net = detection.Network()
while True:
    cv2.imshow('yard', net.detect(cap.read()))
"""
COMMAND = """import cv2
from commandr import command, Run
from net import Network
@command
def infer(path='a.mp4'):
    cap = cv2.VideoCapture(path)
    out = cv2.VideoWriter(path)
    out.write(Network().detect(cap.read()))
if __name__ == '__main__':
    Run()
"""
EXTRACTS = "import torch\nnet = torch.load('a.pt')\nnp.save(path, net.predict(cv2.imread(path)))\n"


@pytest.mark.parametrize(
    ("path", "text", "first"),
    [
        ("manual_convolution.py", OWN_FORMULAS, None),
        ("tensors.py", SHAPES, None),
        ("tensors.py", SHAPES + "net.invoke()\n", "infer"),
        ("arcface.py", SELF_TEST, None),
        ("arcface.py", SELF_TEST + "optimizer.step()\n", "train"),
        ("upload_image.py", SENDS, None),
        ("watch_image.py", SENDS, "infer"),
        ("app.py", LOOP, "infer"),
        ("app.py", "import streamlit\n" + LOOP, "demo"),
        ("app.py", COMMAND, "infer"),
        ("extract_pose_data.py", EXTRACTS, "data"),
        ("extract_text.py", EXTRACTS, "infer"),
    ],
)
def test_what_looks_like_work_on_a_model_and_what_is(
    path: str, text: str, first: str | None
) -> None:
    assert next(iter(types_of(text, path).value), None) == first


NODE = """import rclpy, torch
from ultralytics import YOLO
class Look(LifecycleNode):
    def on_activate(self, state):
        self.yolo = self.kinds[self.kind](self.path)
        self.create_subscription(Image, "image_raw", self.seen, 10)
    def seen(self, message):
        self.publish(self.yolo(bridge.imgmsg_to_cv2(message)))
if __name__ == "__main__":
    rclpy.spin(Look())
"""
CALLS_MODEL = TORCH + "import mystery\nmodel.load_state_dict(torch.load(path))\n"
CALLS_MODEL += "image = Image.open(path)\nprint(model(image))\n"
ANSWERS = TORCH + "with torch.no_grad(): rows = answer(net, pictures)\n"
ANSWERS += "table = pd.DataFrame(rows)\n"
SUBMITS = ANSWERS + "table.to_csv(folder + '/submission.csv')\n"
FILLED = TORCH + "load_checkpoint(net, path)\nnet.load_state_dict(torch.load(path))\n"
GUIDE = "parser = argparse.ArgumentParser(description='Inference of the plate pipeline')\n"
WORDS = "from ultralytics import YOLOE\nm = YOLOE('a.pt')\nm.val(data='b.yaml')\n"
WRAPS = TORCH + "import mystery\nm = torch.load(path)\nboth = mystery.{}(m)\nboth(picture)\n"
OF_FILE = "from mystery import {0}\neyes = {0}('eyes.onnx')\nprint(eyes.predict(path))\n"
JOINS = "import mystery, numpy, pandas\npandas.DataFrame(numpy.mean(parts)).to_csv(path)\n"
LOADS = TORCH + "restore.load_state_dict(torch.load(path))\nresult = restore(picture)\n"


@pytest.mark.parametrize(
    ("path", "text", "first"),
    [
        ("look.py", NODE, "infer"),
        # A demo whose own code calls a model and has no page, whatever else it imports.
        ("demo.py", CALLS_MODEL, "infer"),
        ("demo.py", CALLS_MODEL + "cv2.imshow('a', b)\n", "infer"),
        ("demo.py", "import streamlit\n" + CALLS_MODEL, "demo"),
        ("demo.py", "import mystery\nmystery.launch()\n", "demo"),
        ("tutorial.py", CALLS_MODEL, "demo"),
        # Answers for a competition.
        ("ensemble.py", SUBMITS, "infer"),
        ("ensemble.py", ANSWERS + "table.to_csv('folds.csv')\n", None),
        ("ensemble.py", SUBMITS + "loss.backward()\noptimizer.step()\n", "train"),
        ("ensemble.py", "table = pd.read_csv(a)\ntable.to_csv('submission.csv')\n", "data"),
        # The help of the arguments counts where the code backs it up.
        ("run_pipeline.py", GUIDE + FILLED, "infer"),
        # Whatever it is called: what was filled, or switched to evaluation, is a network.
        ("steps.py", LOADS, "infer"),
        ("steps.py", FILLED + "seer.eval()\nprint(seer(picture))\n", "infer"),
        ("steps.py", FILLED + "print(seer(picture))\n", None),
        ("steps.py", TORCH + "seer.eval()\nprint(seer(torch.rand(3)))\n", None),
        ("run_pipeline.py", GUIDE + "import torch\nmystery(torch)\n", None),
        # A loaded model inside of another, or in an object that is made of its file.
        ("steps.py", WRAPS.format("DataParallel"), "infer"),
        ("steps.py", WRAPS.format("SegmentationTTAWrapper"), "infer"),
        ("steps.py", WRAPS.format("Summary"), None),
        ("results.py", OF_FILE.format("Eyes"), "infer"),
        ("steps.py", OF_FILE.format("ModelExporter"), None),
        ("steps.py", OF_FILE.format("Eyes").replace("eyes.onnx", "eyes.yaml"), None),
        # Who audits data or answers lets a model help.
        ("audit_neardup.py", LOADS, "eval"),
        ("audit_dataset.py", LOADS, "data"),
        ("audit.py", LOADS + "loss.backward()\noptimizer.step()\n", "train"),
        # Answers that are kept or joined, by their name.
        ("save_predictions.py", TORCH + "with torch.no_grad(): save(net(x))\n", "infer"),
        ("ensemble_predictions.py", JOINS, "infer"),
        ("plot_predictions.py", JOINS, None),
        ("run_pipeline.py", GUIDE.replace("Inference", "Predictions") + FILLED, None),
        # A model that was loaded is called by its other name; a score is taken on the way.
        ("show.py", TORCH + "M = torch.load(path)\nanswers = M.forward(rows)\n", "infer"),
        ("show.py", TORCH + "M = torch.load(path)\nanswers = M.forward()\n", None),
        ("prompts.py", WORDS + "m.predict(a, conf=0.2)\ncv2.imshow('a', b)\n", "infer"),
        ("prompts.py", WORDS + "m.predict(a, conf=0.2)\n", "eval"),
        ("prompts.py", WORDS + "cv2.imshow('a', b)\n", "eval"),
        ("test_prompts.py", WORDS + "m.predict(a, conf=0.2)\ncv2.imshow('a', b)\n", "eval"),
        # Zeros beside a picture are a canvas.
        ("main.py", CALLS_MODEL + "cv2.imread(a)\nnumpy.zeros((8, 8))\n", "infer"),
    ],
)
def test_what_infers_without_a_name_for_it(path: str, text: str, first: str | None) -> None:
    assert next(iter(types_of(text, path).value), None) == first


LAZY = """from ultralytics import YOLO
class Fall:
    @property
    def network(self):
        if self._network is None: self._network = YOLO('a.pt')
        return self._network
    def look(self, picture): return self.network(picture)
"""
WRAPPER = """import keras
class Fall:
    def __init__(self): self.model = build()
    def is_fallen(self, poses): return self.model.predict(poses)
"""
FILTER = WRAPPER.replace("self.model.predict(poses)", "self.model.predict()")
SCORED = """import onnxruntime
from sklearn.metrics import confusion_matrix, f1_score
session = onnxruntime.InferenceSession("a.onnx")
for picture in pictures: answers.append(session.run(None, {"x": Image.open(picture)}))
print(confusion_matrix(truth, answers), f1_score(truth, answers))
"""
TIMES = """import time
import paddlex
model = paddlex.load_model("a")
start = time.time()
for path in glob.glob("*.jpg"): model.predict(path)
print((time.time() - start) / 9)
"""
EXTRACTS = """import cv2, pickle
eye = cv2.HOGDescriptor()
video = cv2.VideoCapture(path)
found = eye.detectMultiScale(video.read())
pickle.dump(found, open("a.p", "wb"))
"""
LOOKS = "from ultralytics import YOLO\ndef run_image_inference(path): return YOLO('a')(path)\n"


@pytest.mark.parametrize(
    ("path", "text", "others", "first"),
    [
        ("fall_test.py", "from fall import Fall\nFall().is_fallen(x)\n", WRAPPER, "infer"),
        ("fall_test.py", "from fall import Fall\nFall().is_fallen(x)\n", FILTER, "eval"),
        # A name of drawing says little where a function that is named for it infers.
        ("visualize.py", "from fall import *\nrun_image_inference(path)\n", LOOKS, "infer"),
        (
            "visualize.py",
            "from fall import boxes\nboxes(path)\n",
            LOOKS.replace("run_image_inference", "boxes"),
            None,
        ),
        # A program, and no page, whose model is in another module.
        ("app_plates.py", "from fall import boxes\nboxes(path)\n",
         LOOKS.replace("run_image_inference", "boxes"), "infer"),
        ("app_plates.py", "import flask\nfrom fall import boxes\nboxes(path)\n",
         LOOKS.replace("run_image_inference", "boxes"), "demo"),
    ],
)  # fmt: skip
def test_what_infers_through_another_module(
    path: str, text: str, others: str, first: str | None
) -> None:
    assert next(iter(types_of(text, path, fall=others).value), None) == first


HANDED = YOLO + "from fall import {0}\nm = YOLO('a.pt')\nprint({0}({1}, picture))\n"
GETS = "def {}(model, picture): return model(picture)\n"
GIVES = "def find(model, picture): return {}({}, picture)\n"
FILLS = """import torch
class Fall:
    def __init__(self, path): self.model = self._read(path)
    def _read(self, path):
        net = build()
        net.{}(torch.load(path))
        return net
    def look(self, picture): return self.model(picture)
"""
FILLS_GIVEN = """import torch
def {}(encoder, loader):
    encoder.{}(torch.load("encoder.pt"))
    for picture in loader: save_image(encoder(picture))
"""
SEES = FILLS.format("to").replace("self.model", "self.seer")
SEES = SEES.replace("    def look", "        self.seer.load_state_dict(w)\n    def look")


@pytest.mark.parametrize(
    ("text", "others", "first"),
    [
        # A function of another module is given a model, and calls it.
        (HANDED.format("find", "m"), GETS.format("find"), "infer"),
        (HANDED.format("find", "None"), GETS.format("find"), None),
        # It may hand the model on.
        (HANDED.format("find", "m"), GETS.format("see") + GIVES.format("see", "model"), "infer"),
        (HANDED.format("find", "m"), GETS.format("see") + GIVES.format("see", "a"), None),
        (HANDED.format("find", "m"), GETS.format("score") + GIVES.format("evaluate", "model"),
         None),
        (HANDED.format("find", "net") + "net.load_state_dict(w)\n", GETS.format("find"), "infer"),
        (HANDED.format("find", "net"), GETS.format("find"), None),
        (HANDED.format("evaluate", "m"), GETS.format("evaluate"), None),
        # A file that fills a network with its weights calls that one.
        ("from fall import Fall\nFall(a).look(b)\n", FILLS.format("load_state_dict"), "infer"),
        ("from fall import Fall\nFall(a).look(b)\n", FILLS.format("to"), None),
        (
            "from fall import Fall\nFall(a).look(b)\n",
            FILLS.format("load_state_dict").replace("self.model", "model"),
            None,
        ),
        # So does the object's own of any other name that the file fills.
        ("from fall import Fall\nFall(a).look(b)\n", SEES, "infer"),
        ("from fall import Fall\nFall(a).look(b)\n", SEES.replace("self.seer(", "seer("), None),
        # A function of it fills what it is given, and calls that.
        ("import fall\nfall.draw(Net(), data)\n", FILLS_GIVEN.format("draw", "load_state_dict"),
         "infer"),
        ("import fall\nfall.draw(Net(), data)\n", FILLS_GIVEN.format("draw", "to"), None),
        ("import fall\nfall.evaluate_net(Net(), data)\n",
         FILLS_GIVEN.format("evaluate_net", "load_state_dict"), None),
        # A property gives the model that it loads once.
        ("from fall import Fall\nFall(a).look(b)\n", LAZY, "infer"),
    ],
)  # fmt: skip
def test_a_model_that_another_module_calls(text: str, others: str, first: str | None) -> None:
    assert next(iter(types_of(text, "go.py", fall=others).value), None) == first


@pytest.mark.parametrize(
    ("path", "first"),
    [("save_compared_images.py", "infer"), ("save_config.py", None), ("show_images.py", None)],
)
def test_pictures_that_are_saved_are_those_of_a_model(path: str, first: str | None) -> None:
    text = "import fall\nfall.draw(Net(), data)\n"
    found = types_of(text, path, fall=FILLS_GIVEN.format("draw", "load_state_dict"))
    assert next(iter(found.value), None) == first


@pytest.mark.parametrize(
    ("path", "loads", "first"),
    [
        ("visualize.py", "net.load_state_dict(w)", "infer"),
        ("visualize.py", "net.draw(w)", None),
        ("plot_boxes.py", "net.load_state_dict(w)", None),
    ],
)
def test_what_a_model_answers_is_shown(path: str, loads: str, first: str | None) -> None:
    text = f"{TORCH}import fall\nnet = Net()\n{loads}\nfall.draw(net, picture)\n"
    found = types_of(text, path, fall=GETS.format("draw"))
    assert next(iter(found.value), None) == first


@pytest.mark.parametrize(
    ("path", "text", "first"),
    [
        # A model of language and vision is asked about pictures.
        ("agent.py", "from ask import *\nprint(prompt_llava(words, images=tiles))", "infer"),
        ("agent.py", "from ask import *\nprint(prompt_llava(words, seed=3))", None),
        ("agent.py", "from ask import *\nprint(draw(words, images=tiles))", None),
        # Scores at the end of what is named for its answers.
        ("test_prediction.py", SCORED, "infer"),
        ("check_model.py", SCORED, "eval"),
        ("prediction_eval.py", SCORED, "eval"),
        # A clock around a model, by a name that says so.
        ("inference_time.py", TIMES, "eval"),
        ("calc_fps.py", TIMES, "eval"),
        ("yard.py", TIMES, "infer"),
        # An object that is called a model is asked.
        (
            "TiledInferencer.py",
            "import ConfigParser\nmodel = eval(a)(b)\nmodel.tiled_infer()",
            "infer",
        ),
        ("yard.py", "import ConfigParser\nmodel = eval(a)(b)\nmodel.tiled_infer()", None),
        # What is cut is fine-tuned and measured too.
        ("channel_pruning.py", PRUNES, "quant"),
        ("channels.py", PRUNES, "train"),
        # What is extracted from pictures is learned from.
        ("extract_sift.py", EXTRACTS, "data"),
        ("s1_extract_flow.py", EXTRACTS, "data"),
        ("extract_text.py", EXTRACTS, "infer"),
    ],
)
def test_names_that_tell_more_than_the_code(path: str, text: str, first: str | None) -> None:
    assert next(iter(types_of(text, path).value), None) == first


def test_the_method_of_a_class_in_another_module_is_followed() -> None:
    body = "from ultralytics import YOLO\nclass Application:\n    @staticmethod\n"
    body += "    def main(): YOLO('a').predict(source=0)\n"
    guess = types_of(
        "from src import local\nlocal.Application.main()\n", "main.py", src__local=body
    )
    assert guess.value == ("infer",)


NODE = "import rospy\nfrom yard.eye import Eye\neye = Eye()\nwhile True: eye.look()\n"
EYE = """import rospy, kit
from cv_bridge import CvBridge
class Eye:
    def __init__(self): self.model = kit.Net()
    def look(self): self.model(CvBridge().imgmsg_to_cv2(self.message))
"""
STARTS = "import subprocess, sys\nsubprocess.run([sys.executable, 'evaluate.py'])\n"
CALLS_TRAINING = STARTS + "import learn\ngo(learn.main)\n"
LEARN = "import torch\ndef main():\n    loss.backward()\n    opt.step()\n"
MEASURE = "from ultralytics import YOLO\nYOLO('a').val()\n"
KEPT = """import cv2
import tensorflow as tf
def save():
    model = tf.keras.Model(a, b)
    model.load_weights('a')
    model.save('b')
    infer = tf.keras.models.load_model('b')
    infer(cv2.imread('a.jpg'))
save()
"""
RESTORED = (
    "import tensorflow as tf\ntf.train.Checkpoint(model=model).restore('a')\nmodel.save('b')\n"
)
DARKNET = "import tensorflow\nload_darknet_weights(yolo, 'a')\nyolo.save_weights('b')\n"
LOOKED = KEPT.replace("    model.save", "    model(cv2.imread('c.jpg'))\n    model.save")
SEEDS = (
    "import subprocess, sys, time\nstart = time.time()\n"
    "subprocess.run([sys.executable, 'learn.py'])\nprint(time.time() - start)\n"
)


@pytest.mark.parametrize(
    ("path", "text", "others", "first"),
    [
        # A robot's node starts what a class of its package does.
        ("robot/scripts/node.py", NODE, {"robot__src__yard__eye": EYE}, "infer"),
        ("robot/scripts/node.py", NODE, {}, None),
        # What is measured beside a training is a step of it.
        ("start.py", CALLS_TRAINING, {"learn": LEARN, "evaluate": MEASURE}, "train"),
        ("start.py", STARTS, {"evaluate": MEASURE}, "eval"),
        ("evaluate_all.py", CALLS_TRAINING, {"learn": LEARN, "evaluate": MEASURE}, "eval"),
        # The training that is started for each seed.
        ("seed_metrics.py", SEEDS, {"learn": LEARN + "main()\n"}, "train"),
        # A whole model is saved, and its copy tried.
        ("save_model.py", KEPT, {}, "quant"),
        ("save_model.py", LOOKED, {}, "infer"),
        ("save_model.py", RESTORED, {}, "quant"),
        ("convert.py", DARKNET, {}, "quant"),
        ("main.py", DARKNET + "yolo.fit(a)\n", {}, "train"),
    ],
)
def test_what_is_done_in_steps(
    path: str, text: str, others: dict[str, str], first: str | None
) -> None:
    assert next(iter(types_of(text, path, **others).value), None) == first
