"""Counts of places without their zeros: the same as the whole cube, and bounded."""

from __future__ import annotations

import tracemalloc

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from streetwise.warn.nightly import NightSettings, Street, watch
from streetwise.warn.nightly.cells import Cells
from streetwise.warn.nightly.local import cell_model
from streetwise.warn.values import Ints, Places, Reports

SHAPE = (4, 6, 50)


def cube(seed: int) -> Ints:
    """Counts (C, P, T), mostly none; one category has none at all."""
    counts = np.random.default_rng(seed).poisson(0.15, SHAPE).astype(np.int64)
    counts[2] = 0
    return counts


@settings(deadline=None)
@given(st.integers(0, 99), st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_it_says_what_the_cube_says(seed: int, first: int, until: int, night: int) -> None:
    whole = cube(seed)
    cells = Cells.counted(whole)
    assert (len(cells), cells.places, cells.days) == SHAPE
    past = cells.before(night)
    assert (len(past), past.places, past.days) == (*SHAPE[:2], night)
    for category in range(SHAPE[0]):
        part = whole[category, :, first:until]
        assert np.array_equal(cells.counts(category), whole[category])
        assert np.array_equal(cells.counts(category, first, until), part)
        assert cells.total(category, first, until) == part.sum()
        assert np.array_equal(past.counts(category), whole[category, :, :night])


def test_shares_and_scatter_of_places_are_those_of_the_cube() -> None:
    whole, rules = cube(3), NightSettings(share_days=30)
    model = cell_model(Cells.counted(whole), rules)
    recent = whole[:, :, -30:]
    counted = recent.sum(axis=2).astype(np.float64)
    usual = counted.sum(axis=0) + 1 / SHAPE[1]
    usual /= usual.sum()
    share = counted + rules.share_prior * usual
    share /= counted.sum(axis=1, keepdims=True) + rules.share_prior
    assert np.allclose(model.share, share, rtol=1e-12)
    for category in range(SHAPE[0]):
        mean = share[category][:, None] * recent[category].sum(axis=0)
        if category == 2:
            assert np.isinf(model.size[category])
            continue
        more = ((recent[category] - mean) ** 2).sum() - (
            mean * (1 - share[category][:, None])
        ).sum()
        scatter = np.clip(more / (mean * mean).sum(), 1e-3, 5.0)
        assert np.isclose(1 / model.size[category], scatter)


def test_a_large_street_with_few_reports_takes_little_memory() -> None:
    """1,000 classes x 120 places x 200 days: as a cube 192 MB."""
    classes, places, days, many = 1_000, 120, 200, 2_000
    rng = np.random.default_rng(1)
    at = np.arange(places).astype(np.float64) * 300.0
    street = Street.of(Places(tuple(map(str, range(places))), at, at * 0, at * 0 + 1))
    reports = Reports(
        [""] * many,
        np.sort(rng.integers(0, days, many)),
        np.full(many, -1),
        at[rng.integers(0, places, many)],
        np.zeros(many),
        rng.integers(0, classes, many),
        np.ones(many, dtype=np.int64),
        tuple(map(str, range(classes))),
    )
    tracemalloc.start()
    try:
        seen = watch(reports, street, 0, days - 1, 0.2)
        cell_model(seen.cells, NightSettings())
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sum(seen.cells.total(one, 0, days) for one in range(classes)) == many
    assert most < 20e6
