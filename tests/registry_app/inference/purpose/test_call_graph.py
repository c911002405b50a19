"""Which code runs when a file is started."""

from __future__ import annotations

from registry_app.inference.code.project import Project
from registry_app.inference.purpose.call_graph import CallGraph
from tests.registry_app.inference.projects import make_project


def reached(project: Project, path: str) -> set[str]:
    """Names of what runs: functions, `Class.method`, with their file where it is another."""
    source = project.source(path)
    assert source is not None
    found = CallGraph(project).reach(source)
    names = {".".join(filter(None, (unit.owner, unit.name))) for unit in found.own if unit.name}
    return names | {
        f"{unit.path}:{'.'.join(filter(None, (unit.owner, unit.name)))}" for unit in found.others
    }


def test_functions_run_that_the_body_calls_and_those_that_they_call() -> None:
    project = make_project(
        {
            "run.py": """
            def main(): help()
            def help(): ...
            def never(): ...
            if __name__ == '__main__':
                main()
            """
        }
    )
    assert reached(project, "run.py") == {"main", "help"}


def test_a_method_runs_once_its_class_is_made_and_something_of_its_name_is_called() -> None:
    project = make_project(
        {
            "run.py": """
            class Base:
                def shared(self): ...
            class Trainer(Base):
                def __init__(self): ...
                def train(self): self.shared()
                def predict(self): ...
            class Other:
                def train(self): ...
            Trainer().train()
            """
        }
    )
    assert reached(project, "run.py") == {"Trainer.__init__", "Trainer.train", "Base.shared"}


def test_imports_are_followed_through_packages_modules_and_stars() -> None:
    project = make_project(
        {
            "run.py": """
            from modules import Pipeline
            from helpers import *
            import tools.eval as e
            Pipeline().run()
            prepare()
            e.measure()
            """,
            "modules/__init__.py": "from .counting import Pipeline\n",
            "modules/counting.py": "class Pipeline:\n    def run(self): ...\n",
            "helpers.py": "def prepare(): ...\ndef unused(): ...\n",
            "tools/eval.py": "def measure(): ...\n",
        }
    )
    assert reached(project, "run.py") == {
        "modules/counting.py:Pipeline.run", "helpers.py:prepare", "tools/eval.py:measure"
    }  # fmt: skip


def test_modules_that_import_each_other_end() -> None:
    project = make_project(
        {
            "a.py": "from b import two\ndef one(): two()\none()\n",
            "b.py": "from a import one\nfrom b import *\ndef two(): one()\n",
        }
    )
    assert reached(project, "a.py") == {"one", "b.py:two"}


def test_what_a_decorator_hands_to_a_framework_runs() -> None:
    project = make_project(
        {"cli.py": "@app.command()\ndef train(): ...\n@property\ndef x(): ...\n"}
    )
    assert reached(project, "cli.py") == {"train"}


def test_tensorflow_finds_the_main_function_by_its_name() -> None:
    text = "import tensorflow as tf\ndef main(_): ...\ndef other(_): ...\n{}\n"
    for run, names in (
        ("tf.app.run()", {"main"}),
        ("tf.compat.v1.app.run()", {"main"}),
        ("tf.app.run(other)", {"other"}),
        ("app.run()", set()),
    ):
        assert reached(make_project({"a.py": text.format(run)}), "a.py") == names


def test_modules_lie_below_a_folder_that_a_script_adds_to_the_path() -> None:
    project = make_project(
        {
            "src/demo.py": "import _init_paths\nfrom tracker import follow\nfollow()\n",
            "src/lib/tracker/__init__.py": "def follow(): ...\n",
        }
    )
    assert reached(project, "src/demo.py") == {"src/lib/tracker/__init__.py:follow"}


def test_a_thread_that_is_started_runs() -> None:
    text = "class Eye(Thread):\n    def run(self): ...\n    def stop(self): ...\nEye().start()\n"
    assert reached(make_project({"eye.py": text}), "eye.py") == {"Eye.run"}


def test_a_method_that_a_call_receives_runs_when_it_is_called_back() -> None:
    methods = "    def __init__(self): subscribe(self.seen)\n    def seen(self): ...\n"
    text = f"class Eye:\n{methods}    def unused(self): ...\nEye()\n"
    assert reached(make_project({"eye.py": text}), "eye.py") == {"Eye.__init__", "Eye.seen"}


def test_a_function_of_a_module_runs_that_a_call_receives() -> None:
    files = {"go.py": "import learn\nrun_step(learn.main, name='a')\n",
             "learn.py": "def main(): ...\ndef unused(): ...\n"}  # fmt: skip
    assert reached(make_project(files), "go.py") == {"learn.py:main"}


def test_a_function_may_import_what_it_is_named_after() -> None:
    files = {
        "run.py": """
        def train():
            from learn import train
            train()
        def test(): test()
        train(), test()
        """,
        "learn.py": "def train(): fit()\ndef fit(): ...\ndef test(): ...\n",
    }
    assert reached(make_project(files), "run.py") == {
        *("train", "test"), *("learn.py:train", "learn.py:fit"),
    }  # fmt: skip


def test_a_console_script_runs_the_function_that_it_names() -> None:
    files = {
        "setup.cfg": "[options.entry_points]\nconsole_scripts =\n  look = kit.eye:main\n",
        "kit/eye.py": "def main(): look()\ndef look(): ...\ndef unused(): ...\n",
    }
    assert reached(make_project(files), "kit/eye.py") == {"main", "look"}


def test_a_base_class_is_found_through_its_module() -> None:
    eye = "class Eye:\n    def see(self): ...\n    def unused(self): ...\n"
    files = {"go.py": "import eye\nclass Look(eye.Eye): ...\nLook().see()\n", "eye.py": eye}
    assert reached(make_project(files), "go.py") == {"eye.py:Eye.see"}


def test_a_method_that_a_call_receives_runs_later_but_an_option_is_a_value() -> None:
    eye = "class Eye:\n    def see(self): ...\n    def unused(self): ...\n"
    text = "from eye import Eye\neye = Eye()\ncamera.subscribe({}.see)\n"
    files = {"go.py": text.format("eye"), "eye.py": eye}
    assert reached(make_project(files), "go.py") == {"eye.py:Eye.see"}
    assert reached(make_project(files | {"go.py": text.format("args")}), "go.py") == set()


def test_a_table_of_classes_is_followed_where_it_is_used() -> None:
    kit = "class Eye:\n    def see(self): ...\nKINDS = {'eye': Eye, 'far': 3}\n"
    kit += "def build(kind): return KINDS[kind]()\ndef other(kind): ...\n"
    files = {"go.py": "from kit import build\nbuild(k).see()\n", "kit.py": kit}
    assert reached(make_project(files), "go.py") == {"kit.py:build", "kit.py:Eye.see"}
    files["go.py"] = "from kit import other\nother(k).see()\n"
    assert reached(make_project(files), "go.py") == {"kit.py:other"}


def test_a_function_may_import_another_of_its_name() -> None:
    files = {
        "go.py": "def train(config):\n    from kit import train\n    train(config)\ntrain(a)\n",
        "kit.py": "def train(config): ...\ndef other(): ...\n",
    }
    assert reached(make_project(files), "go.py") == {"train", "kit.py:train"}


def test_properties_of_what_is_made_run() -> None:
    text = (
        "class Eye:\n    @property\n    def lens(self): ...\n    @other\n    def far(self): ...\n"
    )
    assert reached(make_project({"go.py": text + "Eye()\n"}), "go.py") == {"Eye.lens"}
