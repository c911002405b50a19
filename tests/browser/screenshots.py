"""Takes the pictures of the main pages in docs/images, from the portal of the stories.

    make screenshots

They are WebP, which Chromium itself makes of what it shows. File names tell page, language, and
theme or width where they are not the usual ones.
"""

from __future__ import annotations

import base64
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.places import BEST_RUN, FAILED_RUN, GOOD_RUN, OTHER_DATA, PLACES
from tests.browser.serving import World
from tests.browser.visiting import Mode, Visit, Visiting
from tests.browser.world.people import ENGINEER, MANAGER, PM, Person

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
QUALITY = 0.72
MODES = (
    Mode(language="en"),
    Mode(language="ko"),
    Mode(language="ko", colours="dark"),
    Mode(language="ko", width=390),
)
RUN = "/admin/runs_app/run/"
TO_WEBP = """
async ([png, quality]) => {
  const bytes = Uint8Array.from(atob(png), (character) => character.charCodeAt(0));
  const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  canvas.getContext("2d").drawImage(picture, 0, 0);
  const blob = await canvas.convertToBlob({ type: "image/webp", quality });
  const webp = new Uint8Array(await blob.arrayBuffer());
  return btoa(Array.from(webp, (byte) => String.fromCharCode(byte)).join(""));
}
"""


@dataclass(frozen=True, kw_only=True)
class Shot:
    """A page of which there is a picture, and who looks at it."""

    name: str
    address: str
    person: Person = ENGINEER


def shots(world: World) -> Iterator[Shot]:
    """Yield the main pages in the order of docs/pages.md."""
    (experiment,) = [place for place in PLACES if place.name == "an experiment"]
    yield Shot(name="home", address="/admin/", person=MANAGER)
    yield Shot(name="experiment", address=experiment.address(world))
    yield Shot(name="runs", address=RUN)
    yield Shot(name="run", address=f"{RUN}{GOOD_RUN}/change/")
    yield Shot(name="failed-run", address=f"{RUN}{FAILED_RUN}/change/")
    compared = "&".join(f"run={run}" for run in (BEST_RUN, GOOD_RUN, OTHER_DATA))
    yield Shot(name="compare", address=f"{RUN}compare/?{compared}")
    yield Shot(name="review", address="/admin/registry_app/proposal/?show=confirm", person=PM)


def file_name(shot: Shot, mode: Mode) -> str:
    """Return the name of a picture: `run.en.webp`, `run.ko.dark.webp`, `run.ko.phone.webp`."""
    more = [mode.colours] if mode.colours != "light" else []
    more += ["phone"] if mode.width < 500 else []
    return ".".join([shot.name, mode.language, *more, "webp"])


def take(browser: Browser, world: World, folder: Path) -> int:
    """Write all pictures into a folder; return their size in bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    size_bytes = 0
    blank = browser.new_page()
    for mode in MODES:
        for shot in shots(world):
            with Visiting(browser, world.address).by(shot.person, mode) as visit:
                picture = _webp(blank, _png(visit, shot))
            (folder / file_name(shot, mode)).write_bytes(picture)
            size_bytes += len(picture)
    return size_bytes


def _png(visit: Visit, shot: Shot) -> bytes:
    """Return the first screen of a page, when all of it is there."""
    visit.go(shot.address)
    visit.page.wait_for_load_state("networkidle")
    visit.page.evaluate("document.fonts.ready")
    picture: bytes = visit.page.screenshot(animations="disabled")
    return picture


def _webp(blank: Page, png: bytes) -> bytes:
    webp: str = blank.evaluate(TO_WEBP, [base64.b64encode(png).decode("ascii"), QUALITY])
    return base64.b64decode(webp)


def main(folder: Path = IMAGES) -> None:
    """Build and serve the portal of the stories, and take all pictures."""
    with tempfile.TemporaryDirectory(prefix="guardianflow-") as place, sync_playwright() as tools:
        database = Path(place) / "none.sqlite3"
        database.touch()  # an empty one; building the world migrates it
        world = World(Path(place), database)
        world.build()
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = tools.chromium.launch(
            executable_path=os.environ["CHROMIUM"], args=[*sandbox, "--disable-dev-shm-usage"]
        )
        with world.served():
            size_bytes = take(browser, world, folder)
        browser.close()
    sys.stdout.write(f"{size_bytes // 1000} kB in {folder}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES)
