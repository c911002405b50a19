"""Where people write the classes of their models, and lists under such names that hold none."""

from __future__ import annotations

import json

import pytest

from registry_app.choices import Confidence
from registry_app.inference.task.class_names import guess_classes
from tests.registry_app.inference.projects import make_project

WRITES = 'CLASSES = ["crack", "spall", "rust"]\nopen(p, "w").write(f"nc: 3\\nnames: {CLASSES}\\n")'
LINES = (
    'CLASSES = ["crack", "spall", "rust"]\n'
    'lines = "\\n".join(f"  {i}: {n}" for i, n in enumerate(CLASSES))\n'
    'open(p, "w").write(f"train: {a}\\n\\nnames:\\n{lines}\\n")'
)
NUMBERED = (
    "def {}(row):\n    if row == 'dent':\n        return 1\n"
    "    elif row == 'rust':\n        return 2\n    return None\n"
)
LIST_WRITTEN = "f = open('{}', '{}')\nf.write('dent' + '\\n')\nf.write('rust')\n"
LIGHTS = "item { id: 1 name: 'red' } item { id: 2 name: 'green' }"
PIPELINES = {
    "a.config": 'label_map_path: "maps/a.pbtxt"',
    "b.config": "label_map_path: 'maps/b.pbtxt'",
    "maps/a.pbtxt": f"{LIGHTS} item {{ id: 3 name: 'off' }}",
    "maps/b.pbtxt": LIGHTS,
    "show.py": "a = 'maps/a.pbtxt'\nb = 'maps/b.pbtxt'",
}
BRANCHES = (
    'if a == "pine":\n    class_names = ["knot", "split"]\n'
    'else:\n    class_names = ["knot", "split", "stain"]'
)


