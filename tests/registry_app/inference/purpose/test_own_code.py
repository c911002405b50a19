"""What a call leads to decides, before its name does."""

from __future__ import annotations

import pytest

from registry_app.inference.code.source import Source
from registry_app.inference.purpose.purpose import guess_types
from tests.registry_app.inference.projects import make_project

LOOKS = """
net.load_state_dict(torch.load("a.pt"))
net.eval()
for image in [torch.zeros(1, 3, 8, 8)]:
    print(net(image))
"""


def types_of(files: dict[str, str], path: str = "run_bay.py") -> tuple[str, ...]:
    project = make_project(files)
    source = project.source(path)
    assert isinstance(source, Source)
    return guess_types(source, project).value


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("make_model", "make_model(3)"),
        ("build_engine", "build_engine(3)"),
        ("convert_model", "convert_model(make(3))"),
        ("Blocks", "Blocks(3)"),
        ("Interface", "Interface(3)"),
        ("Flask", "Flask(3)"),
        ("freeze_graph", "freeze_graph(3)"),
        ("extractall", "extractall(3)"),
    ],
)
def test_an_own_function_is_judged_by_its_code(name: str, call: str) -> None:
    parts = f"import torch\ndef make(x): ...\ndef {name}(x):\n    return torch.nn.Conv2d(3, x, 1)\n"
    script = f"import torch\nfrom parts import make, {name}\nnet = {call}\n{LOOKS}"
    assert types_of({"parts.py": parts, "run_bay.py": script}) == ("infer",)
    plain = f"import torch, parts\nnet = parts.{call}\n{LOOKS}".replace("make(", "parts.make(")
    assert types_of({"parts.py": parts, "run_bay.py": plain}) == ("infer",)


@pytest.mark.parametrize(("folder", "types"), [("mmdet/apis", ("train",)), ("helpers/apis", ())])
def test_a_copied_framework_is_known_by_its_names(folder: str, types: tuple[str, ...]) -> None:
    there = {f"{folder}/__init__.py": "def train_detector(net, cfg): return find(cfg)(net)\n"}
    script = f"from {folder.replace('/', '.')} import train_detector\ntrain_detector(net, cfg)\n"
    assert types_of(there | {"run_bay.py": script}) == types


def test_a_client_learns_when_its_library_lets_it() -> None:
    script = """
    import torch
    import {0}
    class Yard({0}.client.NumPyClient):
        def fit(self, parameters, config): learn(self.net)
    def learn(net):
        loss.backward()
        optimizer.step()
    client = Yard()
    """
    assert types_of({"client.py": script.format("flwr")}, "client.py") == ("train",)
    other = script.replace("NumPyClient", "Reader").format("flwr")
    assert types_of({"go.py": other}, "go.py") == ()


def test_the_method_of_an_own_class_is_judged_by_its_code() -> None:
    kit = "class Turn:\n    def export(self, format): return open(format).read()\n"
    script = "import torch\nfrom kit import Turn\nturn = Turn()\nturn.export(format='a')\n"
    assert types_of({"kit.py": kit, "run_bay.py": script}) == ()


def test_an_own_function_that_exports_is_an_export() -> None:
    kit = "import torch\ndef export_onnx(net):\n    torch.onnx.export(net, 1, 'a.onnx')\n"
    script = "from kit import export_onnx\nexport_onnx(load())\n"
    assert types_of({"kit.py": kit, "run_bay.py": script}) == ("quant",)


def test_what_own_code_starts_elsewhere_cannot_be_judged() -> None:
    kit = (
        "import subprocess\nclass Trainer:\n"
        "    def train(self, epochs): subprocess.run(self.command, shell=True)\n"
    )
    script = "from kit import Trainer\nTrainer().train(epochs=3)\n"
    assert types_of({"kit.py": kit, "run_bay.py": script}) == ("train",)


KIT = """
import torch
class Net:
    def grow(self):
        loss.backward()
        opt.step()
def quantize_net(net): return torch.quantization.convert(torch.quantization.prepare(net))
def smaller(net): return quantize_net(net)
def train_net(net): Net().grow()
def make_train_loader(net): return train_net(net)
"""


