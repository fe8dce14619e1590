"""Held to: the same answer by a plainer way. What makes the engine fast may not change what it finds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.single_register import FAMILIES, truncated_count
from smuggling_analysis.methods.single_register import fits as fits_module
from smuggling_analysis.methods.single_register import likelihood as likelihood_module
from smuggling_analysis.methods.single_register.any_fit import fit_register
from smuggling_analysis.methods.single_register.fits import maximise
from smuggling_analysis.methods.single_register.fitting import Model, likelihood_of
from smuggling_analysis.methods.single_register.jets import variables, where
from smuggling_analysis.methods.single_register.newton import climb
from smuggling_analysis.methods.single_register.patterns import merged, summed

PUBLISHED = Path(__file__).parents[2] / "published" / "singleRcapture"
ILL = RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1})


def ages() -> RepeatCounts:
    """A register in which hardly two people have the same age, so that most cells are empty."""
    rng = np.random.default_rng(1)
    age = rng.normal(0.0, 1.0, 9000)
    times = rng.poisson(np.exp(-0.3 + 0.4 * age))
    people = pd.DataFrame({"age": np.round(age, 4), "captures": times})
    return RepeatCounts.from_records(people[times > 0].reset_index(drop=True), covariates=["age"])


@pytest.mark.parametrize("family", ["poisson", "negative-binomial", "one-inflated geometric", "hurdle poisson"])
def test_sparing_empty_cells_changes_nothing(monkeypatch, family):
    _, _, spared = likelihood_of(ages(), Model(family=FAMILIES[family], formulas={"rate": "age"}))
    assert len(spared.parts) > 1
    monkeypatch.setattr(likelihood_module, "_SPARED", 10**9)
    whole = spared.with_persons(spared.persons)
    assert len(whole.parts) == 1
    points = np.random.default_rng(2).normal(0.0, 5.0, (4, spared.size))
    which = np.zeros(4, dtype=np.int64)
    for name in ("height", "score", "information"):
        one, other = (getattr(likelihood(points, which), name) for likelihood in (spared, whole))
        assert one == pytest.approx(other, rel=1e-10, abs=1e-10 * np.abs(other).max())


def test_parts_of_many_replicates():
    likelihood = fit_register(ages(), formula="age").likelihood
    persons = np.concatenate([likelihood.persons, 2 * likelihood.persons])
    fits = maximise(likelihood.with_persons(persons))
    assert fits.coefficients[0] == pytest.approx(fits.coefficients[1], rel=1e-9)
    assert fits.log_likelihood[1] == pytest.approx(2 * fits.log_likelihood[0], rel=1e-12)


def test_patterns_are_merged_where_equal_and_only_there():
    """The second and third row have the same weighted sum, to the last bit, and are not the same."""
    table = np.array([[1.0, 1.0], [np.sqrt(3.0), 0.0], [0.0, np.sqrt(2.0)], [1.0, 1.0]])
    first, kind = merged([table])
    assert first.tolist() == [0, 1, 2]
    assert kind.tolist() == [0, 1, 2, 0]
    assert summed(kind, 3, np.arange(8.0).reshape(4, 2)).tolist() == [[6, 8], [2, 3], [4, 5]]


@pytest.mark.parametrize("columns", [2, 3])
def test_a_plain_number_beside_a_jet_of_two_variables_is_no_cell(columns):
    x, y = variables(np.arange(1.0, 1.0 + 2 * 4).reshape(2, 1, 4, 1))
    chosen = np.arange(columns) > 0
    both = where(chosen, x * y, 1.0)
    assert both.value.shape == (1, 4, columns)
    assert both.gradient[:, 0, 1, 0].tolist() == [0, 0]
    assert both.gradient[:, 0, 1, 1].tolist() == [6, 2]


def test_zero_one_truncation_and_one_inflation_agree():
    """The identity of Böhning & van der Heijden 2019 where ones are too many: also with a dispersion."""
    for distribution in ("poisson", "geometric", "negative-binomial"):
        truncated, inflated = (truncated_count(ILL, family=f"{cut} {distribution}").value
                               for cut in ("zero-one-truncated", "one-inflated"))
        assert truncated == pytest.approx(inflated, rel=1e-5)


def test_the_top_of_a_flat_ridge_is_a_maximum():
    """From every start: the last steps no longer raise the likelihood, but shrink as they do at a maximum."""
    _, _, likelihood = likelihood_of(ILL, Model(family=FAMILIES["hurdle negative-binomial"], formulas={}))
    starts = likelihood.nearest(likelihood.family.starts(likelihood.times, likelihood.persons[0, 0]))
    found = climb(likelihood, starts, np.zeros(len(starts), dtype=np.int64))
    assert found.still.all()
    assert np.ptp(found.coefficients, axis=0).max() < 1e-3


def test_a_plateau_whose_last_step_is_rounding_is_still_seen_to_rise(monkeypatch):
    """Along the way that led there: nothing is left to the general optimiser, which takes a hundred times as long."""
    def needless(*_: object) -> np.ndarray:
        raise AssertionError("the ray was not found")

    monkeypatch.setattr(fits_module, "_optimised", needless)
    table = pd.read_csv(PUBLISHED / "netherlands_1995.csv")
    counts = RepeatCounts.from_table(table, covariates=["gender", "age", "nation", "reason"])
    with pytest.raises(NoEstimate, match="it rises for ever as the rate of being seen"):
        truncated_count(counts, family="hurdle truncated negative-binomial", formula="gender + age + nation")
