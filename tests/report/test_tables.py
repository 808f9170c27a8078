from io import BytesIO, StringIO, TextIOWrapper
from math import nan

import pandas as pd
import pytest
from rich.cells import cell_len
from rich.console import Console

from analyzer.report.tables import as_plain, ranked

TABLE = pd.DataFrame(
    [
        ("baseline", "Baseline", 0.9, 1.0, True, None, ""),
        (
            "school-halved",
            "Crew school halved",
            0.65,
            0.7222,
            True,
            "training",
            "half of the crews",
        ),
        ("broken", "A result that failed", nan, nan, False, None, "plants on ISLE, in whole"),
        ("hub-closed", "Hub closed", 0.45, 0.5, True, "partnership", "lanes from HUB to ISLE"),
        (
            "brand-control",
            "Control of ALPHA's brand",
            *(0.5, 0.5556, True, "hardware"),
            "supplies of brand ALPHA, in whole, 24 % leak",
        ),
        (
            "hub-and-school",
            "Hub closed and school halved",
            *(0.4333, 0.4815, True, "joint"),
            "lanes from HUB to ISLE; half of the crews",
        ),
    ],
    columns=["scenario", "title", "capacity", "surviving", "certified", "binds", "cuts"],
)
FIELDED = {
    "baseline": {"pump": 0.8, "lamp": 1.0},
    "school-halved": {"pump": 0.3, "lamp": 1.0},
    "hub-closed": {"pump": 0.8, "lamp": 0.1},
    "brand-control": {"pump": 0.8, "lamp": 0.2},
    "hub-and-school": {"pump": 0.7333, "lamp": 0.1333},
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
    row: dict[str, object] = {str(name): value for name, value in TABLE.iloc[3].items()}
    row.update(given)
    return pd.concat([TABLE.iloc[:1], pd.DataFrame([row])], ignore_index=True)


def printed(table: pd.DataFrame, fielded: pd.DataFrame = TWO, *, width: int = 100) -> str:
    console = Console(file=StringIO(), width=width, color_system=None, legacy_windows=False)
    console.print(ranked(table, fielded, width=width))
    assert isinstance(console.file, StringIO)
    return "".join(line.rstrip() + "\n" for line in console.file.getvalue().splitlines())


ON_A_TERMINAL = """
 Scenario                             Survives                    Capacity  pump  lamp  Binds
 ──────────────────────────────────────────────────────────────────────────────────────────────────
 Baseline                              100.0 %  ████████████████     0.900    80   100
 Hub closed and school halved           48.1 %  ███████▊             0.433    73    13  joint
   hub-and-school: lanes from HUB to
   ISLE; half of the crews
 Hub closed                             50.0 %  ████████             0.450    80    10  partnership
   hub-closed: lanes from HUB to
   ISLE
 Control of ALPHA's brand               55.6 %  ████████▉            0.500    80    20  hardware
   brand-control: supplies of brand
   ALPHA, in whole, 24 % leak
 Crew school halved                     72.2 %  ███████████▌         0.650    30   100  training
   school-halved: half of the crews
 A result that failed                           uncertified
   broken: plants on ISLE, in whole

Survives: scaling capacity after the cut, in percent of the baseline's. Systems: output in percent
of target. An upper bound on what could be fielded, not a forecast.
"""
IN_A_LOG = """
 Scenario                                         Survives                    Capacity  Binds
 --------------------------------------------------------------------------------------------------
 Baseline                                          100.0 %  ################     0.900
   pumpette 0, radio 50, 6 more at 65 or above
 Hub closed and school halved                       48.1 %  ########........     0.433  joint
   hub-and-school: lanes from HUB to ISLE; half
   of the crews
   pumpette 0, lamp 13, 6 more at 50 or above
 Hub closed                                         50.0 %  ########........     0.450  partnership
   hub-closed: lanes from HUB to ISLE
   pumpette 0, lamp 10, 6 more at 50 or above
 Control of ALPHA's brand                           55.6 %  #########.......     0.500  hardware
   brand-control: supplies of brand ALPHA, in
   whole, 24 % leak
   pumpette 0, lamp 20, 6 more at 50 or above
 Crew school halved                                 72.2 %  ############....     0.650  training
   school-halved: half of the crews
   pumpette 0, pump 30, 6 more at 50 or above
 A result that failed                                       uncertified
   broken: plants on ISLE, in whole

Survives: scaling capacity after the cut, in percent of the baseline's. Systems: output in percent
of target. An upper bound on what could be fielded, not a forecast.
"""


def test_the_table_on_a_terminal() -> None:
    assert printed(TABLE) == ON_A_TERMINAL


def test_the_table_in_a_log_with_more_systems_than_fit() -> None:
    assert as_plain(TABLE, EIGHT, width=100) == IN_A_LOG


@pytest.mark.parametrize("width", [80, 100, 160])
@pytest.mark.parametrize("fielded", [TWO, EIGHT], ids=["two systems", "eight systems"])
def test_at_usual_widths_nothing_is_cut_off(width: int, fielded: pd.DataFrame) -> None:
    text = printed(TABLE, fielded, width=width)
    assert max(map(cell_len, text.splitlines())) <= width
    assert "…" not in text
    for row in TABLE.itertuples():
        assert str(row.title) in " ".join(text.split())


def test_eight_systems_get_columns_where_they_fit() -> None:
    header = printed(TABLE, EIGHT, width=160).splitlines()[1]
    assert header.split()[3:] == ["pump", "lamp", *MORE, "Binds"]


def test_the_order_is_baseline_then_worst_first_then_uncertified() -> None:
    text = as_plain(TABLE.sample(frac=1, random_state=1), TWO)
    found = sorted(TABLE["title"], key=lambda title: text.index(f" {title}  "))
    assert found == [
        "Baseline",
        "Hub closed and school halved",
        "Hub closed",
        "Control of ALPHA's brand",
        "Crew school halved",
        "A result that failed",
    ]


def test_ties_are_in_order_of_their_keys() -> None:
    tied = pd.concat([one(scenario="b", title="B!"), one(scenario="a", title="A!").iloc[1:]])
    text = as_plain(tied, TWO)
    assert text.index("A!") < text.index("B!")


@pytest.mark.parametrize("scenario", ["baseline", "hub-closed"])
def test_an_uncertified_result_shows_the_word_and_no_number(scenario: str) -> None:
    table = TABLE.assign(certified=TABLE["certified"] & (TABLE["scenario"] != scenario))
    text = as_plain(table, TWO)
    title = dict(zip(table["scenario"], table["title"], strict=True))[scenario]
    (line,) = (line for line in text.splitlines() if line.startswith(f" {title}   "))
    assert line.removeprefix(f" {title}").split() in (["uncertified"], ["uncertified", "unknown"])


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
    assert f" {shown} " in as_plain(one(title="It", surviving=surviving), TWO)


@pytest.mark.parametrize(
    ("surviving", "cells"), [(0.0, 0), (0.5, 8), (1.0, 16), (1.04, 16), (nan, 0)]
)
def test_the_bar_is_as_long_as_what_survives(surviving: float, cells: int) -> None:
    (line,) = (
        line
        for line in as_plain(one(title="It", surviving=surviving), TWO).splitlines()
        if line.startswith(" It ")
    )
    assert line.count("#") == cells
    assert line.count("#") + line.count(".") - (line.count("%") + 1) == 16


def test_a_bar_on_a_terminal_is_drawn_to_an_eighth_of_a_cell() -> None:
    assert " ████████▍ " in printed(one(surviving=8.375 / 16))


def test_a_terminal_without_unicode_gets_ascii() -> None:
    file = TextIOWrapper(BytesIO(), encoding="ascii")
    Console(file=file, width=100).print(ranked(TABLE, TWO, width=100))
    file.flush()


@pytest.mark.parametrize(
    ("capacity", "shown"), [(0.4333, "0.433"), (73.33, "73.3"), (115000.0, "115,000")]
)
def test_capacity_is_a_share_or_units_a_month(capacity: float, shown: str) -> None:
    assert f" {shown} " in as_plain(one(capacity=capacity), TWO)


HOSTILE = "[red]x[/red][link=http://x]\x1b[2J\u202e\u200b=cmd"


@pytest.mark.parametrize("column", ["title", "scenario", "cuts"])
def test_text_from_a_table_is_shown_and_does_nothing(column: str) -> None:
    table = one(**{column: HOSTILE})
    file = StringIO()
    console = Console(file=file, width=400, force_terminal=True, color_system="truecolor")
    console.print(ranked(table, TWO, width=400))
    assert not [played for played in ("\x1b[2J", "\x1b]8", "\u202e") if played in file.getvalue()]
    assert "[red]x[/red][link=http://x]<U+001B>[2J<U+202E><U+200B>=cmd" in as_plain(
        table, TWO, width=400
    )


def test_the_name_of_a_system_is_inert_too() -> None:
    for width in (100, 400):
        text = as_plain(TABLE, TWO.replace("pump", "[b]\u202e"), width=width)
        assert "[b]<U+202E>" in text


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (0.0, "0"),
        (1e-4, "1"),
        (0.004, "1"),
        (0.5, "50"),
        (0.997, "99"),
        (0.99999, "99"),
        (1.0, "100"),
    ],
)
def test_a_share_in_whole_percent_hides_no_loss(share: float, shown: str) -> None:
    line = as_plain(one(title="It"), systems({"hub-closed": {"pump": share}})).split(" It ")[1]
    assert line.split("\n")[0].split()[4:] == [shown, "partnership"]


