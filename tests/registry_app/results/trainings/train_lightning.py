import json
import math

import torch
from lightning.pytorch import LightningModule, Trainer, seed_everything
from lightning.pytorch.loggers import CSVLogger, Logger, TensorBoardLogger
from torch.utils.data import DataLoader, TensorDataset

SEEN: dict[str, dict[int, float]] = {}


class Witness(Logger):
    """Sees the very calls that the loggers see."""

    name = "witness"
    version = 0

    def log_hyperparams(self, *args: object, **more: object) -> None:
        pass

    def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
        for name, value in metrics.items():
            if name != "epoch" and step is not None and math.isfinite(value):
                SEEN.setdefault(name, {})[step] = float(value)


class Net(LightningModule):
    def __init__(self) -> None:
        super().__init__()
        self.net = torch.nn.Linear(4, 3)

    def _loss(self, batch: tuple[torch.Tensor, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        x, y = batch
        out = self.net(x)
        return torch.nn.functional.cross_entropy(out, y), (out.argmax(1) == y).float().mean()

    def training_step(self, batch, index):
        loss, _acc = self._loss(batch)
        self.log("train_loss", loss, on_step=True, on_epoch=True, prog_bar=True)
        return loss

    def validation_step(self, batch, index):
        loss, acc = self._loss(batch)
        self.log_dict({"val_loss": loss, "val_acc": acc}, prog_bar=True)

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)


seed_everything(1)
x = torch.randn(64, 4)
data = DataLoader(TensorDataset(x, (x.sum(1) > 0).long()), batch_size=8)
trainer = Trainer(
    max_epochs=3,
    accelerator="cpu",
    log_every_n_steps=3,
    logger=[CSVLogger("."), TensorBoardLogger("."), Witness()],
    enable_checkpointing=False,
)
trainer.fit(Net(), data, data)
json.dump({"metrics.csv": SEEN, "tfevents": SEEN}, open("truth.json", "w"))
