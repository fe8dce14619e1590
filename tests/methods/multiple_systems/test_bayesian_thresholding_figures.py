"""Thresholding beside modslavmse (MCMCfit, MSEfit) and MultipleSystemsEstimation (bayesthresh).

Posteriors agree within four Monte Carlo standard errors of both sides. Ours are by how much our chains differ; theirs
by how much runs of a sampler like theirs differ (see `reenacted_mcmcpoisson`), and not less than the effective sample
size says that they stored.
"""

import json
import math

import numpy as np
import pandas as pd
import pytest
from published_figures import PUBLISHED
from reenacted_mcmcpoisson import by_chance, reenacted

from smuggling_analysis import CaptureHistories
from smuggling_analysis.methods import multiple_systems as ms
from smuggling_analysis.methods.multiple_systems.bayesian.thresholding.models import PairModels
from smuggling_analysis.methods.multiple_systems.bayesian.thresholding.posterior import chains_of

MOST_ERRORS = 4
TIMES, CHAINS = 40, 8
MCMCFIT, MSEFIT = (json.loads((PUBLISHED / "modslavmse" / f"{name}.json").read_text())
                   for name in ("MCMCfit", "MSEfit"))
BAYESTHRESH = json.loads((PUBLISHED / "MultipleSystemsEstimation" / "bayesthresh.json").read_text())
AGREED = "within four Monte Carlo standard errors of a posterior"


@pytest.fixture
def table(capture_table):
    def read(name):
        if name == "UKdat_4":
            return CaptureHistories.from_table(pd.read_csv(PUBLISHED / "modslavmse" / "UKdat_4.csv"))
        return capture_table(name)
    return read


def pair_of(models, written):
    return sum(1 << models.lists.index(name) for name in written.split(":"))


def both_sides(models, pairs, rng=1):
    """Our draws of the model with these pairs, (draws, chains, terms), and theirs run again."""
    target = models.at_mode(pairs)
    ours, _ = chains_of(target, draws=1500, burn_in=300, streams=np.random.default_rng(rng).spawn(CHAINS), n_jobs=1)
    return target, ours.transpose(1, 0, 2), reenacted(target, models.cells, times=TIMES, rng=rng)


def require_close(figure, ours, again, theirs, widened=1.0):
    """Hold their figures to ours within their joint chance; return how many there are."""
    error = np.hypot(by_chance(figure, ours) / math.sqrt(CHAINS), widened * by_chance(figure, again))
    mine = np.mean([figure(ours[:, chain]) for chain in range(CHAINS)], axis=0)
    assert np.abs(np.atleast_1d(theirs) - mine) / error == pytest.approx(0, abs=MOST_ERRORS)
    return np.size(theirs)


@pytest.mark.parametrize("name", MCMCFIT)
def test_the_posterior_of_modslavmse_given_the_pairs_it_kept(name, table, record_property):
    theirs = MCMCFIT[name]
    models = PairModels.of(table(name), prior_sd=1.0)
    written = list(theirs["terms"])
    target, ours, again = both_sides(models, [pair_of(models, term) for term in written if ":" in term])
    order = [target.terms.tolist().index(pair_of(models, term)) for term in written]
    compared = sum(require_close(lambda draws, made=made: made(draws[:, order], axis=0), ours, again,
                                 [pair[which] for pair in theirs["terms"].values()])
                   for which, made in enumerate((np.mean, np.std)))
    people = [models.cells.sum() + np.exp(draws[:, :, :1]) for draws in (ours, again)]
    worth = (people[1].std() / by_chance(np.mean, people[1])) ** 2
    told = theirs["population"]
    assert 1 / 3 < worth / told["ess"] < 3  # the sampler run again is like theirs
    widened = max(1.0, math.sqrt(worth / told["ess"]))
    shares = [float(mark.rstrip("%")) / 100 for mark in told["quantiles"]]
    for figure, value in ((np.mean, told["mean"]), (np.std, told["sd"]),
                          (lambda draws: np.quantile(draws, shares), list(told["quantiles"].values()))):
        compared += require_close(figure, *people, value, widened)
    record_property("figures", ("modslavmse", {AGREED: compared}))


