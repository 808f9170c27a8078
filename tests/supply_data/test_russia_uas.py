import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from analyzer.network.case import Case
from analyzer.network.effect import effect
from analyzer.study.compare import Comparison, compare
from scenarios.load import Library, library
from scenarios.schema import Status
from supply_data import folder, load
from supply_data.schema import Basis, Figured, SourceKind, Tables

FOLDER = folder("russia-uas")
FACTS = FOLDER / "facts"
BATTLEFIELD = ("chips", "avionics", "boards", "machine parts")
HUBS = {"CHN": 56.3, "HKG": 19.3, "TUR": 5.7, "ARE": 4.2}
UNTOUCHED = ("fibre", "bare_fibre", "motor", "battery", "piston", "piston_cn", "jet", "carbon")
POINTS = 10
LEAST_SAMPLE = 13


@cache
def tables() -> Tables:
    return load("russia-uas")


@cache
def scenarios() -> Library:
    return library("russia-uas")


@cache
def baseline() -> Comparison:
    return compare(Case(tables()), [])


def facts(name: str) -> list[dict[str, str]]:
    with (FACTS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def figured() -> Iterator[Figured]:
    held = (
        tables().components,
        tables().systems,
        tables().supplies,
        tables().lanes,
        tables().plants,
        tables().programmes,
    )
    for rows in held:
        yield from rows.values()
    yield from (*tables().requirements, *tables().stocks, *tables().targets)


def percent(amounts: Mapping[str, float]) -> dict[str, float]:
    total = sum(amounts.values())
    return {name: 100 * amount / total for name, amount in amounts.items()}


def counted_classes() -> dict[str, list[dict[str, str]]]:
    """Return the stored shares by component, where they count its own class or the world market."""
    stored = defaultdict(list)
    for row in facts("origin_shares"):
        stored[row["class"]].append(row)
    return {
        row["component"]: stored[row["shares_of"]]
        for row in facts("components")
        if row["rule"] == "brand"
    }


def test_the_dataset_is_read_without_a_fault_or_a_warning() -> None:
    assert tables().warnings == ()


def test_there_is_as_much_as_the_case_in_full_needs() -> None:
    assert len(tables().systems) >= 7
    assert len(tables().components) >= 35
    assert len(tables().supplies) >= 250
    assert len(tables().lanes) >= 120
    assert len(scenarios().scenarios) >= 30
    assert {row.pillar for row in tables().components.values()} == {
        "hardware",
        "training",
        "partnership",
    }


def test_every_row_says_where_its_figure_comes_from() -> None:
    for row in figured():
        assert row.as_of, row
        assert row.note, row
        if row.basis is not Basis.ASSUMED:
            assert row.source_ids, row


def test_a_reported_figure_of_high_confidence_has_a_primary_source() -> None:
    primary = {k for k, row in tables().sources.items() if row.kind is SourceKind.PRIMARY}
    for row in figured():
        if (row.basis, row.confidence) == (Basis.REPORTED, "high"):
            assert primary & set(row.source_ids), row
    for name in ("figures", "origin_shares"):
        for fact in facts(name):
            if (fact["kind"], fact["confidence"]) == ("reported", "high"):
                assert primary & set(fact["source_ids"].split(";")), fact


def test_hostile_sources_never_stand_alone_under_a_figure() -> None:
    hostile = {k for k, row in tables().sources.items() if row.kind is SourceKind.HOSTILE}
    assert {"S02", "S79"} <= hostile
    for row in figured():
        assert row.basis is Basis.ASSUMED or not set(row.source_ids) <= hostile, row
    for name in ("figures", "origin_shares"):
        for fact in facts(name):
            alone = set(fact["source_ids"].split(";")) <= hostile
            assert not alone or fact["kind"] == "claimed", fact


def test_what_rests_on_texts_not_read_in_the_primary_is_at_most_medium() -> None:
    unread = {"S04", "S88", "S103", "S110", "S111"}
    for row in figured():
        if row.source_ids and set(row.source_ids) <= unread:
            assert row.confidence != "high", row


def test_every_class_and_family_of_the_facts_is_held_or_its_absence_explained() -> None:
    rows = facts("coverage")
    held = {"component": tables().components, "family": tables().systems}
    card = (FOLDER / "README.md").read_text(encoding="utf-8")
    for row in rows:
        assert bool(row["held_as"]) != bool(row["reason"]), row
        if row["held_as"]:
            assert row["held_as"] in held[row["kind"]], row
        else:
            assert f"`{row['fact']}`" in card, row
    kinds = [row["kind"] for row in rows]
    assert (kinds.count("component"), kinds.count("family")) == (36, 12)
    absent = {row["fact"] for row in rows if not row["held_as"]}
    assert absent == {"storage_unit", "cots_drone", "cnc", "smt", "test", "owa_all", "all"}


@pytest.mark.parametrize(
    ("product", "made_from"),
    [
        ("motor_local", "magnet"),
        ("fibre_local", "bare_fibre"),
        ("piston_local", "cnc_parts"),
        ("airframe_geran", "cnc_parts"),
        ("boards_owa", "mcu"),
        ("crew_fpv", "trainee"),
    ],
)
def test_stages_stand_behind_what_is_assembled_at_home(product: str, made_from: str) -> None:
    rows = tables().requirements
    assert any((row.product, row.component) == (product, made_from) for row in rows)
    assert product in {row.product for row in tables().plants.values()}
    assert product in {row.component for row in rows}


def test_every_alternative_tells_how_fast_it_could_be_adopted() -> None:
    for row in tables().requirements:
        if row.max_fill < 1:
            assert row.adopt_months is not None, row
            assert row.adopt_share_per_month is not None, row
            assert {"adopt_months", "adopt_share_per_month", "max_fill"} <= set(row.ranges), row


def test_plants_and_hubs_can_grow() -> None:
    for plant in tables().plants.values():
        assert plant.ramp_per_month, plant
        assert (plant.ceiling_per_month or 0) > (plant.capacity_per_month or 0), plant
    hubs = {row["hub"] for row in facts("dispatch")} - {"coalition"}
    for lane in tables().lanes.values():
        if lane.from_place in hubs and lane.to_place == "RUS" and lane.carries[0] in BATTLEFIELD:
            ceiling = lane.ceiling_usd_per_month or 0
            assert ceiling > (lane.capacity_usd_per_month or 0), lane


def test_fibre_made_at_home_is_lost_and_may_come_back() -> None:
    row = tables().supplies["bare_fibre-rus-rus"]
    assert row.capacity_per_month == 0
    assert row.lead_months == 18
    assert row.ceiling_per_month == pytest.approx(4e6 / 12, rel=1e-3)


def test_civil_and_state_channels_stand_apart() -> None:
    channels = {key: row.channel for key, row in tables().supplies.items() if row.channel}
    assert channels["bare_fibre-telecom"] == channels["motor-hobby"] == "civil"
    assert channels["trainee-society"] == channels["trainee-retraining"] == "civil"
    assert channels["trainee-project"] == channels["instructor-rus-rus"] == "state"


def test_each_programme_funds_something_that_is_held() -> None:
    funded = {row.programme for row in tables().supplies.values()}
    funded |= {row.programme for row in tables().plants.values()}
    assert set(tables().programmes) == funded - {None}
    for row in tables().programmes.values():
        assert row.funding_usd, row


def test_every_source_that_a_fact_names_is_listed() -> None:
    listed = set(tables().sources)
    for path in sorted(FACTS.glob("*.csv")):
        for row in facts(path.stem):
            assert {s for s in row.get("source_ids", "").split(";") if s} <= listed, (path, row)
    for measure in scenarios().measures.values():
        assert set(measure.source_ids) <= listed, measure.id


def test_the_slots_of_each_product_are_filled_once_at_the_baseline() -> None:
    fills: dict[tuple[str, str], float] = defaultdict(float)
    for row in facts("requirements"):
        fills[row["product"], row["slot"]] += float(row["fill"] or 0)
    assert fills == {slot: pytest.approx(1) for slot in fills}


def test_every_capacity_covers_its_need_without_its_headroom() -> None:
    used: dict[str, float] = defaultdict(float)
    for row in facts("requirements"):
        used[row["component"]] += float(row["fill"] or 0)
    capacity: dict[str, float] = defaultdict(float)
    pools = {row["supply"] for row in facts("pools")}
    for key, supply in tables().supplies.items():
        if key not in pools:
            capacity[supply.component] += supply.capacity_per_month or 0
    stocks = {row.component: (row.quantity or 0) / 3 for row in tables().stocks}
    for component, need in stocks.items():
        assert used[component] > 0
        assert capacity[component] == pytest.approx(1.15 * need, rel=1e-3), component


def test_the_baseline_reaches_the_central_targets() -> None:
    assert baseline().certified
    assert baseline().table["capacity"].item() == pytest.approx(1, abs=0.1)
    assert (baseline().systems["share"] >= 0.9).all()


@pytest.mark.parametrize("component", sorted(counted_classes()))
def test_brands_of_capacity_reproduce_the_counted_shares(component: str) -> None:
    capacity: dict[str, float] = defaultdict(float)
    for row in tables().supplies.values():
        if row.component == component:
            capacity[row.brand or "other"] += row.capacity_per_month or 0
    held = percent(capacity)
    for share in counted_classes()[component]:
        assert not share["sample"] or int(share["sample"]) >= LEAST_SAMPLE
        if share["place"] != "unknown":
            assert held[share["place"]] == pytest.approx(float(share["central"]), abs=POINTS)


def test_brands_of_the_published_flows_reproduce_the_counted_shares() -> None:
    used = baseline().elements.query("kind == 'supply'").set_index("element")["used"]
    for component, shares in counted_classes().items():
        flows: dict[str, float] = defaultdict(float)
        for row in tables().supplies.values():
            if row.component == component:
                flows[row.brand or "other"] += used[row.element]
        held = percent(flows)
        for share in shares:
            if share["place"] != "unknown":
                expected = pytest.approx(float(share["central"]), abs=POINTS)
                assert held[share["place"]] == expected, (component, share["place"])


def last_legs() -> dict[str, float]:
    by_hub: dict[str, float] = defaultdict(float)
    for lane in tables().lanes.values():
        if lane.to_place == "RUS" and set(lane.carries) <= set(BATTLEFIELD):
            by_hub[lane.from_place] += lane.capacity_usd_per_month or 0
    return percent(by_hub)


def test_last_lanes_reproduce_the_dispatch_shares_of_battlefield_goods() -> None:
    held = last_legs()
    for hub, share in HUBS.items():
        assert held[hub] == pytest.approx(share, abs=POINTS)
    others = sum(share for hub, share in held.items() if hub not in HUBS)
    assert others == pytest.approx(14.5, abs=POINTS)


def test_published_flows_reproduce_the_dispatch_shares() -> None:
    used = baseline().elements.query("kind == 'lane'").set_index("element")["used"]
    by_hub: dict[str, float] = defaultdict(float)
    for lane in tables().lanes.values():
        if lane.to_place == "RUS" and set(lane.carries) <= set(BATTLEFIELD):
            by_hub[lane.from_place] += used[lane.element]
    held = percent(by_hub)
    for hub, share in HUBS.items():
        assert held[hub] == pytest.approx(share, abs=POINTS)


def test_chips_go_mostly_through_hong_kong_and_heavy_goods_straight_from_china() -> None:
    lanes = tables().lanes
    chips = {k: row.capacity_usd_per_month or 0 for k, row in lanes.items() if k.endswith("-chips")}
    assert max(chips, key=lambda key: chips[key]) == "hkg-rus-chips"
    for category in ("motors", "batteries", "fibre"):
        into = {
            row.from_place
            for row in lanes.values()
            if row.to_place == "RUS" and category in row.carries
        }
        assert into == {"CHN"}


def test_coalition_brands_are_made_at_home_and_in_third_countries() -> None:
    made: dict[str, float] = defaultdict(float)
    for row in tables().supplies.values():
        if row.component == "mcu" and row.brand == "USA":
            made[row.origin] += row.capacity_per_month or 0
    assert percent(made)["USA"] == pytest.approx(100 - 61, abs=0.1)
    assert set(made) == {"USA", "CHN", "MYS"}


def test_tiers_of_the_list_leave_fibre_motors_batteries_engines_and_carbon_untouched() -> None:
    for component in UNTOUCHED:
        assert tables().components[component].chpl_tiers == ()
    for name in ("chpl-full-enforcement", "chpl-tiers-1-2"):
        found = effect(tables(), scenarios().scenarios[name])
        assert not found.availability
        assert {good.item for _, good in found.arrival}.isdisjoint(UNTOUCHED)


def test_tiers_are_those_of_the_headings() -> None:
    tiers = {row["hs6"]: row["tier"] for row in facts("chpl_hs_codes")}
    assert len(tiers) == 50
    for row in tables().components.values():
        assert set(row.chpl_tiers) == {tiers[code] for code in row.hs6 if code in tiers}


def test_no_row_that_is_no_range_is_used_as_a_range() -> None:
    ends = {
        (float(row["low"]), float(row["high"]))
        for row in facts("figures")
        if row["is_range"] == "no" and row["low"] and row["high"]
    }
    assert len(ends) >= 6
    for row in figured():
        for span in row.ranges.values():
            assert (span.low, span.high) not in ends, row


def test_rules_reach_beyond_the_brand_where_the_facts_say_so() -> None:
    reach = {
        row.brand: row.reach for row in tables().supplies.values() if row.component == "memory"
    }
    assert reach["CHE"] == ("NLD",)
    assert reach["TWN"] == ("USA",)
    assert reach["USA"] == ()


def test_the_ai_module_is_tracked_and_has_an_alternative() -> None:
    slot = [row for row in tables().requirements if (row.product, row.slot) == ("lancet", "ai")]
    assert [row.component for row in slot] == ["ai_module", "ai_module_alt"]
    assert slot[0].tracked
    assert slot[1].max_fill < 1 < slot[1].quantity


def test_every_measure_of_the_facts_is_in_the_library() -> None:
    named = {measure.split("-")[0] for measure in scenarios().measures}
    assert {f"m{number:02}" for number in range(1, 31)} <= named
    assert scenarios().measures["m25-china-gallium-ban"].not_modelled
    used = {m.id for scenario in scenarios().scenarios.values() for m in scenario.measures}
    assert set(scenarios().measures) - used == {"m17-eu-kyrgyzstan-proposal"}


def test_the_library_is_read_without_a_warning_and_each_file_bears_its_id() -> None:
    assert scenarios().warnings == ()
    for name, _ in scenarios().files:
        path = Path("scenarios") / name
        assert path.stem in {*scenarios().measures, *scenarios().scenarios}


@pytest.mark.parametrize("name", sorted(library("russia-uas").scenarios))
def test_each_scenario_can_be_aimed_at_the_dataset(name: str) -> None:
    scenario = scenarios().scenarios[name]
    modelled = [measure for measure in scenario.measures if measure.not_modelled is None]
    found = effect(tables(), scenario)
    assert set(found.aims) | set(found.replaced) == {measure.id for measure in modelled}


def test_measures_in_force_state_the_leak_of_the_baseline() -> None:
    for measure in scenarios().measures.values():
        if measure.status is Status.IN_FORCE and measure.not_modelled is None:
            assert "baseline_leak" in measure.model_fields_set, measure.id


def test_listings_state_coverage_and_fade() -> None:
    for measure in scenarios().measures.values():
        if measure.kind == "entity_listing":
            assert measure.coverage.high < 1, measure.id
            assert measure.fade_months, measure.id
