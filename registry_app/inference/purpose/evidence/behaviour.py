"""What a script does besides its signs: it looks, tries, measures, compares, writes a set."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from registry_app.inference.code.source import Source
from registry_app.inference.code.tree_index import as_text, called
from registry_app.inference.purpose.call_graph import Reach
from registry_app.inference.purpose.evidence.weights import FIRM
from registry_app.inference.purpose.script_names import (
    EVAL,
    INFER,
    TRAIN,
    names_a_score,
    type_of_function,
)
from registry_app.inference.purpose.sign_tables import CLOCKS, MADE_UP, SEEING
from registry_app.inference.purpose.signs import Sign, receiver
from registry_app.inference.purpose.surroundings import Surroundings
from registry_app.kinds import EntryPointType

# These calls look at single images or a video, with or without a model, or write a table of
# predictions.
LOOKING = frozenset(
    "imread VideoCapture VideoFileClip imshow predict track waitKey show LoadImages to_csv".split()
)
IMAGES = frozenset(
    "imread imdecode VideoCapture VideoFileClip get_frame open glob rglob listdir walk read_csv"
    " load_img LoadImages"
    " LoadStreams DataLoader build_dataloader build_dataset ImageFolder predict_generator"
    " flow_from_directory read_image"
    " train_dataloader val_dataloader test_dataloader predict_dataloader"
    # A robot's node gets its pictures as messages.
    " imgmsg_to_cv2 compressed_imgmsg_to_cv2 create_subscription Subscriber".split()
)
_READ_PICTURES = frozenset({"imread", "imdecode", "VideoCapture"})
# They tell how far points moved, and find nothing.
_FLOWS = frozenset({"calcOpticalFlowPyrLK", "calcOpticalFlowFarneback"})
_WINDOWS = frozenset("imshow namedWindow show_image launch mainloop exec_ plt_show".split())
MAX_PATH = 200
_LEARNING = frozenset({"epoch", "epochs", "n_epochs", "num_epochs", "loss"})
_LEARNING_OPTIONS = frozenset({"--epochs", "--num-epochs", "--num_epochs", "--n-epochs", "--lr"})
_WEIGHTS = frozenset({"load_state_dict", "load_weights"})
_LABELS = frozenset("label labels target targets mask masks y ys gt".split())
_BATCHES = frozenset({"DataLoader", "build_dataloader"})
_PICTURES = frozenset(
    "imwrite imsave save_img save_imgs save_image save_images save_visuals save_results"
    " fromarray show_images".split()
)
# Calls that write a table; what is opened for reading has no second argument.
_TABLES = frozenset({"open", "to_csv"})
# Pictures that may only be shown, or made for a model.
_SHOWN = frozenset({"fromarray", "show_images"})
READING = frozenset(
    "imread VideoCapture glob rglob listdir walk iterdir read_csv COCO loadAnns fromfile parse"
    " scandir load loads open".split()
)
WRITING = frozenset(
    "imwrite save dump to_csv copy copy2 copyfile copytree move rename write writelines"
    " write_text savez imsave writerow".split()
)


def hinted(source: Source, reach: Reach, around: Surroundings) -> Iterator[EntryPointType]:
    if any(unit.names & _LEARNING for unit in (*reach.own, *reach.others)) or _asks_epochs(source):
        yield TRAIN
    if around.called & (LOOKING | _WEIGHTS):
        yield INFER


def _asks_epochs(source: Source) -> bool:
    """Whether the script has an option that only trainings have."""
    return any(
        isinstance(word, ast.Constant) and word.value in _LEARNING_OPTIONS
        for call in source.calls("add_argument")
        for word in call.args
    )


def is_trial(around: Surroundings, reach: Reach) -> bool:
    """Whether a model at most runs with made-up input: that times or tries it out.

    A network may load the weights of its backbone in a module of its own.
    """
    own = {name for unit in reach.own for name in unit.called}
    # A wrapper elsewhere opens the file of its engine; an image is opened by a library.
    opens_files = not any(
        name == "open" and (unit in reach.own or isinstance(call.func, ast.Attribute))
        for unit in (*reach.own, *reach.others)
        if "open" in unit.called
        for name, call in unit.calls
    )
    images = around.called & (IMAGES - {"open"} if opens_files else IMAGES)
    return bool(around.called & MADE_UP) and not (images or own & _WEIGHTS)


def asks_inference(reach: Reach) -> bool:
    """Whether a function of another file that runs is called and named for it: `run_inference`."""
    elsewhere = {unit.name for unit in reach.others if unit.name and not unit.owner}
    called_here = {name for unit in reach.own for name in unit.called}
    return any(type_of_function(name) is INFER for name in elsewhere & called_here)


def feeds_made_up(source: Source) -> bool:
    """Whether all that an interpreter of TFLite gets was made up: `set_tensor(0, np.zeros(n))`."""
    made_up = {
        target.id
        for node in source.nodes(ast.Assign)
        if _is_made_up(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    given = [call.args[1] for call in source.calls("set_tensor") if len(call.args) > 1]
    return bool(given) and all(
        _is_made_up(node) or (isinstance(node, ast.Name) and node.id in made_up) for node in given
    )


def _is_made_up(node: ast.expr) -> bool:
    """Whether a value is a call such as `rand(3)`, also in another type: `rand(3).astype(a)`."""
    while isinstance(node, ast.Call):
        if called(node) in MADE_UP:
            return True
        node = node.func.value if isinstance(node.func, ast.Attribute) else node.func
    return False


def is_timed(reach: Reach) -> bool:
    """Whether a function or the body that runs reads a clock at least twice."""
    return any(
        not unit.called.isdisjoint(CLOCKS) and sum(name in CLOCKS for name, _call in unit.calls) > 1
        for unit in (*reach.own, *reach.others)
    )


def is_score(sign: Sign) -> bool:
    return sign.kind is EVAL and not sign.is_named and sign.points >= FIRM


def compares(reach: Reach) -> bool:
    """Whether the script's own code names a score or the truth: `accuracy`, `gt_boxes`."""
    return any(
        names_a_score(name) for unit in reach.own for name in (unit.name, *unit.names, *unit.called)
    )


