"""Curves traced: corners from lines, samples that are close enough, and how far one is flat."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.study.tracing import Spot, UnknownSpotError, corners, edge, samples


@given(
    st.lists(
        st.tuples(st.floats(-3, 3), st.floats(-2, 2)), min_size=1, max_size=8, unique_by=lambda x: x
    )
)
def test_the_corners_of_the_upper_edge_of_lines_are_found(lines: list[tuple[float, float]]) -> None:
    def find(at: float) -> Spot:
        value, slope = max((a + b * at, b) for a, b in lines)
        return Spot(at, value, slope)

    found = corners(find, 0.0, 1.0, same=1e-12)
    at = np.linspace(0, 1, 1001)
    told = np.interp(at, [spot.at for spot in found], [spot.value for spot in found])
    true = np.max([a + b * at for a, b in lines], axis=0)
    assert np.abs(told - true).max() <= 1e-9
    assert len(found) <= len(lines) + 1


def test_samples_come_close_where_a_curve_bends_and_where_it_breaks() -> None:
    asked = []

    def find(at: float) -> Spot:
        asked.append(at)
        return Spot(at, min(at**2, 0.3 + at / 10))

    found = samples(find, 0.0, 1.0, same=4e-7)
    at = np.linspace(0, 1, 20001)
    told = np.interp(at, [spot.at for spot in found], [spot.value for spot in found])
    assert np.abs(told - np.minimum(at**2, 0.3 + at / 10)).max() <= 1e-6
    assert len(asked) < 3000


def test_what_is_the_same_at_both_ends_is_so_between() -> None:
    asked: list[float] = []

    def find(at: float) -> Spot:
        asked.append(at)
        return Spot(at, 1.0)

    assert samples(find, 0.0, 1.0, same=1e-6) == (Spot(0, 1.0), Spot(1, 1.0))
    assert asked == [0.0, 1.0]


def test_a_part_with_an_unknown_spot_is_left_and_an_unknown_end_is_told() -> None:
    def find(at: float) -> Spot:
        if 0.4 < at < 0.6:
            raise UnknownSpotError
        return Spot(at, at)

    found = samples(find, 0.0, 1.0, same=1e-6)
    assert not any(0.4 < spot.at < 0.6 for spot in found)
    with pytest.raises(UnknownSpotError):
        samples(find, 0.0, 0.5, same=1e-6)


def test_how_far_it_is_flat_is_told_from_its_side() -> None:
    assert 0.7 <= edge(lambda at: at >= 0.7, 1.0, 0.0, close=1e-6) <= 0.7 + 1e-6
