"""What a script leaves behind is learned from, although a model helps to make it."""

from __future__ import annotations

import json

import pytest

from registry_app.inference.purpose.purpose import guess_types
from tests.registry_app.inference.projects import make_project

MASKS = """
import json, torch
from sam2.sam2_image_predictor import SAM2ImagePredictor
predictor = SAM2ImagePredictor(torch.load("a"))
with open("boxes.json") as file:
    found = json.load(file)
for label in found["annotations"]:
    label["segmentation"] = predictor.predict(box=label["bbox"])
with open("masks.json", "w") as file:
    json.dump(WHAT, file)
"""
BOXES = """
import xml.etree.ElementTree as ET
from ultralytics import YOLO
box = ET.SubElement(thing, "bndbox")
ET.SubElement(box, "{}").text = str(YOLO("a")("b.jpg")[0])
ET.ElementTree(thing).write("b.xml")
"""
FACES = """
import face_recognition
from PIL import Image
{}
for top, right, bottom, left in face_recognition.face_locations(face):
    yard.paste({})
yard.save("with_helmet.jpg")
"""
CUT = """
import cv2, os
net = cv2.dnn.readNetFromCaffe("a", "b")
for name in os.listdir("yard"):
    image = cv2.imread(name)
    net.setInput(image)
    x, y, w, h = net.forward()[0]
    head = {}
    head = cv2.resize(head, (64, 64))
    {}
    cv2.imwrite("heads/" + name, head)
"""

CAMERA = """
import cv2, kit
camera = cv2.VideoCapture(0)
cv2.namedWindow("yard")
image = kit.turn(camera.read())
{}
"""


RECORDS = """
import tensorflow as tf
{}
def main(_):
    writer = tf.io.TFRecordWriter("train.record")
    for path in paths:
        writer.write(example(path).SerializeToString())
if __name__ == "__main__":
    tf.compat.v1.app.run()
"""
KEEPING = """
import cv2
import mediapipe as mp
from kit import look
camera = cv2.VideoCapture("yard.mp4")
while True:
    image = {}
    cv2.imshow("yard", image)
    cv2.imwrite("yard.jpg", {})
"""


def first_type(path: str, text: str) -> str | None:
    project = make_project({path: text})
    source = project.source(path)
    assert source is not None
    return next(iter(guess_types(source, project).value), None)


@pytest.mark.parametrize(
    ("path", "text", "first"),
    [
        # Labels are read, changed and written again.
        ("to_shapes.py", MASKS.replace("WHAT", "found"), "data"),
        ("to_shapes.py", MASKS.replace("WHAT", "answers"), "infer"),  # it writes others
        ("infer.py", MASKS.replace("WHAT", "found"), "infer"),
        # Labels are written as XML.
        ("yard.py", BOXES.format("xmin"), "data"),
        ("yard.py", BOXES.format("name"), "infer"),
        # A picture is pasted on faces; a camera shows a game.
        ("helmet.py", FACES.format("", "helmet, (left, top), helmet"), "data"),
        ("helmet.py", FACES.format("", "helmet"), "infer"),
        ("helmet.py", FACES.format("import torch", "helmet, (left, top), helmet"), "infer"),
        (
            "helmet.py",
            FACES.format("cv2.VideoCapture(0).read()", "helmet, (left, top), helmet"),
            "infer",
        ),
        # The pictures of a camera are kept, and nothing looks at them.
        ("RECORD.py", CAMERA.format("cv2.imwrite('a.jpg', image)"), "data"),
        ("yard_recorder.py", CAMERA.format("cv2.VideoWriter('a.mp4').write(image)"), "data"),
        ("yard.py", CAMERA.format("cv2.imwrite('a.jpg', image)"), "infer"),
        ("record.py", CAMERA.format("print(image)"), "infer"),
        ("record.py", CAMERA.format("cv2.imwrite('a.jpg', cv2.rectangle(image, a, b))"), "infer"),
        ("record.py", CAMERA.format("import torch\ncv2.imwrite('a.jpg', image)"), "infer"),
        # Nothing of what could look at the pictures is ever used.
        ("yard.py", KEEPING.format("camera.read()", "image"), "data"),
        ("yard.py", KEEPING.format("look(camera.read())", "image"), "infer"),
        ("yard.py", KEEPING.format("camera.read()", "mp.solutions.draw(image)"), "infer"),
        # Records are written; a name or a training decides otherwise.
        ("sloth2tf.py", RECORDS.format(""), "data"),
        ("generate_tfrecord_old.py", RECORDS.format(""), "data"),
        ("infer.py", RECORDS.format("net = tf.saved_model.load('a')\nnet.predict(a)"), "infer"),
        ("yard.py", RECORDS.format("net.fit(images, epochs=3)"), "train"),
        ("yard.py", RECORDS.format("net = load_model('a')\nnet.predict(show(a))"), "infer"),
        # Parts of pictures are all that is left.
        ("process_heads.py", CUT.format("image[y:h, x:w]", "print(name)"), "data"),
        ("heads.py", CUT.format("image.crop((x, y, w, h))", "print(name)"), "data"),
        ("heads.py", CUT.format("cv2.flip(image, 1)", "print(name)"), "infer"),
        ("heads.py", CUT.format("image[y:h, x:w]", "cv2.rectangle(image, a, b)"), "infer"),
        ("heads.py", CUT.format("image[y:h, x:w]", "print(reader.readtext(head))"), "infer"),
        ("heads.py", CUT.format("image[0]", "print(name)"), "infer"),
        ("heads.py", CUT.format("image[:, :, ::-1]", "print(name)"), "infer"),  # other colours
        ("heads.py", CUT.format("image[:, x:w]", "print(name)"), "data"),
    ],
)
def test_what_is_learned_from_is_data(path: str, text: str, first: str) -> None:
    assert first_type(path, text) == first


