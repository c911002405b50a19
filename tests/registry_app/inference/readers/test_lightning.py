"""What the command line of `LightningCLI` takes."""

from __future__ import annotations

import pytest

from registry_app.inference.readers.lightning import COMMANDS, read_lightning
from tests.registry_app.inference.projects import make_project

MAIN = """
from lightning.pytorch.cli import LightningCLI
from net import Net
import net
class Own(LightningCLI): ...
"""
NET = """
import lightning as L
class Net(L.LightningModule):
    def __init__(self, width: int = 32, *, lr: float): ...
"""


DATA = "import kit\nclass Data(L.LightningDataModule):\n    def train_dataloader(self): ...\n"
OWN_DATA = NET + "    def train_dataloader(self): ...\n"


@pytest.mark.parametrize(
    ("net", "call", "predicts"),
    [
        (NET, "LightningCLI(Net)", True),  # its data are given
        (OWN_DATA, "LightningCLI(Net)", False),
        (OWN_DATA + "    def predict_dataloader(self): ...\n", "LightningCLI(Net)", True),
        (OWN_DATA, "LightningCLI(Net, Data)", True),
        (NET + DATA, "LightningCLI(Net, net.Data)", False),
        (
            NET + DATA + "    def predict_dataloader(self): ...\n",
            "LightningCLI(Net, net.Data)",
            True,
        ),
        (NET + DATA.replace("L.L", "kit.L"), "LightningCLI(Net, net.Data)", False),
        (NET + DATA.replace("L.Lightning", "kit."), "LightningCLI(Net, net.Data)", True),
        (OWN_DATA, "LightningCLI(foreign.Net)", True),
    ],
)
def test_a_model_with_its_own_data_predicts_only_what_it_brings(
    net: str, call: str, predicts: bool
) -> None:
    project = make_project({"main.py": MAIN + call, "net.py": net})
    source = project.source("main.py")
    assert source is not None
    assert ("predict" in read_lightning(source, project).commands) is predicts


@pytest.mark.parametrize(
    ("call", "commands", "names"),
    [
        ("LightningCLI(Net)", COMMANDS, ["config", "model.width", "model.lr"]),
        ("Own(model_class=Net)", COMMANDS, ["config", "model.width", "model.lr"]),
        ("LightningCLI()", COMMANDS, ["config"]),
        ("LightningCLI(Net, run=False)", (), ["config", "model.width", "model.lr"]),
    ],
)
def test_sub_commands_take_a_file_and_the_arguments_of_the_model(
    call: str, commands: tuple[str, ...], names: list[str]
) -> None:
    project = make_project({"main.py": MAIN + call, "net.py": NET})
    source = project.source("main.py")
    assert source is not None
    found = read_lightning(source, project)
    owner = commands[0] if commands else ""
    assert found.commands == commands
    assert [parameter.name for parameter in found.under(owner)] == names
    assert not any(parameter.required or parameter.positional for parameter in found.parameters)
    assert not found.known
