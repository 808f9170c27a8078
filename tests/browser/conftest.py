"""The page in a real browser, opened from disk with the network off."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Dialog,
    Error,
    Page,
    Request,
    sync_playwright,
)

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
)


AXE = "axe-core@4"
INSTALL = ("install", "--no-package-lock", "--no-save", "--ignore-scripts", "--no-audit", AXE)
PATIENCE = 60  # seconds


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the script of axe-core; skip where npm is not there or reaches no registry."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("there is no npm")
    folder = tmp_path_factory.mktemp("axe")
    try:
        done = subprocess.run(
            [npm, *INSTALL, "--prefix", str(folder)],
            cwd=folder,
            capture_output=True,
            check=False,
            text=True,
            timeout=PATIENCE,
        )
        said = "" if done.returncode == 0 else done.stderr
    except subprocess.TimeoutExpired:
        said = f"no answer in {PATIENCE} seconds"
    if said and os.environ.get("AFTERCUT_BROWSER") == "required":
        pytest.fail(f"AFTERCUT_BROWSER is 'required', but axe-core cannot be installed: {said}")
    if said:
        pytest.skip(f"axe-core cannot be installed: {said}")
    return (folder / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


@dataclass
class Watched:
    """A page with all that it should not have done."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    @cached_property
    def heeds(self) -> dict[Any, Callable[..., None]]:
        """What is done at which event."""
        return {
            "request": self.heed_request,
            "console": self.heed_console,
            "dialog": self.heed_dialog,
            "pageerror": self.heed_error,
        }

    def heed_error(self, error: Error) -> None:
        self.complaints.append(str(error))

    def heed_request(self, request: Request) -> None:
        self.requests.append(request.url)

    def heed_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def heed_dialog(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        yield started
        started.close()


class Windows:
    """Windows that are used again: to open a new one takes longer than to open a page in it."""

    def __init__(self, browser: Browser) -> None:
        self.browser, self.free = browser, list[Page]()

    def take(self, *, width: int, dark: bool) -> Page:
        """Return a window with nothing in it, without a network."""
        page = self.free.pop() if self.free else self._new()
        page.set_default_timeout(20_000)
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(media="null", color_scheme="dark" if dark else "light")
        return page

    def _new(self) -> Page:
        return self.browser.new_context(offline=True, accept_downloads=True).new_page()

    def give_back(self, page: Page) -> None:
        """Empty a window for who comes next; its history stays, as a reviewer's would."""
        page.goto("about:blank")
        self.free.append(page)


@pytest.fixture(scope="session")
def windows(browser: Browser) -> Windows:
    return Windows(browser)


@pytest.fixture
def opened(windows: Windows) -> Iterator[Callable[..., Watched]]:
    """Open a file, as a reviewer does; everything that is not a file is refused."""
    taken: list[Watched] = []

    def open_file(
        path: Path, *, fragment: str = "", width: int = 1440, dark: bool = False
    ) -> Watched:
        watched = Watched(windows.take(width=width, dark=dark))
        taken.append(watched)
        for event, heed in watched.heeds.items():
            watched.page.on(event, heed)
        watched.page.goto(path.as_uri() + fragment)
        watched.page.locator("body:not([aria-busy])").wait_for()
        return watched

    yield open_file
    for watched in taken:
        for event, heed in watched.heeds.items():
            watched.page.remove_listener(event, heed)
        windows.give_back(watched.page)
