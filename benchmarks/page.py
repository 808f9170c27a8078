"""How large the reviewer's page is, and how fast it answers in headless Chromium.

``python benchmarks/page.py``: the shipped case with its library, and two networks: 60 boxes with 40
scenarios, and 1,000 boxes with 50, which the page folds. Of these networks the baseline is solved;
the scenarios are its result with other amounts, since the page only draws them. Times are from the
event to the frame that shows it, in milliseconds: median and slowest.
"""

import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import pandas as pd
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from analyzer.network.case import Case, case
from analyzer.report.page import page
from analyzer.study.compare import Comparison, compare
from benchmarks.realistic import Scale, realistic
from scenarios.schema import Scenario

SIXTY = Scale(systems=6, components=28, origins=14, hubs=8)
THOUSAND = Scale(systems=60, components=800, origins=90, hubs=50)
VIEW: ViewportSize = {"width": 1440, "height": 900}
OPENED = 5
SEARCHED = 20
FIRST = """new MutationObserver((_, observer) => {
  if (!document.body || document.body.hasAttribute("aria-busy")) return;
  observer.disconnect();
  globalThis.drawnAfter = new Promise((done) => requestAnimationFrame(
    () => setTimeout(() => done(performance.now()))));
}).observe(document, { attributes: true, childList: true, subtree: true });"""
TIMED = """async ({ id, event, values }) => {
  const frame = () => new Promise((next) => requestAnimationFrame(() => setTimeout(next)));
  const field = document.getElementById(id), times = [];
  for (const value of values) {
    await frame();
    const start = performance.now();
    field.value = value;
    field.dispatchEvent(new Event(event, { bubbles: true }));
    await frame();
    times.push(performance.now() - start);
  }
  return times;
}"""


def repeated(comparison: Comparison, count: int) -> Comparison:
    """Return a comparison with as many scenarios that are its baseline with other amounts."""
    draw = np.random.default_rng(1)
    names = [f"scenario-{n}" for n in range(count)]
    base = comparison.outcomes["baseline"]
    frames = {
        name: pd.concat([frame, *(_other(frame, other, draw) for other in names)])
        for name in ("table", "systems", "flows", "elements", "binding")
        for frame in (getattr(comparison, name),)
    }
    scenarios = tuple(Scenario(id=name, measures=()) for name in names)
    outcomes = {"baseline": base} | dict.fromkeys(names, base)
    return replace(
        comparison, case=Case(comparison.case.tables, scenarios), outcomes=outcomes, **frames
    )


AMOUNTS = ["quantity_per_month", "arrived_per_month", "value_usd_per_month", "used"]


def _other(frame: pd.DataFrame, scenario: str, draw: np.random.Generator) -> pd.DataFrame:
    """Return a scenario's rows: amounts of half of them anew."""
    found = frame.assign(scenario=scenario)
    columns = [column for column in AMOUNTS if column in found]
    factor = np.where(draw.random(len(found)) < 0.5, draw.uniform(0, 1.5, len(found)), 1.0)  # noqa: PLR2004 - half
    found[columns] = found[columns].mul(factor, axis=0)
    return found


def measured(browser: Browser, path: Path, *, scenarios: int) -> dict[str, list[float]]:
    """Return the times of the first drawing, of switches and of searches, milliseconds."""
    first = []
    for _ in range(OPENED):
        opened = browser.new_context(viewport=VIEW, offline=True).new_page()
        opened.add_init_script(FIRST)
        opened.goto(path.as_uri())
        opened.locator("body:not([aria-busy])").wait_for()
        first.append(float(opened.evaluate("drawnAfter")))
    labels = opened.evaluate(
        "[...document.querySelectorAll('#found option')].map((each) => each.value)"
    )
    picked = labels[:: max(1, len(labels) // SEARCHED)]
    switched = [str((n + 1) % scenarios) for n in range(scenarios)]
    return {
        "first drawing": first,
        "switch": _times(opened, "scenario", "change", switched),
        "search": _times(opened, "search", "input", picked),
    }


def _times(opened: Page, field: str, event: str, values: Sequence[str]) -> list[float]:
    wanted = {"id": field, "event": event, "values": values}
    return [float(time) for time in opened.evaluate(TIMED, wanted)]


def report(browser: Browser, folder: Path, name: str, comparison: Comparison) -> None:
    """Print size and times of one page."""
    start = perf_counter()
    path = folder / "page.html"
    path.write_text(page(comparison), encoding="utf-8")
    made = perf_counter() - start
    print(f"{name}: {path.stat().st_size / 1e6:.2f} MB, made in {made:.1f} s")
    for what, times in measured(browser, path, scenarios=len(comparison.table)).items():
        print(f"  {what:<14} {median(times):7.0f} ms, slowest {max(times):.0f} ms")


def drawn(scale: Scale, scenarios: int) -> Comparison:
    """Return a network with as many scenarios."""
    return repeated(compare(Case(realistic(1, scale), ())), scenarios)


def main() -> None:
    """Measure the three pages."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("there is no Chromium to measure in")
    shipped = case("russia-uas")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=chromium, args=options)
        where = Path(folder)
        report(browser, where, "russia-uas", compare(shipped, shipped.scenarios))
        report(browser, where, "60 boxes x 40 scenarios", drawn(SIXTY, 40))
        report(browser, where, "1,000 boxes x 50 scenarios", drawn(THOUSAND, 50))
        browser.close()


if __name__ == "__main__":
    main()
