"""A script also has a type that no other script has."""

from __future__ import annotations

import json

import pytest

from registry_app.inference.choice.last_resort import with_missing_types
from registry_app.inference.purpose.entry_points import find_entry_scripts
from registry_app.inference.purpose.purpose import Purposes
from tests.registry_app.inference.projects import make_project

MODEL = "import torch\nimport cv2\nnet = torch.load('fire.pt')\nnet.eval()\n"
SHOWS = "import cv2\nfrom net import look\ncv2.imshow('yard', look(cv2.imread('a.jpg')))\n"
NET = "import torch\nnet = torch.load('fire.pt')\ndef look(image): return net(image)\n"
PAGE = "import gradio\n" + MODEL + "gradio.Interface(lambda image: net(image)).launch()\n"
PAGES = PAGE + "import fastapi\napp = fastapi.FastAPI()\ngradio.Blocks().launch()\n"
TRIES = "import keras\nimport cv2\nnet.load_weights(path)\nloss = net.predict(cv2.imread(path))\n"
MEASURES = "import keras\nnet.load_weights(path)\nprint(net.evaluate(pictures))\n"
SCORES = (
    "import keras\nimport cv2\nfrom sklearn.metrics import accuracy_score, f1_score\n"
    "from kit import look\nnet = keras.models.load_model('a.h5')\nlook(net)\n"
    "found = net.predict(cv2.imread('a.jpg'))\n"
    "print(accuracy_score(found, truth), f1_score(found, truth))\n"
)
LOOP = (
    "import cv2\n\ndef look(net):\n    for frame in cv2.VideoCapture(0):\n"
    "        net.predict(frame)\n"
)
FITS = "import keras\nnet = keras.Sequential()\nnet.fit(pictures)\nnet.save('a.h5')\n"
MODES = (
    "import argparse\nparser = argparse.ArgumentParser()\n"
    "parser.add_argument('--mode', choices=['train', 'export'], default='train')\n"
    "args = parser.parse_args()\nrunner.do(args.mode)\n"
)
EXPORTS = "import torch\ntorch.onnx.export(net, x, 'a.onnx')\n"
BUILDS = "import tensorrt\nengine = builder.build_serialized_network(network, config)\n"
LOOPS = "import cv2\ncamera = cv2.VideoCapture(0)\ncontext.execute_async_v2(camera.read())\n"
LEARNS = (
    "import torch\n\ndef learn():\n    loss.backward()\n    optimizer.step()\n"
    "    torch.save(net, 'a.pt')\n"
)
WINDOW = "import tkinter\nroot = tkinter.Tk()\nroot.mainloop()\n"
SERVICE = (
    "import fastapi\nimport cv2\nfrom net import look\napp = fastapi.FastAPI()\n\n"
    "@app.get('/')\ndef answer(): return look(cv2.imread('a.jpg'))\n\n"
    "if __name__ == '__main__':\n    import uvicorn\n    uvicorn.run(app)\n"
)
HIDES = "import glob\n" + MODEL + "for path in glob.glob('yard'):\n    net(cv2.imread(path))\n"
RESTORES = (
    "import torch\nfrom net import load\nnet = load()\nnet.eval()\n"
    "with torch.no_grad():\n    for psnr, picture in loader:\n        restored = net(picture)\n"
)
KEEPS = "import json\nfiles = open(listed)\njson.dump(restored, open('for_scorer.json', 'w'))\n"
ASKS = (
    "import gradio\nimport cv2\nfrom fire import Fire\nfire = Fire()\n"
    "print(fire.predict(cv2.imread('a.jpg')))\ngradio.Interface(fire.predict).launch()\n"
)
CONVERTS = (
    "import tensorflow as tf\nconverter = tf.lite.TFLiteConverter.from_saved_model('a')\n"
    "open('a.tflite', 'wb').write(converter.convert())\n"
)
OPTIMIZES = (
    "import torch\nimport flwr\noptimizer = torch.optim.SGD(net.parameters(), lr=0.1)\n"
    "flwr.client.start_client(server_address='a', client=net)\n"
)
BOTH = ("quant", "train")
RUNS_BOTH = (
    "import cv2\nfrom both import Both\nboth = Both()\nboth.train()\n"
    "cv2.imshow('a', both.run(cv2.imread('a.jpg')))\n"
)
BOTH_WORKS = (
    "from ultralytics import YOLO\n\nclass Both:\n    def __init__(self):\n"
    "        self.model = YOLO('a.pt')\n\n    def train(self):\n"
    "        self.model.train(data='a.yaml', epochs=3)\n\n    def run(self, image):\n"
    "        return self.model.predict(image)\n"
)


