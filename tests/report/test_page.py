import json
import os
import subprocess
import sys
import zlib
from base64 import b64decode, b64encode
from collections import Counter
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from math import nan
from typing import Any

import html5lib
import numpy as np
import pytest

from analyzer.network.case import Case
from analyzer.report.findings import findings
from analyzer.report.page import page, page_model, rendered
from analyzer.report.records import Series, safe_link, without_dust
from analyzer.report.words import answer, visible
from analyzer.study.compare import Comparison, compare
from scenarios.load import library
from supply_data.load import load
from supply_data.schema import Source, SourceKind, Tables
from tests.report.payloads import PAYLOADS, WRITTEN, everywhere

Model = dict[str, Any]


@pytest.fixture(scope="module")
def tutorial() -> Comparison:
    """The tutorial with its scenarios, solved."""
    found = library("tutorial")
    return compare(Case(load("tutorial"), tuple(found.scenarios.values())))


@pytest.fixture(scope="module")
def model(tutorial: Comparison) -> Model:
    return page_model(tutorial)


@pytest.fixture(scope="module")
def html(tutorial: Comparison) -> str:
    return page(tutorial)


def told(series: Series, place: int) -> float | None:
    """Value of a series, as the page reads it."""
    if isinstance(series, list):
        return series[place]
    if isinstance(series, dict):
        return series.get(str(place), series["0"])
    return series


def figure(series: Series, place: int) -> float:
    value = told(series, place)
    assert value is not None
    return value


def at(model: Model, scenario: str) -> int:
    return [row["id"] for row in model["scenarios"]].index(scenario)


def edge(model: Model, start: str, end: str) -> Model:
    names = [node["id"] for node in model["nodes"]]
    return next(
        row for row in model["edges"] if (names[row["from"]], names[row["to"]]) == (start, end)
    )


def node(model: Model, name: str) -> Model:
    return next(row for row in model["nodes"] if row["id"] == name)


def with_texts(comparison: Comparison, text: str) -> Comparison:
    """The same numbers with one text in every field that holds free text."""
    tables = comparison.case.tables
    named = {"name": text, "note": text}
    source = Source(source="S1", title=text, publisher=text, date=text, url=text, note=text)

    hostile: Tables = replace(
        tables,
        settings=tables.settings.model_copy(
            update={"title": text, "summary": text, "licence": text, "notes": text}
        ),
        places={key: row.model_copy(update={"name": text}) for key, row in tables.places.items()},
        components={
            key: row.model_copy(update=named | {"category": text})
            for key, row in tables.components.items()
        },
        systems={
            key: row.model_copy(update=named | {"group": text})
            for key, row in tables.systems.items()
        },
        lanes={
            key: row.model_copy(update={"carries": (), "note": text})
            for key, row in tables.lanes.items()
        },
        supplies={
            key: row.model_copy(update={"note": text, "source_ids": ("S1",)})
            for key, row in tables.supplies.items()
        },
        sources={"S1": source},
    )
    scenarios = tuple(
        row.model_copy(
            update={
                "title": text,
                "summary": text,
                "measures": tuple(
                    one.model_copy(update={"title": text, "note": text}) for one in row.measures
                ),
            }
        )
        for row in comparison.case.scenarios
    )
    return replace(
        comparison,
        case=Case(hostile, scenarios),
        table=comparison.table.assign(title=text),
        systems=comparison.systems.assign(name=text),
        measures=comparison.measures.assign(title=text, note=text),
        targets=text,
    )


