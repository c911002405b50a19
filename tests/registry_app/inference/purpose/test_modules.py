"""Which files are there to be imported."""

from __future__ import annotations

import pytest

from registry_app.inference.purpose.entry_points import launch_of
from registry_app.inference.purpose.modules import serves_others
from registry_app.inference.purpose.purpose import Purposes
from tests.registry_app.inference.projects import make_project

NETWORK = "class Conv(nn.Module): ...\nclass Detect(torch.nn.Module): ...\n"
TRY = "import argparse, torch\n{}if __name__ == '__main__': run(p.parse_args())\n"

BANK = """class Bank:
    def add(self, features): model.fit(features)
if __name__ == '__main__': bank = Bank(); """
SHAPE = """class Look:
    def __init__(self): self.net = torch.jit.load('a.pt')
    def __call__(self, picture): return self.net(picture)
if __name__ == '__main__': a = Look()(cv2.imread('a.jpg')); {}
"""
LOOK = """class CrackNet:
    def __init__(self): self.model = YOLO('a')
    def look(self, picture): return self.model(cv2.imread(picture))
if __name__ == '__main__': CrackNet().look({})
"""


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        # It runs the model itself and is named for it, whoever imports its parts.
        ("test.py", "def go(): YOLO('a')(cv2.imread('b'))\nif __name__ == '__main__': go()", False),
        ("video.py", "def go(): YOLO('a')(cv2.imread('b'))\nif __name__ == '__main__': go()", True),
        # Parts of a network in a folder of modules try themselves out, whoever imports them.
        ("models/tf.py", TRY.format(NETWORK), True),
        ("models/tf.py", TRY.format("class Options(Base): ...\n"), False),
        ("model_conf/tf.py", TRY.format(NETWORK), True),
        ("config/tf.py", TRY.format(NETWORK), False),
        ("tf.py", TRY.format(NETWORK), False),
        ("models/tf.py", TRY.format(NETWORK) + "loss.backward()\nopt.step()\n", False),
        # A model is loaded for those that import it.
        ("video.py", "net = cv2.dnn.readNet(a)\nnet.eval()\ndef look(): net.forward()\n", True),
        ("video.py", "net = cv2.dnn.readNet(a)\nnet.eval()\nlook(net)\ndef look(a): ...\n", False),
        ("aside.py", "net = cv2.dnn.readNet(a)\nnet.eval()\ndef look(): net.forward()\n", False),
        # The shape of what a class answers is no answer that anybody looks at.
        ("aside.py", SHAPE.format("print(a.shape)"), True),
        ("aside.py", SHAPE.format("print(a.size())"), True),
        ("aside.py", SHAPE.format("print(a)"), False),
        ("aside.py", SHAPE.format("print(a.shape); cv2.imwrite('b.jpg', a)"), False),
        ("predict.py", SHAPE.format("print(a.shape)"), False),
        ("onnx/onnx_infer.py", SHAPE.format("print(a.shape)"), False),
        # Pages of a web application run nothing by themselves.
        ("routers/video.py", "router = APIRouter()\ncv2.VideoCapture(0)\ninclude(router)", True),
        ("video.py", "cv2.VideoCapture(0)\ngo()", False),
        # Nobody trains just to try a module out, with what another module does for it either.
        ("video.py", "import lib\nif __name__ == '__main__': lib.train_model()", False),
        ("video.py", "import lib\nif __name__ == '__main__': lib.look()", True),
        # Its class learns from made-up input, which only tries it; other files use it.
        ("video.py", BANK + "bank.add(torch.randn(8, 3))", True),
        ("video.py", BANK + "bank.add(torch.randn(8, 3)); torch.onnx.export(bank)", False),
        ("video.py", BANK + "bank.add(torch.randn(8, 3)); train_bank(bank)", False),
        ("video.py", BANK + "bank.add(cv2.imread('a.jpg'))", False),
        ("bank.py", BANK + "bank.add(torch.randn(8, 3))", False),  # nobody imports it
        # A node of a robot goes on, whatever its one class is called.
        ("crack_node.py", "class CrackNode: ...\nif __name__ == '__main__': rclpy.spin(n)", False),
        ("crack_node.py", "class CrackNode: ...\nif __name__ == '__main__': CrackNode()", True),
        # A model goes through a folder or sees a named picture: somebody wants to know the result.
        ("crack_net.py", LOOK.format("glob.glob(folder)"), False),
        ("crack_net.py", LOOK.format("'yard.JPG'"), False),
        ("crack_net.py", LOOK.format("picture"), True),
        ("crack_net.py", "class CrackNet: ...\nif __name__ == '__main__': go('yard.jpg')", True),
        # A class that is run is a program; what only answers for a picture is tried out.
        ("crack_net.py", LOOK.format("picture").replace("look", "run"), False),
        ("crack_net.py", LOOK.format("p") + "    net = CrackNet()\n    net.run()\n", False),
        ("video.py", LOOK.format("picture").replace("look", "run"), True),  # as it is imported
        ("crack_net.py", "class CrackNet: ...\nif __name__ == '__main__': CrackNet().run()", True),
        ("video.py", LOOK.format("'yard.jpg'"), True),  # another file imports it
        # Files that import a `main.py` that looks at pictures call what a user starts.
        ("app/main.py", LOOK.format("'yard.jpg'"), False),
        ("app/main.py", LOOK.format("picture"), True),
        ("app/main.py", "class Gauge: ...\nif __name__ == '__main__': go('yard.jpg')", True),
    ],
)
def test_modules_serve_others(path: str, text: str, expected: bool) -> None:
    user = "import routers.video, video, app.main, test\n"
    lib = "def train_model(): model.fit(x)\ndef look(): ...\n"
    project = make_project({path: text, "main.py": user, "lib.py": lib})
    source = project.source(path)
    assert source is not None
    is_imported = bool(project.importers(path))
    purposes = Purposes(project)
    assert serves_others(source, launch_of(source), purposes, is_imported=is_imported) is expected


@pytest.mark.parametrize(
    ("path", "call", "expected"),
    [
        # A name for training says whose options are set; other names try something out.
        ("train_two.py", "begin", False),
        ("video.py", "begin", True),
        ("train_two.py", "look", True),
        # The plain word alone is what people start, whoever else takes a function of it.
        ("train.py", "look", False),
        ("predict.py", "look", True),
    ],
)
def test_a_training_of_another_file_is_started_here(path: str, call: str, expected: bool) -> None:
    lib = "def train_model(): model.fit(x)\ndef begin(): train_model()\ndef look(): ...\n"
    text = f"import lib\nif __name__ == '__main__': lib.{call}()\n"
    project = make_project(
        {path: text, "lib.py": lib, "main.py": "import train, train_two, video, predict\n"}
    )
    source = project.source(path)
    assert source is not None
    purposes = Purposes(project)
    assert serves_others(source, launch_of(source), purposes, is_imported=True) is expected
