"""Create a realistic tree of experiments, of any size, for the benchmark of the scan."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

MEAN_BYTES = 6700
MAX_BYTES = 60_000
# Sizes of scripts in public vision repositories: many small ones, and a long tail.
LOG_MEAN, LOG_DEVIATION = 7.97, 1.25
CUSTOMERS = ("sampyo", "donghwa-entec", "posco", "hyundai-steel", "lotte")
REGIONS = ("gimhae", "busan", "incheon", "ulsan", "pohang", "gwangyang")
TASKS = ("ppe", "fire", "fall", "forklift", "intrusion", "ocr")
CLASSES = ("person", "helmet", "vest", "harness", "hook", "fire", "smoke", "truck", "forklift")
ENTRIES = (
    *("train_v1.py", "train_v2.py", "train_v10.py", "finetune.py", "detect.py"),
    *("infer_video.py", "export_onnx.py", "eval_map.py", "split_dataset.py", "demo.py"),
)

HEAD = '''"""{doc}"""
import argparse
import json
import os
import sys
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

from {folder}.{module} import {names}

ROOT = Path(__file__).resolve().parent
CLASSES = {classes}
IMG_SIZE = {size}
'''
OPTIONS = """
def parse_opt():
    parser = argparse.ArgumentParser(description="{doc}")
    parser.add_argument("--weights", nargs="+", type=str, default=ROOT / "yolo11n.pt", help="모델")
    parser.add_argument("--data", type=str, default="data/data.yaml", help="dataset yaml")
    parser.add_argument("--epochs", type=int, default={size})
    parser.add_argument("--batch-size", type=int, default=16, help="total batch size")
    parser.add_argument("--imgsz", "--img", "--img-size", type=int, default=640)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--device", default="", help="cuda device, i.e. 0 or 0,1,2,3 or cpu")
    parser.add_argument("--optimizer", choices=["SGD", "Adam", "AdamW"], default="SGD")
    parser.add_argument("--conf-thres", type=float, default=0.25)
    parser.add_argument("--half", action="store_true", help="use FP16")
    return parser.parse_args()
"""
WORK = {
    "train": """
