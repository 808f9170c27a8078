"""What the tests read off a page that is open in the browser."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from playwright.sync_api import Page


class Watched(Protocol):
    """A page with all that it should not have done."""

    page: Page
    requests: list[str]
    complaints: list[str]
    dialogs: list[str]


Opened = Callable[..., Watched]

VIOLATIONS = """async () => {
  const found = await axe.run(document);
  if (!found.passes.length) throw new Error("nothing was checked");
  return found.violations.flatMap((each) => each.nodes.map((node) => `${each.id}: ${node.html}`));
}"""


def written(html: str, folder: Path) -> Path:
    path = folder / "page.html"
    path.write_text(html, encoding="utf-8")
    return path


def pixels(watched: Watched) -> str:
    """The picture as it is drawn now."""
    return str(watched.page.evaluate("document.querySelector('#canvas canvas').toDataURL()"))


def texts(watched: Watched, selector: str) -> list[str]:
    found = watched.page.locator(selector).all_inner_texts()
    return [text.strip() for text in found]


def lead(watched: Watched) -> str:
    return str(watched.page.locator("#lead").inner_text())


def is_clean(watched: Watched) -> bool:
    own = [url for url in watched.requests if not url.startswith(("file:", "data:", "blob:"))]
    return (
        not (own or watched.complaints or watched.dialogs)
        and len([url for url in watched.requests if url.startswith("file:")]) == 1
    )


def centre(watched: Watched, node: str) -> dict[str, float]:
    """Where a box stands in the window."""
    found: dict[str, float] = watched.page.evaluate(
        """(id) => {
          const at = aftercut.network.getPosition(id);
          const frame = aftercut.holder.getBoundingClientRect();
          return { x: frame.left + at.x, y: frame.top + at.y };
        }""",
        node,
    )
    return found


def violations(watched: Watched, axe: str) -> list[str]:
    """Return what axe-core finds wrong with the page as it is now."""
    watched.page.evaluate(axe)
    return list(watched.page.evaluate(VIOLATIONS))