@pytest.mark.parametrize(
    ("files", "names"),
    [
        # What is looked for, in two places or in a constant; what is listed in passing.
        ({"a.py": "defects = ['dent', 'rust']", "b.py": "defects = ['dent', 'rust']"}, "dent rust"),
        ({"a.py": "import cv2\nDEFECTS = ['dent', 'rust']"}, "dent rust"),
        ({"a.py": "defects = ['dent', 'rust']"}, None),
        ({"a.py": "import cv2\ndefects = count(image)"}, None),
        # The finer list that a conversion writes, beside the one class of an earlier model.
        ({"a.py": "CLASSES = ['crack']", "convert.py": WRITES}, "crack spall rust"),
        ({"a.py": "CLASSES = ['crack']", "convert.py": LINES}, "crack spall rust"),
        ({"a.py": "CLASSES = ['leak']", "b.py": "CLASSES = ['leak']", "c.py": WRITES}, "leak"),
        (
            {"a.py": "CLASSES = ['crack']", "b.py": "x_classes = ['crack', 'spall', 'rust']"},
            "crack",
        ),
        ({"data.yaml": "names: [crack]", "convert.py": WRITES}, "crack"),
        # Lists named after models or what they see; those of one class each belong together.
        ({"configs/labels_ppe.txt": "helmet\nvest\n"}, "helmet vest"),
        (
            {"cfg/labels_person.txt": "person\n", "cfg/labels_forklift.txt": "forklift\n"},
            "forklift person",
        ),
        ({"a/crane_labels.txt": "crane\n", "a/hook_labels.txt": "hook"}, "crane hook"),
        ({"a/labels_x1.txt": "crane\n", "a/labels_x2.txt": "crane"}, "crane"),
        ({"labels_train.txt": "helmet\nvest\n"}, None),
        ({"labels_yard.txt": "yard/1.jpg 0\nyard/2.jpg 1\n"}, None),
        ({"labels_yard.txt": "a 12 9\nb 3 4\n"}, None),
        ({"labels_log.txt": "helmet\nvest\n"}, None),
        ({"labels.txt": "dent;rust;crack\n"}, "dent rust crack"),
        (
            {"labelmap.txt": "# label:color_rgb:parts:actions\nbackground:0,0,0::\ndent:1,2,3::\n"},
            "dent",
        ),
        # Tables of classes, with colours or numbers; one of pictures is none.
        ({"class_dict.csv": "name,r,g,b\nroad,1,2,3\nroof,4,5,6\n"}, "road roof"),
        ({"classes.csv": "id,name\n0,dent\n1,rust\n"}, "dent rust"),
        ({"classes.csv": "dent,0\nrust,1\n"}, "dent rust"),
        ({"labels.csv": "id,label\n17,dent\n23,rust\n"}, None),
        ({"labels.csv": "image,label\na.jpg,dent\nb.jpg,rust\n"}, None),
        ({"labels.csv": "name,r\ndent"}, None),
        # Configurations of models and of other things.
        ({"m/config.json": '{"id2label": {"0": "dent", "1": "rust"}}'}, "dent rust"),
        ({"m/config.json": '{"id2label": {"0": "LABEL_0", "1": "LABEL_1"}}'}, None),
        ({"m/config.json": '{"labels": ["dent", "rust"]}'}, None),
        ({"a.yaml": "DATASETS:\n  THING_CLASSES: [dent, rust]"}, "dent rust"),
        ({"a.yaml": "label_map:\n  0: dent\n  1: rust"}, "dent rust"),
        ({"a.yaml": "class_map: {dent: 0, rust: 1}"}, "dent rust"),
        ({"a.yaml": "class_map: {dent: red, rust: blue}"}, None),
        # YAML that holds nothing but the classes, perhaps with their numbers in the annotations.
        ({"classes.yaml": "- dent\n- rust\n"}, "dent rust"),
        ({"site_classes.yml": "dent: [3, 7]\nrust: [8]\n"}, "dent rust"),
        ({"cfg/class_names.yaml": "1: rust\n0: dent\n"}, "dent rust"),
        ({"label_map.yaml": "rust: 1\ndent: 0\n"}, "dent rust"),
        ({"labels.yml": "- name: bug\n  color: d73a4a\n- name: docs\n  color: '0075ca'\n"}, None),
        ({"labels.yaml": "app: portal\ntier: web\n"}, None),
        ({"labels.yaml": "just a text"}, None),
        ({"classes.yaml": "a: [\n"}, None),
        ({"limits.yaml": "dent: [3, 7]\nrust: [8]\n"}, None),
        # Numbers of classes, and counts of pictures.
        ({"labels.json": '{"classes": {"dent": 738}}'}, None),
        ({"labels.json": '{"classes": {"dent": 738, "rust": 412}}'}, None),
        ({"labels.json": '{"classes": {"dent": 1001, "rust": 1002}}'}, "dent rust"),
        ({"labels.json": '{"classes": {"dent": 255}}'}, "dent"),
        # Named after the model in JSON; a list that a function answers with, and nothing else.
        ({"labels_parts.json": '{"dent": 0, "rust": 1}'}, "dent rust"),
        ({"a.py": "def get_class_names():\n    return ['dent', 'rust']"}, "dent rust"),
        ({"a.py": "def class_names():\n    'Of parts.'\n    return ['dent', 'rust']"}, "dent rust"),
        ({"a.py": "def get_paths():\n    return ['dent', 'rust']"}, None),
        # A script that is broken by the settings between its lines.
        ({"a.py": "pip install x\nnc: 2\nnames: [dent, rust]\n"}, "dent rust"),
        # Signs that turn or hide what stands beside them, and numbers that count nothing.
        ({"a.py": "CLASSES = ['dent', 'ru\\u202est']"}, None),
        ({"a.py": "CLASSES = ['dent', 'ru\\x1bst']"}, None),
        ({"a.pbtxt": f"item {{ id: {'9' * 5000} name: 'dent' }}"}, None),
        (
            {"a.py": f"import cv2\nlabels = ['dent', 'rust']\nlabels[{'+'.join('a' * 2000)}]"},
            "dent rust",
        ),
        # The lists of several data sets under one name.
        ({"infer.py": BRANCHES}, "knot split stain"),
        # Folders that stand for themselves in a file named after classes; texts of a page.
        ({"categories.json": '{"a___rust": "a___rust", "a___ok": "a___ok"}'}, "a___rust a___ok"),
        ({"categories.json": '{"a": "Rust", "b": "Dent"}'}, None),
        ({"categories.json": '["dent", "rust"]'}, "dent rust"),
        ({"labels.json": "{"}, None),
        ({"texts_de.json": '{"Rust": "Rust", "Stop": "Stop"}'}, None),
        # Data sets of Mask R-CNN, records of TensorFlow; each class has a number of its own.
        ({"a.py": "self.add_class('yard', 1, 'crack')"}, "crack"),
        ({"a.py": "d.add_class('y', 2, 'dent')\nd.add_class('y', 1, 'rust')"}, "rust dent"),
        ({"a.py": "d.add_class('y', 1, 'dent')\nd.add_class('y', 1, 'rust')"}, None),
        ({"a.py": "table.add_class('dent')"}, None),
        ({"a.py": NUMBERED.format("class_text_to_int")}, "dent rust"),
        ({"a.py": NUMBERED.format("wait")}, None),
        # Mappings of what a model tells apart, by their names.
        ({"a.py": "emotion_map = {'0': 'anger', '1': 'fear'}"}, "anger fear"),
        ({"a.py": "disease_dict = {0: 'rust', 1: 'scab'}"}, "rust scab"),
        ({"a.py": "emotion_map = {'joy': 'up', 'fear': 'down'}"}, None),
        # A list that a script writes into a file for one, line by line or at once.
        ({"a.py": LIST_WRITTEN.format("obj.names", "w")}, "dent rust"),
        ({"a.py": LIST_WRITTEN.format("d/classes.txt", "wt")}, "dent rust"),
        ({"a.py": LIST_WRITTEN.format("report.txt", "w")}, None),
        ({"a.py": LIST_WRITTEN.format("classes.txt", "r")}, None),
        ({"a.py": LIST_WRITTEN.format("classes.txt", "w") + "f.write(kind)"}, None),
        (
            {"a.py": LIST_WRITTEN.format("classes.txt", "w") + "f = open(b)\nf.write(kind)"},
            "dent rust",
        ),
        ({"a.py": "with open('labels.txt', 'w') as f:\n    f.write('dent\\nrust')"}, "dent rust"),
        (
            {"a.py": "with open('labels.txt', 'w') as f:\n    f.writelines(['a\\n', 'b\\n'])"},
            "a b",
        ),
        # Numbers of classes in the settings of a training; an array of names.
        ({"t.json": '{"data": {"encoding": {"BAD": 0, "GOOD": 1}, "size": 9}}'}, "BAD GOOD"),
        ({"t.json": '{"data": {"label_map": {"dent": 1, "rust": 2}}}'}, "dent rust"),
        ({"t.json": '{"data": {"encoding": {"dent": 3, "rust": 7}}}'}, None),
        ({"t.json": '{"data": {"encoding": {"a": "0", "b": "1"}}}'}, None),
        ({"t.json": '{"data": {"encoding": ["utf-8", "cp949"]}}'}, None),
        ({"t.json": '{"categories": {"dent": 0, "rust": 1}, "n": 3}'}, None),
        ({"a.py": "t.setTrainConfig(object_names_array=['ember'])"}, "ember"),
        ({"a.py": "t.setTrainConfig(object_points_array=['ember'])"}, None),
        # Keys of settings; labels of issues, and titles of a plot of losses.
        ({"a.yaml": "target_classes:\n- dent\n- rust"}, "dent rust"),
        ({"a.yaml": "data:\n  object_classes: [dent, rust]"}, "dent rust"),
        ({"yolo/.github/ISSUE_TEMPLATE/bug.yml": "labels: [bug, triage]"}, None),
        ({".vscode/kits.json": '[{"name": "Pico"}]'}, None),
        ({"a.github/a.yml": "labels: [dent, rust]"}, "dent rust"),
        ({"a.py": "CLASSES = ['Box', 'Objectness', 'mAP-F1']"}, None),
        # The label map of the settings that a command trains by, not of those left out.
        (PIPELINES | {"t.sh": "python t.py --pipeline_config_path=b.config"}, "red green"),
        (PIPELINES | {"t.sh": "t.py \\\n --pipeline_config_path b.config\n"}, "red green"),
        (
            PIPELINES
            | {"t.sh": "t.py --pipeline_config_path=a.config\n#--pipeline_config_path=b.config"},
            "red green off",
        ),
    ],
)
def test_classes_where_people_write_them(files: dict[str, str], names: str | None) -> None:
    guess = guess_classes(make_project(files))
    assert (guess.value if guess else None) == (tuple(names.split()) if names else None)


