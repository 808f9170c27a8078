"""Selectors: OR within a key, AND between keys, ``any``, ``except``, tiers and headings."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.schema import TABLE_KEYS, Selector, Table
from scenarios.select import Branch, Facets, SelectorError, branches, selects

CHIP: Facets = {
    "supply": frozenset({"chip-alpha"}),
    "component": frozenset({"chip"}),
    "tier": frozenset({"3.A"}),
    "hs6": frozenset({"854231", "854232"}),
    "origin": frozenset({"ALPHA"}),
    "brand": frozenset({"ALPHA"}),
    "brand_bloc": frozenset({"CLUB"}),
    "reach": frozenset(),
}


def of(**keys: object) -> tuple[Branch, ...]:
    return branches(selector({"table": "supplies", **keys}))


def selector(keys: dict[str, Any]) -> Selector:
    return Selector.model_validate(keys)


def test_values_within_a_key_are_alternatives_and_keys_combine_with_and() -> None:
    assert selects(of(origin=["BETA", "ALPHA"], component="chip"), CHIP)
    assert not selects(of(origin=["BETA", "ALPHA"], component="body"), CHIP)


def test_a_selector_of_a_whole_table_takes_every_row() -> None:
    assert selects(of(), {})


@pytest.mark.parametrize(
    ("tier", "taken"),
    [("3", True), ("3.A", True), ("3.B", False), ("3.A.1", False), ("1", False), ("3.", False)],
)
def test_a_tier_also_matches_its_parts(tier: str, taken: bool) -> None:  # noqa: FBT001 - a case
    assert selects(of(tier=tier), CHIP) is taken


def test_tier_three_does_not_match_tier_thirty_three() -> None:
    assert not selects(of(tier="3"), {"tier": frozenset({"33"})})


@pytest.mark.parametrize(
    ("heading", "taken"),
    [("854231", True), ("8542*", True), ("8*", True), ("8541*", False), ("854233", False)],
)
def test_a_starred_heading_is_a_prefix(heading: str, taken: bool) -> None:  # noqa: FBT001 - a case
    assert selects(of(hs6=heading), CHIP) is taken


@pytest.mark.parametrize("key", ["reach", "channel"])
def test_a_facet_that_is_empty_or_missing_matches_nothing(key: str) -> None:
    assert not selects(of(**{key: "ALPHA"}), CHIP)


def test_any_is_multiplied_out_and_keeps_the_outer_keys() -> None:
    where = of(tier="3", any=[{"origin": "ALPHA"}, {"any": [{"brand": "B"}, {"brand": "C"}]}])
    assert [branch.conditions for branch in where] == [
        (("tier", ("3",)), ("origin", ("ALPHA",))),
        (("tier", ("3",)), ("brand", ("B",))),
        (("tier", ("3",)), ("brand", ("C",))),
    ]


def test_a_key_stated_outside_and_inside_must_hold_both_times() -> None:
    assert not selects(of(origin="ALPHA", any=[{"origin": "BETA"}]), CHIP)
    assert selects(of(origin=["ALPHA", "BETA"], any=[{"origin": "ALPHA"}]), CHIP)


def test_alternatives_may_lie_in_different_tables() -> None:
    where = branches(
        selector(
            {
                "tier": "3",
                "any": [{"table": "supplies", "origin": "ALPHA"}, {"table": "lanes"}],
                "except": {"component": "chip_basic"},
            }
        )
    )
    assert [branch.table for branch in where] == [Table.SUPPLIES, Table.LANES]
    assert all(branch.excepts[0].table is branch.table for branch in where)


def test_except_takes_away_and_may_itself_have_an_exception() -> None:
    assert not selects(of(tier="3", **{"except": {"brand_bloc": "CLUB"}}), CHIP)
    kept = {"brand_bloc": "CLUB", "except": {"supply": "chip-alpha"}}
    assert selects(of(tier="3", **{"except": kept}), CHIP)


def test_an_exception_with_a_table_touches_only_that_table() -> None:
    where = branches(
        selector(
            {
                "component": "chip",
                "any": [{"table": "supplies"}, {"table": "lanes"}],
                "except": {"table": "lanes", "from_place": "HUB"},
            }
        )
    )
    assert [len(branch.excepts) for branch in where] == [0, 1]


def test_an_exception_is_flattened_once_for_all_alternatives() -> None:
    parts = [{"lane": f"lane-{number}"} for number in range(50)]
    where = branches(selector({"table": "lanes", "any": parts, "except": {"any": parts}}))
    assert len(where) == 50
    assert len({id(branch.excepts) for branch in where}) == 1


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        ({"table": "lanes", "from_place": "HUB"}, False),
        ({"table": "lanes", "from_place": "HUB", "tier": "1"}, True),
        ({"table": "lanes", "from_place": "HUB", "except": {"category": "crew"}}, True),
        ({"table": "lanes", "except": {"lane": "a", "except": {"brand": "B"}}}, True),
        ({"table": "lanes", "except": {"lane": "a"}}, False),
        ({"table": "supplies", "tier": "1"}, False),
    ],
)
def test_goods_are_named_on_lanes_only(
    keys: dict[str, object],
    named: bool,  # noqa: FBT001 - a case
) -> None:
    (branch,) = branches(selector(keys))
    assert branch.names_goods is named


@pytest.mark.parametrize(
    ("keys", "path", "words"),
    [
        ({"origin": "ALPHA"}, (), "no table"),
        ({"any": [{"table": "lanes"}, {"origin": "A"}]}, ("any", 1), "no table"),
        ({"table": "lanes", "origin": "A"}, ("origin",), "lanes have no key 'origin'"),
        ({"table": "plants", "tier": "1"}, ("tier",), "plants have no key 'tier'"),
        ({"table": "stocks", "except": {"lane": "a"}}, ("except", "lane"), "stocks have no key"),
        ({"tier": "1", "any": [{"table": "plants"}]}, ("tier",), "plants have no key"),
        ({"table": "lanes", "any": [{"table": "plants"}]}, ("any", 0, "table"), "table lanes"),
        ({"table": "lanes", "except": {"table": "plants"}}, ("except", "table"), "takes away"),
        ({"table": "lanes", "any": [{}]}, ("any", 0), "selects everything"),
        ({"table": "lanes", "except": {}}, ("except",), "selects everything"),
        ({"table": "supplies", "hs6": ["854231", "8542"]}, ("hs6", 1), "six digits"),
        ({"table": "supplies", "hs6": "85*31"}, ("hs6", 0), "one star at the end"),
        ({"table": "supplies", "hs6": "85423100"}, ("hs6", 0), "one star at the end"),
        ({"table": "supplies", "hs6": "*"}, ("hs6", 0), "one star at the end"),
        ({"table": "supplies", "hs6": "٨٥٤٢٣١"}, ("hs6", 0), "six digits"),
        ({"table": "supplies", "origin": "C*"}, ("origin", 0), "only hs6 takes a star"),
    ],
)
def test_a_selector_that_does_not_fit_is_refused_with_the_place(
    keys: dict[str, object], path: tuple[str | int, ...], words: str
) -> None:
    with pytest.raises(SelectorError) as refused:
        branches(selector(keys))
    assert [(misfit.path, words in misfit.rule) for misfit in refused.value.misfits] == [
        (path, True)
    ]


def test_a_short_heading_is_refused_with_the_star_to_add() -> None:
    with pytest.raises(SelectorError, match=r"write '8542\*'"):
        of(hs6="8542")


def test_a_key_of_another_table_is_refused_with_the_nearest() -> None:
    with pytest.raises(SelectorError, match="Did you mean 'plant'"):
        branches(selector({"table": "plants", "lane": "x", "place": "y", "any": [{"plant": "z"}]}))


def test_all_misfits_are_told_at_once() -> None:
    with pytest.raises(SelectorError) as refused:
        of(lane="a", hs6="85", any=[{"plant": "b"}, {"origin": "*"}])
    assert len(refused.value.misfits) == 4


KEYS = sorted(TABLE_KEYS[Table.SUPPLIES] - {"hs6"})
VALUES = st.frozensets(st.sampled_from(["1", "1.A", "3", "A", "B", "C"]), min_size=1)
CONDITIONS = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4)
FACETS = st.dictionaries(st.sampled_from(KEYS), VALUES)


def flat(conditions: dict[str, frozenset[str]]) -> dict[str, object]:
    return {"table": "supplies", **{key: sorted(values) for key, values in conditions.items()}}


@given(CONDITIONS, CONDITIONS, FACETS)
def test_more_values_never_match_less(
    stated: dict[str, frozenset[str]], more: dict[str, frozenset[str]], facets: Facets
) -> None:
    wider = {key: values | more.get(key, frozenset()) for key, values in stated.items()}
    if selects(branches(selector(flat(stated))), facets):
        assert selects(branches(selector(flat(wider))), facets)


@given(CONDITIONS, CONDITIONS, FACETS)
def test_except_is_the_difference_of_sets(
    stated: dict[str, frozenset[str]], taken: dict[str, frozenset[str]], facets: Facets
) -> None:
    with_except = branches(selector({**flat(stated), "except": flat(taken)}))
    plain, away = branches(selector(flat(stated))), branches(selector(flat(taken)))
    expected = selects(plain, facets) and not selects(away, facets)
    assert selects(with_except, facets) is expected


@given(CONDITIONS, st.lists(CONDITIONS, min_size=1, max_size=4), FACETS)
def test_any_is_the_union_of_sets_within_the_outer_keys(
    stated: dict[str, frozenset[str]], parts: list[dict[str, frozenset[str]]], facets: Facets
) -> None:
    where = branches(selector({**flat(stated), "any": [flat(part) for part in parts]}))
    inside = any(selects(branches(selector(flat(part))), facets) for part in parts)
    assert selects(where, facets) is (selects(branches(selector(flat(stated))), facets) and inside)
