from dataclasses import replace
from io import BytesIO, StringIO, TextIOWrapper
from math import nan

import pandas as pd
import pytest
from rich.cells import cell_len
from rich.console import Console

from analyzer.network.case import Case, case
from analyzer.report.tables import MOST_UNLISTED, as_plain, ranked, summary
from analyzer.study.compare import Comparison, compare
from supply_data import load

COLUMNS = [
    *("scenario", "title", "capacity", "surviving", "certified", "binds", "cuts"),
    *("interval_low", "interval_high", "at_once"),
]
BASELINE = ("baseline", "Baseline", 0.9, 1.0, True, None, "", 1.0, 1.0, 1.0)
HUB = (
    *("hub-closed", "Hub closed", 0.45, 0.5, True, "partnership", "lanes from HUB to ISLE"),
    *(0.5, 0.5, 0.415),
)
ROWS = [
    BASELINE,
    (
        *("school-halved", "Crew school halved", 0.65, 0.7222, True, "training"),
        *("half of the crews", 0.7222, 0.7222, 0.7),
    ),
    ("broken", "A result that failed", nan, nan, False, None, "plants on ISLE", nan, nan, nan),
    HUB,
    (
        *("brand-control", "Control of ALPHA's brand", 0.5, 0.5556, True, "hardware"),
        *("supplies of brand ALPHA, in whole, 24 % leak", 0.4, 0.9999, 0.12),
    ),
    (
        *("hub-and-school", "Hub closed and school halved", 0.4333, 0.4815, True, "joint"),
        *("lanes from HUB to ISLE; half of the crews", 0.4815, 0.4815, nan),
    ),
    ("port", "A port slowed", 0.9, 1.0, True, None, "lane", 1.0, 1.0, 0.9996),
    ("permit", "A permit withdrawn", 0.9, 1.0, True, None, "licence", 1.0, 1.0, 0.878),
]
TABLE = pd.DataFrame(ROWS, columns=COLUMNS)
FIELDED = {
    "baseline": {"pump": 0.8, "lamp": 1.0},
    "school-halved": {"pump": 0.3, "lamp": 1.0},
    "hub-closed": {"pump": 0.8, "lamp": 0.1},
    "brand-control": {"pump": 0.8, "lamp": 0.2},
    "hub-and-school": {"pump": 0.7333, "lamp": 0.1333},
    "port": {"pump": 0.8, "lamp": 1.0},
}
MORE = {"radio": 0.5, "fan": 0.65, "heater": 0.65, "cooker": 0.95, "fridge": 1.0, "pumpette": 0.0}


def systems(fielded: dict[str, dict[str, float]]) -> pd.DataFrame:
    rows = [
        (scenario, system, share)
        for scenario, shares in fielded.items()
        for system, share in shares.items()
    ]
    return pd.DataFrame(rows, columns=["scenario", "system", "share"])


TWO = systems(FIELDED)
EIGHT = systems({scenario: shares | MORE for scenario, shares in FIELDED.items()})


def one(**given: object) -> pd.DataFrame:
    """The baseline and one scenario, of which only what a test is about is given."""
    return pd.DataFrame([dict(zip(COLUMNS, BASELINE, strict=True)), _hub() | given])


def _hub() -> dict[str, object]:
    return dict(zip(COLUMNS, HUB, strict=True))


def plain(table: pd.DataFrame, fielded: pd.DataFrame = TWO, *, width: int = 100) -> str:
    return as_plain(ranked(table, fielded, width=width), width=width)


def printed(table: pd.DataFrame, fielded: pd.DataFrame = TWO, *, width: int = 100) -> str:
    console = Console(file=StringIO(), width=width, color_system=None, legacy_windows=False)
    console.print(ranked(table, fielded, width=width))
    assert isinstance(console.file, StringIO)
    return "".join(line.rstrip() + "\n" for line in console.file.getvalue().splitlines())


def line_of(text: str, title: str) -> str:
    (found,) = (line for line in text.splitlines() if line.startswith(f"{title}  "))
    return found


# --- the ranked table