def test_a_line_end_in_a_title_makes_no_row() -> None:
    assert " Hub Baseline " in as_plain(one(title="Hub\nBaseline"), TWO)


def test_without_a_comparison_of_pillars_nothing_is_said_of_them() -> None:
    text = as_plain(TABLE.drop(columns="binds"), TWO)
    assert "Binds" not in text
    assert "none" not in text


def test_plain_text_has_no_escape_code_and_no_box() -> None:
    text = as_plain(TABLE, EIGHT)
    assert text.isascii()
    assert text.replace("\n", "").isprintable()


def test_wide_letters_keep_the_columns_in_line() -> None:
    lines = as_plain(one(title="中转枢纽关闭" * 4), TWO).splitlines()
    places = [cell_len(line[: line.index(" %")]) for line in lines if "#" in line]
    assert len(set(places)) == 1


def test_with_nothing_certified_there_is_still_a_table() -> None:
    text = as_plain(TABLE.assign(certified=False), TWO.iloc[:0])
    assert text.count("uncertified") == len(TABLE)
    assert "%" not in text.split("Survives:")[0].replace("24 % leak", "")


def test_the_frames_stay_as_they_were() -> None:
    table, fielded = TABLE.copy(deep=True), EIGHT.copy(deep=True)
    ranked(table, fielded, width=100)
    pd.testing.assert_frame_equal(table, TABLE)
    pd.testing.assert_frame_equal(fielded, EIGHT)
