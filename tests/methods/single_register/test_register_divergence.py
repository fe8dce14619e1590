"""Held to: a likelihood without a finite maximum is refused, naming the level; so is a flat one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.single_register import truncated_count
from smuggling_analysis.methods.single_register.divergence import directions, rises_for_ever
from smuggling_analysis.methods.single_register.families import FAMILIES
from smuggling_analysis.methods.single_register.fits import MAXIMUM, RUNS_OFF, maximise
from smuggling_analysis.methods.single_register.fitting import Model, fit_model
from smuggling_analysis.methods.single_register.jets import Jet
from smuggling_analysis.methods.single_register.likelihood import Likelihood

POISSON = FAMILIES["poisson"]


def counts_from(rows: list[tuple], *covariates: str) -> RepeatCounts:
    return RepeatCounts.from_table(pd.DataFrame(rows, columns=[*covariates, "times_caught", "n_persons"]),
                                   covariates=covariates)


ORDINARY = [("m", 1, 100), ("m", 2, 20), ("m", 3, 4)]


def test_nobody_seen_twice():
    with pytest.raises(NoEstimate, match="all 50 people were seen once"):
        truncated_count(RepeatCounts.from_frequencies({1: 50}))


@pytest.mark.parametrize("separated", ["a", "z"], ids=["the reference level", "another level"])
def test_a_level_seen_once_only_is_named(separated):
    counts = counts_from([*ORDINARY, (separated, 1, 40)], "gender")
    with pytest.raises(NoEstimate, match=rf"gender = {separated} \(40 seen once\) falls to zero"):
        truncated_count(counts, formula="gender")


def test_two_levels_seen_once_only_are_both_named():
    counts = counts_from([*ORDINARY, ("a", 1, 40), ("z", 1, 7)], "gender")
    with pytest.raises(NoEstimate, match=r"gender = a \(40 seen once\); gender = z \(7 seen once\)"):
        truncated_count(counts, formula="gender")


def test_a_combination_of_levels_is_named_where_no_level_is_separated():
    rows = [("m", "A", 1, 100), ("m", "A", 2, 20), ("f", "A", 1, 50), ("f", "A", 2, 5),
            ("m", "B", 1, 40), ("m", "B", 2, 4), ("f", "B", 1, 9)]
    counts = counts_from(rows, "gender", "nation")
    with pytest.raises(NoEstimate, match=r"gender = f and nation = B \(9 seen once\)"):
        truncated_count(counts, formula="gender * nation")
    assert truncated_count(counts, formula="gender + nation").value > counts.n_observed


def test_one_person_seen_twice_is_enough_for_a_maximum_and_a_caution():
    counts = counts_from([*ORDINARY, ("f", 1, 63), ("f", 2, 1)], "gender")
    estimate = truncated_count(counts, formula="gender")
    assert any("gender = f (1 of 64)" in caution for caution in estimate.cautions)


def test_the_ray_is_walked_not_the_gradient_trusted():
    """On the plateau the gradient is next to nothing; at a maximum so is the step, and no ray rises."""
    counts = counts_from([*ORDINARY, ("z", 1, 40)], "gender")
    design = np.array([[1.0, 0.0], [1.0, 1.0]])
    likelihood = Likelihood(POISSON, [design], counts.times.astype(float), counts.persons)
    fits = maximise(likelihood)
    assert np.abs(likelihood(fits.coefficients).score).max() < 1e-4
    assert fits.verdicts[0] == RUNS_OFF
    assert directions(likelihood, fits.steps[0])[0] == pytest.approx([0, -1], abs=1e-3)
    good = fit_model(RepeatCounts.from_frequencies({1: 100, 2: 20, 3: 4}), Model(family=POISSON, formulas={}))
    assert good.fits.verdicts[0] == MAXIMUM
    one = np.zeros(1, dtype=np.int64)
    assert not rises_for_ever(good.likelihood, good.fits.coefficients, good.fits.log_likelihood, np.ones((1, 1)), one)


def pretend(law) -> Model:
    return Model(family=replace(POISSON, law=law), formulas={})


def test_a_flat_likelihood_is_refused():
    flat = pretend(lambda times, parameters: parameters[0].log * np.zeros_like(times))
    with pytest.raises(NoEstimate, match="the likelihood is flat"):
        fit_model(RepeatCounts.from_frequencies({1: 100, 2: 20}), flat)


def test_a_fit_that_does_not_converge_is_refused():
    """A score that contradicts its likelihood: no step ever climbs."""
    def contrary(times, parameters):
        right = POISSON.law(times, parameters)
        return Jet(right.value, 1 - right.gradient, right.hessian) if isinstance(right, Jet) else right

    with pytest.raises(NoEstimate, match="did not converge"):
        fit_model(RepeatCounts.from_frequencies({1: 100, 2: 20}), pretend(contrary))
