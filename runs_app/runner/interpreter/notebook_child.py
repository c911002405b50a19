"""Run by path by the interpreter of a notebook: executes it as Jupyter would.

The output of cells is printed while they run. The notebook itself is only read. The executed copy
is written to the path in GUARDIANFLOW_EXECUTED_NOTEBOOK, with the cells executed so far, also if
a cell fails or the run is stopped. Needs Python 3.8, and nbclient and ipykernel in the notebook's
environment.
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
    # Kernels in the user's home may belong to another environment.
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

    # Jupyter runs a notebook in its own folder.
    resources = {"metadata": {"path": os.path.dirname(os.path.abspath(path))}}
    client = Client(notebook, timeout=None, kernel_name=kernel_of(notebook), resources=resources)
    try:
        client.execute()
    except CellExecutionError:  # its traceback has been printed
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001  a kernel that died or did not start
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return FAILED
    finally:
        saver.save()
    return 0


def kernel_of(notebook: Any) -> str:
    """Return the kernel to use: for Python always this environment's."""
    spec = notebook.metadata.get("kernelspec", {})
    language = notebook.metadata.get("language_info", {}).get("name", spec.get("language"))
    return str(spec.get("name", "python3")) if language not in {None, "python"} else "python3"


def echo(message: Any, cell: int, cells: int) -> None:
    """Print the output of a cell to the stream that the cell wrote to."""
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
    """Writes the executed notebook under a temporary name and renames it."""

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
    # Python put this file's folder first; none of the notebook's modules are there.
    if sys.path and os.path.abspath(sys.path[0]) == os.path.dirname(os.path.abspath(__file__)):
        del sys.path[0]
    sys.exit(main(sys.argv[1]))
