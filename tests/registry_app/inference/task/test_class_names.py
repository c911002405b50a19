"""The classes of a model and where they are written."""

from __future__ import annotations

import json

import pytest

from registry_app.choices import Confidence
from registry_app.inference.task.class_files import names_in_yaml
from registry_app.inference.task.class_mentions import mentioned_files
from registry_app.inference.task.class_names import guess_classes
from tests.registry_app.inference.projects import make_project

COCO_JSON = """{"images": [], "categories": [
    {"id": 0, "name": "ppe", "supercategory": "none"},
    {"id": 2, "name": "vest", "supercategory": "ppe"},
    {"id": 1, "name": "helmet", "supercategory": "ppe"}
]}"""
BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nnames: [*c, *c]\n"


@pytest.mark.parametrize(
    ("text", "names", "line"),
    [
        ("nc: 3\nnames: [helmet, vest, 사람]\n", ("helmet", "vest", "사람"), 2),
        ("names:\n  - helmet\n  - vest\n", ("helmet", "vest"), 1),
        ("# labels\nnames:\n  1: vest\n  0: helmet\n", ("helmet", "vest"), 2),
        ("names: {0: background, 1: smoke}\n", ("background", "smoke"), 1),
        ("classes: [fire, smoke]\n", ("fire", "smoke"), 1),
        ("classes:\n  bus: {id: 5}\n  car: {id: 2, use: true}\n", ("car", "bus"), 1),
        ("classes:\n  bus: {at: 5}\n  car: {at: 2}\n", None, None),
        ("names: [yes, no]\n", ("yes", "no"), 1),
        ("!!python/object/apply:os.system [x]\n", None, None),
        ("names: !!python/name:os.system\n", None, None),
        ("names: [1, 2, 3]\n", None, None),
        ("names: [a, a]\n", None, None),
        ("names: []\n", None, None),
        ("names: [[a], [b]]\n", None, None),
        ("names: text\n", None, None),
        ("- names\n", None, None),
        ("names: [a\n", None, None),
        ("", None, None),
        (BOMB, None, None),
    ],
)
def test_names_in_yaml(text: str, names: tuple[str, ...] | None, line: int | None) -> None:
    found = names_in_yaml(text)
    assert (found[:2] if found else None) == ((names, line) if names else None)


def test_the_dataset_file_that_the_training_takes_wins() -> None:
    project = make_project(
        {"a.yaml": "names: [x, y]", "data/ppe.yaml": "names: [helmet, vest]", "c.yaml": "lr: 1"}
    )
    guess = guess_classes(project, mentioned=["data/ppe.yaml"])
    assert guess is not None
    assert (guess.value, guess.source) == (("helmet", "vest"), "data/ppe.yaml:1")
    assert guess.confidence is Confidence.SURE


COCO = ["person", "bicycle", "car", *(f"thing{n}" for n in range(77))]
VOC = ["aeroplane", "bicycle", "bird", "boat", *(f"thing{n}" for n in range(16))]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("data/coco.yaml", f"names: [{', '.join(COCO)}]"),
        ("data/mine.yaml", f"names: [{', '.join(COCO)}]"),  # a sample under another name
        ("coco.names", "\n".join(COCO)),
        ("infer.py", f"CLASSES = {VOC}"),
        (
            "infer.py",
            f"CLASSES = {['__background__', *VOC]}".replace("__background__", "background"),
        ),
        ("yolo/data/GlobalWheat2020.yaml", "names: {0: wheat_head}"),
        ("mmdet/datasets/x.py", "class X:\n    CLASSES = ('nucleus', 'cell')"),
        ("mmdet/datasets/coco.py", f"class X:\n    METAINFO = {{'classes': {COCO}}}"),
        ("mmdet/datasets/coco.py", "names = ('nucleus', 'cell')"),
        ("projects/RF100-Benchmark/configs/a.py", "class_name = ('nucleus', 'cell')"),
        ("ultralytics/cfg/datasets/crack-seg.yaml", "names: {0: crack}"),
        # The small sets of a framework, wherever they were copied, unless something uses them.
        ("data/crack-seg.yaml", "names: {0: crack}"),
        ("data/SKU-110K.yaml", "names: {0: object}"),
        ("predefined_classes.txt", "dog\nperson\ncat\ntv\ncar\nmeatballs\na\nb\nc\nd\n"),
        ("csv.py", f"CATEGORIES = {['bottle', 'cable', 'capsule', *VOC[:9]]}"),
        ("tools/widerface2coco.py", "categories = [{'id': 1, 'name': 'face'}]"),
        ("mmseg/datasets/stare.py", "class X:\n    CLASSES = ('background', 'vessel')"),
        # What holds the place of names.
        ("data/custom.yaml", "names: [class1, class2]"),
        ("yolox/data/one.yaml", "names: [object]"),
        ("infer.py", "CLASSES = ['object']"),
        ("infer.py", "class_names = ['your_class']"),
    ],
)
def test_what_a_framework_brings_says_nothing(path: str, text: str) -> None:
    assert guess_classes(make_project({path: text})) is None


