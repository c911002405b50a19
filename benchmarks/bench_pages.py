"""What the pages cost with years of runs, beside Django's own plain list.

    .venv/bin/python benchmarks/bench_pages.py [--experiments 1000] [--runs 100000] [--postgres]
        [--data DIRECTORY]

Requests go through all middleware in this process, so a figure is the server's work alone: the
median of wall and processor time in milliseconds, the queries, and the size of the page. On a busy
machine processor time is what counts; that of PostgreSQL's own process is added. `--data` keeps
the filled SQLite database for the next time. PostgreSQL is started by this program. `!` is a page
beyond 12 queries or 300 ms of the processor, `*` a list beyond 2.5 times Django's own; `--only
WORD` measures the pages whose names have it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
ROUNDS = 7
LIST = "/admin/runs_app/run/"
MAIN = "m:metrics/mAP50(B)"
PAGES = {
    "newest first": "",
    "second page": "?p=2",
    "page 200": "?p=200",
    "sorted by main metric": "?sort=-main",
    "sorted by start": "?sort=-started",
    "sorted by a metric": f"?sort=-{MAIN}",
    "four metrics, three parameters": f"?col=type&col=main&col={MAIN}"
    "&col=m:metrics/recall(B)&col=m:val/box_loss&col=p:epochs&col=p:lr0&col=p:data&col=when",
    "metric above a value": f"?where={MAIN}:gte:0.99",
    "parameter equals": "?where=p:epochs:eq:3",
    "metric above, sorted by another": f"?where={MAIN}:gte:0.8&sort=m:val/box_loss",
    "failed this week": "?group=bad&ended=week",
    "mine": "?who=me",
    "waiting": "?group=waiting",
    "best per experiment": "?group=best",
    "one customer": "?customer=3",
    "one task, by metric": f"?task=ppe&sort=-{MAIN}",
    "search for a site": "?q=pohang",
    "search for a note": "?q=repeat",
    "nothing found": "?task=ppe&status__exact=lost&who=me",
    "two runs compared": "compare/?run=1000,2000",
    "ten runs compared": "compare/?run=" + ",".join(map(str, range(1000, 11000, 1000))),
    "a hundred runs compared": "compare/?run=" + ",".join(map(str, range(1000, 1100))),
}
# Pages that are none of the table of runs, as a member of the group Administrator sees them.
REGISTRY = "/admin/registry_app"
OTHER = {
    "home, manager": "/admin/?as=manager",
    "home, PM": "/admin/?as=pm",
    "home, engineer": "/admin/?as=engineer",
    "home, cells to look at": "/admin/?show=look",
    "experiments": f"{REGISTRY}/experiment/",
    "experiments of a task": f"{REGISTRY}/experiment/?task=ppe",
    "experiments, a search": f"{REGISTRY}/experiment/?q=pohang",
    "an experiment": f"{REGISTRY}/experiment/{{experiment}}/",
    "its timeline": f"{REGISTRY}/experiment/{{experiment}}/timeline/",
    "its form": f"{REGISTRY}/experiment/{{experiment}}/change/",
    "customers": f"{REGISTRY}/customer/",
    "a customer": f"{REGISTRY}/customer/{{customer}}/",
    "sites": f"{REGISTRY}/site/",
    "a site": f"{REGISTRY}/site/{{site}}/",
    "zones": f"{REGISTRY}/zone/",
    "a zone": f"{REGISTRY}/zone/{{zone}}/",
    "a good run": f"{LIST}{{good}}/change/",
    "its state": f"{LIST}{{good}}/state/",
    "its results": f"{LIST}{{good}}/metrics/",
    "a failed run": f"{LIST}{{failed}}/change/",
    "a run that goes on": f"{LIST}{{active}}/change/",
    "curves of ten runs": f"{LIST}curves/?{{compared}}",
    "live rows of the table": f"{LIST}rows/?newest=1&id={{active}}",
    "filters of the table": f"{LIST}choices/",
    "review": f"{REGISTRY}/proposal/",
    "change sets": f"{REGISTRY}/changeset/",
    "scans": f"{REGISTRY}/scanjob/",
    "hosts": "/admin/runs_app/hostheartbeat/",
    "audit": "/admin/portal/auditentry/",
}
MAX_QUERIES, MAX_MS, MAX_RATIO = 12, 300, 2.5
# Django's own list of the same rows; a page of the table with the same name is compared with it.
PLAIN = {
    "newest first": "",
    "sorted by a column": "?o=-7",
    "search for a site": "?q=pohang",
    "one task, by metric": "?experiment__task_type=ppe&o=-7",
}


def measure(pages: dict[str, str], user: str) -> dict[str, dict[str, float]]:
    """Return for each page the median of some requests (ms), the queries and the bytes."""
    import psutil
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import Client

    client = Client(HTTP_HOST="localhost")
    client.force_login(User.objects.get(username=user))
    engine = None
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            engine = psutil.Process(cursor.fetchone()[0])

    def engine_s() -> float:
        """Return the processor time of the database's process, in steps of 10 ms."""
        return sum(engine.cpu_times()[:2]) if engine else 0.0

    found = {}
    for name, query in pages.items():
        times: list[float] = []
        used: list[float] = []
        queries = 0
        engine_before = engine_s()

        def count(execute, *rest):  # type: ignore[no-untyped-def]
            nonlocal queries
            queries += 1
            return execute(*rest)

        for number in range(ROUNDS + 1):
            queries = 0
            with connection.execute_wrapper(count):
                begun, used_before = time.perf_counter(), time.process_time()
                answer = client.get(query if query.startswith("/") else LIST + query)
                size = len(answer.getvalue() if answer.streaming else answer.content)
                took, used_now = time.perf_counter() - begun, time.process_time() - used_before
            if answer.status_code != 200:
                sys.exit(f"{name}: {answer.status_code} {query}")
            if number:
                times.append(took)
                used.append(used_now)
        beside = (engine_s() - engine_before) / (ROUNDS + 1)
        found[name] = {
            "ms": statistics.median(times) * 1000,
            "cpu": (statistics.median(used) + beside) * 1000,
            "queries": queries,
            "bytes": size,
        }
    return found