ON_A_TERMINAL = """\
Scenario                                     Survives                   Range   At once  Binds
────────────────────────────────────────────────────────────────────────────────────────────────────
Baseline                                      100.0 %  █████████
  pump 80, lamp 100
Hub closed and school halved                   48.1 %  ████▍                             joint
  hub-and-school: lanes from HUB to ISLE; half of the crews | lamp 13, pump 73
Hub closed                                     50.0 %  ████▌                     41.5 %  partnership
  hub-closed: lanes from HUB to ISLE | lamp 10, pump 80
Control of ALPHA's brand                       55.6 %  █████       40 to 99 %    12.0 %  hardware
  brand-control: supplies of brand ALPHA, in whole, 24 % leak | lamp 20, pump 80
Crew school halved                             72.2 %  ██████▌                   70.0 %  training
  school-halved: half of the crews | pump 30, lamp 100
A result that failed  uncertified: no number is shown
  broken: plants on ISLE

2 scenarios leave 100 % after re-planning, over the whole range; at once they leave
A permit withdrawn   87.8 %  A port slowed > 99.9 %
"""
IN_A_NARROW_LOG = """\
Scenario                 Survives   At once  Binds
--------------------------------------------------------
Baseline                  100.0 %
  pumpette 0, radio 50, fan 65, 5 more at 65 or above
Hub closed and school      48.1 %            joint
halved
  hub-and-school: lanes from HUB to ISLE; half of the
  crews
  pumpette 0, lamp 13, radio 50, 5 more at 65 or above
Hub closed                 50.0 %    41.5 %  partnership
  hub-closed: lanes from HUB to ISLE
  pumpette 0, lamp 10, radio 50, 5 more at 65 or above
Control of ALPHA's         55.6 %    12.0 %  hardware
brand
  brand-control: supplies of brand ALPHA, in whole, 24 %
  leak
  pumpette 0, lamp 20, radio 50, 5 more at 65 or above
Crew school halved         72.2 %    70.0 %  training
  school-halved: half of the crews
  pumpette 0, pump 30, radio 50, 5 more at 65 or above
A result that failed  uncertified: no number is shown
  broken: plants on ISLE

2 scenarios leave 100 % after re-planning, over the
whole range; at once they leave
A permit withdrawn   87.8 %  A port slowed > 99.9 %
"""


def test_the_table_on_a_terminal() -> None:
    assert printed(TABLE) == ON_A_TERMINAL


def test_the_table_in_a_narrow_log_with_more_systems_than_fit() -> None:
    assert plain(TABLE, EIGHT, width=56) == IN_A_NARROW_LOG


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140])
@pytest.mark.parametrize("fielded", [TWO, EIGHT], ids=["two systems", "eight systems"])
def test_nothing_is_cut_off_at_any_width(width: int, fielded: pd.DataFrame) -> None:
    text = printed(TABLE, fielded, width=width)
    assert max(map(cell_len, text.splitlines())) <= width
    assert "…" not in text


@pytest.mark.parametrize(
    ("width", "columns"),
    [
        (140, "Scenario Survives Range At once Capacity Binds"),
        (100, "Scenario Survives Range At once Binds"),
        (80, "Scenario Survives Range At once Binds"),
        (60, "Scenario Survives At once Binds"),
        (40, "Scenario Survives"),
    ],
)
def test_the_less_room_the_fewer_figures(width: int, columns: str) -> None:
    assert " ".join(printed(TABLE, width=width).splitlines()[0].split()) == columns


def test_the_order_is_baseline_then_worst_first_then_uncertified_then_what_leaves_all() -> None:
    text = plain(TABLE.sample(frac=1, random_state=1))
    found = sorted(
        TABLE["title"],
        key=lambda title: text.index(f"\n{title}  ") if f"\n{title}  " in text else len(text),
    )
    assert found[:6] == [
        "Baseline",
        "Hub closed and school halved",
        "Hub closed",
        "Control of ALPHA's brand",
        "Crew school halved",
        "A result that failed",
    ]


def test_what_cannot_be_told_apart_is_in_order_of_what_is_left_at_once_then_of_keys() -> None:
    rows = [
        _hub() | {"scenario": "a", "title": "Third", "surviving": 0.500001},
        _hub() | {"scenario": "b", "title": "First", "surviving": 0.500002, "at_once": 0.1},
        _hub() | {"scenario": "c", "title": "Fourth", "surviving": 0.5},
        _hub() | {"scenario": "a0", "title": "Second", "surviving": 0.499999, "at_once": 0.2},
    ]
    text = plain(pd.DataFrame([dict(zip(COLUMNS, BASELINE, strict=True)), *rows]))
    places = [text.index(title) for title in ("First", "Second", "Third", "Fourth")]
    assert places == sorted(places)


