"""The experiment directories of the world: one trainer, at several sites and for several tasks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

TRAINER = Path(__file__).with_name("train.py.txt")


@dataclass(frozen=True, kw_only=True)
class Directory:
    """An experiment directory; data sets are their class names, by file name."""

    name: str
    data: dict[str, tuple[str, ...]]


HELMET = Directory(
    name="sampyo-gimhae-helmet",
    data={
        "data.yaml": ("helmet", "head", "person"),
        "data_night.yaml": ("helmet", "head", "person", "vest"),
    },
)
FORKLIFT = Directory(name="sampyo-incheon-forklift", data={"data.yaml": ("forklift", "person")})
FIRE = Directory(name="hanwha-yeosu-fire", data={"data.yaml": ("fire", "smoke")})
HOOK = Directory(name="donghwa-busan-hook", data={"data.yaml": ("hook", "harness")})
FALL = Directory(name="posco-pohang-fall", data={"data.yaml": ("standing", "fallen")})
INTRUSION = Directory(name="lotte-ulsan-intrusion", data={"data.yaml": ("person",)})

DIRECTORIES = (HELMET, FORKLIFT, FIRE, HOOK, FALL, INTRUSION)


def write(root: Path) -> None:
    """Write all directories below `root`."""
    trainer = TRAINER.read_text(encoding="utf-8")
    for directory in DIRECTORIES:
        folder = root / directory.name
        folder.mkdir(parents=True)
        (folder / "train.py").write_text(trainer, encoding="utf-8")
        for name, classes in directory.data.items():
            text = "\n".join(["path: images", "names:", *(f"  - {one}" for one in classes), ""])
            (folder / name).write_text(text, encoding="utf-8")