POINTS = """
import pandas, torch
from ultralytics import YOLO
rows = pandas.DataFrame(columns={})
for name in names:
    rows.loc[len(rows)] = YOLO("pose.pt")(name)
rows.to_csv("poses.csv")
"""
COLUMNS = [f"{joint}_{end}" for joint in ("knee", "hip", "wrist", "neck", "nose", "toe")
           for end in "xys"]  # fmt: skip
KEPT = """
import pickle
from transformers import BertModel
model = BertModel.from_pretrained("a")
for text in texts:
    answers.append(model(text))
with open("{}", "wb") as file:
    pickle.dump(answers, file)
with open("{}", "{}") as file:
    pickle.dump(answers, file)
"""


@pytest.mark.parametrize(
    ("path", "text", "first"),
    [
        # Many points of a person with a label are learned from; answers have no label.
        ("process_yard.py", POINTS.format([*COLUMNS, "label"]), "data"),
        ("process_yard.py", POINTS.format(COLUMNS), "infer"),
        ("yard.py", POINTS.format([*"abcdefghijklmnopq", "label"]), "infer"),
        ("yard.py", POINTS.format(["box_x", "box_y", "label"]), "infer"),
        ("infer.py", POINTS.format([*COLUMNS, "label"]), "infer"),
        # What a model says of both parts of a set.
        ("task.py", KEPT.format("train_embs.pkl", "out/test_embs.pkl", "wb"), "data"),
        ("task.py", KEPT.format("train_embs.pkl", "out/test_embs.pkl", "rb"), "infer"),
        ("task.py", KEPT.format("yard_embs.pkl", "out/test_embs.pkl", "wb"), "infer"),
    ],
)
def test_tables_and_numbers_that_are_learned_from_are_data(
    path: str, text: str, first: str
) -> None:
    assert first_type(path, text) == first


LOADER = "def cut(a): return MTCNN().detect(a)\nimport torch\n{}\n"


@pytest.mark.parametrize(
    ("path", "end", "first"),
    [
        ("faces.ipynb", "cut(a)\nloader = DataLoader(faces, collate_fn=cut)", "data"),
        ("faces.ipynb", "loader = DataLoader(faces)\nfor a in loader: cut(a)", "infer"),
        ("faces.ipynb", "loss.backward()\nopt.step()\nloader = DataLoader(faces)", "train"),
    ],
)
def test_a_notebook_that_ends_with_a_loader_only_prepares(path: str, end: str, first: str) -> None:
    cells = [{"cell_type": "code", "source": LOADER.format(end)}]
    assert first_type(path, json.dumps({"cells": cells})) == first
