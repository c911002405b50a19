"""Response times for 20 users during imports, previews and scans, in seconds, of a real server.

    .venv/bin/python benchmarks/bench_load.py [SECONDS]

`guardianflow up` serves a registry of 1,000 experiments on the loopback address. Clients view
pages, save experiments and log in. Meanwhile a worker plans a sheet of 5,000 rows repeatedly and
applies one of 5,000 new rows, sheets of 300 rows are previewed and applied in the page, and the
directories are scanned. Any response with status 500 or above fails the run.
"""

from __future__ import annotations

import math
import os
import random
import re
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

PROJECT = Path(__file__).resolve().parent.parent
CLIENTS, KNOWN, LARGE, SMALL = 20, 1000, 5000, 300
BESIDE = ("small sheets", "large previews", "large imports", "scans")
THINK_S = (1.0, 4.0)
COME_WITHIN_S = 10
PASSWORD = secrets.token_urlsafe(12)
ADMIN = "/admin/registry_app/experiment/"
_RANDOM = random.SystemRandom()
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Figures:
    """The responses and their times; filled by many threads."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}
        self.status: Counter[int] = Counter()
        self.done: Counter[str] = Counter()
        self._lock = threading.Lock()

    def note(self, kind: str, seconds: float, status: int) -> None:
        with self._lock:
            self.seconds.setdefault(kind, []).append(seconds)
            self.status[status] += 1

    def count(self, what: str) -> None:
        with self._lock:
            self.done[what] += 1


class Browser:
    """One user's session."""

    def __init__(self, base: str, figures: Figures, name: str) -> None:
        self._base, self._figures, self._name = base, figures, name
        self._session = requests.Session()
        self._session.headers.update({"Accept-Language": "en", "Connection": "close"})

    def get(self, path: str, *, kind: str = "page") -> requests.Response:
        return self._asked(kind, "GET", path)

    def post(self, path: str, *, kind: str = "save", **sent: object) -> requests.Response:
        token = _TOKEN.search(self.get(path, kind="form").text)
        fields = {"csrfmiddlewaretoken": token.group(1) if token else "", **sent.pop("data", {})}  # type: ignore[dict-item]
        return self._asked(kind, "POST", path, data=fields, **sent)

    def log_in(self) -> None:
        self._session.cookies.clear()
        fields = {"username": self._name, "password": PASSWORD}
        answer = self.post("/admin/login/?next=/admin/", kind="log-in", data=fields)
        assert answer.url.endswith("/admin/"), answer.url

    def _asked(self, kind: str, method: str, path: str, **sent: object) -> requests.Response:
        began = time.monotonic()
        answer = self._session.request(method, self._base + path, timeout=120, **sent)  # type: ignore[arg-type]
        self._figures.note(kind, time.monotonic() - began, answer.status_code)
        return answer


def sheet(roots: Path, names: list[str], owner: str) -> dict[str, tuple[str, bytes]]:
    lines = ["name,path,customer,region,plant,zone,task,owner"]
    lines += [f"{item},{roots}/{item},sampyo,gimhae,plant1,mixer,bct,{owner}" for item in names]
    return {"file": ("sheet.csv", "\n".join(lines).encode())}


def browse(browser: Browser, stop: threading.Event) -> None:
    """View pages as users do."""
    stop.wait(_RANDOM.uniform(0, COME_WITHIN_S))
    browser.log_in()
    while not stop.is_set():
        for path in ("/admin/", ADMIN, f"{ADMIN}{_RANDOM.randint(1, KNOWN)}/change/"):
            browser.get(path)
            stop.wait(_RANDOM.uniform(*THINK_S))


def log_in_often(browser: Browser, stop: threading.Event) -> None:
    """Measure how long a log-in takes, from its form to the first page."""
    while not stop.wait(1):
        browser.log_in()


