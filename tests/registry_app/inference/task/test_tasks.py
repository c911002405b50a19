"""What a model is for, and the evidence for it."""

from __future__ import annotations

import pytest

from registry_app.choices import Confidence
from registry_app.inference.guess import Guess
from registry_app.inference.site.places import read_name
from registry_app.inference.task.general_tasks import general_task
from registry_app.inference.task.tasks import (
    guess_task,
    task_of_classes,
    task_of_name,
)
from tests.registry_app.inference.projects import make_project

CLASSES: Guess[tuple[str, ...]] = Guess(
    value=("person", "helmet"), confidence=Confidence.SURE, source="a:1", reason=()
)


def guessed(name: str, note: str = "", code: str = "", classes: bool = False) -> Guess[str] | None:
    return guess_task(
        name,
        by_habit=read_name(name).task,
        notes=[("README.md", note)] if note else [],
        classes=CLASSES if classes else None,
        code=make_project({"train.py": code, "train_v2.py": code} if code else {}),
    )


@pytest.mark.parametrize(
    ("name", "task"),
    [
        ("yolov5-hard-hat-detection", "ppe"),
        ("yolov5-seat-belt", "ppe"),
        ("seatbelts", "ppe"),
        ("Concrete-defect-detection", "defect"),
        ("conveyor-belt-defects", "defect"),  # not the belt is looked for
        ("YOLOv8-Fire-and-Smoke-Detection", "fire"),
        ("VehicleCounting", "counting"),
        ("license-plate-ocr", "ocr"),
        ("face-mask-detection", "face-mask"),
        ("fire-detection-maskrcnn", "fire"),
        ("yolov7-face", "face"),
        ("Safety-Monitor", "ppe"),
        ("지게차_감지", "forklift"),
        ("kim+fall_v2", "fall"),
        ("hard-drive", None),
        ("detector-smoke-test", None),
        ("fall-back-detector", None),
        ("HuggingFace-DETR", None),
        ("gasmeter-reader", "gauge"),
        ("waterfall", None),
        ("추락_감지_v3", "fall"),
        ("안전모드-전환", None),
        ("차량번호-인식", "ocr"),
        ("YOLOv8", None),
        ("car-damage-detection", "defect"),
        ("차량_파손_탐지", "defect"),
        ("patchcore-ad", "defect"),
        ("LPRNet_Pytorch", "ocr"),
        ("RetinaFace", "face"),  # no retina
        ("retina-oct", "medical"),
        ("X-ray-weld-defect", "defect"),  # by X-ray, not of a body
        ("medical-xray", "medical"),
        ("laparoscopic-segmentation-segformer", "medical"),
        ("Liver-CT-Unet", "medical"),
        ("복강경-도구-분할", "medical"),
        ("surgical-mask-detection", "face-mask"),  # worn, not operated on
        ("endoscopic-pipe-crack", "defect"),
        # What a name names first is its task, of one word or two.
        ("PPE-Detection-and-Danger-Zone-Monitoring", "ppe"),
        ("Danger-Zone-and-PPE-Monitoring", "intrusion"),
        ("fall-from-height-safety-harness", "ppe"),  # an everyday word says less
        ("fall-and-ppe", "fall"),
        # Inspection, and the public sets of pictures that it is learned from.
        ("Severstal_kaggle", "defect"),
        ("NEU-DET-yolov8", "defect"),
        ("crack500-unet", "defect"),
        ("SHWD_yolo", "ppe"),
        ("wafer-map-cnn", "defect"),
        ("visual_inspection_line3", "defect"),
        ("비파괴_판독", "defect"),
        ("용접비드-검사", "defect"),
        ("이물_검출_2라인", "defect"),
        ("케이블-부분방전", "defect"),
        ("외벽_철근노출", "defect"),
        ("얼룩말_추적", None),  # a zebra
        ("차량이물체_인식", None),
        ("배관-압력계", "gauge"),
        ("압력 계산", None),
        ("절연장갑_착용", "ppe"),
        ("안전복장-점검", "ppe"),
        ("gas_mask_check", "ppe"),
        ("탱크_누유", "leak"),
        ("conveyor_spill", "leak"),
        # Objects alone say nothing of what is looked for.
        ("battery_pack", None),
        ("태양광_패널", None),
        # Some words of Chinese.
        ("工地安全帽检测", "ppe"),
        ("钢板表面缺陷", "defect"),
        ("人体跌倒", "fall"),
        ("工业相机", None),
        ("weld_inspection_v2", "defect"),
        ("battery inspection", "defect"),
        ("외벽점검-드론", "defect"),
        ("태양광 점검", "defect"),
        ("볼트_풀림", "defect"),
        ("bolt_count", "counting"),
        ("rail_map", None),
        # Theft is looked for as intruders are; where a head is turned to tells of a face.
        ("shoplifting-detector", "intrusion"),
        ("매장_도난_감지", "intrusion"),
        ("gaze_estimation_cam", "face"),
        ("head-pose-net", "face"),
        ("body-pose-net", None),
    ],
)
def test_words_of_a_name(name: str, task: str | None) -> None:
    guess = task_of_name(name)
    assert (guess.value if guess else None) == task