@pytest.mark.parametrize("scenario", ["baseline", "hub-closed", "permit"])
def test_an_uncertified_result_shows_the_word_and_no_number(scenario: str) -> None:
    table = TABLE.assign(certified=TABLE["certified"] & (TABLE["scenario"] != scenario))
    title = dict(zip(table["scenario"], table["title"], strict=True))[scenario]
    line = line_of(plain(table), title)
    assert line == f"{title}  uncertified: no number is shown"


@pytest.mark.parametrize(
    ("surviving", "shown"),
    [
        (0.0, "0.0 %"),
        (0.0001, "< 0.1 %"),
        (0.48151, "48.2 %"),
        (0.99996, "> 99.9 %"),
        (0.9999999, "100.0 %"),
        (1.04, "104.0 %"),
        (nan, "unknown"),
    ],
)
def test_surviving_has_one_decimal_and_never_hides_a_loss(surviving: float, shown: str) -> None:
    assert f" {shown} " in line_of(plain(one(title="It", surviving=surviving)), "It")


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (0.36, 0.73, "36 to 73 %"),
        (0.0001, 0.9999, "1 to 99 %"),
        (0.0, 1.0, "0 to 100 %"),
        (0.5, 0.5, ""),
        (nan, 0.5, ""),
    ],
)
def test_the_range_is_in_whole_percent_and_hides_neither_loss_nor_remainder(
    low: float, high: float, shown: str
) -> None:
    line = line_of(plain(one(title="It", interval_low=low, interval_high=high)), "It")
    assert line[66:77].strip() == shown


@pytest.mark.parametrize(
    ("surviving", "cells"), [(0.0, 0), (0.5, 4), (1.0, 9), (1.04, 9), (nan, 0)]
)
def test_the_bar_is_as_long_as_what_survives(surviving: float, cells: int) -> None:
    bar = line_of(plain(one(title="It", surviving=surviving)), "It")[55:64]
    assert bar == "#" * cells + "." * (9 - cells)


def test_a_bar_on_a_terminal_is_drawn_to_an_eighth_of_a_cell() -> None:
    assert " ████▋ " in printed(one(surviving=4.625 / 9))


def test_a_terminal_without_unicode_gets_ascii() -> None:
    raw = BytesIO()
    file = TextIOWrapper(raw, encoding="ascii")
    Console(file=file, width=100).print(ranked(TABLE, TWO, width=100))
    file.flush()
    assert b"-" * 100 in raw.getvalue()


@pytest.mark.parametrize(
    ("capacity", "shown"), [(0.4333, "0.433"), (73.33, "73.3"), (115000.0, "115,000")]
)
def test_capacity_is_a_share_or_units_a_month_where_there_is_room(
    capacity: float, shown: str
) -> None:
    assert f" {shown} " in line_of(plain(one(title="It", capacity=capacity), width=140), "It")


HOSTILE = "[red]x[/red][link=http://x]\x1b[2J\u202e\u200b=cmd"


@pytest.mark.corpus(55, "accepted")
@pytest.mark.corpus(46, "warned")
@pytest.mark.parametrize("column", ["title", "scenario", "cuts"])
@pytest.mark.parametrize("surviving", [0.5, 1.0], ids=["ranked", "folded"])
def test_text_from_a_table_is_shown_and_does_nothing(column: str, surviving: float) -> None:
    shares = dict.fromkeys(["surviving", "interval_low", "interval_high"], surviving)
    table = one(**{column: HOSTILE}, **shares)
    file = StringIO()
    console = Console(file=file, width=400, force_terminal=True, color_system="truecolor")
    console.print(ranked(table, TWO, width=400))
    assert not [played for played in ("\x1b[2J", "\x1b]8", "\u202e") if played in file.getvalue()]
    told = surviving < 1 or column == "title"
    shown = "[red]x[/red][link=http://x]<U+001B>[2J<U+202E><U+200B>=cmd"
    assert (shown in plain(table, width=400)) is told


