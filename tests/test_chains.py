"""Chains are judged as ArviZ judges them, and those that do not agree give no estimate."""

import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from smuggling_analysis.chains import Chains, ess_bulk, ess_tail, mcse_mean, rhat
from smuggling_analysis.estimate import NoEstimate

PUBLISHED = Path(__file__).parent / "published" / "arviz"
DRAWN = pd.read_csv(PUBLISHED / "chains.csv")
MEASURES = pd.read_csv(PUBLISHED / "measures.csv", index_col="set")


def drawn(name):
    return DRAWN[DRAWN["set"] == name].pivot(index="chain", columns="draw", values="value").to_numpy()


@pytest.mark.parametrize("name", MEASURES.index)
@pytest.mark.parametrize(("measure", "function"), [
    ("rhat", rhat), ("ess_bulk", ess_bulk), ("ess_tail", ess_tail), ("mcse_mean", mcse_mean)])
def test_agrees_with_arviz(name, measure, function):
    published = MEASURES.loc[name, measure]
    if np.isnan(published):
        assert name == "one chain" and 0.99 < function(drawn(name)) < 1.2
    else:
        assert function(drawn(name)) == pytest.approx(published, rel=1e-10)


def mixed(rng=1, chains=4, draws=500):
    return 1000 + 50 * np.random.default_rng(rng).standard_normal((chains, draws))


def test_the_estimate_is_the_median_with_equal_tails():
    values = mixed()
    made = Chains(values=values, method="demo").estimate(needed="", observed=500)
    assert made.value == np.median(values)
    assert (made.lower, made.upper) == tuple(np.quantile(values, [0.025, 0.975]))
    assert made.cautions == ()
    assert {"mean", "sd", "rhat", "ess_bulk", "ess_tail", "mcse_mean", "chains"} <= set(made.diagnostics)


def test_chains_about_different_numbers_are_refused():
    apart = mixed() + np.array([[0.0], [0.0], [0.0], [150.0]])
    assert 1.3 < rhat(apart) < 1.6
    with pytest.raises(NoEstimate, match=r"did not agree.*R-hat is 1\.\d\d") as refusal:
        Chains(values=apart, method="demo").estimate(needed="longer chains")
    assert refusal.value.needed == "longer chains"


def test_chains_that_stand_still_at_their_own_numbers_are_refused():
    stuck = np.repeat([[1000.0], [1001.0]], 200, axis=1)
    assert rhat(stuck) == np.inf
    with pytest.raises(NoEstimate, match="R-hat is infinite"):
        Chains(values=stuck, method="demo").estimate(needed="longer chains")


def test_chains_that_all_stand_at_one_number_agree():
    same = np.full((4, 200), 1000.0)
    assert rhat(same) == 1.0 and ess_bulk(same) == same.size


def test_a_slow_chain_is_cautioned_and_a_slower_one_refused():
    steps = np.random.default_rng(3).standard_normal((4, 8000))
    slow = np.zeros_like(steps)
    for draw in range(1, steps.shape[1]):
        slow[:, draw] = 0.985 * slow[:, draw - 1] + steps[:, draw]
    cautioned = Chains(values=1000 + slow, method="demo").estimate(needed="longer chains")
    assert any("independent draws" in caution or "R-hat" in caution for caution in cautioned.cautions)
    with pytest.raises(NoEstimate):
        Chains(values=1000 + slow[:, :500], method="demo").estimate(needed="longer chains")


def test_a_chain_that_differs_only_in_spread_is_seen():
    values = np.random.default_rng(1).standard_normal((4, 1000)) * np.array([[1.0], [1.0], [1.0], [6.0]])
    assert rhat(values) > 1.1


def test_the_table_names_every_quantity():
    chains = Chains(values=mixed(), others={"classes in use": mixed(2)}, method="demo")
    frame = chains.frame()
    assert list(frame["quantity"]) == ["persons", "classes in use"]
    assert frame.loc[0, "50%"] == np.median(chains.values)


@pytest.mark.parametrize("wrong", [np.zeros(10), np.zeros((2, 3)), np.full((2, 50), np.nan)])
def test_what_are_not_chains_is_refused(wrong):
    with pytest.raises(ValueError, match="chains are finite numbers"):
        Chains(values=wrong)


def test_chains_travel_between_processes():
    chains = Chains(values=mixed(), others={"a": mixed(2)}, method="demo")
    again = pickle.loads(pickle.dumps(chains))
    assert np.array_equal(again.values, chains.values) and np.array_equal(again.others["a"], chains.others["a"])