@pytest.mark.parametrize(
    ("name", "task"),
    [
        ("object-detection-04", "detection"),
        ("level2-objectdetection-04", "detection"),
        ("semanticsegmentation", "segmentation"),
        ("road-segmentation", "segmentation"),
        ("detection-and-tracking", "tracking"),
        ("detect-segment-track-pose-tracking", "detection"),
        ("图像分割", "segmentation"),
        ("目标检测与跟踪", "tracking"),
        # By two words or three, written together or not.
        ("Lane-Detection-Keras", "lane"),
        ("plant-disease-detection", "agriculture"),
        ("농작물-진단", "agriculture"),
        ("SuperResolution", "super-resolution"),
        ("monocular-depth-estimation", "depth"),
        ("self_driving_car", "driving"),
        ("text-to-image-lora", "generation"),
        ("hand-gesture-recognition", "gesture"),
        ("image-detection", "detection"),
        ("amenity-detection-and-inventory-tracking", "detection"),  # tracked in a list
        ("experiment-tracking", None),
        ("pedestrian-detection-and-tracking", "tracking"),
        ("DeepDeblur", "restoration"),
        ("autonomous-lane-tracking", "lane"),
        ("traffic-sign-detection", "traffic-sign"),
        ("deteccao-emocoes", "emotion"),
        ("clasificador_piezas", "classification"),
        ("detección-piezas", "detection"),
        ("robot-grasping", "grasp"),
        ("감정_인식", "emotion"),
        ("parking-space-detection", "parking"),
        ("waste-detection", "detection"),  # of what the pictures are comes last of all
        ("next-generation", None),
        ("hard-drive", None),
    ],
)
def test_a_name_may_only_say_what_is_done_with_pictures(name: str, task: str | None) -> None:
    guess = general_task(name)
    assert (guess.value if guess else None) == task


@pytest.mark.parametrize(
    ("classes", "task"),
    [
        (["helmet", "no-vest", "person"], "ppe"),
        (["hardHat", "person"], "ppe"),
        (["fire", "smoke"], "fire"),
        (["Fire"], "fire"),
        (["license_plate"], "ocr"),
        (["cat", "dog"], None),
        (["화재", "연기"], "fire"),
        (["안전벨트"], "ppe"),  # worn, it conveys nothing
        (["안전 벨트", "미착용"], "ppe"),
        (["safety belt", "no belt"], "ppe"),
        (["컨베이어", "벨트"], "conveyor"),
        (["고리체결", "고리미체결"], "ppe"),
        (["standing", "fallen"], "fall"),
        (["안전모드", "정상"], None),
        (["안전대책", "작업화면", "신호수신"], None),  # measures, a screen, a signal
        (["worker", "excavator", "tower crane", "dump truck"], None),  # one of many
        (["helmet", "vest", "fire"], "ppe"),
        (["helmet", "fire", "crack"], None),
        (["들뜸", "백태", "균열"], "defect"),
        (["porosity", "delamination", "ok"], "defect"),
    ],
)
def test_classes_speak_of_a_task_only_where_it_is_one(classes: list[str], task: str | None) -> None:
    guess = task_of_classes(classes)
    assert (guess.value if guess else None) == task


def test_the_habit_of_the_house_comes_first() -> None:
    guess = guessed("donghwa-entec-ppe", note="# Fall detection")
    assert guess is not None
    assert (guess.value, guess.confidence) == ("ppe", Confidence.SURE)


def test_the_first_lines_of_a_note_tell_what_the_name_does_not() -> None:
    guess = guessed("project3", note="![logo](fire.png)\n\n# 쓰러짐 감지 모델\n")
    assert guess is not None
    assert (guess.value, guess.source) == ("fall", "README.md:3")


def test_a_specific_class_tells_more_than_a_general_name() -> None:
    guess = guessed("yolo-detection", classes=True)
    assert guess is not None
    assert guess.value == "ppe"