def goes_over_a_set(reach: Reach, around: Surroundings) -> bool:
    """Whether a prepared set is gone over in batches, and no single picture is looked at."""
    own = {name for unit in reach.own for name in unit.called}
    return bool(around.called & _BATCHES) and not own & (LOOKING | _PICTURES)


def writes_table(reach: Reach) -> bool:
    """Whether answers are written as the rows of a table: `open("scores.csv", "w")`."""
    return any(
        name in _TABLES and any(_is_table(node) for node in call.args)
        for unit in (*reach.own, *reach.others)
        if not unit.called.isdisjoint(_TABLES)
        for name, call in unit.calls
        if name == "to_csv" or len(call.args) > 1
    )


def _is_table(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and str(node.value).endswith(".csv")


def saves_pictures(reach: Reach) -> bool:
    """Whether own code writes pictures: behind a model, what was restored or found in others."""
    own = {name for unit in reach.own for name in unit.called}
    return bool(own & (_PICTURES - _SHOWN)) or {"fromarray", "save"} <= own


def gets_labels(source: Source) -> bool:
    """Whether a loop gets labels with its images: `for images, labels in loader`."""
    return any(
        _LABELS & {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)}
        and "load" in as_text(loop.iter)
        for loop in source.nodes(ast.For)
    )


def finds_by_rules(around: Surroundings) -> bool:
    """Whether pictures are read and something in them is found: a contour, a circle, a match."""
    return not around.called.isdisjoint(_READ_PICTURES) and not around.called.isdisjoint(SEEING)


def asks_a_server(reach: Reach, around: Surroundings) -> bool:
    """Whether pictures of a camera are posted to a server, and its answers are shown live."""
    is_asked = "requests" in around.libraries and {"post", "json"} <= around.called
    return is_asked and "VideoCapture" in around.called and has_window(reach)


def found_by_rules(reach: Reach, around: Surroundings) -> Sign | None:
    """Return the first call that finds something in a picture, preferably of the script's own."""
    if not finds_by_rules(around) or around.called & SEEING <= _FLOWS:
        return None
    calls = (
        Sign(kind=INFER, points=1, name=name, path=unit.path, line=call.lineno)
        for unit in (*reach.own, *reach.others)
        for name, call in unit.calls
        if name in SEEING
    )
    return next(calls, None)


def has_window(reach: Reach) -> bool:
    """Whether anything that runs opens a window; a plot at the end is none."""
    return any(
        name in _WINDOWS and not _is_of_plot(call)
        for unit in (*reach.own, *reach.others)
        if not unit.called.isdisjoint(_WINDOWS)
        for name, call in unit.calls
    )


def _is_of_plot(call: ast.Call) -> bool:
    """Whether a call shows a plot: `plt.show()`, `axes[0].imshow(image)`."""
    if called(call) == "imshow":
        return isinstance(call.func, ast.Attribute) and receiver(call) not in {"cv2", "cv"}
    return called(call) == "show" and receiver(call).startswith(("plt", "pyplot", "fig", "ax"))
