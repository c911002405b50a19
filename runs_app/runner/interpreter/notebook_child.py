"""Run by path by the interpreter of a notebook: executes it as Jupyter would.

What cells print is printed while they run. The notebook itself is only read; the executed one is
written where GUARDIANFLOW_EXECUTED_NOTEBOOK says, as far as it came, also when a cell fails or
the run is stopped. Needs nbclient and ipykernel in the environment of the notebook, Python 3.8.
"""

import os
import sys
import time
from typing import Any

OUTPUT = "GUARDIANFLOW_EXECUTED_NOTEBOOK"
SAVE_EVERY_S = 5.0
FAILED, INTERRUPTED = 1, 130


def main(path: str) -> int:
    """Execute a notebook; return the exit status."""
    # Kernels of the person's home may belong to another environment.
    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    notebook = nbformat.read(path, as_version=4)
    saver = Saver(notebook, os.environ.get(OUTPUT, ""))

    class Client(NotebookClient):
        def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
            echo(msg, cell_index + 1, len(notebook.cells))
            result = super().process_message(msg, cell, cell_index)
            saver.save_seldom()
            return result

    # Its folder is where Jupyter runs a notebook.
    resources = {"metadata": {"path": os.path.dirname(os.path.abspath(path))}}
    client = Client(notebook, timeout=None, kernel_name=kernel_of(notebook), resources=resources)
    try:
        client.execute()
    except CellExecutionError:  # its traceback has been printed
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001  a kernel that died or cannot be started
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return FAILED
    finally:
        saver.save()
    return 0


def kernel_of(notebook: Any) -> str:
    """Return the kernel to use: for Python always the one of this environment."""
    spec = notebook.metadata.get("kernelspec", {})
    language = notebook.metadata.get("language_info", {}).get("name", spec.get("language"))
    return str(spec.get("name", "python3")) if language not in {None, "python"} else "python3"


def echo(message: Any, cell: int, cells: int) -> None:
    """Print what a cell says, to the stream that it says it on."""
    kind, content = message["msg_type"], message["content"]
    out, text = sys.stdout, ""
    if kind == "execute_input":
        text = f"[cell {cell}/{cells}]\n"
    elif kind == "stream":
        out = sys.stderr if content["name"] == "stderr" else sys.stdout
        text = content["text"]
    elif kind in {"execute_result", "display_data"}:
        text = content["data"].get("text/plain", "") + "\n"
    elif kind == "error":
        out, text = sys.stderr, "\n".join(content["traceback"]) + "\n"
    out.write(text)
    out.flush()


class Saver:
    """Writes the executed notebook, aside and renamed."""

    def __init__(self, notebook: Any, path: str) -> None:
        self._notebook = notebook
        self._path = path
        self._saved_at = time.monotonic()

    def save_seldom(self) -> None:
        if time.monotonic() - self._saved_at > SAVE_EVERY_S:
            self.save()

    def save(self) -> None:
        import nbformat

        self._saved_at = time.monotonic()
        if not self._path:
            return
        try:
            nbformat.write(self._notebook, self._path + ".part")
            os.replace(self._path + ".part", self._path)
        except OSError as error:
            sys.stderr.write(f"The executed notebook cannot be written: {error}\n")


if __name__ == "__main__":
    # Python put the folder of this file first, where nothing of the notebook's can be.
    if sys.path and os.path.abspath(sys.path[0]) == os.path.dirname(os.path.abspath(__file__)):
        del sys.path[0]
    sys.exit(main(sys.argv[1]))
