"""What code does with pictures where no name and no note says it."""

from __future__ import annotations

import pytest

from registry_app.choices import Confidence
from registry_app.inference.task.public_sets import tasks_of_sets
from registry_app.inference.task.tasks import guess_task
from registry_app.inference.task.vocabulary import Vocabulary
from tests.registry_app.inference.projects import make_project


@pytest.mark.parametrize(
    ("code", "task"),
    [
        ("loss = nn.CrossEntropyLoss()", "classification"),
        ("x = Dense(7, activation='softmax')(x)", "classification"),
        ("from tflite_model_maker import image_classifier", "classification"),
        ("net = timm.create_model(name, num_classes=4)", "classification"),
        ("boxes = cv2.dnn.NMSBoxes(boxes, scores, 0.5, 0.4)", "detection"),
        ("net = jetson_inference.detectNet('ssd')", "detection"),
        ("loss = DiceLoss()(pred, mask)", "segmentation"),
        ("loss = nn.CTCLoss()", "ocr"),
        ("loss = nn.TripletMarginLoss()", "retrieval"),
        ("out = writer.add(psnr)", "restoration"),
        ("lr_img, hr_img = batch", "super-resolution"),
        ("steering_angle = net(image)", "driving"),
        ("error = reconstruction_error(x, net(x))", "defect"),
        # What is rarer tells more than the loss of every classification.
        ("loss = nn.CrossEntropyLoss()\nkeep = nms(boxes, scores, 0.5)", "detection"),
        ("root = 'data/GTSRB'", "traffic-sign"),
        ("path = 'fer2013.csv'\nloss = nn.CrossEntropyLoss()", "emotion"),
        ("print('kept')", None),
        ("column = left + right", None),
    ],
)
def test_losses_scores_and_sets_tell_last(code: str, task: str | None) -> None:
    found = make_project({"train.py": code})
    guess = guess_task("project3", by_habit=None, notes=[], classes=None, code=found)
    assert (guess.value if guess else None) == task
    assert guess is None or guess.confidence == Confidence.UNSURE


def test_what_a_name_or_a_note_says_comes_before_what_code_does() -> None:
    code = make_project({"train.py": "loss = nn.CrossEntropyLoss()\nkeep = nms(boxes, s, 0.5)"})
    for name, note, task in (
        ("crack-kit", "", "defect"),
        ("kit", "# A model for segmentation", "segmentation"),
    ):
        guess = guess_task(
            name, by_habit=None, notes=[("README.md", note)], classes=None, code=code
        )
        assert guess is not None
        assert guess.value == task


def test_a_task_that_people_switched_off_is_not_guessed() -> None:
    code = make_project({"train.py": "loss = nn.CrossEntropyLoss()"})
    guess = guess_task(
        "project3",
        by_habit=None,
        notes=[],
        classes=None,
        code=code,
        vocabulary=Vocabulary(added={"classification": ""}),
    )
    assert guess is None


@pytest.mark.parametrize(
    ("text", "tasks"),
    [
        ("data/NYU_Depth_v2", ["depth"]),
        ("Market1501Dataset", ["re-identification"]),
        ("DIV2K_train_HR", ["super-resolution"]),
        ("mnist_train.py", ["classification"]),
        ("premnist carlaw", []),
    ],
)
def test_public_sets_are_known_by_their_names(text: str, tasks: list[str]) -> None:
    assert list(tasks_of_sets(text)) == tasks
