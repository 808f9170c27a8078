"""What is measured is what the figures are stated for, and neither trivial nor hopeless."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analyzer.network.build import graph
from analyzer.network.prune import pruned
from analyzer.programme.arrays import model
from analyzer.programme.flow import Options, formulation, sets
from analyzer.programme.persistent import Persistent, limited
from analyzer.programme.solution import solution
from benchmarks import scan
from benchmarks.realistic import PUBLISHED, SIZES, Scale, realistic
from supply_data.schema import Tables


@pytest.mark.parametrize(
    ("name", "systems", "components", "origins", "hubs"),
    [("S", 10, 60, 30, 15), ("M", 50, 500, 60, 40), ("L", 200, 5000, 100, 60)],
)
def test_sizes_are_those_that_figures_are_stated_for(
    name: str, systems: int, components: int, origins: int, hubs: int
) -> None:
    tables = realistic(1, SIZES[name])
    crews = sum(row.category == "people" for row in tables.components.values())
    assert len(tables.systems) == systems
    assert len(tables.components) - crews == components
    assert len(tables.places) == origins + hubs + 1


def test_the_published_shape_has_its_nodes_and_sites() -> None:
    tables = realistic(1, PUBLISHED)
    sites = len(tables.supplies) + len(tables.plants)
    assert sites == 1500
    assert sites + len(tables.systems) + len(tables.places) == 1700


def test_the_same_seed_gives_the_same_network_and_another_another() -> None:
    one, again, other = realistic(3), realistic(3), realistic(4)
    assert one == again
    assert one.supplies != other.supplies


@pytest.fixture(scope="module")
def tables() -> Tables:
    return realistic(1)


def test_nothing_stands_there_for_show(tables: Tables) -> None:
    assert pruned(tables) == ()
    assert graph(tables).number_of_edges() > len(tables.elements) - len(tables.stocks)


def test_some_cuts_bite_and_some_do_not(tables: Tables) -> None:
    ready = model(formulation(sets(tables, [], Options())))
    whole = solution(ready)
    assert whole.capacity is not None
    assert 0.8 < whole.capacity < 0.99
    persistent = Persistent(ready.baseline)
    lost = []
    for limit in ready.places.values():
        shut = dict.fromkeys(limit.columns, 0.0)
        row = {} if limit.row is None else {limit.row: 0.0}
        proof = persistent.proof(limited(ready.baseline, high=shut, row_high=row))
        lost.append(proof.certificate.value - whole.certificate.value)
    assert 0.15 < np.mean(np.array(lost) > 1e-4) < 0.5


def test_the_table_of_a_scan_sets_the_ways_against_each_other() -> None:
    found = {
        name: scan.Found(
            columns=10**n, rows=9, cuts=100, before=0.4, swept=1.0 * n + 0.5, after=0.1, bare=1.0,
            solved=30, loop=0.01 * n, plain=0.1 * 10**n,
        )
        for n, name in enumerate(("S", "M"), start=1)
    }  # fmt: skip
    table = scan.table(found)
    assert "| **plain loop / ours** | **50x** | **333x** |" in table
    assert "| persistent loop / ours | 0.5x | 0.67x |" in table
    assert "| single cuts solved for | 30% | 30% |" in table
    assert "| sweep / its bare solver calls | 1.50x | 2.50x |" in table
    assert "plain loop 1.00, persistent loop 0.30, ours 0.18" in scan.exponents(found)
    page = scan.told(f"Before.\n{scan.BEGIN}\nof old\n{scan.END}\nAfter.\n", found)
    assert table in page
    assert page.startswith("Before.")
    assert page.endswith("After.\n")
    assert "of old" not in page
    assert scan.told(page, found) == page


def test_what_is_measured_of_a_size_is_kept_beside_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "KEPT", tmp_path / "scan.json")
    monkeypatch.setattr(scan, "TABLE", tmp_path / "README.md")
    scan.TABLE.write_text(f"{scan.BEGIN}{scan.END}", encoding="utf-8")
    one = scan.Found(columns=9, cuts=1, swept=1.0, bare=0.5, plain=0.1, loop=0.1)
    other = replace(one, columns=90)
    for name, found in (("M", one), ("M", other), ("S", one)):
        scan.keep(name, found)
    assert list(scan.kept().items()) == [("S", one), ("M", other)]
    assert "| | S | M |" in scan.TABLE.read_text(encoding="utf-8")


def test_the_page_of_benchmarks_holds_what_was_kept() -> None:
    assert scan.table(scan.kept()) in scan.TABLE.read_text(encoding="utf-8")


def test_ways_are_measured_on_the_same_cuts_and_find_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tiny = Scale(systems=3, components=30, origins=8, hubs=5, slots=6)
    monkeypatch.setitem(SIZES, "S", tiny)
    plan = scan.Plan(times=2, plain=3, loop=5, pairs=3, workers=2)
    monkeypatch.setitem(scan.PLANS, "S", plan)
    found = scan.measured("S")
    assert found.cuts > found.solved > 0
    assert found.pairs == found.cuts * (found.cuts - 1) / 2
    assert found.pairs > found.tried > found.paired
    assert found.apart < 1e-6
    assert 0 < found.bare < found.swept
    assert min(found.before, found.after, found.loop, found.plain, found.worker) > 0
    assert set(found.workers) == {"one", "threads", "processes"}


def test_what_is_drawn_stands_in_its_order_and_is_always_the_same() -> None:
    assert scan.drawn("abc", None) == ["a", "b", "c"]
    some = scan.drawn(range(100), 10)
    assert some == sorted(set(some)) == scan.drawn(range(100), 10)