@pytest.mark.parametrize(
    ("call", "types"),
    [
        # A function is named for the work that its file does.
        ("quantize_net(1)\nopen('a', 'w').write(x)", ("quant",)),
        ("quantize_net(1)\nNet().grow()", ("quant",)),
        ("train_net(1)\ncv2.VideoCapture(0)\nclassification_report(x, y)", ("train",)),
        # Its name is no work, and what it calls on its way is not what the script is for.
        ("quantize_lost(1)", ()),
        ("smaller(1)\nclassification_report(x, y)", ("eval",)),
        ("make_train_loader(1)\nclassification_report(x, y)", ("eval",)),
    ],
)
def test_a_function_elsewhere_is_named_for_its_work(call: str, types: tuple[str, ...]) -> None:
    plain = f"import cv2, torch\nfrom kit import *\n{call}\n"
    assert types_of({"kit.py": KIT, "run_bay.py": plain}) == types
    function = call.partition("(")[0]
    script = plain.replace("from kit import *", "import kit\nfrom kit import Net")
    script = script.replace(f"\n{function}(", f"\nkit.{function}(")
    assert types_of({"kit.py": KIT, "run_bay.py": script}) == types


@pytest.mark.parametrize(
    ("library", "call", "types"),
    [
        ("from onnx.helper import make_model", "make_model(graph)", ("quant",)),
        ("from builders import *", "make_model(graph)", ()),
        ("import gradio", "gradio.Blocks()", ("demo",)),
        ("from parts_shop import Blocks", "Blocks()", ()),
    ],
)
def test_everyday_names_need_their_library(library: str, call: str, types: tuple[str, ...]) -> None:
    assert types_of({"run_bay.py": f"{library}\n{call}\n"}) == types


YOLO = "from ultralytics import YOLO\n"
MARKED = "import cv2, {}\n@serving\ndef go(): ...\ncv2.dnn.readNet('a')\n"
TO_KERAS = """
import keras
import torch
net = torch.load("a")
net(torch.zeros(1))
keras.Model().save("b")
"""
CLI = "from lightning.pytorch import cli\nclass Options(cli.LightningCLI): ...\n"
SERVING = """
import tensorflow as tf
tf.saved_model.{}
interpreter = tf.lite.Interpreter("a.tflite")
interpreter.allocate_tensors()
interpreter.invoke()
"""
WRAPPED = """
import tensorflow_model_optimization as tfmot
net = tfmot.quantization.keras.quantize_model(build())
"""
WHOLE = "import tensorflow as tf\nimport cv2\nmodel.load_weights('a')\n"
PRUNED = """
import torch.nn.utils.prune as prune
for layer in torch.load("a").modules():
    prune.ln_structured(layer, name="weight", amount=0.3, n=2, dim=0)
"""
CUT = """
import cv2
for box in YOLO("a")("b"):
    cv2.imwrite("o/images/train/1.jpg", box)
    open("o/labels/train/1.txt", "w").write("0")
"""
EXPORT = """
import argparse
import onnxruntime
import torch
parser = argparse.ArgumentParser()
parser.add_argument("--infer", action="store_true")
torch.onnx.export(net, 1, "a")
onnxruntime.InferenceSession("a").run(None, {})
"""
CLOCKED = """
import time
import numpy as np
import onnxruntime
session = onnxruntime.InferenceSession("a.onnx")
start = time.perf_counter()
session.run(None, {"a": np.zeros((1, 3, 8, 8))})
print(time.perf_counter() - start)
"""