@contextmanager
def database(arguments: argparse.Namespace) -> Iterator[str]:
    """Give a home with a migrated database; fill it unless it was filled before."""
    with tempfile.TemporaryDirectory() as base:
        home = Path(arguments.data or base).resolve()
        home.mkdir(parents=True, exist_ok=True)
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "GUARDIANFLOW_HOME": str(home),
            "GUARDIANFLOW_ROOTS": str(home / "roots"),
            "GUARDIANFLOW_LOG_LEVEL": "ERROR",
            "PYTHONPATH": f"{PROJECT}:{PROJECT / 'benchmarks'}",
        }
        sys.path.insert(0, str(PROJECT))
        if not arguments.postgres:
            yield fill(arguments)
            return
        from tests.postgres import running_server

        with running_server() as server:
            os.environ["DATABASE_URL"] = server.create("pages")
            yield fill(arguments)


def fill(arguments: argparse.Namespace) -> str:
    """Migrate and fill the database; return the name of the user who asks for pages."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)

    import pages_data

    from runs_app.models import Run

    if Run.objects.exists():
        return "engineer0"
    begun = time.monotonic()
    user = pages_data.fill(experiments=arguments.experiments, runs=arguments.runs)
    print(f"filled in {time.monotonic() - begun:.0f} s", file=sys.stderr)
    return user.username


def numbered(pages: dict[str, str]) -> dict[str, str]:
    """Return addresses with numbers of rows; the runs that are opened get points to draw."""
    import pages_data

    from registry_app.models import Experiment
    from runs_app.models import Run

    experiment = Experiment.objects.select_related("zone__site").order_by("pk")[7]
    assert experiment.zone is not None
    ended = Run.objects.filter(experiment=experiment)
    good = list(ended.filter(status="succeeded", type="train").order_by("-pk")[:10])
    for run in good:
        pages_data.write_points(run.folder)
    values = {
        "experiment": experiment.pk,
        "zone": experiment.zone_id,
        "site": experiment.zone.site_id,
        "customer": experiment.zone.site.customer_id,
        "good": good[0].pk,
        "failed": ended.filter(status="failed").latest("pk").pk,
        "active": Run.objects.filter(status="running").latest("pk").pk,
        "compared": "&".join(f"id={run.pk}" for run in good),
    }
    return {name: address.format(**values) for name, address in pages.items()}


def plain() -> dict[str, dict[str, float]]:
    """Measure Django's own list in a process of its own, which has other settings."""
    program = (
        "import json, django; django.setup();"
        "import bench_pages as b; print(json.dumps(b.measure(b.PLAIN, 'boss')))"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "plain_admin"}
    output = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    found: dict[str, dict[str, float]] = json.loads(output.splitlines()[-1])
    return found


def main() -> None:
    """Print a line for each page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--experiments", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--data")
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    with database(arguments) as user:
        from django.contrib.auth.models import Group, User
        from django.db import connection

        User.objects.get_or_create(
            username="boss", defaults={"is_staff": True, "is_superuser": True}
        )
        beside = plain()
        found = measure(_only(PAGES, arguments.only), user)
        # No superuser: permissions of groups cost two queries a page.
        keeper, _made = User.objects.get_or_create(username="keeper", defaults={"is_staff": True})
        keeper.groups.set(Group.objects.filter(name="Administrator"))
        others = measure(_only(numbered(OTHER), arguments.only), keeper.username)
        connection.close()
    base = beside["newest first"]["ms"]
    for title, rows in (("Django's own", beside), ("table of runs", found), ("others", others)):
        print(f"{title:34} {'ms':>7} {'ratio':>6} {'cpu':>6} {'ratio':>6} {'queries':>8} {'KB':>5}")
        for name, figures in rows.items():
            ratio = figures["cpu"] / beside.get(name, beside["newest first"])["cpu"]
            is_beyond = figures["queries"] > MAX_QUERIES or figures["cpu"] > MAX_MS
            mark = "!" if is_beyond else "*" if rows is found and ratio > MAX_RATIO else ""
            print(
                f"  {name:32} {figures['ms']:7.1f} {figures['ms'] / base:6.2f}"
                f" {figures['cpu']:6.0f} {ratio:6.2f}"
                f" {figures['queries']:8.0f} {figures['bytes'] / 1000:5.0f} {mark}"
            )


def _only(pages: dict[str, str], word: str) -> dict[str, str]:
    return {name: address for name, address in pages.items() if word in name}


if __name__ == "__main__":
    main()
