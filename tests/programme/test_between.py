"""Programmes between two that differ in limits alone."""

import numpy as np
import pytest

from analyzer.network.effect import Effect
from analyzer.network.goods import supplied
from analyzer.programme.between import between
from analyzer.programme.persistent import Persistent
from benchmarks.networks import network
from tests.networks_by_hand import diamond
from tests.solved import built, cut, elements, stopped


@pytest.mark.parametrize("seed", range(8))
def test_it_is_the_programme_of_the_cut_between_and_its_lines_bound_it(seed: int) -> None:
    tables = network(seed)
    known = [e for e in elements(tables) if tables.elements[e].figure is not None]
    draw = np.random.default_rng(seed)
    shares = {e: float(draw.uniform()) for e in draw.permutation(known)[: len(known) // 2].tolist()}
    whole = cut(shares)
    model = built(tables, (whole, cut(known[0])))
    way = between(model, Effect(), whole)
    loop = Persistent(model.baseline)
    values = {}
    for share in (0.0, 0.3, 0.7, 1.0):
        part = cut({e: share * taken for e, taken in shares.items()})
        proof = loop.proof(way.at(share))
        same = loop.proof(model.under(part))
        assert proof.certificate.value == pytest.approx(same.certificate.value, abs=1e-9)
        values[share] = proof.certificate.value, way.slope(share, proof.worths)
    for share, (value, slope) in values.items():
        for other, (there, _) in values.items():
            assert value + slope * (other - share) <= there + 1e-8


def test_what_changes_more_than_limits_is_refused() -> None:
    tables = diamond()
    (lane, *_), (supply, *_) = tables.lanes.values(), tables.supplies.values()
    lost = stopped({(lane.element, supplied(supply)): 0.5})
    with pytest.raises(ValueError, match="limits alone"):
        between(built(tables, (lost,)), Effect(), lost)