@pytest.mark.parametrize(
    ("path", "text", "types"),
    [
        # A name alone.
        ("detect_drift.py", "import pandas as pd\npd.read_csv('a').mean()\n", ()),
        ("gain_sweep.py", "import cv2\ncv2.imwrite('b', cv2.imread('a'))\n", ("data",)),
        ("toy_qat.py", "import torch\ntorch.nn.Linear(3, 3)(torch.zeros(1, 3))\n", ()),
        ("export_view.py", "import fiftyone\nfiftyone.load('a').export(export_dir='b')\n", ()),
        ("detectron2names.py", "import torch\ntorch.save(torch.load('a'), 'b')\n", ("data",)),
        ("frame_logger.py", "import logging\nlogging.getLogger('a').info('b')\n", ()),
        # Conversions.
        ("train2voc.py", "import json\njson.dump(json.load(open('a')), b)\n", ("data",)),
        # Measuring.
        ("how_fast.py", CLOCKED, ("eval",)),
        ("infer_timed.py", CLOCKED, ("infer",)),
        # Data made with a model's help, and inference that leaves labels besides.
        ("cut.py", YOLO + CUT, ("data",)),
        ("predict_for_pseudo.py", YOLO + "YOLO('a').predict(source='b')\n", ("infer",)),
        # A demo has a window or a page.
        ("hook_demo.py", YOLO + "YOLO('a').predict(source='b', save=True)\n", ("infer",)),
        ("hook_demo.py", "import gradio\n" + YOLO + "YOLO('a').predict(source='b')\n", ("demo",)),
        # Quantization.
        (
            "qat_boots.py",
            "import torch, pytorch_quantization\nloss.backward()\noptimizer.step()\n",
            ("quant",),
        ),
        ("pack.py", "import bentoml\nbentoml.pytorch.save_model('a', net)\n", ("quant",)),
        # A server of models calls what is marked for it.
        ("module.py", MARKED.format("paddlehub"), ("demo",)),
        ("module.py", MARKED.format("kit"), ("infer",)),
        ("to_keras.py", TO_KERAS, ("quant",)),
        # A model for TensorFlow Serving is tried after it is written; one that is loaded is not.
        ("main.py", SERVING.format("save(net, 'a')"), ("quant",)),
        ("main.py", SERVING.format("load('a')"), ("infer",)),
        # What is wrapped for fake quantization is saved, or only gets its weights back.
        ("main.py", WRAPPED + "net.save('a')\n", ("quant",)),
        ("main.py", WRAPPED + "net.load_weights('a')\nscore = net.look(x)\n", ()),
        # A network gets its weights and is saved whole, or goes on to work.
        ("save_net.py", WHOLE + "model.save('a')\n", ("quant",)),
        ("save_net.py", WHOLE + "model.fit(x)\nmodel.save('a')\n", ("train",)),
        ("save_net.py", WHOLE + "cv2.imread('a')\nmodel.save('a')\n", ("data",)),
        ("save_net.py", WHOLE + "figure.save('a')\n", ()),
        # A module that is not here trains by its name and that of its function.
        ("go.py", "import training\ntraining.training(net)\n", ("train",)),
        ("go.py", "import training\ntraining.look(net)\n", ()),
        ("go.py", "import weather\nweather.training(net)\n", ()),
        # So do the scripts of a framework that lies beside it.
        ("go.py", "import detect\ndetect.run(source='a', weights='b.pt')\n", ("infer",)),
        ("go.py", "import train\ntrain.main(opt)\n", ("train",)),
        ("go.py", "import detect\ndetect.draw(a)\n", ()),
        ("go.py", "import detection\ndetection.run(a)\n", ()),
        ("main.py", SERVING.format("save(net, 'a')") + "net.fit(x)\n", ("train",)),
        # Filters that are taken away, before or without a training.
        ("smaller.py", PRUNED, ("quant",)),
        ("smaller.py", PRUNED + "loss.backward()\nadam.step()\n", ("train",)),
        ("channel_pruning.py", PRUNED + "loss.backward()\nadam.step()\n", ("quant",)),
        ("event_pruning.py", "import json\njson.dump(json.load(open('a')), b)\n", ("data",)),
        ("export.py", EXPORT, ("quant",)),
        # Other ways to train.
        ("go.py", "from mmengine.runner import Runner\nRunner.from_cfg(c).train()\n", ("train",)),
        (
            "go.py",
            "from lightning.pytorch.cli import LightningCLI\nLightningCLI(A, B)\n",
            ("train",),
        ),
        ("go.py", CLI + "Options(A, B)\n", ("train",)),
        ("go.py", CLI + "print(Options)\n", ()),
        ("go.py", CLI.replace("LightningCLI)", "Namespace)") + "Options(A, B)\n", ()),
        ("go.py", "from plate_kit import train_reader\ntrain_reader(3)\n", ("train",)),
    ],
)
def test_small_rules(path: str, text: str, types: tuple[str, ...]) -> None:
    assert types_of({path: text}, path) == types


def test_a_class_of_a_library_is_found_behind_own_ones_of_other_files() -> None:
    files = {
        "kit/base.py": CLI,
        "kit/__init__.py": "",
        "kit/more.py": "from kit import base\nclass More(base.Options): ...\n",
        "go.py": "from kit.more import More\nMore(A, B)\n",
    }
    assert types_of(files, "go.py") == ("train",)
    assert types_of(files | {"go.py": "from kit.more import More\nprint(More)\n"}, "go.py") == ()