def cell(code: str) -> str:
    return json.dumps({"cells": [{"cell_type": "code", "source": code}]})


def types_of(files: dict[str, str]) -> dict[str, tuple[str, ...]]:
    purposes = Purposes(make_project({"net.py": NET, **files}))
    found = with_missing_types(find_entry_scripts(purposes.project, purposes), purposes)
    return {script.path: script.types.value for script in found}


@pytest.mark.parametrize(
    ("files", "path", "types"),
    [
        ({"demo.py": SHOWS}, "demo.py", ("demo", "infer")),
        ({"demo.py": SHOWS, "infer.py": MODEL + "net(cv2.imread('a.jpg'))"}, "demo.py", ("demo",)),
        # A copy and a test leave the demo what it is.
        (
            {"demo.py": SHOWS, "old/infer.py": MODEL + "net(cv2.imread('a.jpg'))"},
            "demo.py",
            ("demo", "infer"),
        ),
        ({"demo.py": SHOWS, "test.py": TRIES}, "test.py", ("eval",)),  # the demo is nearer
        # A demo by its name, which also scores what the directory's code finds.
        ({"run_demo.py": SCORES, "kit.py": LOOP}, "run_demo.py", ("eval", "infer")),
        ({"run_net.py": SCORES, "kit.py": LOOP}, "run_net.py", ("eval",)),
        ({"app.py": PAGE}, "app.py", ("demo",)),  # a web application, and no experiment
        ({"app.py": PAGE, "train.py": FITS}, "app.py", ("demo", "infer")),
        ({"app.py": PAGE, "test.py": TRIES}, "app.py", ("demo", "infer")),
        # What else infers measures how the model takes bad pictures.
        (
            {"app.py": PAGE, "train.py": FITS, "evaluation/noise.py": LOOPS},
            "app.py",
            ("demo", "infer"),
        ),
        ({"app.py": PAGE, "train.py": FITS, "evaluation/detect.py": LOOPS}, "app.py", ("demo",)),
        ({"app.py": PAGE, "test.py": TRIES}, "test.py", ("eval",)),
        ({"app.py": PAGE, "demo.py": SHOWS, "train.py": FITS}, "app.py", ("demo",)),
        ({"app.py": "import gradio\ngradio.launch()\n", "train.py": FITS}, "app.py", ("demo",)),
        ({"test.py": TRIES}, "test.py", ("eval", "infer")),
        ({"test.py": MEASURES}, "test.py", ("eval",)),  # it looks at no picture
        # Several scores measure, whatever is looked at besides.
        ({"test.py": SHOWS + "COCOeval(a)\nap_per_class(b)\n"}, "test.py", ("eval",)),
        # An evaluation that looks at pictures is all that runs a model here.
        ({"evaluate.py": TRIES}, "evaluate.py", ("eval", "infer")),
        ({"evaluate.py": MEASURES}, "evaluate.py", ("eval",)),
        ({"evaluate.py": TRIES + "COCOeval(a)\nap_per_class(b)\n"}, "evaluate.py", ("eval",)),
        ({"evaluate.ipynb": cell(TRIES)}, "evaluate.ipynb", ("eval",)),
        (
            {"evaluate.py": TRIES, "infer.py": MODEL + "net(cv2.imread('a.jpg'))"},
            "evaluate.py",
            ("eval",),
        ),
        ({"test_deblur.py": RESTORES}, "test_deblur.py", ("eval", "infer")),
        # What it writes, a tool of others scores.
        ({"test_lanes.py": RESTORES + KEEPS}, "test_lanes.py", ("eval",)),
        ({"test_deblur.py": RESTORES, "demo.py": SHOWS}, "test_deblur.py", ("eval",)),
        # A notebook looks at pictures after its training, and not for it.
        ({"fire.ipynb": cell(FITS + TRIES)}, "fire.ipynb", ("train", "infer")),
        ({"fire.ipynb": cell(TRIES + FITS)}, "fire.ipynb", ("train",)),
        ({"fire.py": FITS + TRIES}, "fire.py", ("train",)),
        ({"fire.ipynb": cell(FITS + TRIES), "demo.py": SHOWS}, "fire.ipynb", ("train",)),
        # A page that asks a class of its own.
        ({"app.py": ASKS, "train.py": FITS}, "app.py", ("demo", "infer")),
        ({"app.py": ASKS}, "app.py", ("demo",)),
        # What explains answers is not what gives them.
        (
            {"app.py": PAGE, "train.py": FITS, "gradcam.py": MODEL + "net(cv2.imread('a.jpg'))"},
            "app.py",
            ("demo", "infer"),
        ),
        # Making people unrecognisable is all, or it prepares what is looked at.
        ({"anonymize.py": HIDES}, "anonymize.py", ("data", "infer")),
        (
            {"anonymize.py": HIDES, "infer.py": MODEL + "net(cv2.imread('a.jpg'))"},
            "anonymize.py",
            ("data",),
        ),
        # A window of the desktop that looks at a camera; one that only asks is no experiment.
        ({"window.py": WINDOW + LOOPS}, "window.py", ("demo", "infer")),
        # A window is all that trains and infers here.
        (
            {"window.py": WINDOW + "from learning import learn\nlearn()\n", "learning.py": LEARNS},
            "window.py",
            ("demo", "train"),
        ),
        (
            {
                "window.py": WINDOW + "from learning import learn\nlearn()\n",
                "learning.py": LEARNS,
                "train.py": FITS,
            },
            "window.py",
            ("demo",),
        ),
        (
            {"window.py": WINDOW + "import torch\nnet = torch.load('a.pt')\nnet(ask())\n"},
            "window.py",
            ("demo",),
        ),
        (
            {
                "window.py": WINDOW + "from learning import learn\nfrom net import look\n"
                "learn()\nlook('a')\n",
                "learning.py": LEARNS,
            },
            "window.py",
            ("demo", "train", "infer"),
        ),
        # A service is all that infers here.
        ({"app.py": SERVICE}, "app.py", ("demo", "infer")),
        ({"app.py": SERVICE.replace("cv2.imread('a.jpg')", "words")}, "app.py", ("demo",)),
        (
            {"app.py": SERVICE, "infer.py": MODEL + "net(cv2.imread('a.jpg'))"},
            "app.py",
            ("demo",),
        ),
        # The module that a program runs trains and answers; a training asks its model itself.
        ({"main.py": RUNS_BOTH, "both.py": BOTH_WORKS}, "main.py", ("train", "infer")),
        (
            {"main.py": RUNS_BOTH, "both.py": BOTH_WORKS, "demo.py": SHOWS},
            "main.py",
            ("train",),
        ),
        (
            {"main.py": RUNS_BOTH.partition("cv2.im")[0], "both.py": BOTH_WORKS},
            "main.py",
            ("train",),
        ),
        (
            {
                "main.py": RUNS_BOTH.replace("both import", "train_net import"),
                "train_net.py": BOTH_WORKS,
            },
            "main.py",
            ("train",),
        ),
        # A page beside a trial that also trains.
        ({"app.py": PAGE, "test.py": FITS + SHOWS}, "app.py", ("demo", "infer")),
    ],
)
def test_what_infers_where_nothing_else_does(
    files: dict[str, str], path: str, types: tuple[str, ...]
) -> None:
    assert types_of(files)[path] == types


