"""Lines of the table: customers, sites, zones, with what is edited inline, and the vocabulary."""

from __future__ import annotations

from typing import Any

from tests.permissions.entries import Entry, Of, Send, chosen, form, model_pages, plain, takes
from tests.permissions.roles import CURATES

_MORE = {"Customer": "Site", "Site": "Zone", "Zone": ""}


def _pages(kind: str, adds: dict[str, Any], changes: dict[str, Any]) -> tuple[Entry, ...]:
    model, row = f"registry_app_{kind.lower()}", kind.lower()
    its_rows = frozenset({f"registry_app.{kind}"})
    field = next(iter(changes))
    inner = _MORE[kind]
    inline = (
        Send(
            what=f"add a {inner.lower()} on the page of its {row}",
            by=CURATES,
            changes=frozenset({f"registry_app.{inner}"}),
            data=form(field, press="_save", **_inline(inner)),
        ),
    )
    add = form(field, press="_save", **adds)
    return model_pages(
        model,
        row,
        version=f"{row}_version",
        spare=f"unused_{row}",
        to_read=True,
        adds=takes(
            "",
            see=CURATES,
            sends=(
                Send(what=f"add a {row}", by=CURATES, changes=its_rows, data=add),
                Send(
                    what=f"add a {row} in a popup",
                    by=CURATES,
                    changes=its_rows,
                    data=add,
                    query="?_popup=1",
                ),
            ),
        ),
        changes=(
            Send(
                what=f"change a {row}",
                by=CURATES,
                changes=its_rows,
                data=form(field, press="_save", **changes),
            ),
            *(inline if inner else ()),
        ),
        deletes=(
            Send(what=f"delete a {row}", by=CURATES, changes=its_rows, data=plain(post="yes")),
        ),
        actions=(
            Send(
                what=f"delete selected {row}s",
                by=CURATES,
                changes=its_rows,
                data=chosen("delete_selected", f"unused_{row}", post="yes"),
            ),
        ),
    )


def _inline(inner: str) -> dict[str, Any]:
    prefix = f"{inner.lower()}s"
    column = {"Site": "region", "Zone": "name"}[inner] if inner else ""
    return {
        f"{prefix}-TOTAL_FORMS": "2",
        f"{prefix}-1-{column}": "yeosu",
        f"{prefix}-1-plant": "plant9",
    }


_WORD = frozenset({"registry_app.VocabularyWord"})
_VOCABULARY = model_pages(
    "registry_app_vocabularyword",
    "vocabularyword",
    version="vocabularyword_version",
    to_read=True,
    adds=takes(
        "",
        see=CURATES,
        sends=(
            Send(
                what="add a word",
                by=CURATES,
                changes=_WORD,
                data=form("word", press="_save", word="lanyard", task="ppe"),
            ),
        ),
    ),
    changes=(
        Send(
            what="change a word",
            by=CURATES,
            changes=_WORD,
            data=form("word", press="_save", task="fall"),
        ),
    ),
    deletes=(Send(what="delete a word", by=CURATES, changes=_WORD, data=plain(post="yes")),),
    actions=(
        Send(
            what="delete selected words",
            by=CURATES,
            changes=_WORD,
            data=chosen("delete_selected", "vocabularyword", post="yes"),
        ),
    ),
)
LINES = (
    *_VOCABULARY,
    *_pages("Customer", {"name": "yeosu-steel"}, {"display_name": "Sampyo Cement"}),
    *_pages("Site", {"customer": Of("customer"), "region": "yeosu"}, {"region": "changwon"}),
    *_pages("Zone", {"site": Of("site"), "name": "silo"}, {"name": "kiln"}),
)