VOC = (
    "aeroplane bicycle bird boat bottle bus car cat chair cow diningtable dog horse motorbike sheep"
).split()
SHOWN = "```yaml\ntrain: images\nnames: [dent, rust]\n```\n"


@pytest.mark.parametrize(
    ("files", "names"),
    [
        ({"a.cpp": 'const char* class_names[] = {"dent", "rust"};'}, "dent rust"),
        ({"a.hpp": 'std::vector<std::string> labels = {\n  "dent",\n  "rust",\n};'}, "dent rust"),
        ({"a.hpp": 'coco_labels = {"dent", "rust"};'}, "dent rust"),
        ({"a.js": 'const labels: string[] = ["dent", "rust"]'}, "dent rust"),
        ({"a.java": 'String[] classNames = new String[]{"dent", "rust"};'}, "dent rust"),
        ({"a.cpp": 'const char* names[] = {"dent", "rust"};'}, "dent rust"),
        ({"README.md": SHOWN}, "dent rust"),
        # A note that says how many there are.
        ({"README.md": "sorted into two kitchen classes:\n\n- Thai\n- Greek  \n\nMore."},
         "Thai Greek"),
        ({"README.md": "It has **3 classes**:\n1. `dent` - a bump\n2. `rust` (red)\n3. `ok`"},
         "dent rust ok"),
        ({"README.md": "It knows 3 classes: dent, rust and crack."}, "dent rust crack"),
        ({"README.md": "detects four defect categories (dent, rust, crack, hole)."},
         "dent rust crack hole"),
        ({"README.md": "sorted into three classes:\n- Thai\n- Greek\n"}, None),
        ({"README.md": "Detectors are of two categories: one-stage and two-stage."}, None),
        ({"README.md": "It knows classes: dent, rust and crack."}, None),
        ({"README.md": "trained for 2 days. It has classes:\n- dent\n- rust\n"}, None),
        # Something else, a sample set, and what has a list of its own.
        ({"a.cpp": 'const char* keys[] = {"dent", "rust"};'}, None),
        ({"a.cpp": 'std::string title = "class"; f({"dent", "rust"});'}, None),
        ({"a.cpp": f"names = {{{json.dumps(VOC)[1:-1]}}};"}, None),
        ({"README.md": "names: [dent, rust]\n"}, None),
        ({"README.md": SHOWN, "a.py": "CLASSES = ['leak', 'spill']"}, "leak spill"),
    ],
)  # fmt: skip
def test_lists_in_other_languages_and_notes_are_a_last_resort(
    files: dict[str, str], names: str | None
) -> None:
    guess = guess_classes(make_project(files))
    assert (guess.value if guess else None) == (tuple(names.split()) if names else None)