def test_a_small_set_that_a_training_took_is_the_experiments() -> None:
    project = make_project(
        {
            "data/crack-seg.yaml": "names: {0: crack}",
            "runs/train/args.yaml": "data: data/crack-seg.yaml",
        }
    )
    found = guess_classes(project)
    assert found is not None
    assert found.value == ("crack",)


def test_one_class_called_object_may_be_an_authors() -> None:
    found = guess_classes(make_project({"data/site.yaml": "names: [object]"}))
    assert found is not None
    assert found.value == ("object",)


def test_a_folder_of_settings_full_of_lists_is_a_collection() -> None:
    settings = {
        f"mm/configs/odinw/set{n}.py": f"class_name = ('thing{n}', 'other')" for n in range(9)
    }
    own = {"mm/configs/site.py": "classes = ('helmet', 'vest')"}
    assert guess_classes(make_project(settings)) is None
    found = guess_classes(make_project(own | {"mm/configs/base.py": "classes = ('car', 'bus')"}))
    assert found is not None
    found = guess_classes(make_project(settings | {"infer.py": "CLASSES = ('helmet', 'vest')"}))
    assert found is not None
    assert found.value == ("helmet", "vest")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("mmdet/datasets/coco.py", "class X:\n    CLASSES = ('nucleus', 'cell')"),
        ("a/mmseg/datasets/voc.py", "class X:\n    METAINFO = dict(classes=('nucleus', 'cell'))"),
    ],
)
def test_a_framework_whose_sample_set_an_author_changed(path: str, text: str) -> None:
    project = make_project({path: text, "demo/tour.py": "CLASSES = ('balloon', 'sky')"})
    guess = guess_classes(project)
    assert guess is not None
    assert guess.value == ("nucleus", "cell")


@pytest.mark.parametrize(
    ("settings", "is_given"),
    [
        ("dataset_type = 'SlidesDataset'", True),
        ("data = dict(train=dict(type='Slides'))", True),
        ("dataset_type = 'CocoDataset'", False),
    ],
)
def test_a_module_that_an_author_added_to_a_framework(settings: str, is_given: bool) -> None:
    module = "class Slides:\n    CLASSES = ('background', 'nucleus', 'cell')"
    project = make_project({"mmseg/datasets/slides.py": module, "my_configs/a.py": settings})
    guess = guess_classes(project)
    assert (guess.value if guess else None) == (("nucleus", "cell") if is_given else None)


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("yolo/data/VOC_meter.yaml", ("water", "dial")),  # a word of the author's
        ("yolo/data/coco_ppe_v2.yaml", ("water", "dial")),
        ("yolo/data/VOC.yaml", ("dial", "water")),
        ("yolo/data/coco128-seg.yaml", ("dial", "water")),
    ],
)
def test_a_file_named_after_a_sample_set_and_more(path: str, names: tuple[str, ...]) -> None:
    files = {path: "names: [water, dial]", "seg/labels.txt": "dial\nwater\n"}
    guess = guess_classes(make_project(files))
    assert guess is not None
    assert guess.value == names


def test_an_authors_own_names_in_a_file_of_a_sample_are_his() -> None:
    found = guess_classes(make_project({"data/coco128.yaml": "names: [helmet, vest]"}))
    assert found is not None
    assert found.value == ("helmet", "vest")


