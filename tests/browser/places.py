"""The pages of the portal that are looked at one by one, with who looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.browser.serving import World
from tests.browser.world import tree
from tests.browser.world.people import ADMINISTRATOR, ENGINEER, MANAGER, PM, Person

# Of the runs of tests/browser/world/history.py, which are numbered from 1.
GOOD_RUN, FAILED_RUN, BEST_RUN, OTHER_DATA = 20, 21, 15, 22


@dataclass(frozen=True, kw_only=True)
class Place:
    """A page; its address may need numbers of rows."""

    name: str
    address: Callable[[World], str]
    person: Person = ADMINISTRATOR


def _at(name: str, address: str, person: Person = ADMINISTRATOR) -> Place:
    return Place(name=name, address=lambda world: address, person=person)


def _experiment(world: World) -> int:
    return world.number("registry_app_experiment", name=tree.HELMET.name)


def _of_experiment(name: str, address: str, person: Person = ADMINISTRATOR) -> Place:
    return Place(name=name, address=lambda world: address.format(_experiment(world)), person=person)


REGISTRY, RUNS = "/admin/registry_app", "/admin/runs_app"
FORM = f"{REGISTRY}/experiment/{{}}/change/"
SOURCE = f"{REGISTRY}/experiment/{{}}/source/?path=train.py&line=9"
PLACES = (
    _at("home of an administrator", "/admin/"),
    _at("home of an engineer", "/admin/", ENGINEER),
    _at("home of a PM", "/admin/", PM),
    _at("home of a manager", "/admin/", MANAGER),
    _at("experiments", f"{REGISTRY}/experiment/"),
    _of_experiment("an experiment", FORM),
    _of_experiment(
        "an experiment, seen by an engineer", f"{REGISTRY}/experiment/{{}}/change/", ENGINEER
    ),
    _of_experiment("an experiment to read", f"{REGISTRY}/experiment/{{}}/"),
    _of_experiment("an experiment to read, by a manager", f"{REGISTRY}/experiment/{{}}/", MANAGER),
    _of_experiment("timeline of an experiment", f"{REGISTRY}/experiment/{{}}/timeline/"),
    _of_experiment("history of an experiment", f"{REGISTRY}/experiment/{{}}/history/"),
    _of_experiment("deletion of an experiment", f"{REGISTRY}/experiment/{{}}/delete/"),
    _of_experiment(
        "source of an experiment", f"{REGISTRY}/experiment/{{}}/source/?path=train.py&line=9"
    ),
    _at("a new experiment", f"{REGISTRY}/experiment/add/"),
    _at("import", f"{REGISTRY}/experiment/import/"),
    _at("review", f"{REGISTRY}/proposal/"),
    _at("customers", f"{REGISTRY}/customer/"),
    _at("a customer to read", f"{REGISTRY}/customer/1/"),
    _at("a customer", f"{REGISTRY}/customer/1/change/"),
    _at("sites", f"{REGISTRY}/site/"),
    _at("a site to read", f"{REGISTRY}/site/1/"),
    _at("a site", f"{REGISTRY}/site/1/change/"),
    _at("zones", f"{REGISTRY}/zone/"),
    _at("a zone to read", f"{REGISTRY}/zone/1/"),
    _at("a zone", f"{REGISTRY}/zone/1/change/"),
    _at("the vocabulary", f"{REGISTRY}/vocabularyword/"),
    _at("a new word", f"{REGISTRY}/vocabularyword/add/"),
    _at("sync", f"{REGISTRY}/syncquestion/"),
    _at("guesses to confirm", f"{REGISTRY}/proposal/?show=confirm"),
    _at("scans", f"{REGISTRY}/scanjob/"),
    _at("a scan", f"{REGISTRY}/scanjob/1/change/"),
    _at("a new scan", f"{REGISTRY}/scanjob/add/"),
    _at("change sets", f"{REGISTRY}/changeset/"),
    _at("a change set", f"{REGISTRY}/changeset/1/change/"),
    _at("runs", f"{RUNS}/run/"),
    _at("a good run", f"{RUNS}/run/{GOOD_RUN}/change/"),
    _at("a failed run", f"{RUNS}/run/{FAILED_RUN}/change/", MANAGER),
    _at("a comparison of no run", f"{RUNS}/run/compare/"),
    _at("a comparison with one run", f"{RUNS}/run/compare/?run={GOOD_RUN}"),
    _at("a comparison", f"{RUNS}/run/compare/?run={GOOD_RUN}&run={BEST_RUN}&run={OTHER_DATA}"),
    _at("a comparison of many", f"{RUNS}/run/compare/?run={','.join(map(str, range(1, 14)))}"),
    _of_experiment("the form of a run", f"{RUNS}/run/new/?experiment={{}}&type=train"),
    _at("runs that failed, with a metric", f"{RUNS}/run/?group=bad&col=main&col=p:lr&col=when"),
    _at("no run", f"{RUNS}/run/?q=nothing"),
    _at("main metrics", f"{RUNS}/mainmetric/"),
    _at("hosts", f"{RUNS}/hostheartbeat/"),
    _at("users", "/admin/auth/user/"),
    _at("a new user", "/admin/auth/user/add/"),
    _at("a user", "/admin/auth/user/1/change/"),
    _at("groups", "/admin/auth/group/"),
    _at("a group", "/admin/auth/group/1/change/"),
    _at("audit", "/admin/portal/auditentry/"),
    _at("password", "/admin/password_change/"),
)