@pytest.mark.parametrize("name", MSEFIT)
@pytest.mark.parametrize("kind", ["stepwise", "mainonly"])
def test_the_classical_estimates_of_modslavmse(name, kind, table, record_property):
    theirs = MSEFIT[name][kind]
    for level, limits in ((0.95, ("2.5%", "97.5%")), (0.8, ("10%", "90%"))):
        ours = ms.loglinear(table(name), selection="stepwise" if kind == "stepwise" else None, confidence_level=level)
        # Its point is where the multinomial profile likelihood is highest.
        assert ours.diagnostics["multinomial_value"] == pytest.approx(theirs["point estimate"], rel=1e-6)
        assert [ours.lower, ours.upper] == pytest.approx([theirs[limit] for limit in limits], rel=1e-6)
    record_property("figures", ("modslavmse", {"": 5}))


# Running their sampler again takes seconds a table.
CASES = [pytest.param(case, marks=[pytest.mark.slow] * (case.split()[0] in ("UKdat", "Ned_5"))) for case in BAYESTHRESH]


@pytest.mark.parametrize("case", CASES)
def test_the_statistics_and_the_posterior_of_bayesthresh(case, table, record_property):
    name, prior = case.split()
    theirs = BAYESTHRESH[case]
    histories = table("NewOrl_5_of_186" if name == "NewOrl_5" else name)
    models = PairModels.of(histories, prior_sd=1.0 if prior == "proper" else math.inf)
    assert {pair_of(models, pair) for pair in theirs["minus_infinity"]} == set(models.excluded)
    statistics = theirs["statistics"]
    target, ours, again = both_sides(models, models.pairs)
    order = [target.terms.tolist().index(pair_of(models, pair)) for pair in statistics]

    def statistic(draws):
        # With its sign, for the chance of a statistic near nought.
        return draws[:, order].mean(axis=0) / draws[:, order].std(axis=0)

    signs = np.sign(statistic(ours.reshape(-1, ours.shape[2])))
    near = np.array(list(statistics.values()))
    mine = np.abs(np.mean([statistic(ours[:, chain]) for chain in range(CHAINS)], axis=0))
    error = by_chance(statistic, again)
    # A statistic lost its sign: one nearer to nought than its chance may have had the other.
    signs = np.where((near < MOST_ERRORS * error) & (np.abs(-near - mine) < np.abs(near - mine)), -signs, signs)
    compared = require_close(statistic, ours, again, signs * near)
    for pair, value, chance in zip(statistics, mine, error, strict=True):
        assert (pair in theirs["retained"]) == (value >= 2) or abs(value - 2) < MOST_ERRORS * chance
    _, ours, again = both_sides(models, [pair_of(models, pair) for pair in theirs["retained"]], rng=2)
    people = [models.cells.sum() + np.exp(draws[:, :, :1]) for draws in (ours, again)]
    shares = [float(mark.rstrip("%")) / 100 for mark in theirs["quantiles"]]
    compared += require_close(lambda draws: np.quantile(draws, shares), *people, list(theirs["quantiles"].values()))
    record_property("figures", ("MultipleSystemsEstimation", {AGREED: compared + len(statistics)}))


def test_the_chains_of_the_estimate_are_those_of_the_model_it_chose(capture_table):
    # Kosovo is the table on which no pair is near the threshold: the whole procedure gives both references' figures.
    found = ms.bayesian_thresholding_chains(capture_table("Kosovo"), rng=1)
    expected = 4400 + found.others["expected unseen"]
    for told in (BAYESTHRESH["Kosovo proper"]["quantiles"], MCMCFIT["Kosovo"]["population"]["quantiles"]):
        for mark in ("10%", "50%", "90%"):
            assert np.percentile(expected, float(mark.rstrip("%"))) == pytest.approx(told[mark], rel=0.02)
