"""Take the pictures that the README shows: page and report of the shipped case, in Chromium.

Convention: pictures are PNG of few colours and at most `LARGEST` bytes, so that a clone stays
small; what they show is what ``aftercut run`` writes now.
"""

import shutil
import sys
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

import analyzer as ac

WHERE = Path(__file__).parent / "pictures"
LARGEST = 400_000
COLOURS = (256, 128, 64)
PATIENCE = 30_000  # milliseconds


class Picture(NamedTuple):
    """What is photographed: a file of a run, at which place, in a window of which size."""

    name: str
    file: str
    fragment: str
    width: int
    height: int


PICTURES = (
    Picture("page.png", "page.html", "#scenario=all-hubs-closed", 1440, 900),
    Picture("report.png", "report.html", "#answer", 1010, 980),
)


def take(run: Path, where: Path, *, browser: Browser) -> list[Path]:
    """Write the pictures of a finished run; return where they are.

    Raises
    ------
    ValueError
        If a picture is larger than it may be.
    """
    return [_taken(browser, run, where, picture) for picture in PICTURES]


def _taken(browser: Browser, run: Path, where: Path, picture: Picture) -> Path:
    context = browser.new_context(
        viewport={"width": picture.width, "height": picture.height},
        device_scale_factor=1.5,
        offline=True,
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto((run / picture.file).absolute().as_uri() + picture.fragment)
    page.locator("body:not([aria-busy])").wait_for()
    page.wait_for_timeout(500)  # until the graph has come to rest
    whole = Image.open(BytesIO(page.screenshot())).convert("RGB")
    context.close()
    small = next((png for colours in COLOURS if len(png := _png(whole, colours)) <= LARGEST), None)
    if small is None:
        msg = f"{picture.name} would have more than {LARGEST} bytes"
        raise ValueError(msg)
    where.mkdir(parents=True, exist_ok=True)
    path = where / picture.name
    path.write_bytes(small)
    return path


def _png(whole: Image.Image, colours: int) -> bytes:
    found = BytesIO()
    # a median cut would give up the red of what is cut, which is rare in a picture
    few = whole.quantize(colours, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(found, format="PNG", optimize=True)
    return found.getvalue()


def main() -> None:
    """Run the shipped case and take its pictures."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if chromium is None:
        sys.exit("needs Chromium: install it, for Debian as the package chromium")
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        run = ac.compare(ac.load("russia-uas")).save(Path(folder) / "run")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for path in take(run, WHERE, browser=browser):
            print(f"{path} {path.stat().st_size:,} bytes")
        browser.close()


if __name__ == "__main__":
    main()
