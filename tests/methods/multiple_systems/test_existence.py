"""Existence and identifiability: the fit's own verdict held to Fienberg and Rinaldo's linear programme."""

import numpy as np
import pytest
from scipy.optimize import linprog

from smuggling_analysis import CaptureHistories, NoEstimate
from smuggling_analysis.methods.multiple_systems import existence, loglinear
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import fit
from smuggling_analysis.methods.multiple_systems.log_linear.hierarchy import hierarchical_models
from smuggling_analysis.methods.multiple_systems.log_linear.marginal_cone import direction_of_recession


def exists_by_primal_programme(cells, model):
    """Fienberg and Rinaldo (2012): some table with the same sums has no empty cell, empty terms aside."""
    every = np.arange(1, cells.size)
    terms = np.array(model.terms)
    inside = (every[:, None] & terms) == terms
    empty = cells[1:] @ inside == 0
    rows = ~inside[:, empty].any(axis=1)
    design = inside[rows][:, ~empty].astype(float)
    size, parameters = design.shape
    found = linprog(np.append(np.zeros(size), -1.0), method="highs", bounds=[(0, None)] * size + [(None, 1)],
                    A_eq=np.hstack([design.T, np.zeros((parameters, 1))]), b_eq=design.T @ cells[1:][rows],
                    A_ub=np.hstack([-np.eye(size), np.ones((size, 1))]), b_ub=np.zeros(size))
    return -found.fun > 1e-9


@pytest.mark.parametrize("seed", range(8))
def test_the_fits_verdict_is_the_linear_programmes(seed):
    rng = np.random.default_rng(seed)
    cells = rng.poisson(rng.gamma(0.35, 3.0, 16)).astype(float)
    cells[0] = 0
    models = hierarchical_models(4)
    fits = fit(cells, models)
    verdicts = [exists_by_primal_programme(cells, model) for model in models]
    assert fits.exists.tolist() == verdicts
    assert [not direction_of_recession(cells, np.array(model.terms)).any() for model in models] == verdicts


@pytest.mark.parametrize("seed", range(8))
def test_identified_is_full_rank(seed):
    rng = np.random.default_rng(100 + seed)
    cells = rng.poisson(rng.gamma(0.3, 2.0, 16)).astype(float)
    cells[0] = 0
    every = np.arange(1, 16)
    models = hierarchical_models(4)
    for model, identified in zip(models, fit(cells, models).identified, strict=True):
        terms = np.array(model.terms)
        inside = (every[:, None] & terms) == terms
        empty = cells[1:] @ inside == 0
        design = inside[~inside[:, empty].any(axis=1)][:, ~empty]
        assert identified == (np.linalg.matrix_rank(design.astype(float)) == design.shape[1])


def test_the_verdict_depends_on_which_cells_are_empty_not_on_how_full_others_are():
    rng = np.random.default_rng(5)
    few = rng.poisson(0.8, 16).astype(float)
    few[0] = 0
    many = few * rng.integers(1, 10**9, 16)
    models = hierarchical_models(4)
    assert fit(few, models).exists.tolist() == fit(many, models).exists.tolist()


def test_the_term_that_holds_all_lists_is_not_identifiable():
    histories = CaptureHistories.from_counts({"a": 5, "b": 6, ("a", "b"): 3}, lists=["a", "b"])
    assert not existence(histories, "[12]").identified
    with pytest.raises(NoEstimate, match="the term that holds all lists free"):
        loglinear(histories, model="[12]")


def test_a_refusal_names_the_histories_and_the_data_needed(capture_table):
    with pytest.raises(NoEstimate, match=r"model \[12,3\] \(A x B, C\) has no maximum likelihood") as refusal:
        loglinear(capture_table("Artificial_3"), model="[12,3]")
    assert "nobody has the histories (A, C)" in refusal.value.reason
    assert "share more people" in refusal.value.needed
    found = existence(capture_table("Artificial_3"), "[13,2]")
    assert found.estimable
    assert found.reason == ""
    assert found.empty_terms == (("A", "C"),)


def test_a_table_on_which_no_model_exists_is_refused():
    # Nobody is on two lists: every model's intercept runs off.
    histories = CaptureHistories.from_counts({"a": 9, "b": 8, "c": 7}, lists=["a", "b", "c"])
    with pytest.raises(NoEstimate, match="the independent lists have none"):
        loglinear(histories)
    with pytest.raises(NoEstimate, match=r"\[1,2,3\]"):
        loglinear(histories, selection="stepwise")
