"""Lines of the table: spreadsheets of the registry."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.permissions.entries import Data, Entry, Send, button, takes
from tests.permissions.roles import CURATES, SEES, secret_of
from tests.permissions.world import World
from tests.stories.browser import Page

LIST = "admin:registry_app_experiment"
SHEET = "name,path\nsampyo-new,sampyo-new\n"


def _export(world: World, boss: Client, address: str) -> Data:
    fields = Page(status=200, url=address, text=boss.get(address).text, headers={})
    return dict(fields.form("format").fields) | {"format": "0", "resource": "0"}


def _upload(world: World, boss: Client, address: str) -> Data:
    return {
        "resource": "0",
        "format": "0",
        "import_file": SimpleUploadedFile("experiments.csv", SHEET.encode()),
    }


def _confirmed(world: World, sender: Client, _address: str) -> Data:
    address = world.address(f"{LIST}_import")
    answer = sender.post(address, _upload(world, sender, address) | secret_of(sender))
    shown = Page(status=200, url=address, text=answer.text, headers={}).form("import_file_name")
    return dict(shown.fields)


LINES: tuple[Entry, ...] = (
    takes(
        f"{LIST}_import",
        see=CURATES,
        sends=(Send(what="look at what a spreadsheet would change", by=CURATES, data=_upload),),
    ),
    button(
        f"{LIST}_process_import",
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
    takes(
        f"{LIST}_export",
        see=SEES,
        sends=(Send(what="export a spreadsheet", by=SEES, data=_export),),
    ),
)