def test_an_authors_own_file_among_those_of_a_framework_is_his() -> None:
    path = "ultralytics/cfg/datasets/site.yaml"
    found = guess_classes(make_project({path: "names: [helmet, vest]"}))
    assert found is not None
    assert found.source == f"{path}:1"


def test_a_file_of_ones_own_name_wins() -> None:
    project = make_project({"VOC.yaml": "names: [car, dog]", "x/own.yaml": "names: [fire]"})
    guess = guess_classes(project)
    assert guess is not None
    assert guess.value == ("fire",)


def test_what_was_really_trained_wins_over_what_scripts_name() -> None:
    project = make_project(
        {
            "a/data.yaml": "names: [one]",
            "b/data.yaml": "names: [two]",
            "c/data.yaml": "names: [three]",
            "train.py": "model.train(data='b/data.yaml')",
            "runs/train/exp/opt.yaml": "weights: x.pt\ndata: /home/kim/c/data.yaml\n",
        }
    )
    guess = guess_classes(project)
    assert guess is not None
    assert guess.value == ("three",)


def test_a_file_that_a_note_names_wins_over_one_nearer_to_the_top() -> None:
    project = make_project(
        {"a.yaml": "names: [x]", "sets/b/own.yaml": "names: [y]", "README.md": "see `b/own.yaml`"}
    )
    guess = guess_classes(project)
    assert guess is not None
    assert guess.value == ("y",)


def test_a_list_that_scripts_repeat_wins_over_one_of_an_analysis() -> None:
    project = make_project(
        {
            "eda.py": "CLASSES = ['a', 'b']",
            "lib/train.py": "CLASSES = ('a', 'b', 'c')",
            "lib/infer.py": "CLASSES = ('a', 'b', 'c')",
        }
    )
    guess = guess_classes(project)
    assert guess is not None
    assert guess.value == ("a", "b", "c")


def test_names_of_what_predicts_go_before_names_of_what_shows_annotations() -> None:
    files = {
        "scripts/visualize_labels.py": "CLASSES = ['vest', 'none', 'person']",
        "scripts/use/predict.py": "CLASSES = ['vest', 'person']",
    }
    guess = guess_classes(make_project(files))
    assert guess is not None
    assert guess.value == ("vest", "person")
    alone = guess_classes(make_project({"xml_to_txt.py": "CLASSES = ['vest', 'none']"}))
    assert alone is not None
    assert alone.value == ("vest", "none")


MANY = "['a1', 'b1', 'c1', 'd1', 'e1']"


@pytest.mark.parametrize(
    ("files", "names"),
    [
        # What the training has counts where the lists differ a little, in a name or in order.
        ({"deep/train_net.py": f"CLASSES = {MANY}"}, "a1 b1 c1 d1 e1"),
        (
            {"deep/train_net.py": "CLASSES = ['b1', 'a1', 'c1', 'd1', 'e1', 'f1']"},
            "b1 a1 c1 d1 e1 f1",
        ),
        # Another model's, a list of no training, or a less certain one.
        ({"deep/train_net.py": "CLASSES = ['a1', 'b1']"}, "a1 b1 c1 d1 e1 f1"),
        ({"deep/net.py": f"CLASSES = {MANY}"}, "a1 b1 c1 d1 e1 f1"),
        ({"deep/train_net.py": f"def f(classes={MANY}): pass"}, "a1 b1 c1 d1 e1 f1"),
    ],
)
def test_the_list_of_a_training_counts_where_it_differs_a_little(
    files: dict[str, str], names: str
) -> None:
    shows = {"detect.py": "CLASSES = ['a1', 'b1', 'c1', 'd1', 'e1', 'f1']"}
    guess = guess_classes(make_project(shows | files))
    assert guess is not None
    assert guess.value == tuple(names.split())


def test_names_are_spelled_as_scripts_spell_them_not_as_a_notebook_does() -> None:
    cells = {"cells": [{"cell_type": "code", "source": "CLASSES = ['Fall', 'Other']"}]}
    setting = "strategy = dict(names=['fall', 'other'])"
    files = {"look.ipynb": json.dumps(cells), "configs/a.py": setting, "configs/b.py": setting}
    guess = guess_classes(make_project(files))
    assert guess is not None
    assert guess.value == ("fall", "other")


