"""How much of what is fielded can have its first choice: worked out by hand, and bounded."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from analyzer.network.effect import Effect
from analyzer.programme import persistent
from analyzer.programme.arrays import LinearProgramme
from analyzer.programme.canon import DECIMALS, published
from analyzer.programme.choice import first_choice_share
from analyzer.programme.highs import Limits
from analyzer.programme.solution import solution
from benchmarks.networks import network
from supply_data import load
from supply_data.schema import Requirement, Row, Tables
from tests.changes import each
from tests.effort import SEEDS, tries
from tests.networks_by_hand import END, dataset, need, plant, supply, system
from tests.random_effects import some_effect
from tests.solved import built, cut, solved

FEW = settings(max_examples=tries(30, 300))


def shares(tables: Tables, effect: Effect | None = None) -> dict[str, float]:
    return first_choice_share(published(solved(tables, effect)))


def two_chips(*, other: float, max_fill: float = 1) -> Tables:
    """Return a unit whose chip is the best, at 10 dollars, or another, at 1, of some capacity."""
    return dataset(
        system("unit", 100),
        need("unit", "best", slot="chip", tracked=True),
        need("unit", "other", slot="chip", max_fill=max_fill),
        supply("best", "best", END, 100, cost_usd=10),
        supply("other", "other", END, other, cost_usd=1),
    )


def test_all_can_have_the_first_choice_although_the_other_is_cheaper() -> None:
    tables = two_chips(other=100)
    flows = published(solved(tables)).flows()
    assert "supply:best" not in set(flows["element"])  # the plan that is shown is the cheapest
    assert shares(tables) == pytest.approx({"unit/chip": 1})


def test_half_of_the_first_choice_is_in_half_of_what_is_made_with_the_other() -> None:
    assert shares(two_chips(other=100), cut({"supply:best": 0.5})) == pytest.approx(
        {"unit/chip": 0.5}
    )


def test_without_an_alternative_all_that_is_left_has_the_first_choice() -> None:
    assert shares(two_chips(other=0), cut({"supply:best": 0.5})) == pytest.approx({"unit/chip": 1})


def test_share_is_of_what_is_made_not_of_the_target() -> None:
    assert shares(two_chips(other=30), cut({"supply:best": 0.8})) == pytest.approx(
        {"unit/chip": 20 / 50}
    )


def test_largest_fill_of_the_other_limits_how_much_of_it_can_be_used() -> None:
    # 20 of the best with the other in at most half of what is made: 40 are made
    found = shares(two_chips(other=100, max_fill=0.5), cut({"supply:best": 0.8}))
    assert found == pytest.approx({"unit/chip": 0.5})


def test_slot_whose_first_choice_is_lost_has_none_of_it() -> None:
    found = shares(two_chips(other=100), cut("supply:best"))
    assert found == pytest.approx({"unit/chip": 0}, abs=1e-8)


def test_product_that_is_not_made_has_no_share() -> None:
    assert shares(two_chips(other=0), cut("supply:best")) == {}


def test_only_the_first_of_a_slot_is_tracked_and_only_where_asked() -> None:
    def change(row: Row, *tracked: str) -> Row:
        if isinstance(row, Requirement):
            return row.model_copy(update={"tracked": row.component in tracked})
        return row

    tables = two_chips(other=100)
    assert shares(each(tables, lambda row: iter([change(row, "other")]))) == {}
    assert shares(each(tables, lambda row: iter([change(row)]))) == {}
    assert list(shares(each(tables, lambda row: iter([change(row, "best", "other")])))) == [
        "unit/chip"
    ]


def test_first_choice_goes_to_where_it_is_asked_for_with_the_output_kept() -> None:
    # 60 of the best for 200 units of two kinds: each slot may have all of them, one at a time
    tables = dataset(
        system("van", 100),
        system("cart", 100),
        *(
            row
            for product in ("van", "cart")
            for row in (
                need(product, "best", slot="chip", tracked=True),
                need(product, "other", slot="chip"),
            )
        ),
        supply("best", "best", END, 60),
        supply("other", "other", END, 1000),
    )
    assert shares(tables) == pytest.approx({"van/chip": 0.6, "cart/chip": 0.6})


def test_slot_of_a_part_made_on_the_way_is_followed_too() -> None:
    tables = dataset(
        system("unit", 100),
        need("unit", "board", 2),
        need("board", "best", slot="chip", tracked=True),
        need("board", "other", slot="chip"),
        plant("works", "board", END, 300),
        supply("best", "best", END, 50),
        supply("other", "other", END, 1000),
    )
    assert shares(tables) == pytest.approx({"board/chip": 0.25})


def test_lamps_of_the_tutorial_can_have_their_chips() -> None:
    island = each(load("tutorial"), lambda row: iter([all_tracked(row)]))
    assert shares(island)["lamp/control"] == pytest.approx(1)
    # with the hub closed 20 chips are left for 40 lamps
    assert shares(island, cut("lane:hub-isle"))["lamp/control"] == pytest.approx(0.5)


# --- random networks


def all_tracked(row: Row) -> Row:
    return row.model_copy(update={"tracked": True}) if isinstance(row, Requirement) else row


@pytest.mark.soak
@FEW
@given(seed=SEEDS)
def test_share_is_never_less_than_what_the_plan_has(seed: int) -> None:
    tables = each(network(seed), lambda row: iter([all_tracked(row)]))
    found = published(solved(tables, some_effect(tables, seed)))
    best = first_choice_share(found)
    assert all(0 <= share <= 1 for share in best.values())
    first = {(r.product, r.slot): r for r in reversed(tables.requirements)}
    flows = found.flows()
    made = flows[flows["kind"] == "plant"].set_index("element")
    output = made.groupby("good")["quantity_per_month"].sum()
    unit = found.model.sets.scale.need
    for (product, slot), row in first.items():
        uses = flows[(flows["kind"] == "use") & (flows["slot"] == slot)]
        uses = uses[uses["element"].map(made["good"]) == product]
        filled = uses.loc[uses["good"] == row.component, "quantity_per_month"].sum() / row.quantity
        if f"{product}/{slot}" in best:
            # the plan is rounded in units of the need, which is much where little is made
            rounding = 10.0**-DECIMALS * unit[product] / output[product]
            assert filled / output[product] <= best[f"{product}/{slot}"] + 1e-6 + 9 * rounding


def test_what_is_not_certified_has_no_share() -> None:
    found = solution(built(network(3)), limits=Limits(iterations=1))
    assert (
        first_choice_share(replace(found, certificate=replace(found.certificate, optimal=False)))
        == {}
    )


def test_share_that_is_not_certified_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    found = published(solved(two_chips(other=100)))
    honest = persistent.Persistent.proof

    def misled(solver: persistent.Persistent, programme: LinearProgramme) -> persistent.Proof:
        proof = honest(solver, programme)
        return replace(proof, certificate=replace(proof.certificate, optimal=False))

    monkeypatch.setattr(persistent.Persistent, "proof", misled)
    (share,) = first_choice_share(found).values()
    assert np.isnan(share)