class Skeleton(HTMLParser):
    """Tags, attributes and the texts of scripts and styles of a document."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": []}
        self.data_blocks: list[str] = []
        self.open: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag in self.inside:
            data = ("type", "application/octet-stream") in attrs
            self.open = self.data_blocks if data else self.inside[tag]
            self.open.append("")

    def handle_data(self, data: str) -> None:
        if self.open is not None:
            self.open[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag in self.inside:
            self.open = None


def skeleton(html: str) -> Skeleton:
    found = Skeleton()
    found.feed(html)
    found.close()
    return found


def inflated(block: str) -> str:
    return zlib.decompress(b64decode(block, validate=True)).decode()


def unpacked(block: str) -> Any:  # noqa: ANN401 - whatever was packed
    return json.loads(inflated(block))


def digest(text: str) -> str:
    return "'sha256-" + b64encode(sha256(text.encode()).digest()).decode() + "'"


# --- numbers


def test_scenarios_tell_the_numbers_of_the_table(tutorial: Comparison, model: Model) -> None:
    for shown, row in zip(model["scenarios"], tutorial.table.to_dict("records"), strict=True):
        assert shown["id"] == row["scenario"]
        assert shown["capacity"] == pytest.approx(row["capacity"], rel=1e-4)
        assert shown["surviving"] == pytest.approx(row["surviving"], rel=1e-4)


def test_the_known_answer_of_the_closed_hub_is_said(model: Model) -> None:
    closed = model["scenarios"][at(model, "hub-closed")]
    assert closed["headline"] == "50 %"
    assert closed["answer"]["figure"] == "50 %"
    assert closed["capacity"] == pytest.approx(0.45)
    assert closed["answer"]["rest"].endswith(
        "; 1 limit unknown. An upper bound on what could be fielded, not a forecast."
    )


ROW = {
    "certified": True,
    "surviving": 0.62,
    "interval_low": 0.41,
    "interval_high": 0.78,
    "at_once": 0.48,
    "assumed_share": 0.58,
    "oldest": "2023",
}


def test_the_first_screen_says_the_sentence_of_the_design() -> None:
    said = answer(ROW, unknown=12, weighting="target", baseline=False)
    assert " ".join(said) == (
        "62 % (41\N{EN DASH}78 %) could survive after re-planning; at once 48 %. "
        "58 % of what decides this is assumed; oldest deciding figure 2023; 12 limits unknown. "
        "An upper bound on what could be fielded, not a forecast."
    )


@pytest.mark.parametrize(
    ("without", "missing"),
    [
        ({"assumed_share": nan}, "assumed"),
        ({"oldest": ""}, "oldest"),
        ({"at_once": nan}, "at once"),
        ({"interval_low": nan}, "41"),
        ({"interval_high": 0.41}, "("),
        ({"certified": False}, "%"),
    ],
)
def test_what_has_no_number_is_not_said(without: dict[str, Any], missing: str) -> None:
    said = " ".join(answer(ROW | without, unknown=0, weighting="target", baseline=False))
    assert missing not in said
    assert "ll limits known. An upper bound" in said


def test_systems_tell_output_and_share_of_target(tutorial: Comparison, model: Model) -> None:
    for row in tutorial.systems.to_dict("records"):
        shown = next(s for s in model["systems"] if s["node"] == f"system:{row['system']}")
        place = at(model, row["scenario"])
        assert told(shown["output"], place) == pytest.approx(row["output_per_month"], rel=1e-4)
        assert told(shown["share"], place) == pytest.approx(row["share"], rel=1e-4)


def test_edges_into_components_tell_what_lanes_bring(tutorial: Comparison, model: Model) -> None:
    flows = tutorial.flows
    lanes = flows[(flows["kind"] == "lane") & (flows["to_node"] == "place:ISLE")]
    arrived: Counter[tuple[str, str, str]] = Counter()
    for row in lanes.to_dict("records"):
        arrived[row["scenario"], row["place"], row["good"]] += row["arrived_per_month"]
    assert len(arrived) > 10
    for (scenario, place, good), amount in arrived.items():
        shown = edge(model, f"hub:{place}", f"component:{good}")
        assert told(shown["amount"], at(model, scenario)) == pytest.approx(amount, rel=1e-4)


def test_what_products_use_is_told(tutorial: Comparison, model: Model) -> None:
    uses = tutorial.flows[tutorial.flows["kind"] == "use"]
    used: Counter[tuple[str, str, str]] = Counter()
    for row in uses.to_dict("records"):
        used[row["scenario"], row["good"], row["to_node"]] += row["quantity_per_month"]
    assert len(used) > 10
    for (scenario, good, product), amount in used.items():
        shown = edge(model, f"component:{good}", product)
        assert told(shown["amount"], at(model, scenario)) == pytest.approx(amount, rel=1e-4)


def test_what_is_nothing_beside_the_largest_is_told_as_nothing() -> None:
    told = without_dust(np.array([3800.0, 8.36e-4, 0.02, np.nan]))
    np.testing.assert_array_equal(told, [3800.0, 0.0, 0.02, np.nan])


def test_what_enters_a_component_is_what_leaves_it(model: Model) -> None:
    for place, row in enumerate(model["nodes"]):
        if row["kind"] != "component":
            continue
        into = [e for e in model["edges"] if e["to"] == place]
        out_of = [e for e in model["edges"] if e["from"] == place]
        for scenario in range(len(model["scenarios"])):
            entering = sum(figure(e["amount"], scenario) for e in into)
            leaving = sum(figure(e["amount"], scenario) for e in out_of)
            assert entering == pytest.approx(leaving, rel=1e-4)


def test_places_tell_usd_between_them(tutorial: Comparison, model: Model) -> None:
    shown = edge(model, "origin:ALPHA", "hub:HUB")
    assert shown["valued"] == 1
    flows = tutorial.flows[tutorial.flows["element"] == "lane:alpha-hub"]
    values = flows.groupby("scenario")["value_usd_per_month"].sum()
    assert told(shown["amount"], 0) == pytest.approx(values["baseline"], rel=1e-4)
    assert told(shown["amount"], at(model, "hub-closed")) == 0


def test_a_closed_lane_is_shut_and_others_are_open(model: Model) -> None:
    closed = at(model, "hub-closed")
    assert told(edge(model, "hub:HUB", "component:chip")["open"], closed) == 0
    assert told(edge(model, "hub:BETA", "component:chip")["open"], closed) == 1
    assert told(edge(model, "hub:HUB", "component:chip")["open"], 0) == 1


def test_a_cut_of_supplies_shows_where_they_leave(model: Model) -> None:
    by_brand = at(model, "brand-control")
    assert told(edge(model, "origin:ALPHA", "hub:HUB")["open"], by_brand) == pytest.approx(0.24)


def test_the_destinations_own_supply_stands_below_the_hubs(model: Model) -> None:
    own = node(model, "origin:ISLE")
    assert model["columns"][own["column"]]["kind"] == "hub"
    assert own["name"].endswith("(domestic)")
    assert [row["id"] for row in model["nodes"] if row["column"] == own["column"]][-1] == own["id"]
    assert edge(model, "origin:ISLE", "component:crew")["amount"] != 0


def test_a_place_that_makes_and_forwards_stands_twice(model: Model) -> None:
    assert node(model, "origin:BETA")["kind"] == "origin"
    assert node(model, "hub:BETA")["kind"] == "hub"


def test_records_hold_the_rows_behind_an_edge(model: Model) -> None:
    behind = [model["records"][i] for i in edge(model, "hub:HUB", "component:chip")["records"]]
    assert [row["id"] for row in behind] == ["lane:hub-isle"]
    assert behind[0]["figures"] == [["capacity_usd_per_month", 4500.0, None, None]]
    assert behind[0]["basis"] == "assumed"
    assert told(behind[0]["availability"], at(model, "hub-closed")) == 0


def test_every_element_has_its_record(tutorial: Comparison, model: Model) -> None:
    assert set(tutorial.elements["element"]) <= {row["id"] for row in model["records"]}


def test_assumed_limits_are_marked(model: Model) -> None:
    assert all(row["assumed"] for row in model["nodes"])


def test_every_price_of_the_frame_is_told(tutorial: Comparison, model: Model) -> None:
    prices = ["loss_1pct", "gain_1pct", "price_down", "price_up", "holds_from", "holds_to"]
    assert len(tutorial.binding) > 10
    for scenario in model["scenarios"]:
        rows = tutorial.binding[tutorial.binding["scenario"] == scenario["id"]]
        shown = {model["records"][place]["id"]: told for place, *told in scenario["binding"]}
        assert list(shown) == rows["element"].tolist()
        for element, expected in zip(rows["element"], rows[prices].to_numpy(), strict=True):
            assert shown[element] == pytest.approx(expected.tolist(), rel=1e-2)


def test_pillars_are_told_as_shares_of_the_baseline(tutorial: Comparison, model: Model) -> None:
    both = model["scenarios"][at(model, "hub-and-school")]
    stands = tutorial.outcomes["hub-and-school"].standings
    assert stands is not None
    assert [row[0] for row in both["pillars"]] == [pillar.value for pillar in stands]
    for (_, ceiling, relief, loss), one in zip(both["pillars"], stands.values(), strict=True):
        assert (0.9 * ceiling, 0.9 * relief) == pytest.approx((one.ceiling, one.relief), rel=1e-4)
        assert loss == pytest.approx(one.loss_share, rel=1e-4)
    assert sum(row[3] for row in both["pillars"]) == pytest.approx(1 - both["surviving"], rel=1e-4)
    assert model["scenarios"][0]["pillars"] == []


def test_other_weightings_are_told_with_ranks(tutorial: Comparison, model: Model) -> None:
    for shown, row in zip(model["scenarios"], tutorial.table.to_dict("records"), strict=True):
        for name, surviving, rank in shown["weightings"]:
            assert surviving == pytest.approx(row[f"surviving_{name}"], rel=1e-4)
            assert rank == (None if shown["id"] == "baseline" else row[f"rank_{name}"])


def test_findings_come_with_the_records_that_prove_them(tutorial: Comparison, model: Model) -> None:
    for shown, found in zip(model["scenarios"], findings(tutorial), strict=True):
        assert [text for text, _ in shown["findings"]] == [claim.text for claim in found.claims]
        for (_, places), claim in zip(shown["findings"], found.claims, strict=True):
            ids = [model["records"][place]["id"] for place in places]
            assert ids == list(claim.elements)


def test_what_the_answer_rests_on_is_told(tutorial: Comparison, model: Model) -> None:
    for shown in model["scenarios"]:
        found = tutorial.evidence(shown["id"])
        assert dict(shown["rests"]["shares"]) == found.shares
        assert model["records"][shown["rests"]["weakest"]]["id"] == found.weakest
        assert shown["rests"]["undated"] == found.undated > 0


def test_where_nothing_binds_it_rests_on_nothing(tutorial: Comparison) -> None:
    free = replace(tutorial.outcomes["baseline"], prices=tutorial.binding.iloc[:0])
    model = page_model(replace(tutorial, outcomes={**tutorial.outcomes, "baseline": free}))
    assert model["scenarios"][0]["rests"] is None


def test_first_choices_are_told_by_slot(tutorial: Comparison) -> None:
    kept = {name: 0.25 * place for place, name in enumerate(tutorial.outcomes)}
    outcomes = {
        name: replace(found, first_choice={"pump/control": kept[name]})
        for name, found in tutorial.outcomes.items()
    }
    (told_slot,) = page_model(replace(tutorial, outcomes=outcomes))["firstChoices"]
    assert (told_slot["good"], told_slot["product"]) == ("Control chip", "Solar pump")
    assert [told(told_slot["share"], place) for place in range(6)] == list(kept.values())


def test_what_is_not_listed_is_told_where_it_costs_most(tutorial: Comparison, model: Model) -> None:
    shown = [
        (
            model["records"][row["record"]]["id"],
            model["scenarios"][row["scenario"]]["id"],
            row["scenarios"],
        )
        for row in model["unlisted"]
    ]
    assert shown == [
        ("plant:pump-works", "baseline", 4),
        ("supply:basic-beta", "origin-control", 1),
    ]
    losses = [row["loss"] for row in model["unlisted"]]
    assert losses == pytest.approx(tutorial.unlisted["largest_loss_1pct"].tolist(), rel=1e-2)


def test_an_unknown_price_is_told_as_unknown(tutorial: Comparison) -> None:
    model = page_model(replace(tutorial, binding=tutorial.binding.assign(holds_to=nan)))
    assert {row[-1] for scenario in model["scenarios"] for row in scenario["binding"]} == {None}


def test_room_elsewhere_is_told_by_title(tutorial: Comparison) -> None:
    note = "room elsewhere absorbs it: lane:alpha-hub, supply:chip-beta, hub:HUB, origin:BETA"
    model = page_model(replace(tutorial, measures=tutorial.measures.assign(note=note)))
    why = model["scenarios"][1]["measures"][0]["why"]
    assert why.removeprefix("room elsewhere absorbs it: ").split("; ") == [
        "Alpha → The hub (electronics)",
        "Control chip from Beta, brand Alpha",
        "The hub (hub)",
        "Beta (origin)",
    ]


def test_a_title_names_a_place_once(tutorial: Comparison) -> None:
    tables = tutorial.case.tables
    renamed = tables.components["chip"].model_copy(update={"name": "Chips made in Beta"})
    case = Case(
        replace(tables, components={**tables.components, "chip": renamed}), tutorial.case.scenarios
    )
    told = {row["id"]: row["title"] for row in page_model(replace(tutorial, case=case))["records"]}
    assert told["supply:chip-beta"] == "Chips made in Beta, brand Alpha"
    assert told["supply:chip-alpha"] == "Chips made in Beta from Alpha"


def test_an_uncertified_scenario_shows_no_number(tutorial: Comparison) -> None:
    failed = tutorial.table["scenario"] == "hub-closed"
    broken = replace(
        tutorial,
        table=tutorial.table.assign(
            certified=~failed,
            capacity=tutorial.table["capacity"].where(~failed),
            surviving=tutorial.table["surviving"].where(~failed),
        ),
        flows=tutorial.flows[tutorial.flows["scenario"] != "hub-closed"],
        systems=tutorial.systems[tutorial.systems["scenario"] != "hub-closed"],
    )
    model = page_model(broken)
    place = at(model, "hub-closed")
    shown = model["scenarios"][place]
    assert (shown["capacity"], shown["surviving"], shown["headline"]) == (None, None, "—")
    assert shown["answer"]["lead"] == "Uncertified: no number is shown."
    assert not {"binding", "pillars", "weightings", "rests"} & shown.keys()
    assert shown["findings"] == [["Uncertified: no number is shown.", []]]
    assert {told(row["amount"], place) for row in model["edges"]} == {None}
    assert {told(row["output"], place) for row in model["systems"]} == {None}
    assert told(model["edges"][0]["amount"], 0) is not None


def test_the_page_holds_the_model(html: str, model: Model) -> None:
    block, _ = skeleton(html).data_blocks
    held = unpacked(block)
    assert held["model"] | {key: held[key] for key in ("nodes", "edges")} == json.loads(
        json.dumps(model)
    )


def test_the_same_run_gives_the_same_page(tutorial: Comparison, html: str) -> None:
    assert page(tutorial) == html


DIGEST = """
from hashlib import sha256
from analyzer.network.case import case
from analyzer.report.page import page
from analyzer.study.compare import compare
print(sha256(page(compare(case("tutorial"))).encode()).hexdigest())
"""


def test_another_process_gives_the_same_page() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            capture_output=True,
            check=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
            text=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(digests) == 1


def test_the_page_is_valid_markup(tutorial: Comparison, html: str) -> None:
    strict = html5lib.HTMLParser(strict=True)
    strict.parse(html)
    strict.parse(page(with_texts(tutorial, '"><b </i>&amp')))
    with pytest.raises(html5lib.html5parser.ParseError):
        strict.parse(html.replace("</dl>", "", 1))


# --- safety


def test_the_policy_is_first_and_allows_only_what_stands_in_the_page(html: str) -> None:
    head = html[html.index("<head>") + len("<head>") :].lstrip()
    assert head.startswith('<meta http-equiv="Content-Security-Policy"')
    found = skeleton(html)
    policy = next(v for tag, name, v in found.attributes if tag == "meta" and name == "content")
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    _, library = found.data_blocks
    (own,) = found.inside["script"]
    assert rules["script-src"].split() == [digest(inflated(library)), digest(own)]
    assert rules["style-src"].split() == [digest(text) for text in found.inside["style"]]
    assert rules["trusted-types"] == "aftercut"
    assert "unsafe" not in policy


def test_nothing_in_the_page_points_outside(html: str) -> None:
    found = skeleton(html)
    loading = {"src", "href", "action", "srcset", "data", "poster", "style", "formaction"}
    targets = [value for _, name, value in found.attributes if name in loading]
    assert sorted(targets) == ["#pane", "data:,"]
    assert not [name for _, name, _ in found.attributes if name.startswith("on")]
    assert "sourceMappingURL" not in html


def test_our_scripts_never_write_markup(html: str) -> None:
    (own,) = skeleton(html).inside["script"]
    for sink in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert sink not in own


def test_there_are_payloads_enough() -> None:
    assert len(PAYLOADS) >= 250


@pytest.mark.parametrize("text", PAYLOADS, ids=range(len(PAYLOADS)))
def test_no_text_of_a_model_becomes_markup(model: Model, html: str, text: str) -> None:
    plain, attacked = skeleton(html), skeleton(rendered(everywhere(model, visible(text))))
    assert attacked.tags == plain.tags
    assert attacked.inside == plain.inside
    assert [a[:2] for a in attacked.attributes] == [a[:2] for a in plain.attributes]


@pytest.mark.parametrize("text", WRITTEN, ids=range(len(WRITTEN)))
def test_no_text_becomes_markup(tutorial: Comparison, html: str, text: str) -> None:
    hostile = page(with_texts(tutorial, text))
    hostile.encode("utf-8")
    plain, attacked = skeleton(html), skeleton(hostile)
    assert attacked.tags == plain.tags
    assert attacked.inside == plain.inside
    assert [a[:2] for a in attacked.attributes] == [a[:2] for a in plain.attributes]
    assert attacked.data_blocks[1] == plain.data_blocks[1]
    assert unpacked(attacked.data_blocks[0])
    assert len(hostile) < len(html) + 200_000


def test_texts_of_ten_mebibytes_are_cut(tutorial: Comparison, html: str) -> None:
    long = "</script>" + "<b>" * (10 * 2**20 // 3)
    hostile = page(with_texts(tutorial, long))
    assert len(hostile) < len(html) + 200_000
    assert skeleton(hostile).tags == skeleton(html).tags


@pytest.mark.corpus(46, 48, "warned")
def test_hidden_characters_are_spelt_out(tutorial: Comparison) -> None:
    shown = page_model(with_texts(tutorial, "a\u202eb\u200bc"))
    assert shown["dataset"]["title"] == "a<U+202E>b<U+200B>c"
    assert node(shown, "hub:HUB")["name"] == "a<U+202E>b<U+200B>c"


@pytest.mark.parametrize(
    ("url", "kind", "followed"),
    [
        ("https://example.org/a?b=c#d", SourceKind.PRIMARY, True),
        ("http://example.org/", SourceKind.SECONDARY, True),
        ("https://example.org/", SourceKind.HOSTILE, False),
        ("javascript:alert(1)", SourceKind.PRIMARY, False),
        ("JaVaScRiPt:alert(1)", SourceKind.PRIMARY, False),
        ("java\nscript:alert(1)", SourceKind.PRIMARY, False),
        ("data:text/html,x", SourceKind.PRIMARY, False),
        ("vbscript:x", SourceKind.PRIMARY, False),
        ("file:///etc/passwd", SourceKind.PRIMARY, False),
        ("//example.org/x", SourceKind.PRIMARY, False),
        ("https://", SourceKind.PRIMARY, False),
        ("https://user@example.org/", SourceKind.PRIMARY, False),
        ("https://[broken", SourceKind.PRIMARY, False),
        ("https://example.org/\u202egnp", SourceKind.PRIMARY, False),
        ("", SourceKind.PRIMARY, False),
    ],
)
def test_only_web_addresses_of_friendly_sources_become_links(
    url: str, kind: SourceKind, *, followed: bool
) -> None:
    link = safe_link(Source(source="S", url=url, kind=kind))
    assert link == (url if followed else None)


def test_the_page_stays_small(html: str) -> None:
    assert len(html.encode()) < 320_000


def test_the_text_of_the_guard_rails_is_there(html: str) -> None:
    for sentence in (
        "An upper bound on what could be fielded, not a forecast.",
        "lawful trade; not evidence against any firm.",
    ):
        assert sentence in html