def save(browser: Browser, stop: threading.Event) -> None:
    """Create customers."""
    stop.wait(_RANDOM.uniform(0, COME_WITHIN_S))
    browser.log_in()
    path = "/admin/registry_app/customer/add/"
    while not stop.is_set():
        fields = {"name": secrets.token_hex(8), "display_name": "x"}
        forms = {f"sites-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
        browser.post(path, data=fields | forms)
        stop.wait(_RANDOM.uniform(*THINK_S))


def import_small(browser: Browser, stop: threading.Event, roots: Path, figures: Figures) -> None:
    """Preview and confirm a sheet within the page."""
    browser.log_in()
    names = [f"known-{number}" for number in range(SMALL)]
    while not stop.is_set():
        sent = sheet(roots, names, secrets.token_hex(4))
        page = browser.post(
            f"{ADMIN}import-spreadsheet/", kind="preview", files=sent, data={"kind": "experiments"}
        )
        note = re.search(r'name="confirm" value="([^"]+)"', page.text)
        if note:
            done = browser.post(
                f"{ADMIN}import-spreadsheet/", kind="apply", data={"confirm": note.group(1)}
            )
            figures.count("small sheets applied" if done.ok else "small sheets refused as stale")
        stop.wait(1)


def import_large(
    browser: Browser, stop: threading.Event, roots: Path, figures: Figures, *, applies: bool
) -> None:
    """Let the worker plan a sheet, and view its preview; confirm it if requested."""
    browser.log_in()
    while not stop.is_set():
        names = [f"new-{secrets.token_hex(4)}-{number}" for number in range(LARGE)]
        page = browser.post(
            f"{ADMIN}import-spreadsheet/",
            kind="upload",
            files=sheet(roots, names, "jiwoo"),
            data={"kind": "experiments"},
        )
        path = page.url.removeprefix(browser._base)
        if not _finished(browser, path, stop):
            return
        figures.count("large sheets planned")
        if applies:
            browser.post(path, data={"apply": ""})
            if not _finished(browser, path, stop):
                return
            applied = "Applied" in browser.get(path).text
            figures.count("large sheets applied" if applied else "large sheets refused as stale")
        stop.wait(1)


def _finished(browser: Browser, path: str, stop: threading.Event) -> bool:
    while not stop.is_set():
        if browser.get(f"{path}progress/", kind="progress").json()["finished"]:
            return True
        stop.wait(1)
    return False


def scan(browser: Browser, stop: threading.Event, figures: Figures) -> None:
    browser.log_in()
    while not stop.is_set():
        page = browser.post("/admin/registry_app/scanjob/add/")
        progress = page.url.removeprefix(browser._base).replace("change/", "progress/")
        while not stop.is_set() and not browser.get(progress, kind="progress").json()["finished"]:
            stop.wait(1)
        figures.count("scans")
        stop.wait(2)


@contextmanager
def served(base: Path) -> Iterator[str]:
    """Serve a portal with KNOWN experiments and a user for every client."""
    home, roots = base / "home", base / "experiments"
    home.mkdir()
    roots.mkdir()
    for number in range(20):
        (roots / f"scanned-{number}").mkdir()
        (roots / f"scanned-{number}" / "train.py").write_text("import argparse\n")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "GUARDIANFLOW_HOME": str(home),
        "GUARDIANFLOW_ROOTS": str(roots),
        "MLFLOW_TRACKING_URI": "http://127.0.0.1:9",
        "PYTHONPATH": str(PROJECT),
    }
    sys.path.insert(0, str(PROJECT))
    import django

    django.setup()
    from django.contrib.auth.models import User
    from django.core.management import call_command

    from registry_app.models import Experiment

    call_command("migrate", verbosity=0)
    for number in range(CLIENTS + len(BESIDE)):
        User.objects.create_superuser(f"client-{number}", password=PASSWORD)
    Experiment.objects.bulk_create(
        Experiment(name=f"known-{number}", path=str(roots / f"known-{number}"))
        for number in range(KNOWN)
    )
    argv = [sys.executable, str(PROJECT / "manage.py"), "up", "--port", str(port)]
    with (base / "up.log").open("wb") as log:
        process = subprocess.Popen(argv, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_it_answers(url)
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _wait_until_it_answers(url: str) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            requests.get(f"{url}/admin/login/", timeout=5)
            return
        except requests.RequestException:
            time.sleep(0.3)
    raise SystemExit("the portal did not respond within two minutes")


def measure(url: str, roots: Path, seconds: float, *, beside: bool) -> Figures:
    """Let all clients work for a time, with or without simultaneous imports and scans."""
    figures, stop = Figures(), threading.Event()
    browsers = [Browser(url, figures, f"client-{n}") for n in range(CLIENTS + len(BESIDE))]
    works: list[Callable[[Browser], None]] = [
        lambda item: log_in_often(item, stop),
        *[lambda item: save(item, stop)] * 2,
        *[lambda item: browse(item, stop)] * (CLIENTS - 3),
    ]
    if beside:
        works += [
            lambda item: import_small(item, stop, roots, figures),
            lambda item: import_large(item, stop, roots, figures, applies=False),
            lambda item: import_large(item, stop, roots, figures, applies=True),
            lambda item: scan(item, stop, figures),
        ]
    threads = [
        threading.Thread(target=work, args=(item,))
        for work, item in zip(works, browsers, strict=False)
    ]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    stop.set()
    for thread in threads:
        thread.join()
    return figures


def show(title: str, figures: Figures) -> None:
    print(f"{title}, load average {os.getloadavg()[0]:.1f}")
    print("  kind        count   median      p95  longest")
    for kind, values in sorted(figures.seconds.items()):
        ordered = sorted(values)
        p95 = ordered[max(0, math.ceil(len(ordered) * 0.95) - 1)]
        print(
            f"  {kind:10s} {len(values):6d} {statistics.median(values):8.2f} {p95:8.2f} "
            f"{ordered[-1]:8.2f}"
        )
    print("  answers", dict(sorted(figures.status.items())), dict(sorted(figures.done.items())))


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 45.0
    with tempfile.TemporaryDirectory(prefix="bench-load-") as folder:
        base = Path(folder)
        with served(base) as url:
            alone = measure(url, base / "experiments", seconds / 3, beside=False)
            loaded = measure(url, base / "experiments", seconds, beside=True)
        locked = (base / "home" / "logs" / "web.log").read_text().count("database is locked")
    show(f"{CLIENTS} clients alone, {seconds / 3:.0f} s", alone)
    show(f"{CLIENTS} clients beside imports and scans, {seconds:.0f} s", loaded)
    print(f"locked database: {locked} times")
    if any(status >= 500 for status in loaded.status):
        raise SystemExit("an answer was 500 or above")


if __name__ == "__main__":
    main()
