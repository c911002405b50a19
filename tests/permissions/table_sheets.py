"""Lines of the table: spreadsheets of the registry, and imports that a worker plans."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.permissions.entries import Data, Entry, Send, page, plain, takes
from tests.permissions.roles import ADMINISTRATORS, CURATES, SEES, secret_of
from tests.permissions.world import World
from tests.stories.browser import Page

LIST = "admin:registry_app_experiment"
SHEET = "name,path\nsampyo-new,sampyo-new\n"
JOB = frozenset({"registry_app.ImportJob"})
APPLY = plain(apply="1")


def _export(world: World, boss: Client, address: str) -> Data:
    fields = Page(status=200, url=address, text=boss.get(address).text, headers={})
    return dict(fields.form("format").fields) | {"format": "0", "resource": "0"}


def _upload(world: World, boss: Client, address: str) -> Data:
    return {
        "kind": "experiments",
        "file": SimpleUploadedFile("experiments.csv", SHEET.encode()),
    }


def _confirmed(world: World, sender: Client, address: str) -> Data:
    """Return the form under the preview of a sheet, with the signed note of its sender."""
    answer = sender.post(address, _upload(world, sender, address) | secret_of(sender))
    shown = Page(status=200, url=address, text=answer.text, headers={}).form("confirm")
    return dict([*shown.fields, *shown.buttons])


def _uploads(name: str) -> Entry:
    look = Send(what="look at what a spreadsheet would change", by=CURATES, data=_upload)
    return takes(f"{LIST}_{name}", see=CURATES, sends=(look,))


LINES: tuple[Entry, ...] = (
    # One page at two addresses: the second is the one that the library of spreadsheets gave it.
    *(_uploads(name) for name in ("import_table", "import")),
    takes(
        f"{LIST}_process_import",
        see=CURATES,
        sends=(
            Send(
                what="import a spreadsheet",
                by=CURATES,
                changes=frozenset({"registry_app.Experiment"}),
                data=_confirmed,
                own=True,
            ),
        ),
    ),
    # An import is its uploader's alone: here an administrator's.
    takes(
        f"{LIST}_import_job",
        "import_job",
        see=ADMINISTRATORS,
        sends=(
            Send(what="apply a large import", by=ADMINISTRATORS, changes=JOB, data=APPLY),
            Send(
                what="discard a large import",
                by=ADMINISTRATORS,
                changes=JOB,
                data=plain(discard="1"),
            ),
        ),
    ),
    page(f"{LIST}_import_progress", "import_job", see=ADMINISTRATORS),
    takes(
        f"{LIST}_export",
        see=SEES,
        sends=(Send(what="export a spreadsheet", by=SEES, data=_export),),
    ),
)