ROWS = "[('background', [0, 0, 0], 0), ('dent', [0, 0, 255], 1), ('rust', [0, 9, 0], 2)]"


@pytest.mark.parametrize(
    ("script", "names"),
    [
        # A table with more of each class, of which the names are taken; a place of the background.
        (f"rows = {ROWS}\nclassNames = [row[0] for row in rows]", "dent rust"),
        ("CLASSES = [number for number in range(10)]", None),
        ("class A:\n    def a(self):\n        self.classes = [None, 'dent', 'rust']", "dent rust"),
        # Names with their numbers, and names for others.
        ("NAME_MAP = {'dent': 0, 'rust': 1}", "dent rust"),
        ("NAME_MAP = {'dent': 'beule', 'rust': 'rost'}", None),
        ("NAME_MAP = {'fc': 'head', 'bn': 'norm', 'cv': 'conv'}", None),
        ("category_index = {1: {'id': 1, 'name': 'dent'}, 2: {'id': 2, 'name': 'rust'}}",
         "dent rust"),
        # What a function writes down and returns, and what it only begins with.
        ("def get_class_labels():\n    b = {'dent': 0, 'rust': 1}\n    return b", "dent rust"),
        ("def get_class_labels(a):\n    b = {'dent': 0, 'rust': 1}\n    return a", None),
        # Values that hold more of each class.
        ("CLASSES = {0: ('dent', (0, 0, 255)), 1: ('rust', (0, 255, 0))}", "dent rust"),
        ("CLASSES = {1: {'name': 'dent'}, 2: {'name': 'rust'}}", "dent rust"),
        ("CLASSES = {'rust': {'id': 1}, 'dent': {'id': 0}}", "dent rust"),
        ("CLASSES = {'rust': {'color': 'r'}, 'dent': {'color': 'b'}}", "rust dent"),
        ("CLASSES = {'rust': {'limit': 1}, 'dent': {'limit': 1}}", None),
        ("CLASSES = {'dent': (0, 0, 255), 'rust': '#00ff00'}", "dent rust"),
        ("CLASSES = [(0, 'dent'), (1, 'rust')]", "dent rust"),
        ("CLASSES = [('dent', (0, 0, 255)), ('rust', (0, 9, 0))]", "dent rust"),
        ("CLASSES = [('dent', 'small'), ('rust', 'large')]", None),
        ("CLASSES = {0: ('dent', 'small'), 1: ('rust', 'large')}", None),
        ("CLASSES = {'a': (300, 2, 3), 'b': (1, 2, 3)}", None),
        ("CLASS_COLORS = {'dent': (0, 0, 255), 'rust': (9, 9, 9)}", "dent rust"),
        ("CLASS_COLORS = {'dent': '#f00', 'rust': '#0f0', 'default': '#999'}", "dent rust"),
        ("CLASS_COLORS = ['red', 'blue']", None),
        ("COLORS = {'dent': (0, 0, 255), 'rust': (9, 9, 9)}", None),
        ("SEEN = ['dent', 'rust']\nid2label = {i: n for i, n in enumerate(SEEN)}", "dent rust"),
        ("CLASSES = dict(enumerate(['dent', 'rust']))", "dent rust"),
        ("category2name = {0: 'dent', 1: 'rust'}", "dent rust"),
        ("name_to_cls = {'dent': 0, 'rust': 1}", "dent rust"),
        # The rows of a table of colours have columns; two tables of the same classes differ.
        ("D = {'category': {'box': (9, 9, 9), 'text': RED}, 'd': {'box': RED, 'text': RED}}", None),
        ("D = {'class': {'a': (9, 9, 9), 'b': (9, 9, 0)}, 'x': {'a': (9, 9, 9), 'b': RED}}", None),
        ("D = {'classes': {'dent': 0, 'rust': 1}, 'limits': {'dent': 3, 'rust': 4}}", "dent rust"),
        ("D = {'class_colors': {'a': (9, 9, 9), 'b': (1, 1, 1)}, 'x': {'a': X, 'b': X}}", "a b"),
        # Enumerations.
        ("class DefectType(Enum):\n    DENT = 0\n    RUST = 1\n    OTHER = -1", "DENT RUST"),
        ("class ClassId(enum.IntEnum):\n    DENT = 1\n    RUST = 2", "DENT RUST"),
        ("class DefectClass(str, Enum):\n    DENT = 'dent'\n    RUST = 'rust'", "dent rust"),
        ("class State(Enum):\n    IDLE = 0\n    RUN = 1", None),
        ("class RiskLabel(Enum):\n    FAR = 0\n    NEAR = 1", None),
        ("class DefectType(Enum):\n    DENT = auto()\n    RUST = auto()", None),
        # Fields of settings, parameters, options with commas, settings of data sets.
        ("class C:\n    classes: list = field(default_factory=lambda: ['a', 'b'])", "a b"),
        ("class C:\n    class_names: list = Field(default=['dent', 'rust'])", "dent rust"),
        ("def fit(a, classes=('dent', 'rust')):\n    pass", "dent rust"),
        ("def fit(*, class_names=['dent', 'rust'], n=1):\n    pass", "dent rust"),
        ("def fit(places=('yard', 'gate')):\n    pass", None),
        ("def fit(a=('ok', 'ng'), classes=None):\n    pass", None),
        ("p.add_argument('--classes', default='dent, rust')", "dent rust"),
        ("p.add_argument('--classes', default='0,2')", None),
        ("p.add_argument('--classes', default='a/dent.txt,b')", None),
        ("p.add_argument('--classes', default='classes')", None),
        ("@click.option('--classes', default=['dent', 'rust'])\ndef f(): 0", "dent rust"),
        ("d = {'train': a, 'nc': 2, 'names': ['dent', 'rust']}", "dent rust"),
        ("d = dict(train=a, val=b, names=['dent', 'rust'])", "dent rust"),
        ("d = {'rows': a, 'names': ['dent', 'rust']}", None),
        ("m = YOLOWorld('x.pt')\nm.set_classes(['dent', 'rust'])", "dent rust"),
    ],
)  # fmt: skip
def test_lists_that_scripts_hold_in_other_forms(script: str, names: str | None) -> None:
    guess = guess_classes(make_project({"a.py": f"import cv2\n{script}\n"}))
    assert (guess.value if guess else None) == (tuple(names.split()) if names else None)


