import json

import torch
from mmengine.evaluator import BaseMetric
from mmengine.hooks import Hook
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch.utils.data import DataLoader, TensorDataset

SEEN: dict[str, dict[int, float]] = {}
VAL: dict[str, dict[int, float]] = {}


class Net(BaseModel):
    def __init__(self) -> None:
        super().__init__()
        self.net = torch.nn.Linear(4, 2)

    def forward(self, x, y, mode="tensor"):
        out = self.net(x)
        if mode == "loss":
            loss = torch.nn.functional.cross_entropy(out, y)
            return {"loss_cls": loss, "loss_reg": loss * 0.5}
        return out, y


class Accuracy(BaseMetric):
    default_prefix = "toy"

    def process(self, data_batch, data_samples) -> None:
        out, y = data_samples
        self.results.append(float((out.argmax(1) == y).float().mean()))

    def compute_metrics(self, results):
        return {"accuracy": sum(results) / len(results)}


class Witness(Hook):
    def after_val_epoch(self, runner, metrics=None) -> None:
        for name, value in (metrics or {}).items():
            VAL.setdefault(name, {})[runner.epoch] = float(value)


def main() -> None:
    torch.manual_seed(1)
    x = torch.randn(80, 4)
    data = TensorDataset(x, (x.sum(1) > 0).long())
    runner = Runner(
        model=Net(),
        work_dir="work",
        train_dataloader=DataLoader(data, batch_size=4),
        val_dataloader=DataLoader(data, batch_size=8),
        train_cfg={"by_epoch": True, "max_epochs": 2, "val_interval": 1},
        val_cfg={},
        val_evaluator=[Accuracy()],
        optim_wrapper={"optimizer": {"type": "SGD", "lr": 0.1}},
        default_hooks={"logger": {"type": "LoggerHook", "interval": 5}},
        custom_hooks=[Witness()],
    )
    (writer,) = runner.visualizer._vis_backends.values()
    add = writer.add_scalars

    def seen(scalars, step=0, file_path=None, **more):
        for name, value in scalars.items():
            if name in {"lr", "loss", "loss_cls", "loss_reg"}:
                SEEN.setdefault(name, {})[step] = float(value)
        add(scalars, step, file_path, **more)

    writer.add_scalars = seen
    runner.train()
    file = {**SEEN, **VAL}
    log = {**SEEN, **{f"val {name}": values for name, values in VAL.items()}}
    json.dump({"scalars.json": file, "log": log}, open("truth.json", "w"))


main()
