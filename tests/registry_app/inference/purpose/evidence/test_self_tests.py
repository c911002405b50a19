"""Modules of networks that only try themselves out."""

from __future__ import annotations

import pytest

from registry_app.inference.purpose.entry_points import find_entry_scripts
from registry_app.inference.purpose.evidence.self_tests import only_tries_its_parts
from tests.registry_app.inference.projects import make_project, make_source

NET = "import torch\nfrom torch import nn\nclass Net(nn.Module): ...\ndef small(): return Net(3)\n"
GUARD = "if __name__ == '__main__':\n    "

TEST = "def test_net(): {}\n" + GUARD + "test_net()\n"


@pytest.mark.parametrize(
    ("text", "tries"),
    [
        (NET + GUARD + "net = Net(3)\n    print(net)", True),
        (
            NET + GUARD + "net = Net(3).eval()\n    x = torch.rand(1, 3)\n    print(net(x).size())",
            True,
        ),
        (NET + GUARD + "print(small()(torch.rand(1, 3)).shape)", True),
        (NET + GUARD + "import thop\n    thop.profile(Net(3), torch.ones(1, 3))", True),
        (NET + GUARD + "loss = Net(3)(torch.rand(3))\n    loss.backward()\n", True),
        (NET + GUARD + "loss = Net(3)(torch.rand(3))\n    loss.backward(); opt.step()\n", False),
        # A loss is tried by a function that is named as a test.
        (NET + TEST.format("Net(3)(torch.rand(3)).backward()"), True),
        (NET + TEST.format("Net(3)(torch.rand(3)); optimizer.step()"), False),
        (NET + TEST.format("Net(3)(cv2.imread('a.jpg'))"), False),
        (NET + TEST.format("Net(3)(torch.rand(3))").replace("test_", "use_"), False),
        (NET + TEST.format("torch.load('a')(torch.rand(3))"), False),
        # An own function may do anything, without made-up input.
        (NET + GUARD + "small()", False),
        (NET + "def train(): ...\n" + GUARD + "x = torch.rand(3)\n    train()", False),
        (NET + GUARD + "from engine import train\n    train(Net(3))", False),
        (NET + GUARD + "torch.onnx.export(Net(3), torch.rand(1, 3), 'a')", False),
        (NET + GUARD + "Net(3)(cv2.imread('a.jpg'))", False),
        (NET + GUARD + "Net(3)(parser.parse_args())", False),
        (NET + "print(Net(3))", False),  # it is no module
        ("class Net: ...\n" + GUARD + "print(Net(3))", False),  # no part of a network
        (NET + "class Session: ...\n" + GUARD + "Session()", False),  # it may do anything
        ("import torch\n" + GUARD + "print(torch.rand(3))", False),
    ],
)
def test_a_module_that_only_tries_its_parts(text: str, tries: bool) -> None:
    assert only_tries_its_parts(make_source(text, "unet.py")) is tries


TRACED = (
    "import argparse\n" + NET + "class Head(nn.Module): ...\n" + GUARD +
    "parser.parse_args()\n    torch.jit.trace(Net(3), torch.rand(1, 3)).save('a')\n"
)  # fmt: skip


@pytest.mark.parametrize(
    ("path", "text", "is_script"),
    [
        ("net/unet.py", NET + GUARD + "print(Net(3)(torch.rand(1, 3)))\n", False),
        # What loads no weights has nothing to export.
        ("models/unet.py", TRACED, False),
        ("unet.py", TRACED, True),
        ("models/unet.py", TRACED + "    torch.load('a')\n", True),
        ("models/unet.py", TRACED + "    torch.onnx.export(Net(3), 1, 'a.onnx')\n", True),
    ],
)
def test_such_a_module_is_no_script(path: str, text: str, is_script: bool) -> None:
    assert bool(find_entry_scripts(make_project({path: text}))) is is_script