def test_a_list_in_a_script_alone_is_not_sure() -> None:
    guess = guess_classes(make_project({"a.py": "class C:\n    classes = ['dent', 'rust']"}))
    assert guess is not None
    assert guess.confidence is Confidence.UNSURE


SHARKS = "names: [tench, goldfish, great white shark, a, b, c, d, e, f, g]"


@pytest.mark.parametrize(
    ("path", "text", "names"),
    [
        ("a.py", "CLASSES = ['Very High', 'High', 'Medium', 'Low']", None),
        ("a.py", "CLASSES = ['high ore', 'medium ore', 'low ore']", "high ore,medium ore,low ore"),
        ("a.py", "CLASSES = ['Large', 'Medium', 'Small']", "Large,Medium,Small"),
        ("a.py", "b = gr.Button('Go', elem_classes=['btn-go'])", None),
        ("a.py", "classes = ('sky', 'tree', 'road', 'grass', 'water', 'bldg', 'mntn', 'fg')", None),
        ("a.py", "categories = ['Training', 'Inference', 'Peak']", None),
        ("a.py", "id2label = {0: 'background', 1: 'foreground'}", None),
        ("a.py", "CLASSES = ['metal_nut', 'pill']", None),
        ("a.py", "CLASSES = ['tire', 'can']", "tire,can"),
        ("datasets/cifar10.py", "CLASSES = ['0', '1', '2']", None),
        ("train_cifar10.py", "CLASSES = ['0', '1', '2']", "0,1,2"),
        ("data/ten.yaml", SHARKS, None),
        ("dataset/roadsign_voc/label_list.txt", "speedlimit\nstop\n", None),
        ("dataset/roads/label_list.txt", "speedlimit\nstop\n", "speedlimit,stop"),
    ],
)  # fmt: skip
def test_lists_that_are_no_classes(path: str, text: str, names: str | None) -> None:
    guess = guess_classes(make_project({path: text}))
    assert (guess.value if guess else None) == (tuple(names.split(",")) if names else None)