def test_the_name_of_a_system_is_inert_too() -> None:
    for width in (100, 400):
        assert "[b]<U+202E>" in plain(TABLE, TWO.replace("pump", "[b]\u202e"), width=width)


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.0, "0"), (1e-4, "1"), (0.004, "1"), (0.5, "50"), (0.997, "99"), (0.99999, "99")],
)
def test_a_share_in_whole_percent_hides_no_loss(share: float, shown: str) -> None:
    fielded = systems({"hub-closed": {"pump": share, "lamp": 1.0, "radio": 1.0}})
    assert plain(one(), fielded).endswith(f" | pump {shown}, 2 more at 100\n")


def test_systems_that_all_reach_their_targets_are_one_word() -> None:
    fielded = systems({"hub-closed": {"pump": 1.0, "lamp": 1.0}})
    assert plain(one(), fielded).endswith(" | all 2 systems 100\n")


def test_a_line_end_in_a_title_makes_no_row() -> None:
    assert "\nHub Baseline " in plain(one(title="Hub\nBaseline"))


def test_without_a_comparison_of_pillars_nothing_is_said_of_them() -> None:
    text = plain(TABLE.drop(columns="binds"))
    assert "Binds" not in text
    assert "none" not in text


def test_plain_text_has_no_escape_code_and_no_box() -> None:
    text = plain(TABLE, EIGHT)
    assert text.isascii()
    assert text.replace("\n", "").isprintable()


def test_wide_letters_keep_the_columns_in_line() -> None:
    lines = plain(one(title="中转枢纽关闭" * 4)).splitlines()
    places = {cell_len(line[: line.index(" %")]) for line in lines if "##" in line}
    assert len(places) == 1


def test_with_nothing_certified_there_is_still_a_table() -> None:
    text = plain(TABLE.assign(certified=False), TWO.iloc[:0])
    assert text.count("uncertified") == len(TABLE)
    assert "%" not in text.replace("24 % leak", "")


# --- what leaves all


@pytest.mark.parametrize("end", ["interval_low", "interval_high", "surviving"])
@pytest.mark.parametrize("value", [0.99999, nan])
def test_what_may_cost_something_is_not_folded_away(end: str, value: float) -> None:
    whole = dict.fromkeys(["surviving", "interval_low", "interval_high"], 1.0)
    assert "1 scenario leaves 100 %" in plain(one(**whole))
    assert "leaves 100 %" not in plain(one(**whole | {end: value}))


def test_what_leaves_all_is_told_down_the_columns_by_what_is_left_at_once() -> None:
    left = [0.9, 0.5, 0.7, 0.6, 0.8]
    rows = [
        dict(zip(COLUMNS, BASELINE, strict=True))
        | {"scenario": f"s{n}", "title": f"Scenario {n}", "at_once": once}
        for n, once in enumerate(left)
    ]
    table = pd.DataFrame([dict(zip(COLUMNS, BASELINE, strict=True)), *rows])
    *_, first, second = plain(table, width=66).splitlines()
    assert " ".join(first.split()) == "Scenario 1 50.0 % Scenario 2 70.0 % Scenario 0 90.0 %"
    assert " ".join(second.split()) == "Scenario 3 60.0 % Scenario 4 80.0 %"


def test_a_long_name_keeps_no_other_column_from_standing_beside_it() -> None:
    titles = ["A name that takes half of a line or more", "Short", "Brief", "Terse"]
    rows = [
        dict(zip(COLUMNS, BASELINE, strict=True))
        | {"scenario": f"s{n}", "title": title, "at_once": 0.5 + n / 10}
        for n, title in enumerate(titles)
    ]
    table = pd.DataFrame([dict(zip(COLUMNS, BASELINE, strict=True)), *rows])
    *_, first, second = plain(table, width=66).splitlines()
    assert first == f"{titles[0]}   50.0 %  Brief   70.0 %"
    assert second == f"{titles[1]:40}   60.0 %  Terse   80.0 %"


def test_the_frames_stay_as_they_were() -> None:
    table, fielded = TABLE.copy(deep=True), EIGHT.copy(deep=True)
    ranked(table, fielded, width=100)
    pd.testing.assert_frame_equal(table, TABLE)
    pd.testing.assert_frame_equal(fielded, EIGHT)


# --- all that a run says


@pytest.fixture(scope="module")
def island() -> Comparison:
    return compare(case("tutorial"))


def told(comparison: Comparison, *, width: int = 100) -> str:
    return as_plain(summary(comparison, width=width), width=width)