@pytest.mark.parametrize(
    ("name", "task"),
    [
        ("Plant-Disease-Keras", "agriculture"),  # rust is a disease here
        ("leaf-diseases", "agriculture"),
        ("yard-segmentation-demo", "defect"),
        ("Stereo-Depth-Estimation", "defect"),  # what is done, and not to what
    ],
)
def test_what_two_words_of_the_name_are_of_tells_more_than_a_note(name: str, task: str) -> None:
    guess = guessed(name, note="# Net\n\nIt detects rust and cracks.")
    assert guess is not None
    assert guess.value == task


def test_badges_are_no_lines_of_a_note() -> None:
    badges = "".join(f"[![{name}]][{name}-url]\n" for name in ("Stars", "CI", "Python", "Node"))
    guess = guessed("project3", note=f"# Kit\n\n{badges * 2}\nKit is a face-recognition system.")
    assert guess is not None
    assert guess.value == "face"


def test_a_note_must_speak_of_a_task_more_than_once() -> None:
    note = "# Notes\n" + "Set it up.\n" * 8 + "{}\n"
    often = guessed("project3", note=note.format("defect here, defect there, defects all over"))
    once = guessed("project3", note=note.format("a defect"))
    assert often is not None
    assert often.value == "defect"
    assert once is None


def test_what_several_scripts_speak_of_is_a_task() -> None:
    code = "# retina scans\nretina = load('OCT')\n"
    guess = guessed("detectron2-rpd", code=code)
    assert guess is not None
    assert (guess.value, guess.confidence) == ("medical", Confidence.UNSURE)


@pytest.mark.parametrize(
    ("name", "code", "task"),
    [
        ("yolov7_edge", "", "detection"),
        # A backbone classifies where nothing else speaks.
        ("ResNetTensorRT", "", "classification"),
        ("vit-finetune", "", "classification"),
        ("resnet-unet", "", "segmentation"),
        ("resnet-kit", "from ultralytics import YOLO", "detection"),
        ("vitamin-kit", "", None),
        ("U-2-Net", "", "segmentation"),
        # The model in the name tells more than a library of one script.
        ("fasterrcnn-pipeline", "from deep_sort import DeepSort", "detection"),
        ("project3", "import deep_sort, easyocr", "tracking"),
        ("project3", "import easyocr", "ocr"),
        ("project3", "from ultralytics import YOLO", "detection"),
        ("project3", "import segmentation_models_pytorch as smp", "segmentation"),
        ("project3", "RetinaNet(RetinaHead())\nRetinaNet()", "detection"),  # not medical
        ("project3", "weights = 'yolo11n.onnx'", "detection"),
        # What a model does is in the name of its weights, if all are alike.
        ("trt_yolov7", "weights = 'yolov7-w6-pose.pt'", "pose"),
        ("yolo-kit", "net = YOLO('yolov8n_seg.engine')", "segmentation"),
        ("yolo-kit", "a, b = YOLO('yolov8n-seg.pt'), YOLO('yolov8n.pt')", "detection"),
        ("yolo-kit", "net = YOLO('yolov8n.pt')  # no pose", "detection"),
        ("pipe-detection", "net = YOLO('yolov8n-seg.pt')", "detection"),
        # Detectron2 detects and segments; the models of its zoo tell which.
        ("detectron2-kit", "get(model_zoo, 'COCO-InstanceSegmentation/m.yaml')", "segmentation"),
        ("detectron2-kit", "get(model_zoo, 'COCO-Keypoints/m.yaml')", "pose"),
        ("detectron2-kit", "get(model_zoo, 'COCO-Detection/m.yaml')", "detection"),
        ("detectron2-kit", "model_zoo('COCO-Detection/a', 'COCO-Keypoints/b')", "detection"),
        ("pipe-detection", "get(model_zoo, 'COCO-InstanceSegmentation/m.yaml')", "detection"),
        # A loss for any classification.
        ("project3", "net = Net(arcface=True)\nloss = arcface(x)", None),
        ("project3", "set = ImageFolder(root)", "classification"),
        ("project3", "set = image_dataset_from_directory(root)", "classification"),
        ("project3", "net = torchvision.models.resnet50(pretrained=True)", "classification"),
        ("project3", "predict(retina_masks=retina_masks)", None),  # an option of a framework
        ("project3", "torch.autograd.set_detect_anomaly(True); set_detect_anomaly()", None),
        ("project3", "from anomalib.engine import Engine", "defect"),
        ("project3", "AutoModelForObjectDetection.from_pretrained(x)", "detection"),
        ("project3", "model = maskrcnn_resnet50_fpn()", "segmentation"),
        ("project3", "# Smoke run: one smoke image. start_smoke()", None),  # of the software
        ("project3", "import fire\nfire.Fire(main)", None),  # a command line, no flames
        # Sample sets with one label for each picture.
        ("project3", "set = torchvision.datasets.CIFAR10(root)", "classification"),
        ("project3", "(x, y), _ = keras.datasets.mnist.load_data()", "classification"),
        ("project3", "score = Accuracy(task='multiclass', num_classes=4)", "classification"),
        ("project3", "set = torchvision.datasets.CocoDetection(root)", None),
        ("project3", "Mnisten(root)\nAccuracy(task='binary')", None),
        ("yolo-kit", "set = torchvision.datasets.CIFAR10(root)", "detection"),
        ("project3", "", None),
    ],
)
def test_last_of_all_libraries_tell(name: str, code: str, task: str | None) -> None:
    guess = guessed(name, code=code)
    assert (guess.value if guess else None) == task