def test_names_are_spelled_as_a_script_spells_them_not_as_annotations_do() -> None:
    rows = [{"id": 0, "name": "0 no mask"}, {"id": 1, "name": "1 mask"}]
    plain = [{"id": 0, "name": "no mask"}, {"id": 1, "name": "mask"}]
    files = {
        "data/train.json": json.dumps({"categories": rows}),
        "data/test.json": json.dumps({"categories": rows}),
        "data/annotations.json": json.dumps({"categories": plain}),
        "infer.py": "CLASSES = ['no_mask', 'mask']",
    }
    guess = guess_classes(make_project(files))
    assert guess is not None
    assert guess.value == ("no_mask", "mask")


def test_what_all_share_is_where_shared_settings_are() -> None:
    project = make_project(
        {"config.py": "LABELS = {'no': 0, 'mask': 1}", "a.py": "load(class_names=['mask', 'no'])"}
    )
    guess = guess_classes(project)
    assert guess is not None
    assert guess.source == "config.py:1"


@pytest.mark.parametrize(
    ("path", "text", "names", "source"),
    [
        ("classes.txt", "truck\nhopper\n\n", ("truck", "hopper"), "classes.txt:1"),
        ("yard_classes_2.txt", "truck\nhopper", ("truck", "hopper"), "yard_classes_2.txt:1"),
        ("cfg/obj.names", "a\nb\n", ("a", "b"), "cfg/obj.names:1"),
        ("train.py", "\nCLASSES = ['stand', 'sit']\n", ("stand", "sit"), "train.py:2"),
        ("train.py", "NAMES = {1: 'b', 0: 'a'}\n", ("a", "b"), "train.py:1"),
        ("train.py", "LABELS: dict = {'b': 1, 'a': 0}\n", ("a", "b"), "train.py:1"),
        ("mask_classes.txt", "0 no\n1: with mask\n", ("no", "with mask"), "mask_classes.txt:1"),
        (
            "annotations/label_map.pbtxt",
            "item {\n  id: 2\n  name: 'vest'\n}\nitem {\n  name: \"helmet\"\n  id: 1\n}",
            ("helmet", "vest"),
            "annotations/label_map.pbtxt:1",
        ),
        (
            "data/_annotations.coco.json",
            COCO_JSON,
            ("helmet", "vest"),
            "data/_annotations.coco.json:1",
        ),
        ("id2label.json", '{"0": "stand", "1": "fall"}', ("stand", "fall"), "id2label.json:1"),
        ("cfg.yaml", "data:\n  names: [a, b]\n", ("a", "b"), "cfg.yaml:2"),
        ("cfg.yaml", "categories:\n- {id: 1, name: a}\n", ("a",), "cfg.yaml:1"),
        (
            "d.py",
            "class D:\n    def a(self):\n        self.car_classes = {7: 'truck', 2: 'car'}",
            ("car", "truck"),
            "d.py:3",
        ),
        ("d.py", "x.get('a').thing_classes = ['rpd']", ("rpd",), "d.py:1"),
        ("d.py", "M.set(thing_classes=['rpd', 'drusen'])", ("rpd", "drusen"), "d.py:1"),
        ("d.py", "class D:\n    METAINFO = {'classes': ('a', 'b')}", ("a", "b"), "d.py:2"),
        ("d.py", "CATEGORIES = [{'id': 1, 'name': 'a'}]", ("a",), "d.py:1"),
        ("d.py", "id2label = {'0': 'stand', '1': 'fall'}", ("stand", "fall"), "d.py:1"),
        ("d.py", "CLASS_INDEX_TO_NAME = {0: 'roof', 1: 'tree'}", ("roof", "tree"), "d.py:1"),
        ("d.py", "name_classes = ['orange', 'ulcer']", ("orange", "ulcer"), "d.py:1"),
        ("voc2coco.py", "categories = [{'id': 1, 'name': 'stand'}]", ("stand",), "voc2coco.py:1"),
        (
            "d.py",
            "def a():\n    labels = ['a', 'b']\ndef b():\n    labels = ['a', 'b']",
            ("a", "b"),
            "d.py:2",
        ),
    ],
)
def test_lists_and_constants_name_classes_too(
    path: str, text: str, names: tuple[str, ...], source: str
) -> None:
    guess = guess_classes(make_project({path: text}))
    assert guess is not None
    assert (guess.value, guess.source) == (names, source)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("train.py", "CLASSES = load()"),
        ("train.py", "LABELS = ['train loss', 'val loss']"),
        ("views.py", "permission_classes = ['rest.Allowed']"),
        ("views.py", "DEFAULT_AUTHENTICATION_CLASSES = ['rest.auth.Token']"),
        ("views.py", "X = {'PARSER_CLASSES': ['Json']}"),
        ("train.py", "def plot():\n    labels = ['a', 'b']"),
        ("train.py", "class_files = ['a.txt', 'b.txt']"),
        ("train.py", "CLASSES = 'helmet'"),
        ("labels.txt", "0 0.5 0.5 0.1 0.2\n1 0.5 0.5 0.1 0.2"),
        ("config.pbtxt", 'name: "yolo"\ninput [{ name: "images" }]'),
        ("package.json", '{"categories": ["web"]}'),
        ("labels.json", "[" * 2000),
        ("site.yaml", "categories: [web, ml]"),
        # Models that are compared, with what they count; columns and titles of results.
        ("report/labels.json", '{"YOLO": 21777514, "Faster R-CNN": 41309411}'),
        ("compare.py", "LABELS = ['YOLO', 'RT-DETR', 'Faster R-CNN']"),
        ("report.py", "CLASSES = ['Damage', 'Ground Truth']"),
        ("report.py", "LABELS = ['Logit Min', 'Logit Max', 'Mean Error']"),
        ("data.yaml", "names: {0: Class Name}"),
        ("report.py", "LABELS = ['Image AUROC', 'Pixel AUROC']"),
        ("report.py", "LABELS = ['C++ GPU', 'C++ CPU']"),
        ("report.py", "CLASSES = ['Training (s)', 'Inference (ms)']"),
        ("score.py", "CLASSES = ['avg']"),
        ("compare.py", "LABELS = ['PyTorch', 'ONNX Runtime']"),
        ("fit.py", "LABEL_NAMES = ['[0, 0, 1]', '[0, 1, 0]']"),
        ("fit.py", "CLASSES = ['black', 'class1', 'class2', 'class3']"),
        ("out/readme_label.txt", "here are the results"),
        # Some of the goods of a set of anomalies.
        ("fit.py", "CATEGORIES = ['wood', 'metal_nut', 'screw']"),
    ],
)
def test_unknown_stays_unknown(path: str, text: str) -> None:
    assert guess_classes(make_project({path: text})) is None