@pytest.mark.parametrize(
    ("files", "path", "types"),
    [
        # One program builds what the board runs, and runs it.
        ({"infer_yard.py": BUILDS + LOOPS}, "infer_yard.py", ("infer", "quant")),
        ({"infer_yard.py": BUILDS + LOOPS, "export.py": EXPORTS}, "infer_yard.py", ("infer",)),
        ({"fit.py": FITS + EXPORTS}, "fit.py", ("train", "quant")),
        ({"fit.ipynb": cell(FITS + EXPORTS)}, "fit.ipynb", ("train",)),
        ({"old/fit.py": FITS + EXPORTS}, "old/fit.py", ("train",)),
        ({"fit.py": FITS}, "fit.py", ("train",)),
        # A mode of a program that hands the work to a library.
        ({"main.py": MODES + FITS}, "main.py", ("train", "quant")),
        ({"main.py": MODES + FITS, "export.py": EXPORTS}, "main.py", ("train",)),
        ({"show.py": MODES}, "show.py", ()),
        # A training that is named, or whose folder is, for making the model smaller.
        ({"net_quant/small.py": FITS}, "net_quant/small.py", ("train", "quant")),
        ({"net_compression.py": FITS}, "net_compression.py", ("train", "quant")),
        ({"net_quant/small.py": FITS, "export.py": EXPORTS}, "net_quant/small.py", ("train",)),
        ({"pruning/train_base.py": FITS}, "pruning/train_base.py", ("train",)),
    ],
)
def test_what_exports_where_nothing_else_does(
    files: dict[str, str], path: str, types: tuple[str, ...]
) -> None:
    assert types_of(files)[path] == types