def train(opt):
    model = {name}(len(CLASSES))
    optimizer = torch.optim.AdamW(model.parameters(), lr=opt.lr)
    loader = DataLoader({name}Dataset(opt.data, IMG_SIZE), batch_size=opt.batch_size, shuffle=True)
    for epoch in range(opt.epochs):
        model.train()
        for step, (images, targets) in enumerate(loader):
            loss = nn.functional.cross_entropy(model(images), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if step % 50 == 0:
                print(f"epoch {{epoch}} step {{step}} loss {{loss.item():.4f}}")
        torch.save(model.state_dict(), ROOT / "weights" / f"epoch_{{epoch}}.pt")
""",
    "infer": """
def detect(opt):
    model = torch.load(opt.weights[0]).eval()
    capture = cv2.VideoCapture(0)
    while capture.isOpened():
        ok, frame = capture.read()
        if not ok:
            break
        for x1, y1, x2, y2, score, cls in model(frame)[0]:
            if score > opt.conf_thres:
                cv2.rectangle(frame, (int(x1), int(y1)), (int(x2), int(y2)), (0, 255, 0), 2)
                cv2.putText(frame, CLASSES[int(cls)], (int(x1), int(y1) - 4), 0, 0.5, (0, 255, 0))
        cv2.imshow("result", frame)
""",
    "export": """
def export(opt):
    model = torch.load(opt.weights[0]).eval()
    dummy = torch.zeros(1, 3, opt.imgsz, opt.imgsz)
    torch.onnx.export(model, dummy, "model.onnx", opset_version=12, input_names=["images"])
""",
    "other": """
def run(opt):
    names = [line.strip() for line in open(opt.data, encoding="utf-8") if line.strip()]
    counts = {{name: names.count(name) for name in set(names)}}
    for name, count in sorted(counts.items(), key=lambda pair: -pair[1]):
        print(f"{{name:>20}} {{count}}")
""",
}
GUARD = """
if __name__ == "__main__":
    opt = parse_opt()
    {call}(opt)
"""
FILLERS = (
    '''
class {name}(nn.Module):
    """{doc}"""

    def __init__(self, num_classes, width={size}, dropout=0.1):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, width, 3, 2, 1), nn.BatchNorm2d(width), nn.SiLU())
        self.body = nn.ModuleList([nn.Conv2d(width, width, 3, 1, 1) for _ in range(4)])
        self.head = nn.Linear(width, num_classes)

    def forward(self, x):
        x = self.stem(x)
        for layer in self.body:
            x = x + torch.relu(layer(x))
        return self.head(x.mean((2, 3)))
''',
    """
class {name}Dataset(Dataset):
    def __init__(self, root, img_size=640, augment=True):
        self.files = sorted(Path(root).rglob("*.jpg"))
        self.labels = [p.with_suffix(".txt") for p in self.files]
        self.img_size, self.augment = img_size, augment

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        image = cv2.imread(str(self.files[index]))
        image = cv2.resize(image, (self.img_size, self.img_size))[:, :, ::-1].transpose(2, 0, 1)
        labels = np.loadtxt(self.labels[index]).reshape(-1, 5)
        if self.augment and np.random.rand() < 0.5:
            image, labels[:, 1] = image[:, :, ::-1], 1 - labels[:, 1]
        return torch.from_numpy(np.ascontiguousarray(image)) / 255.0, torch.from_numpy(labels)
""",
    '''
def {name}_iou(box1, box2, eps=1e-7):
    """{doc}"""
    # 박스 좌표는 xyxy 형식
    x1 = max(box1[0], box2[0])
    y1 = max(box1[1], box2[1])
    x2 = min(box1[2], box2[2])
    y2 = min(box1[3], box2[3])
    inter = max(0, x2 - x1) * max(0, y2 - y1)
    area1 = (box1[2] - box1[0]) * (box1[3] - box1[1])
    area2 = (box2[2] - box2[0]) * (box2[3] - box2[1])
    return inter / (area1 + area2 - inter + eps)
''',
    """
def {name}_metrics(predictions, targets, threshold={size} / 1000):
    results = {{"tp": 0, "fp": 0, "fn": 0}}
    for image_id, boxes in predictions.items():
        matched = set()
        for box in sorted(boxes, key=lambda b: -b["score"]):
            best = max(range(len(targets[image_id])), key=lambda i: box["iou"][i], default=None)
            if best is not None and box["iou"][best] > threshold and best not in matched:
                matched.add(best)
                results["tp"] += 1
            else:
                results["fp"] += 1
        results["fn"] += len(targets[image_id]) - len(matched)
    precision = results["tp"] / max(1, results["tp"] + results["fp"])
    recall = results["tp"] / max(1, results["tp"] + results["fn"])
    return {{**results, "precision": precision, "recall": recall}}
""",
    """
def {name}_convert(source, target, names=CLASSES, ratio=(0.8, 0.1, 0.1)):
    os.makedirs(target, exist_ok=True)
    with open(os.path.join(source, "annotations.json"), encoding="utf-8") as f:
        data = json.load(f)
    # images = [i for i in data["images"] if i["split"] == "train"]
    # print(len(images))
    by_image = {{}}
    for ann in data["annotations"]:
        by_image.setdefault(ann["image_id"], []).append(ann)
    for image in data["images"]:
        w, h = image["width"], image["height"]
        lines = []
        for ann in by_image.get(image["id"], []):
            x, y, bw, bh = ann["bbox"]
            center = f"{{(x + bw / 2) / w}} {{(y + bh / 2) / h}}"
            lines.append(f"{{ann['category_id']}} {{center}} {{bw / w}} {{bh / h}}")
        with open(os.path.join(target, image["file_name"][:-4] + ".txt"), "w") as f:
            f.write("\\n".join(lines))
""",
)
# A third of the text in scripts is never run: old code, comments, separators.
REMARKS = '''
# --------------------------------------------------------------------------------------------------
# {doc}: {name} 이전 버전, 현장 테스트 후 삭제 예정 ({size} 프레임 기준으로 확인함)
# --------------------------------------------------------------------------------------------------
# for path in sorted(glob.glob("/home/minsu/data/{name}/*.jpg")):
#     image = cv2.imread(path)
#     result = model.predict(image, conf=0.25, iou=0.45, imgsz={size}, device="cuda:0")
#     cv2.imwrite(path.replace("images", "results"), result[0].plot())
#     print(path, len(result[0].boxes), [model.names[int(c)] for c in result[0].boxes.cls])
"""
{doc}
    mAP50 0.913 -> 0.921 after adding {size} night images; the camera of zone 3 stays out for now.
    TODO: try imgsz=1280 and freeze=10 again when the new server has arrived, compare with {name}.
"""
'''


def make_tree(root: Path, *, experiments: int, scripts: int, data_files: int) -> None:
    """Create this many experiments, scripts and empty images; the same on every call."""
    draw = random.Random(20_240_817)  # noqa: S311  # nothing secret
    for number in range(experiments):
        customer, region, task = draw.choice(CUSTOMERS), draw.choice(REGIONS), draw.choice(TASKS)
        make_experiment(
            root / f"{customer}-{region}-{task}{number}", draw, scripts=scripts, files=data_files
        )


def make_experiment(directory: Path, draw: random.Random, *, scripts: int, files: int) -> None:
    """Create one experiment: scripts, imported modules, a note, classes, results, data."""
    paths = [*ENTRIES[:scripts]]
    paths += [f"{draw.choice(('utils', 'models'))}/m{n}.py" for n in range(scripts - len(paths))]
    for path, size_bytes in zip(paths, sizes(draw, len(paths)), strict=True):
        write(directory / path, script(draw, path, size_bytes))
    names = draw.sample(CLASSES, 4)
    write(directory / "README.md", f"# {directory.name}\n\n`python train_v10.py --epochs 100`\n")
    write(directory / "data/data.yaml", f"train: images\nnc: 4\nnames: {names}\n".replace("'", ""))
    rows = "".join(f"{n},{1 / (n + 1):.5f},{n / 100:.5f}\n" for n in range(100))
    write(directory / "runs/train/results.csv", f"epoch,train/box_loss,metrics/mAP50(B)\n{rows}")
    for kind, suffix in (("images", "jpg"), ("labels", "txt")):
        folder = directory / "data" / kind / "train"
        folder.mkdir(parents=True)
        descriptor = os.open(folder, os.O_RDONLY)
        for number in range(files // 2):
            name = f"frame_{number:06}.{suffix}"
            os.close(os.open(name, os.O_CREAT | os.O_WRONLY, 0o644, dir_fd=descriptor))
        os.close(descriptor)


def sizes(draw: random.Random, count: int) -> Iterator[int]:
    for _ in range(count):
        yield min(MAX_BYTES, int(draw.lognormvariate(LOG_MEAN, LOG_DEVIATION)))


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def script(draw: random.Random, path: str, size_bytes: int) -> str:
    """Return a script of about this size: header, work, and unused code."""
    words = {
        "doc": f"{draw.choice(TASKS)} {draw.choice(('학습', '추론', 'pipeline', 'helper'))}",
        "folder": draw.choice(("utils", "models")),
        "module": f"m{draw.randrange(20)}",
        "names": ", ".join(draw.sample(("load", "save", "iou", "nms", "build"), 2)),
        "classes": repr(draw.sample(CLASSES, 4)),
        "size": draw.randrange(16, 512),
        "name": draw.choice(("Yolo", "Res", "Head", "Safety")) + str(draw.randrange(100)),
    }
    is_entry = "/" not in path
    parts = [HEAD.format(**words)]
    kind = next((item for item in WORK if path.startswith(item[:5])), "other")
    kind = {"detect.py": "infer", "finetune.py": "train"}.get(path, kind)
    if is_entry:
        parts += [OPTIONS.format(**words), WORK[kind].format(**words)]
    length = sum(map(len, parts))
    while length < size_bytes:
        words["name"] = f"Part{draw.randrange(10_000)}"
        words["size"] = draw.randrange(16, 512)
        filler = REMARKS if draw.random() < 0.35 else draw.choice(FILLERS)
        parts.append(filler.format(**words))
        length += len(parts[-1])
    if is_entry:
        call = {"train": "train", "infer": "detect", "export": "export", "other": "run"}[kind]
        parts.append(GUARD.format(call=call))
    return "".join(parts)
