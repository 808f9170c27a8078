"""What is told of a run: each number is in the frames, each element in the tables."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from math import isfinite, nan

import pytest

from analyzer.network.case import Case, case
from analyzer.report.findings import Claim, as_records, finding, findings, paragraph
from analyzer.study.compare import BASELINE, Comparison, compare
from scenarios.schema import Measure, Scenario
from supply_data import load
from supply_data.schema import System, Tables
from tests.networks_by_hand import END, START, dataset, diamond, lane, need, supply, system


@pytest.fixture(scope="module")
def island() -> Comparison:
    return compare(case("tutorial"))


def scenario(name: str, *measures: dict[str, object], title: str = "") -> Scenario:
    made = tuple(Measure.model_validate({"id": f"{name}-{n}", **m}) for n, m in enumerate(measures))
    return Scenario(id=name, title=title, measures=made)


def lane_cut(name: str, share: float = 1.0) -> dict[str, object]:
    return {"where": {"table": "lanes", "lane": name}, "cut": share}


def supply_cut(name: str, share: float = 1.0) -> dict[str, object]:
    return {"where": {"table": "supplies", "supply": name}, "cut": share}


def tried(tables: Tables, *scenarios: Scenario) -> Comparison:
    return compare(Case(tables, scenarios=scenarios))


def texts(comparison: Comparison, name: str) -> list[str]:
    return [claim.text for claim in finding(comparison, name).claims]


def claim_with(comparison: Comparison, name: str, words: str) -> Claim:
    (found,) = (claim for claim in finding(comparison, name).claims if words in claim.text)
    return found


# --- the tutorial


def test_hub_and_school_claim_by_claim(island: Comparison) -> None:
    assert finding(island, "hub-and-school").claims == (
        Claim(
            "48.1 % of the baseline's scaling capacity survives after re-planning; at once 48.1 % "
            "does, so re-planning recovers nothing.",
            ("lane:hub-isle", "supply:crew-school"),
        ),
        Claim(
            "2 of 2 systems fall: Street lamp from 100 % to 13.3 % of target; Solar pump from 80 % "
            "to 73.3 % of target.",
            ("supply:chip-beta", "supply:crew-school"),
        ),
        Claim(
            "Partnership binds: without its cuts 72.2 % would survive, with its cuts alone 50 %. "
            "The loss divides into partnership 37 % and training 14.8 %.",
            ("lane:hub-isle",),
        ),
        Claim(
            "What binds most is Crew-day from The island: losing 1 % of it costs 0.593 % of the "
            "baseline's capacity.",
            ("supply:crew-school",),
        ),
        Claim(
            "The largest bottleneck is The hub to The island (electronics): 1 % more gains "
            "0.833 %.",
            ("lane:hub-isle",),
        ),
        Claim(
            "Supply from abroad falls by USD 3,790 a month, most from Alpha, by USD 2,800 a month.",
            ("supply:basic-beta", "supply:body-gamma", "supply:chip-alpha"),
        ),
        Claim(
            "Of its 2 measures the one that counts most is The lane from the hub to the island is "
            "closed: lifting it alone returns 24.1 %.",
            ("lane:hub-isle",),
        ),
        Claim(
            "Of what decides this 100 % is assumed; the weakest figure is that of Crew-day from "
            "The island (assumed, confidence low), 2 without a date.",
            ("supply:chip-beta", "supply:crew-school"),
        ),
    )


def test_the_baseline_says_what_falls_short_and_what_binds(island: Comparison) -> None:
    first, short, binds, bottleneck, *_ = finding(island, BASELINE).claims
    assert first.text == "The baseline can field 90 % of the reference output."
    assert short == Claim("Short of target: Solar pump (80 %).", ("plant:pump-works",))
    assert binds.elements == bottleneck.elements == ("plant:pump-works",)
    assert binds.text.endswith(": losing 1 % of it costs 0.444 % of the baseline's capacity.")
    assert bottleneck.text == "It is the largest bottleneck too: 1 % more gains 0.444 %."


def test_ranks_are_told_where_the_weights_change_them(island: Comparison) -> None:
    assert claim_with(island, "hub-closed", "Weights").text == (
        "Weights pick winners: from the least that survives it ranks 2 of 5 here, 1 (41.7 % "
        "survives) under units and weight."
    )
    assert "Weights" not in paragraph(finding(island, "brand-control"))


# --- what holds of every finding


def every_run() -> Iterator[Comparison]:
    yield compare(case("tutorial"))
    yield tried(
        diamond(),
        scenario("half", lane_cut("start-north")),
        scenario("some", lane_cut("start-south", 0.3)),
    )
    yield tried(alternatives(), scenario("first", supply_cut("good", 0.6)))


@pytest.fixture(scope="module", params=range(3))
def run(request: pytest.FixtureRequest) -> Comparison:
    runs: list[Comparison] = list(every_run())
    chosen: int = request.param
    return runs[chosen]


NUMBER = re.compile(r"(?<![\w.,-])(\d[\d,]*(?:\.\d+)?)( million)?(?![\w-])")


def numbers(text: str) -> list[tuple[float, float]]:
    """Return the numbers of a text, each with half of the last digit shown."""
    found = []
    for figure, million in NUMBER.findall(text):
        digits = figure.replace(",", "").rstrip(",")
        last = 10.0 ** -len(digits.partition(".")[2])
        size = 1e6 if million else 1.0
        found.append((float(digits) * size, 0.5000001 * last * size))
    return found


def in_the_frames(comparison: Comparison, name: str) -> set[float]:
    """Return all that a finding may say: figures of the scenario, and counts of its rows."""
    table = comparison.table.set_index("scenario")
    row = table.select_dtypes("float").to_dict("index")[name]
    base = comparison.outcomes[BASELINE].capacity or nan
    shares = [*row.values(), row["surviving"] - row["at_once"]]
    systems = comparison.systems[comparison.systems["scenario"].isin([BASELINE, name])]
    shares += systems["share"].tolist()
    outcome = comparison.outcomes[name]
    for one in (outcome.standings or {}).values():
        shares += [one.relief / base, one.ceiling / base, one.loss_share]
    shares += [*outcome.first_choice.values(), *comparison.outcomes[BASELINE].first_choice.values()]
    shares += comparison.evidence(name).shares.values()
    measures = comparison.measures[comparison.measures["scenario"] == name]
    shares += measures["returns"].tolist()
    binding = comparison.binding[comparison.binding["scenario"] == name]
    changes = comparison.changes[comparison.changes["scenario"] == name]
    more = (changes["usd_after"] - changes["usd_before"]).abs()
    by_group = more.groupby([changes["group"], changes["category"]]).sum()
    counts = range(max(len(systems), len(table), len(measures), len(binding)) + 1)
    return {
        *(100 * share for share in shares if isfinite(share)),
        *binding["loss_1pct"],
        *binding["gain_1pct"],
        *(float(format(value, ".3g")) for value in (*more, *by_group)),
        *map(float, counts),
    }


def told_wrongly(comparison: Comparison, name: str, text: str) -> list[float]:
    """Return the numbers of a text that are not in the frames; names are left out."""
    names = [*comparison.systems["name"], *comparison.measures["title"], *comparison.table["title"]]
    for one in sorted(map(str, names), key=len, reverse=True):
        text = text.replace(one, "")
    known = in_the_frames(comparison, name)
    return [
        value for value, off in numbers(text) if not any(abs(value - one) <= off for one in known)
    ]


def test_every_number_is_in_the_frames(run: Comparison) -> None:
    for found in findings(run):
        assert numbers(paragraph(found))
        assert told_wrongly(run, found.scenario, paragraph(found)) == []


def test_a_number_that_is_not_in_the_frames_would_be_noticed(island: Comparison) -> None:
    wrong = "48.2 % survives; USD 2,810 a month; USD 1.3 million; losing 1 % costs 0.594 %; 17."
    assert told_wrongly(island, "hub-and-school", wrong) == [48.2, 2810, 1.3e6, 0.594, 17]


def test_every_element_exists_and_stands_once_in_order(run: Comparison) -> None:
    claims = [claim for found in findings(run) for claim in found.claims]
    assert any(claim.elements for claim in claims)
    for claim in claims:
        assert set(claim.elements) <= set(run.case.tables.elements)
        assert list(claim.elements) == sorted(set(claim.elements))


def test_findings_are_those_of_the_table_in_its_order(run: Comparison) -> None:
    found = findings(run)
    assert [one.scenario for one in found] == run.table["scenario"].tolist()
    assert found == tuple(finding(run, name) for name in run.table["scenario"])


def test_records_are_the_claims(run: Comparison) -> None:
    records = as_records(run)
    assert [(r["scenario"], r["text"], tuple(r["elements"])) for r in records] == [
        (found.scenario, claim.text, claim.elements)
        for found in findings(run)
        for claim in found.claims
    ]


def test_sentences_are_plain_and_name_no_route(run: Comparison) -> None:
    for found in findings(run):
        for claim in found.claims:
            assert claim.text.endswith(".")
            assert claim.text[0].isupper() or claim.text[0].isdigit()
            assert claim.text.isascii()
            assert not re.search(r"route|cheap|nan|None|  ", claim.text)


# --- nothing without its certificate


def test_an_uncertified_scenario_says_so_and_nothing_else(island: Comparison) -> None:
    failed = island.table["scenario"] == "hub-closed"
    table = island.table.assign(certified=~failed)
    told = replace(island, table=table.assign(surviving=table["surviving"].mask(failed)))
    assert finding(told, "hub-closed").claims == (Claim("Uncertified: no number is shown."),)
    others = {text for name in table["scenario"][~failed] for text in texts(told, name)}
    assert not any("hub-closed" in text for text in others)
    assert "ranks 4 of 4 here" in claim_with(told, "origin-control", "Weights").text


def test_with_the_baseline_uncertified_no_share_is_told(island: Comparison) -> None:
    first = island.table["scenario"] == BASELINE
    told = replace(island, table=island.table.assign(certified=~first, surviving=nan))
    assert texts(told, BASELINE) == ["Uncertified: no number is shown."]
    assert texts(told, "hub-closed") == ["The baseline is uncertified: no share of it is shown."]


def test_parts_that_are_unknown_are_left_out(island: Comparison) -> None:
    table = island.table.assign(at_once=nan, interval_low=nan, surviving_units=nan)
    told = replace(island, table=table, binding=island.binding.assign(loss_1pct=nan, gain_1pct=nan))
    said = paragraph(finding(told, "hub-closed"))
    assert said.startswith("50 % of the baseline's scaling capacity survives after re-planning. ")
    assert "under weight." in said
    assert not re.search("binds most|bottleneck|at once|units", said)


# --- how much survives


def test_a_range_is_told_where_there_is_one() -> None:
    some = supply_cut("source") | {"cut": {"low": 0.2, "central": 0.5, "high": 0.8}}
    told = tried(diamond(), scenario("some", some))
    assert texts(told, "some")[0] == (
        "50 % of the baseline's scaling capacity survives after re-planning (20 % to 80 % over the "
        "ranges of its cuts and leaks); at once 50 % does, so re-planning recovers nothing."
    )


def test_what_re_planning_recovers_is_the_gap_and_a_detour() -> None:
    told = tried(diamond(), scenario("north", lane_cut("start-north")))
    row = told.table.set_index("scenario").loc["north"]
    assert row["surviving"] == pytest.approx(0.7)
    assert row["at_once"] < 0.7 - 0.01
    gap = f"{100 * (row['surviving'] - row['at_once']):.1f}".removesuffix(".0")
    assert texts(told, "north")[0].endswith(f"so re-planning recovers {gap} %.")
    detour = claim_with(told, "north", "Detour")
    assert f"lanes into END that are not cut carry USD {gap} a month more" in detour.text
    assert detour.elements == ("lane:south-end",)


def test_capacity_that_rises_is_not_said_to_survive() -> None:
    tables = dataset(system("unit", 100), need("unit", "part"), supply("source", "part", END, 40))
    lifted = supply_cut("source", 0.5) | {"leak": 1.0, "baseline_leak": 0.0}
    told = compare(Case(tables, scenarios=(scenario("lift", lifted),)), lift=True)
    assert texts(told, "lift")[0].startswith("Scaling capacity rises to 200 % of the baseline's")


def test_of_nothing_no_share_survives() -> None:
    tables = dataset(system("unit", 100), need("unit", "part"), supply("none", "part", END, 0))
    assert texts(tried(tables, scenario("calm")), "calm") == [
        "Nothing can be fielded in the baseline: there is nothing to survive."
    ]


def test_only_the_systems_that_fall_most_are_named() -> None:
    rows = [
        row
        for n in range(1, 6)
        for row in (
            system(f"s{n}", 100),
            need(f"s{n}", f"c{n}"),
            supply(f"c{n}", f"c{n}", END, 100),
        )
    ]
    cuts = [supply_cut(f"c{n}", n / 10) for n in range(1, 5)]
    (said,) = (
        t
        for t in texts(tried(dataset(*rows), scenario("all", *cuts)), "all")
        if "fall" in t and "systems" in t
    )
    assert said == (
        "4 of 5 systems fall, most of all: s4 from 100 % to 60 % of target; s3 from 100 % to 70 % "
        "of target; s2 from 100 % to 80 % of target."
    )


# --- what binds


def chained() -> Tables:
    return dataset(
        system("unit", 200),
        need("unit", "part"),
        need("unit", "crew"),
        supply("part", "part", END, 100),
        supply("crew", "crew", END, 100, pillar="training"),
    )


def test_limits_that_bind_together_are_no_bottleneck_alone() -> None:
    told = tried(chained())
    most = claim_with(told, BASELINE, "most")
    assert most.text == (
        "What binds most are crew from END and part from END: losing 1 % of any one costs 1 % of "
        "the baseline's capacity."
    )
    none = claim_with(told, BASELINE, "bottleneck")
    assert none.text == "No single limit is a bottleneck: 1 % more of any one gains nothing."
    assert most.elements == none.elements == ("supply:crew", "supply:part")


def test_a_loss_that_no_pillar_alone_can_undo_is_joint() -> None:
    both = scenario("both", supply_cut("part", 0.5), supply_cut("crew", 0.5))
    told = tried(chained(), both)
    assert told.table["binds"].tolist() == ["", "joint"]
    assert claim_with(told, "both", "pillar") == Claim(
        "No pillar binds alone: lifting the cuts of any one returns nothing. The loss divides into "
        "hardware 25 % and training 25 %.",
        ("supply:crew", "supply:part"),
    )


# --- what does nothing, and why


def two_sources() -> Tables:
    return dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("near", "part", END, 100),
        supply("far", "part", START, 100),
        lane(START, END, 1000),
    )


def two_homes() -> Tables:
    """A unit takes a part from abroad and one made at home, both worth the same."""
    return dataset(
        system("unit", 100),
        need("unit", "part"),
        need("unit", "frame"),
        supply("far", "part", START, 100),
        supply("own", "frame", END, 100),
        lane(START, END, 100_000),
    )


@pytest.mark.parametrize(
    ("cut", "abroad", "home"),
    [
        ("far", "Supply from START falls by USD 50 a month.", "; none of it is cut, it is needed"),
        ("own", "Supply from START falls by USD 50 a month.", "month."),
    ],
)
def test_what_home_supplies_less_is_told_apart_from_imports(
    cut: str, abroad: str, home: str
) -> None:
    told = tried(two_homes(), scenario("half", supply_cut(cut, 0.5)))
    assert claim_with(told, "half", "from START falls") == Claim(abroad, ("supply:far",))
    claim = claim_with(told, "half", "at home falls")
    assert claim.text.startswith("Supply at home falls by USD 50 a month")
    assert home in claim.text
    assert claim.elements == ("supply:own",)


def test_of_many_measures_that_do_nothing_only_the_number_is_told() -> None:
    told = tried(two_sources(), scenario("four", *[supply_cut("far", 0.1)] * 4))
    assert claim_with(told, "four", "Slack here").text == "Slack here: 4 of its 4 measures."


def test_what_leaves_all_says_what_absorbs_it() -> None:
    told = tried(
        two_sources(), scenario("far", supply_cut("far")), scenario("near", supply_cut("near"))
    )
    gone = {name: claim_with(told, name, "bsorbs it") for name in ("far", "near")}
    assert gone["near"].text == (
        "Room elsewhere absorbs it: supply rises most from START, by USD 50 a month; lanes into "
        "END carry USD 50 a month more, all of it component."
    )
    assert gone["near"].elements == ("lane:start-end", "supply:far")
    assert gone["far"] == Claim(
        "Room elsewhere absorbs it: supply rises most at home, by USD 50 a month.",
        ("supply:near",),
    )
    assert claim_with(told, "near", "Slack here").elements == ("supply:near",)
    assert "binds" not in paragraph(finding(told, "near"))


def test_slack_that_was_never_used_absorbs_without_any_flow() -> None:
    tables = dataset(system("unit", 50), need("unit", "part"), supply("part", "part", END, 100))
    told = tried(tables, scenario("some", supply_cut("part", 0.4)))
    assert claim_with(told, "some", "absorbs") == Claim(
        "Slack absorbs it: what remains covers what was used.", ("supply:part",)
    )


def test_measures_that_do_nothing_say_why() -> None:
    mute: dict[str, object] = {"title": "A treaty, signed"}
    told = tried(
        two_sources(),
        scenario(
            "all",
            supply_cut("far", 0.0) | {"markup": 0.5, "title": "Dearer"},
            supply_cut("far", 0.0) | {"delay_months": 2, "title": "Slower"},
            {"not_modelled": "no such row."} | mute,
        ),
    )
    said = paragraph(finding(told, "all"))
    assert "Nothing is cut in this dataset." in said
    assert "Bites only under a budget: Dearer." in said
    assert "Bites only over time: Slower." in said
    assert "Not modelled here: A treaty, signed (no such row)." in said


def test_measures_that_could_each_be_lifted_are_told_as_such() -> None:
    first, second = {"title": "One"}, {"title": "Two"}
    both = scenario("both", supply_cut("source", 0.5) | first, lane_cut("start-north") | second)
    told = tried(diamond(), both)
    assert claim_with(told, "both", "effect, each").text == (
        "Could be lifted without effect, each alone: Two."
    )


def alternatives() -> Tables:
    return dataset(
        system("unit", 100),
        need("unit", "good", slot="core", tracked=True),
        need("unit", "plain", slot="core"),
        supply("good", "good", END, 100, cost_usd=1),
        supply("plain", "plain", END, 100, cost_usd=2),
    )


def test_the_first_choice_share_is_told_where_it_changes() -> None:
    told = tried(alternatives(), scenario("first", supply_cut("good", 0.6)), scenario("calm"))
    assert claim_with(told, "first", "First-choice") == Claim(
        "First-choice share at most: 40 % in slot core of unit (baseline 100 %).",
        ("supply:good", "supply:plain"),
    )
    assert "First-choice" not in paragraph(finding(told, "calm"))


# --- ties, names


def test_twins_are_not_distinguishable_and_say_so() -> None:
    cuts = {"one": 0.5, "two": 0.5 + 1e-7, "other": 0.5001}
    told = tried(
        diamond(), *(scenario(name, supply_cut("source", cut)) for name, cut in cuts.items())
    )
    for name, twin in (("one", "two"), ("two", "one")):
        assert texts(told, name)[-1] == f"By what survives it is not distinguishable from {twin}."
    assert "distinguishable" not in paragraph(finding(told, "other"))


def test_ties_are_told_by_all_that_tie() -> None:
    names = ["a", "b", "c"]
    told = tried(diamond(), *(scenario(name, supply_cut("source", 0.5)) for name in names))
    said = {name: texts(told, name)[-1] for name in names}
    for one, other in combinations(names, 2):
        assert re.search(rf"from .*\b{other}\b", said[one])
        assert re.search(rf"from .*\b{one}\b", said[other])


def test_names_are_shown_with_what_they_hide_spelt_out() -> None:
    tables = dataset(
        System.model_validate(system("unit", 100).model_dump() | {"name": "Un\u202eit"}),
        need("unit", "part"),
        supply("s\u200b", "part", END, 100),
    )
    told = tried(tables, scenario("odd", supply_cut("s\u200b", 0.5) | {"title": "\x1b[2J"}))
    said = paragraph(finding(told, "odd"))
    assert "Un<U+202E>it" in said
    assert said.isprintable()


def test_a_scenario_that_is_not_there_is_refused(island: Comparison) -> None:
    with pytest.raises(KeyError):
        finding(island, "no-such")


def test_of_a_dataset_alone_the_baseline_is_told() -> None:
    (found,) = findings(compare(Case(load("tutorial"))))
    assert found.scenario == BASELINE