@pytest.mark.parametrize(
    "names", [["yolo mark", "plate"], ["ground", "truth table"], ["error", "ok"], ["map", "pin"]]
)
def test_objects_that_share_a_word_with_results_are_classes(names: list[str]) -> None:
    guess = guess_classes(make_project({"infer.py": f"CLASSES = {names}"}))
    assert guess is not None
    assert guess.value == tuple(names)


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("python train.py --data data/ppe.yaml", ["data/ppe.yaml"]),
        ("open('데이터/classes.txt') or coco.names", ["데이터/classes.txt", "coco.names"]),
        ("a.yamlx .yaml x.yml.bak", ["x.yml"]),
        ("A" * 2_000_000 + " b.json", ["b.json"]),  # a picture within a notebook
    ],
)
def test_files_that_a_text_mentions(text: str, files: list[str]) -> None:
    assert list(mentioned_files(text)) == files


VISDRONE = (
    "('pedestrian', 'people', 'bicycle', 'car', 'van', 'truck', 'tricycle', 'awning', 'bus', 'x')"
)
DIGITS = "{0: '0', 1: '1', 2: '2', 3: '3', 4: '4', 5: '5', 6: '6', 7: '7', 8: '8', 9: '9'}"


@pytest.mark.parametrize(
    ("files", "names"),
    [
        # What people are seen to do, as an array beside the model.
        ({"fit.py": "actions = np.array(['not_fall', 'fall'])"}, ("not_fall", "fall")),
        ({"menu.py": "actions = ['start', 'stop']"}, None),
        ({"infer.py": "defect_types = ['scratch', 'dent']"}, ("scratch", "dent")),
        ({"infer.py": "labels_dict = {0: 'A', 1: 'B', 2: 'L'}"}, ("A", "B", "L")),
        # No framework brings a model for these, so a script that has them was written for them.
        ({"infer.py": f"CLASSES = {VISDRONE}"}, "pedestrian"),
        ({"infer.py": f"CLASSES = {VISDRONE}", "data.yaml": "names: [crane]"}, ("crane",)),
        ({"VisDrone.yaml": f"names: {VISDRONE.replace('(', '[').replace(')', ']')}"}, None),
        # One model finds the display, another reads it.
        (
            {"config.py": f"panels = C(classes={{0: 'panel'}})\ndigits = C(classes={DIGITS})"},
            tuple("0123456789"),
        ),
        (
            {"a.yaml": "names: [dial, decimal_section]", "config.py": f"CLASSES = {DIGITS}"},
            tuple("0123456789"),
        ),
        # Of settings for several models, those that the scripts name.
        (
            {
                "configs/rtmdet_bolt.py": "metainfo = dict(classes=('bolt',))",
                "configs/rtmdet_bracket.py": "metainfo = dict(classes=('bracket',))",
                "train.py": "config = ROOT / 'configs' / 'rtmdet_bracket.py'",
            },
            ("bracket",),
        ),
        # Settings of a data set that a script writes.
        ({"make.py": "text = 'nc: 2\\nnames: [helmet, head]\\n'"}, ("helmet", "head")),
        ({"make.py": "text = f'val: {a}\\nnames:\\n 0: crane\\n 1: hook'"}, ("crane", "hook")),
        ({"prepare.py": "print('names: [a, b]')"}, None),
        # What a checkpoint or a file is asked for, with what holds if it has none.
        ({"infer.py": "names = saved.get('class_names', ['fire', 'normal'])"}, ("fire", "normal")),
        ({"infer.py": "x = getattr(net, 'class_names', ['ok', 'dent'])"}, ("ok", "dent")),
        ({"infer.py": "x = saved.get('colours', ['red', 'blue'])"}, None),
        ({"infer.py": "x = saved.get('class_names', [])"}, None),
        (
            {"a.py": "p.add_argument('-c', '--class-names', nargs='+', default=['ok', 'dent'])"},
            ("ok", "dent"),
        ),
        ({"a.py": "p.add_argument('--classes', nargs='+', type=int, default=[0, 2])"}, None),
        ({"a.py": "p.add_argument('--places', nargs='+', default=['roof', 'yard'])"}, None),
        # Labels of a monitor's metrics, and fields of messages and tables.
        ({"metrics.py": "Gauge('a', 'b', labelnames=['camera', 'yard'])"}, None),
        ({"send.py": "CLASSES = ['camera_id', 'latitude', 'longitude', 'place']"}, None),
        ({"send.py": "CLASSES = ['no_id', 'helmet']"}, ("no_id", "helmet")),
        # A first place for the background is none of what is looked for.
        ({"set.py": "METAINFO = dict(classes=('background', 'crack'))"}, ("crack",)),
        ({"set.py": "CLASSES = ['Background', 'roof', 'tree']"}, ("roof", "tree")),
        ({"set.py": "class C:\n classes = ['background (off)', 'roof', 'bus']"}, ("roof", "bus")),
        ({"set.py": "CLASSES = ['background clutter', 'roof']"}, ("background clutter", "roof")),
        ({"set.py": "CLASSES = ['crack', 'background']"}, ("crack", "background")),
        # The names in the annotations, and those that a conversion gives them.
        (
            {"make.py": "NAME2ID = {'hat': 0, 'person': 1}\nNEW_NAMES = ['helmet', 'head']"},
            ("helmet", "head"),
        ),
        (
            {"a.py": "CLASSES = ['hat', 'person']", "b.py": "final_names = ['helmet', 'head']"},
            ("hat", "person"),
        ),
        ({"make.py": "def f():\n    new_names = ['a', 'b']"}, None),
        # The data sets that a file describes, and the classes that all of them are mapped to.
        (
            {
                "data/sets.yaml": "yard:\n  classes: [hat, vest]\ngate:\n  classes: [head]",
                "src/common/mix.yaml": "class_mapping:\n  0: Person\n  1: Vest",
            },
            ("Person", "Vest"),
        ),
        ({"a.yaml": "yard:\n  classes: [hat]\ngate:\n  classes: [head]"}, ("hat",)),
        # Plain names say something where a prediction picks from them, or a model is near.
        (
            {"infer.py": "def show(p):\n    labels = ['mask', 'bare']\n    put(labels[predicted])"},
            ("mask", "bare"),
        ),
        ({"plot.py": "def show(p):\n    labels = ['mask', 'bare']\n    put(labels[n])"}, None),
        ({"cubes.py": "from vpython import *\nnames = ['granite', 'wood']"}, None),
        ({"names.py": "names = ['granite', 'wood']"}, ("granite", "wood")),
        # Loops over the classes.
        ({"sort.py": "for class_name in ['fire', 'ok']:\n    copy(class_name)"}, ("fire", "ok")),
        ({"sort.py": "for n, cls in enumerate(('ok', 'ng')):\n    copy(cls)"}, ("ok", "ng")),
        ({"sort.py": "for split in ['fire', 'smoke']:\n    copy(split)"}, None),
        ({"sort.py": "for cls in ['train', 'val']:\n    copy(cls)"}, None),
        ({"sort.py": "for class_name in CLASSES:\n    copy(class_name)"}, None),
        ({"fit.py": "for category in ['bottle', 'cable']:\n    fit(category)"}, None),
        # Folders with something and without it.
        (
            {"make.sh": 'mkdir -p "${out}"/mask\nmkdir -p "${out}"/without_mask\n'},
            ("mask", "without_mask"),
        ),
        (
            {"face.py": "a = read('data/without_mask/1.jpg')\nb = read('data/with_mask/1.jpg')"},
            ("with_mask", "without_mask"),
        ),
        ({"sort.py": "a = r'D:\\set\\helmet'\nb = r'D:\\set\\no_helmet'"}, ("helmet", "no_helmet")),
        ({"face.py": "a = read('data/without_mask/1.jpg')"}, None),
        ({"face.py": "a, b = 'with_mask', 'without_mask'"}, None),  # options of a program
        ({"run.py": "a, b = '/bin/no_cache', '/bin/cache.sh'"}, None),
        (
            {"face.py": "CLASSES = ['bare', 'masked']\na, b = 'x/mask', 'x/without_mask'"},
            ("bare", "masked"),
        ),
        ({"labels.txt": "__ignore__\n_background_\nwater\nmeter"}, ("water", "meter")),
        ({"fit.py": "CATEGORIES = ['screw', 'bolt', 'tile']"}, ("screw", "bolt", "tile")),
        ({"fit.py": "CLASSES = ['bottle', 'can']"}, ("bottle", "can")),
        # What answers a question comes after what names something.
        (
            {"a.py": "id2label = {0: 'Negative', 1: 'Positive'}", "b.py": "X_CLASSES = ['crack']"},
            ("crack",),
        ),
        ({"a.py": "id2label = {0: 'Negative', 1: 'Positive'}"}, ("Negative", "Positive")),
        ({"infer.py": "import cv2\nnames = ['granite', 'wood']"}, ("granite", "wood")),
    ],
)  # fmt: skip
def test_classes_as_people_write_them_beside_their_scripts(
    files: dict[str, str], names: tuple[str, ...] | str | None
) -> None:
    guess = guess_classes(make_project(files))
    found = guess.value if guess else None
    assert (found[0] if found and isinstance(names, str) else found) == names


def test_a_cell_that_writes_the_settings_of_a_data_set_names_its_classes() -> None:
    cell = [
        "%%writefile data.yaml\n",
        "train: images/train\n",
        "names:\n",
        "  - crane\n",
        "  - hook\n",
    ]
    notebook = json.dumps({"cells": [{"cell_type": "code", "source": cell}]})
    guess = guess_classes(make_project({"train.ipynb": notebook}))
    assert guess is not None
    assert guess.value == ("crane", "hook")