@pytest.mark.parametrize(
    ("paths", "task"),
    [
        (["padim_xray/fit.py", "patchcore_xray/fit.py", "xray_split.py", "eda_xray.py"], "medical"),
        (["crack_train.py", "crack_infer.py", "tools/find_cracks.py"], "defect"),
        (["crack_train.py", "crack_infer.py", "tools/split.py"], None),  # too few
        (["crack/a.py", "crack/b.py", "crack/c.py"], None),  # one folder
        (["fall_a.py", "fall_b.py", "fall_c.py"], None),  # an everyday word
        (
            [
                "projects/medical/xray_a.py",
                "projects/medical/xray_b.py",
                "projects/medical/c/xray_c.py",
            ],
            None,
        ),
        (["vendor/crack_a.py", "vendor/crack_b.py", "vendor/crack_c.py"], None),  # a framework's
    ],
)
def test_folders_and_scripts_are_named_after_a_task(paths: list[str], task: str | None) -> None:
    code = make_project(dict.fromkeys(paths, "pass"))
    guess = guess_task("project3", by_habit=None, notes=[], classes=None, code=code)
    assert (guess.value if guess else None) == task


def test_of_libraries_a_specific_one_tells_then_the_most_frequent() -> None:
    scripts = {"a.py": "import norfair", "b.py": "import ultralytics", "c.py": "import ultralytics"}
    for files, task in ((scripts, "detection"), ({**scripts, "d.py": "import easyocr"}, "ocr")):
        guess = guess_task("x", by_habit=None, notes=[], classes=None, code=make_project(files))
        assert guess is not None
        assert guess.value == task


@pytest.mark.parametrize(
    ("note", "task"),
    [
        ("# Net\n\nAn implementation for object detection.", "detection"),
        ("# Dogs vs Cats", "classification"),
        ("# Net\n\nThe labels and image counts are below.", None),  # nothing is counted
        ("# Net\n\nIt detects smoke.", "smoke"),
        ("# Net\n" + "x\n" * 20 + "a classifier", "classification"),
        ("# [Nets for Detection from Point Clouds](https://a.b/c)", "detection"),
        ("# 项目\n\n基于深度学习的安全帽识别", "ppe"),
        ("# 项目\n\n图像分类模型", "classification"),
        ("# Net ![detection](a.png)", None),  # a picture's name
        ("# Net\nBased on [a detection kit](https://a.b/c).", None),  # of someone else
        ("# Net\n" + "x\n" * 20 + "classification, a classifier, to classify", "classification"),
        ("# Net\n" + "x\n" * 20 + "a classifier, a detector, a detector, a classifier", None),
    ],
)
def test_a_note_tells_what_is_done_with_pictures(note: str, task: str | None) -> None:
    guess = guessed("project3", note=note)
    assert (guess.value if guess else None) == task


def test_what_scripts_look_for_tells_more_than_a_note_about_detection() -> None:
    note = "# Net\n\nAn implementation for object detection."
    guess = guessed("project3", note=note, code="# defects\nfind_defects(defect)\n")
    assert guess is not None
    assert guess.value == "defect"


@pytest.mark.parametrize(
    ("name", "classes", "task"),
    [
        ("water-meter-reader", tuple("0123456789"), "ocr"),
        ("water-meter-reader", ("needle", "dial"), "gauge"),
        ("fall-digits", tuple("0123456789"), "fall"),
    ],
)
def test_a_meter_whose_digits_are_the_classes_is_read_as_a_text(
    name: str, classes: tuple[str, ...], task: str
) -> None:
    found = Guess(value=classes, confidence=Confidence.SURE, source="a.yaml", reason=())
    guess = guess_task(name, by_habit=None, notes=[], classes=found, code=make_project({}))
    assert guess is not None
    assert guess.value == task
