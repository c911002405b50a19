"""Trainings without gradients, which keep what a network says of normal pictures."""

from __future__ import annotations

import pytest

from registry_app.inference.purpose.purpose import guess_types
from tests.registry_app.inference.projects import make_project

HEAD = "import torch, numpy as np\nfrom sklearn.metrics import roc_auc_score\n"
SCORES = "roc_auc_score(gt, scores)\n"
GAUSSIAN = HEAD + (
    "kept = []\n"
    "for x, _ in tqdm({loader}):\n"
    "    with torch.no_grad():\n"
    "        kept.append(net(x))\n"
    "mean, spread = np.mean(kept), np.cov(kept)\n"
)
BANK = """import torch
from .sampling import greedy_coreset
class Bank(torch.nn.Module):
    def {method}(self, loader):
        for x in loader:
            self.bank.append(self.net(x))
        self.bank = {keep}(self.bank)
"""
RUN = "import click\nfrom bank import Bank\nbank = Bank()\nbank.fit(load('yard'))\n"


def types_of(files: dict[str, str], path: str = "main.py") -> tuple[str, ...]:
    project = make_project(files)
    source = project.source(path)
    assert source is not None
    return guess_types(source, project).value


@pytest.mark.parametrize(
    ("text", "types"),
    [
        (GAUSSIAN.format(loader="train_loader"), ("train",)),
        (GAUSSIAN.format(loader="self.normal_dataloader"), ("train",)),
        # It also measures what it fitted.
        (GAUSSIAN.format(loader="train_dl") + SCORES, ("train",)),
        (GAUSSIAN.format(loader="train_dl").replace("np.cov", "histogram") + SCORES, ("train",)),
        # Features of the pictures to be judged are no training, nor is a list of file names.
        (GAUSSIAN.format(loader="test_loader") + SCORES, ("eval",)),
        (GAUSSIAN.format(loader="normalized_loader") + SCORES, ("eval",)),
        (GAUSSIAN.format(loader="train_files"), ()),
        (GAUSSIAN.format(loader="range(0, len(train_files), size)"), ("train",)),
        (GAUSSIAN.format(loader="range(0, len(test_files), size)"), ()),
        # Features that nothing is made of are drawn or written down.
        (GAUSSIAN.format(loader="train_loader").replace("np.cov", "np.save"), ()),
    ],
)
def test_features_of_normal_pictures_are_fitted(text: str, types: tuple[str, ...]) -> None:
    assert types_of({"main.py": text}) == types


BANKED = """import torch, pickle
def create(paths):
    memory_bank = []
    for path in paths:
        with torch.no_grad():
            memory_bank.append(net(path))
    {keep}
create(paths)
"""


def test_a_bank_of_features_is_kept() -> None:
    assert types_of({"main.py": BANKED.format(keep="pickle.dump(memory_bank, file)")}) == ("train",)
    assert types_of({"main.py": BANKED.format(keep="print(memory_bank)")}) == ()


def test_a_name_for_evaluation_stays_one() -> None:
    text = GAUSSIAN.format(loader="train_loader") + SCORES
    assert types_of({"eval_knn.py": text}, "eval_knn.py") == ("eval",)


@pytest.mark.parametrize(
    ("method", "keep", "types"),
    [
        ("fit", "greedy_coreset", ("train",)),
        ("fit", "KCenterGreedy", ("train",)),
        ("fit", "list", ()),
        ("look", "greedy_coreset", ()),
    ],
)
def test_a_memory_bank_is_fitted_by_a_class_elsewhere(
    method: str, keep: str, types: tuple[str, ...]
) -> None:
    bank = BANK.format(method=method, keep=keep)
    assert types_of({"bank.py": bank, "main.py": RUN.replace("fit", method)}) == types


def test_where_an_optimizer_steps_that_is_the_training() -> None:
    net = "class Net:\n    def look(self): self.adam.zero_grad()\n"
    text = "from net import Net\nNet().look()\n" + GAUSSIAN.format(loader="train_loader")
    assert types_of({"net.py": net, "main.py": text}) == ()


@pytest.mark.parametrize(
    ("call", "types"),
    [
        ("bank.fit(train_loader)", ("train",)),
        ("bank.fit(loader=normal_loader)", ("train",)),
        # What the directory's own `fit` does without such data only its code tells.
        ("bank.fit(trained)", ()),
        ("bank.fit(pictures)", ()),
    ],
)
def test_a_fit_that_gets_the_data_of_a_training_trains(call: str, types: tuple[str, ...]) -> None:
    bank = "import torch\nclass Bank:\n    def fit(self, loader): self.means = torch.zeros(3)\n"
    text = f"import torch\nfrom bank import Bank\nbank = Bank()\n{call}\n"
    assert types_of({"bank.py": bank, "main.py": text}) == types