@pytest.mark.parametrize(
    ("files", "path", "types"),
    [
        ({"infer.py": FITS + SHOWS}, "infer.py", ("infer", "train")),
        ({"infer.py": FITS + SHOWS, "train.py": FITS}, "infer.py", ("infer",)),
        ({"infer.py": SHOWS}, "infer.py", ("infer",)),
        ({"qat.py": "import net\nnet.learn()\n" + EXPORTS, "net.py": LEARNS}, "qat.py", BOTH),
        ({"plot.py": "import net\nnet.learn()\n", "net.py": LEARNS}, "plot.py", ()),
        # Its name says the training, which is switched off or done elsewhere.
        ({"train.py": CONVERTS}, "train.py", ("quant", "train")),
        ({"train.py": CONVERTS, "fit.py": FITS}, "train.py", ("quant",)),
        ({"convert.py": CONVERTS}, "convert.py", ("quant",)),
        # The client of a federation trains, whatever its name says.
        ({"client.py": OPTIMIZES}, "client.py", ("train",)),
        # The last cells of a notebook open a page for the model that it has trained.
        ({"fire.ipynb": cell(FITS + PAGES)}, "fire.ipynb", ("train",)),
        ({"fire.ipynb": cell(FITS + PAGES), "train.py": FITS}, "fire.ipynb", ("train",)),
        ({"fire.ipynb": cell(PAGE)}, "fire.ipynb", ("demo",)),
        ({"fire.py": FITS + PAGES}, "fire.py", ("demo",)),
    ],
)
def test_what_trains_where_nothing_else_does(
    files: dict[str, str], path: str, types: tuple[str, ...]
) -> None:
    assert types_of(files)[path] == types


def test_it_is_started_as_before() -> None:
    purposes = Purposes(make_project({"demo.py": SHOWS, "net.py": NET}))
    (script,) = with_missing_types(find_entry_scripts(purposes.project, purposes), purposes)
    assert script.type_starts["infer"] == script.type_starts["demo"]
