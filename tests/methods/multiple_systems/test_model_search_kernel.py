"""The branch-and-bound kernel: its bounds against fits, its enumeration against the known numbers."""

import numpy as np
import pytest

from smuggling_analysis.kernels.deviance_bounds import IN, OUT, least_deviance
from smuggling_analysis.kernels.loglinear import sum_over_supersets
from smuggling_analysis.kernels.model_search import following_families
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import fit_terms
from smuggling_analysis.methods.multiple_systems.log_linear.hierarchy import hierarchical_models
from smuggling_analysis.methods.multiple_systems.log_linear.marginal_cone import direction_of_recession
from smuggling_analysis.methods.multiple_systems.log_linear.models import term_table
from smuggling_analysis.methods.multiple_systems.search.term_space import term_space


def bound_of(cells, space, row, enough=np.inf):
    seen = cells.copy()
    sum_over_supersets(seen)
    status = np.where(row == 1, IN, OUT).astype(np.int8)
    return least_deviance(cells, seen, space.always, space.candidates, status, enough, cells + 0.5,
                          np.zeros(1))


def random_tables(n_lists, number, seed):
    rng = np.random.default_rng(seed)
    for _ in range(number):
        size = 10.0 ** rng.uniform(-1, 3)
        cells = rng.poisson(size * rng.dirichlet(np.full(2**n_lists, rng.uniform(0.05, 1.0))) * 4).astype(float)
        cells[0] = 0.0
        if cells.any():
            yield cells


def families(space):
    block = np.zeros((10_000, space.size), np.int8)
    found = following_families(space.row(()), space.below, block)
    return np.concatenate([space.row(())[None, :], block[:found]])


# Antichain covers of a labelled set (OEIS A006126: 9, 114, 6894), less the saturated one.
@pytest.mark.parametrize(("n_lists", "order", "number"), [(3, 2, 8), (4, 3, 113), (5, 4, 6893), (5, 2, 1024)])
def test_every_family_follows_once_and_is_closed(n_lists, order, number):
    rows = families(term_space(n_lists, order))
    assert len(rows) == len(np.unique(rows, axis=0)) == number
    space = term_space(n_lists, order)
    assert space.closed(rows)
    assert set(space.models(rows)) == set(hierarchical_models(n_lists, order))


@pytest.mark.parametrize("name", ["Kosovo", "lesbian", "UKdat_5", "NewOrl_5", "Artificial_3"])
def test_bounds_enclose_the_deviance_of_every_model_that_has_one(name, capture_table):
    histories = capture_table(name)
    cells = histories.dense().astype(float)
    space = term_space(histories.n_lists, min(histories.n_lists - 1, 3))
    rows = families(space)[::7]
    fits = fit_terms(cells, space.table(rows))
    for row, deviance in zip(rows[fits.estimable], fits.deviance[fits.estimable], strict=True):
        assert deviance - 1.1e-3 <= bound_of(cells, space, row) <= deviance + 1e-7


def test_bounds_never_fall_by_leaving_a_term_out_and_hold_where_no_estimate_exists():
    space, without = term_space(4, 3), 0
    rows = families(space)[::3]
    for cells in random_tables(4, 8, seed=5):
        bounds = {row.tobytes(): bound_of(cells, space, row) for row in rows}
        for row in rows[::2]:
            for smaller in (step for step in space.moves(row, 0) if step.sum() < row.sum()):
                assert bound_of(cells, space, smaller) >= bounds[row.tobytes()] - 1.1e-3
        table = term_table(space.models(rows))
        fits = fit_terms(cells, table)
        for row, terms in zip(rows[~fits.exists], table[~fits.exists], strict=True):
            without += 1
            # The deviance once the cells that the likelihood empties are left out is the infimum.
            assert bounds[row.tobytes()] <= emptied_deviance(cells, terms[terms >= 0]) + 1e-6
    assert without > 20


def emptied_deviance(cells, terms):
    """The least deviance by iterative proportional fitting over the cells that are not pushed to zero."""
    every = np.arange(cells.size)
    alive = (every > 0) & ~direction_of_recession(cells, terms)
    mu = np.where(alive, 1.0, 0.0)
    for _ in range(100):
        for term in terms:
            held = (every & term) == term
            seen, fitted = cells[held].sum(), mu[held].sum()
            mu[held] *= seen / fitted if fitted > 0 else 0.0
    held = cells > 0
    return 2 * ((cells[held] * np.log(cells[held] / mu[held])).sum() - cells.sum() + mu.sum())


def test_a_bound_stops_as_soon_as_it_is_enough(capture_table):
    cells = capture_table("UKdat_5").dense().astype(float)
    space = term_space(5, 4)
    whole, cut = bound_of(cells, space, space.row(())), bound_of(cells, space, space.row(()), enough=20.0)
    assert 20.0 < cut <= whole