CODES = "import cv2\nkinds = {'DE': 'dent', 'RU': 'rust', 'CR': 'crack'}\n"
GESTURES = "import cv2\nsigns = ['palm', 'fist', 'thumb']\n"


@pytest.mark.parametrize(
    ("script", "names"),
    [
        # A prediction indexes them, directly or by a variable, in a list that a function returns.
        (GESTURES + "print(signs[np.argmax(scores)])", "palm fist thumb"),
        (GESTURES + "best = scores.argmax()\nprint(signs[best])", "palm fist thumb"),
        (GESTURES + "print(signs[int(box.cls)])", "palm fist thumb"),
        (GESTURES + "print(signs[place])", None),
        (GESTURES + "print(signs[0])", None),
        (("import cv2\nclass A:\n    def f(self):\n        self.signs = ['palm', 'fist']\n"
         "    def g(self, pred):\n        return self.signs[pred]"), "palm fist"),
        (("import cv2\ndef get_moods():\n    return ['sad', 'glad']\n"
         "def name(label):\n    moods = get_moods()\n    return moods[int(label)]"), "sad glad"),
        ("import cv2\ndef get_moods():\n    return ['sad', 'glad']", None),
        # There are as many as the model has outputs.
        (GESTURES + "NUM_CLASSES = 3", "palm fist thumb"),
        (GESTURES + "net = build(num_classes=3)", "palm fist thumb"),
        (GESTURES + "net.add(Dense(3, activation='softmax'))", "palm fist thumb"),
        (GESTURES + "net.add(Dense(3, activation='relu'))", None),
        (GESTURES + "NUM_CLASSES = 4", None),
        ("import cv2\npair = ['palm', 'fist']\nNUM_CLASSES = 2", None),
        # Numbered texts; what goes with classes; a script without pictures.
        ("import cv2\nwhat = {0: 'palm', 1: 'fist'}", "palm fist"),
        ("import cv2\nwhat = {1: 'palm', 4: 'fist'}", None),
        ("import cv2\ncolors = ['plum', 'sand', 'sky']\nprint(colors[pred])", None),
        ("import cv2\ntints = ['red', 'green', 'blue']\nprint(tints[pred])", None),
        ("import cv2\nmetrics = ['dice', 'jaccard', 'area']\nnum_classes = 3", None),
        ("signs = ['palm', 'fist', 'thumb']\nprint(signs[pred])", None),
        # Names with codes, of which one gives a number; words of another kind.
        (CODES + "n = list(kinds).index(code)", "dent rust crack"),
        (CODES + "n = kinds[pred]", "dent rust crack"),
        (CODES + "print(kinds)", None),
        # Emotions by their words; what a column of classes is turned into.
        ("import cv2\nkeys = ['happy', 'sad', 'angry', 'neutral']", None),
        ("import cv2\nfaces = ['happy', 'sad', 'angry', 'neutral']", "happy sad angry neutral"),
        ("import cv2\nfaces = ['happy', 'sad', 'angry', 'cat']", None),
        ("import cv2\nd['label'] = d['kind'].map({'rust': 1, 'dent': 0})", "dent rust"),
        ("import cv2\nd['sex'] = d['sex'].map({'male': 1, 'female': 0})", None),
        ("import cv2\nd['label'] = d['kind'].map({'rust': 1, 'dent': 1})", None),
        # The signs of plates, by name and number.
        (f"import cv2\nletters = {[*'0123456789ABCDEFGHIJ']}", " ".join("0123456789ABCDEFGHIJ")),
        (f"import cv2\nletters = {[*'ABCDEFGHIJ']}", None),
        (f"import cv2\nkeys = {[*'0123456789ABCDEFGHIJ']}", None),
        # Only where nothing else is found.
        (GESTURES + "CLASSES = ['hand']\nprint(signs[pred])", "hand"),
    ],
)  # fmt: skip
def test_lists_of_any_name_that_a_model_uses(script: str, names: str | None) -> None:
    guess = guess_classes(make_project({"a.py": script}))
    assert (guess.value if guess else None) == (tuple(names.split()) if names else None)