TUTORIAL = """\
Solar pumps and street lamps for an island
Baseline: 90 % of the reference output. Weighting target, targets reference.

Scenario                                     Survives                   Range   At once  Binds
----------------------------------------------------------------------------------------------------
Baseline                                      100.0 %  #########
  pump 80, lamp 100
Hub closed and school halved                   48.1 %  ####.....                 48.1 %  partnership
  hub-and-school: hub-isle stopped, crew-school -50 % | lamp 13, pump 73
Hub closed                                     50.0 %  ####.....                 50.0 %  partnership
  hub-closed: hub-isle stopped | lamp 10, pump 80
Export control that follows the brand          55.6 %  #####....                 55.6 %  hardware
  brand-control: chip-alpha, chip-beta -76 % | lamp 20, pump 80
School halved                                  72.2 %  ######...                 72.2 %  training
  school-halved: crew-school -50 % | pump 30, lamp 100
The same control by origin only                74.4 %  #######..                 74.4 %  hardware
  origin-control: chip-alpha -76 % | lamp 54, pump 80

6 of 6 numbers certified: arithmetic checked (not the data). 1 limit unknown. Of what decides: 100 %
assumed.
Survives: capacity after re-planning, % of the baseline's. Range: over cuts and leaks. At once:
nobody re-plans. Systems: % of target. An upper bound on what could be fielded, not a forecast.

Hub closed and school halved
48.1 % of the baseline's scaling capacity survives after re-planning; at once 48.1 % does, so
re-planning recovers nothing. 2 of 2 systems fall: Street lamp from 100 % to 13.3 % of target; Solar
pump from 80 % to 73.3 % of target. Partnership binds: without its cuts 72.2 % would survive, with
its cuts alone 50 %. The loss divides into partnership 37 % and training 14.8 %. What binds most is
Crew-day from The island: losing 1 % of it costs 0.593 % of the baseline's capacity. The largest
bottleneck is The hub to The island (electronics): 1 % more gains 0.833 %. Supply from abroad falls
by USD 3,790 a month, most from Alpha, by USD 2,800 a month. Of its 2 measures the one that counts
most is The lane from the hub to the island is closed: lifting it alone returns 24.1 %. Of what
decides this 100 % is assumed; the weakest figure is that of Crew-day from The island (assumed,
confidence low), 2 without a date.

What should be listed next?  Binding, aimed at by no measure and no tier.
Element            Pillar    Civil use  1 % costs  Most in         Binds in
plant:pump-works   hardware             0.444 %    baseline        4
supply:basic-beta  hardware             0.139 %    origin-control  1
"""


def test_what_the_tutorial_says(island: Comparison) -> None:
    assert told(island) == TUTORIAL


def test_a_run_with_an_uncertified_scenario_tells_the_worst_of_the_others(
    island: Comparison,
) -> None:
    known = island.table["scenario"] != "hub-and-school"
    table = island.table.assign(certified=known)
    text = told(replace(island, table=table))
    assert "5 of 6 numbers certified" in text
    assert "Hub closed and school halved  uncertified: no number is shown" in text
    assert "\n\nHub closed\n50 % of" in text


def test_nothing_certified_is_said_in_words(island: Comparison) -> None:
    failed = replace(island, table=island.table.assign(certified=False))
    text = told(failed)
    assert "Baseline: uncertified: no number is shown." in text
    assert "0 of 6 numbers certified" in text


def test_without_scenarios_the_baseline_is_told() -> None:
    text = told(compare(Case(load("tutorial"))))
    assert "1 of 1 numbers certified" in text
    assert "The baseline can field 90 % of the reference output." in text


def test_no_more_than_a_few_unlisted_limits_are_shown(island: Comparison) -> None:
    many = pd.concat([island.unlisted] * MOST_UNLISTED, ignore_index=True)
    text = told(replace(island, unlisted=many))
    rows = [line for line in text.splitlines() if line.startswith(("plant:", "supply:"))]
    assert len(rows) == MOST_UNLISTED
    assert f"({len(many) - MOST_UNLISTED} more in answer.json)" in text
    nothing = told(replace(island, unlisted=island.unlisted.iloc[:0]))
    assert "What should be listed next?" not in nothing


@pytest.mark.parametrize("width", [40, 80, 140, 300])
def test_a_run_is_told_at_any_width(island: Comparison, width: int) -> None:
    text = told(island, width=width)
    assert max(map(cell_len, text.splitlines())) <= min(width, 140)
    assert text.isascii()
