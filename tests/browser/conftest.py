"""The page in a real browser, opened from disk with the network off."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request, sync_playwright

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


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[..., Watched]]:
    """Open a file, as a reviewer does; everything that is not a file is refused."""
    contexts = []

    def open_file(
        path: Path, *, fragment: str = "", width: int = 1440, dark: bool = False
    ) -> Watched:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            offline=True,
            accept_downloads=True,
        )
        contexts.append(context)
        context.set_default_timeout(20_000)
        watched = Watched(context.new_page())
        watched.page.on("request", watched.heed_request)
        watched.page.on("console", watched.heed_console)
        watched.page.on("dialog", watched.heed_dialog)
        watched.page.on("pageerror", lambda error: watched.complaints.append(str(error)))
        watched.page.goto(path.as_uri() + fragment)
        watched.page.locator("body:not([aria-busy])").wait_for()
        return watched

    yield open_file
    for context in contexts:
        context.close()