@pytest.mark.parametrize(
    ("files", "names"),
    [
        ({"config.json": '{"model": {"labels": ["dent", "rust"]}}'}, "dent,rust"),
        ({"config.json": '{"labels": ["dent", "rust"]}'}, None),
        ({"settings.yaml": "TARGETS:\n  - Dent\n  - Rust\n  - Other\n"}, "Dent,Rust,Other"),
        ({"settings.yaml": "targets:\n  - web\n  - worker\n  - db\n"}, None),
        # A folder with the name of a framework, and the framework itself.
        ({"detectron2/masks.py": "CLASSES = ['dent', 'rust']"}, "dent,rust"),
        ({"detectron2/data/masks.py": "CLASSES = ['dent', 'rust']"}, None),
        ({"ultralytics/solutions/heat.py": "CLASSES = ['person', 'car']"}, None),
        # Settings of a training in JSON; what a file counts, and what a page has.
        ({"config/train.json": '{"dataset": {"labels": ["dent", "rust"]}}'}, "dent,rust"),
        ({"config/train.json": '{"model": {"class_names": ["dent", "rust"]}}'}, "dent,rust"),
        ({"config/train.json": '{"page": {"labels": ["dent", "rust"]}}'}, None),
        ({"config/train.json": '{"dataset": {"labels": ["labels/train"]}}'}, None),
        ({"a/summary.json": '{"missed_falls": 12, "selected": 7}'}, None),
        ({"a/classes.json": '{"dent": 1, "rust": 0}'}, "rust,dent"),
        ({"a/classes.json": '{"dent": 1, "rust": 2}'}, "dent,rust"),
        # Settings of a data set that are written piece by piece.
        ({"a.py": "t.write('nc: 2')\nt.write(\"names: ['dent', 'rust']\")"}, "dent,rust"),
        ({"a.py": "t.write('train: a')\nprint('names: none')"}, None),
        # A list of any usual name.
        ({"emotions.txt": "sad\nglad\n"}, "sad,glad"),
        ({"categories.txt": "dent\nrust\n"}, "dent,rust"),
        # Other keys of settings; what a model is to do, and fields of a page.
        ({"a.yaml": "disease_list: [dent, rust]"}, "dent,rust"),
        ({"a.yaml": "model:\n  tasks: &t [Dent, Rust, Crack]\ndata:\n  tasks: *t"},
         "Dent,Rust,Crack"),
        ({"a.yaml": "tasks: [segment, detect, count]"}, None),
        ({"a.yaml": "tasks: [Dent, Rust]"}, None),
        ({"a.py": "class_names = {'DE': 'dent', 'RU': 'rust', 'CR': 'crack'}"}, "dent,rust,crack"),
        ({"a.py": "class_names = {'dent': 'red', 'rust': 'blue', 'crack': 'x'}"}, None),
        # Those of a name of several, those of shared settings, those without numbers.
        ({"a.names": "fire", "detect.py": "'a.names'", "fs.yaml": "names: [fire, smoke]"},
         "fire,smoke"),
        ({"n/constants/__init__.py": "PREDICTED_CLASSES = ['dent', 'rust']",
          "look.py": "import cv2\nclasses = ['bus', 'car']"}, "dent,rust"),
        ({"train.json": '{"categories": [{"id": 0, "name": "0 bare head"}, '
                        '{"id": 1, "name": "1 hat"}]}',
          "a.py": "CLASSES = ['bare_head', 'hat']"}, "bare_head,hat"),
        # Hours and days, places in a row, points of operation, columns, models, modules of pages.
        ({"a.py": "LABELS = ['monday', 'tuesday', 'friday']"}, None),
        ({"a.py": "class LineLabel(Enum):\n    FIRST = 0\n    SECOND = 1\n    THIRD = 2"}, None),
        ({"a.js": 'const labels = ["12am - 1am", "1am - 2am", "2am - 3am"];'}, None),
        ({"a.py": "LABELS = ['high_recall', 'balanced', 'low_false_alarm']"}, None),
        ({"a.py": "LABELS = ['imagenet_patchcore', 'plain']"}, None),
        ({"a.py": "LABELS = ['P', 'R', 'mAP@.5', 't_NMS (ms/img)']"}, None),
        ({"a.py": "CLASSES = ['gid', 'month_id', 'female_mean']"}, None),
        ({"a.bundle.js": 'const labels = ["dent", "rust"];'}, None),
        ({"a.py": "b['n/trainable'] = 1\nb['n/non_trainable'] = 2"}, None),
        ({"configs/callbacks/a.yaml": "log:\n  class_names: ['0', '1', '2', '3']"}, None),
    ],
)  # fmt: skip
def test_which_places_hold_classes(files: dict[str, str], names: str | None) -> None:
    guess = guess_classes(make_project(files, name="fire-smoke"))
    assert (guess.value if guess else None) == (tuple(names.split(",")) if names else None)


@pytest.mark.parametrize(("project", "is_given"), [("screw-mvtec", False), ("screw-check", True)])
def test_goods_of_a_public_set_are_no_classes(project: str, is_given: bool) -> None:
    guess = guess_classes(make_project({"a.py": "CLASSES = ['screw']"}, name=project))
    assert (guess is not None) is is_given
