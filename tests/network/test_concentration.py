"""Concentration by origin, brand and last lane, on figures checked by hand."""

from collections.abc import Callable
from math import inf, isnan

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.network.concentration import concentration, herfindahl
from supply_data import load
from supply_data.schema import Tables

Network = Callable[[str], Tables]


def row(frame: pd.DataFrame, by: str, scope: str, item: str = "") -> dict[str, object]:
    chosen = frame[(frame["by"] == by) & (frame["scope"] == scope) & (frame["item"] == item)]
    (found,) = chosen.to_dict("records")
    return {str(key): value for key, value in found.items()}


@given(st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=30))
def test_the_index_lies_between_equal_shares_and_one_source(amounts: list[float]) -> None:
    found = herfindahl(amounts)
    assert 1 / len(amounts) - 1e-12 <= found <= 1 + 1e-12
    assert herfindahl([7 * amount for amount in amounts]) == pytest.approx(found)
    assert herfindahl([*amounts, 0]) == pytest.approx(found)


def test_nothing_has_no_concentration() -> None:
    assert isnan(herfindahl([]))
    assert isnan(herfindahl([0, 0]))


def test_the_same_chip_is_less_concentrated_by_origin_than_by_brand() -> None:
    frame = concentration(load("tutorial"))
    by_origin, by_brand = (row(frame, by, "item", "chip") for by in ("origin", "brand"))
    assert by_origin["hhi"] == pytest.approx(0.8**2 + 0.2**2)
    assert by_origin["equivalent"] == pytest.approx(1 / 0.68)
    assert (by_origin["largest"], by_origin["largest_share"]) == ("ALPHA", 0.8)
    assert by_origin["usd_per_month"] == 5000
    assert (by_brand["hhi"], by_brand["equivalent"], by_brand["counted"]) == (1, 1, 2)


def test_totals_are_weighted_by_value() -> None:
    frame = concentration(load("tutorial"))
    usd = {"ALPHA": 4000, "BETA": 1000 + 800, "GAMMA": 5400}
    pooled = row(frame, "origin", "pooled")
    assert pooled["hhi"] == pytest.approx(sum((v / 11200) ** 2 for v in usd.values()))
    assert (pooled["largest"], pooled["usd_per_month"]) == ("GAMMA", 11200)
    mean = row(frame, "origin", "mean")
    assert mean["hhi"] == pytest.approx((5000 * 0.68 + 800 * 1 + 5400 * 1) / 11200)
    assert mean["equivalent"] == pytest.approx(1 / 0.857142857)
    assert (mean["largest"], isnan(float(str(mean["largest_share"])))) == ("", True)


def test_what_has_no_value_is_counted_by_item_and_named_in_the_totals() -> None:
    frame = concentration(load("tutorial"))
    crew = row(frame, "origin", "item", "crew")
    assert (crew["hhi"], crew["counted"], crew["unknown"]) == (1, 1, 0)
    assert isnan(float(str(crew["usd_per_month"])))
    for scope in ("pooled", "mean"):
        total = row(frame, "origin", scope)
        assert (total["counted"], total["unknown"]) == (4, 1)
        assert total["unknown_elements"] == "supply:crew-school"


def test_last_lanes_are_those_into_the_destination_and_each_is_pooled_once() -> None:
    frame = concentration(load("tutorial"))
    lanes = frame[frame["by"] == "last_lane"]
    assert list(lanes["item"]) == ["", "", "chip", "chip_basic", "body"]
    chip = row(frame, "last_lane", "item", "chip")
    assert (chip["largest"], chip["hhi"]) == ("lane:hub-isle", 1)
    assert (chip["unknown"], chip["unknown_elements"]) == (1, "lane:beta-isle")
    pooled = row(frame, "last_lane", "pooled")
    assert pooled["usd_per_month"] == 4500 + 9000
    assert pooled["hhi"] == pytest.approx((1 / 3) ** 2 + (2 / 3) ** 2)
    assert (pooled["unknown"], pooled["unknown_elements"]) == (1, "lane:beta-isle")


def test_an_item_of_which_nothing_is_known_has_no_index() -> None:
    simple = row(concentration(load("tutorial")), "last_lane", "item", "chip_basic")
    assert simple["counted"] == 0
    assert isnan(float(str(simple["hhi"])))
    assert isnan(float(str(simple["equivalent"])))


def test_lanes_into_the_place_of_a_plant_are_last_for_what_it_uses(network: Network) -> None:
    frame = concentration(
        network("""
        components: component category value_usd
          chip electronics 1
          board boards 10
        systems: system target_per_month
          lamp 10
        requirements: product component quantity
          lamp board 1
          board chip 2
        supplies: supply component origin capacity_per_month
          far chip FAR 10
        plants: plant place product
          board-works HUB board
        lanes: lane from_place to_place carries capacity_usd_per_month
          first FAR MID electronics 100
          road MID HUB electronics 30
          rail FAR HUB electronics 10
          second HUB END boards 50
          aside HUB END electronics 50
    """)
    )
    chip = row(frame, "last_lane", "item", "chip")
    assert (chip["counted"], chip["hhi"]) == (2, pytest.approx(0.75**2 + 0.25**2))
    assert row(frame, "last_lane", "item", "board")["largest"] == "lane:second"
    assert row(frame, "last_lane", "pooled")["usd_per_month"] == 90


def test_plants_count_as_sources_of_what_is_also_supplied(network: Network) -> None:
    tables = """
        systems: system target_per_month
          lamp 10
        requirements: product component quantity
          lamp board 1
          board chip 1
        supplies: supply component origin brand capacity_per_month
          chips chip END END 10
          boards board FAR FAR 10
        plants: plant place product capacity_per_month
          board-works END board 30
        lanes: lane from_place to_place
          sea FAR END
    """
    frame = concentration(network(tables))
    board = row(frame, "origin", "item", "board")
    assert (board["largest"], board["largest_share"]) == ("END", 0.75)
    assert row(frame, "brand", "item", "board")["largest"] == "END"
    made_only = concentration(network(tables.replace("boards board FAR FAR 10", "")))
    assert "board" not in set(made_only.loc[made_only["by"] == "origin", "item"])


def test_unknown_brands_and_dead_supplies_are_not_guessed_at(network: Network) -> None:
    frame = concentration(
        network("""
        systems: system target_per_month
          lamp 10
        requirements: product component quantity
          lamp chip 1
        supplies: supply component origin brand capacity_per_month
          red chip END RED 30
          blue chip END BLUE 10
          blank chip END - 10
          vague chip END RED -
          dead chip FAR BLUE 500
    """)
    )
    brand = row(frame, "brand", "item", "chip")
    assert brand["hhi"] == pytest.approx(0.75**2 + 0.25**2)
    assert (brand["counted"], brand["unknown"]) == (2, 2)
    assert brand["unknown_elements"] == "supply:blank;supply:vague"
    origin = row(frame, "origin", "item", "chip")
    assert (origin["counted"], origin["unknown_elements"]) == (3, "supply:vague")


def test_indices_stay_in_their_range_on_the_shipped_case() -> None:
    frame = concentration(load("russia-uas"))
    known = frame["hhi"].dropna()
    assert known.between(0, 1 + 1e-12).all()
    assert (frame["equivalent"].dropna() >= 1 - 1e-12).all()
    assert not frame.duplicated(["by", "scope", "item"]).any()
    assert set(frame["by"]) == {"origin", "brand", "last_lane"}
    assert inf not in set(frame["equivalent"])
