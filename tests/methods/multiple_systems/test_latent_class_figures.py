"""Latent classes held to LCMCR's long runs: within four Monte Carlo standard errors of both sides."""

import math

import numpy as np
import pytest

from smuggling_analysis import NoEstimate
from smuggling_analysis.chains import Chains, Unmixed
from smuggling_analysis.methods.multiple_systems import latent_class, latent_class_chains

# The seed of every run, and the draws of each chain.
RUN = {"rng": 2026, "draws": 2500}
TABLES = {"UKdat": "UKdat__lcmcr_K10_long.json", "UKdat_5": "UKdat_5__lcmcr_K10_long.json",
          "Kosovo": "Kosovo__lcmcr_K10_long.json", "NewOrl_5": "NewOrl_5__lcmcr_K10.json"}


def worth(reference):
    """Draws the reference is worth: by its own account, or by how far its chains lie apart where that is less."""
    means = reference.get("chain_means")
    if means is None:
        return reference["ess"]
    return min(reference["ess"], reference["sd"] ** 2 / (np.var(means, ddof=1) / len(means)))


def comparisons(drawn: Chains, reference):
    """Name, ours, theirs and the standard error of the difference, of the mean, the sd and each quantile."""
    values, theirs = drawn.values.ravel(), worth(reference)
    several = 1 / drawn.ess_bulk + 1 / theirs
    yield "mean", values.mean(), reference["mean"], values.std() * math.sqrt(several)
    kurtosis = np.mean((values - values.mean()) ** 4) / values.var() ** 2
    yield "sd", values.std(), reference["sd"], values.std() * math.sqrt((kurtosis - 1) / 4 * several)
    several = 1 / min(drawn.ess_bulk, drawn.ess_tail) + 1 / theirs
    for name, theirs_at in reference["quantiles"].items():
        share = float(name.rstrip("%")) / 100
        low, ours, high = np.quantile(values, [share - 0.01, share, share + 0.01])
        yield name, ours, theirs_at, (high - low) / 0.02 * math.sqrt(share * (1 - share) * several)


def require_agreement(drawn, reference):
    apart = {name: (ours, theirs, abs(ours - theirs) / error)
             for name, ours, theirs, error in comparisons(drawn, reference)}
    assert len(apart) == 9
    assert all(errors < 4 for *_, errors in apart.values()), apart


@pytest.mark.parametrize("name", TABLES)
def test_mean_sd_and_quantiles_agree_with_lcmcr(name, capture_table, figures):
    drawn = latent_class_chains(capture_table(name), **RUN)
    assert drawn.rhat < 1.02
    require_agreement(drawn, figures("LCMCR", TABLES[name]))


@pytest.mark.slow
@pytest.mark.parametrize("name", TABLES)
def test_long_runs_agree_with_lcmcr(name, capture_table, figures):
    drawn = latent_class_chains(capture_table(name), rng=7, draws=25_000)
    assert drawn.rhat < 1.01
    require_agreement(drawn, figures("LCMCR", TABLES[name]))


def test_lcmcr_knows_uk_five_lists_less_well_than_it_says(figures):
    """Its chains' means differ by eight of the standard errors it gives, so its joint mean is known to 340, not 71."""
    reference = figures("LCMCR", "UKdat_5__lcmcr_K10_long.json")
    each = math.sqrt(len(reference["chain_means"])) * reference["mcse_mean"]
    assert np.ptp(reference["chain_means"]) > 8 * each
    assert reference["sd"] / math.sqrt(worth(reference)) == pytest.approx(344, abs=1)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_netherlands_are_refused(seed, capture_table, figures):
    """LCMCR gives 48,066 from a chain worth 22 draws; there are modes near 50,000, 95,000 and 146,000."""
    assert figures("LCMCR", "Ned_5__lcmcr_K10.json")["ess"] < 23
    with pytest.raises(NoEstimate, match=r"did not agree|independent draws") as refusal:
        latent_class(capture_table("Ned_5"), draws=1000, rng=seed)
    assert isinstance(refusal.value, Unmixed)
    assert refusal.value.struck_out.value > 8234


def test_kosovo_is_estimated_without_a_word_about_mixing(capture_table):
    found = latent_class(capture_table("Kosovo"), **RUN)
    assert found.value == pytest.approx(10_435, rel=0.01)
    assert found.lower < 10_357 < found.upper  # the model of the lowest BIC (MultipleSystemsEstimation)
    assert not any("chains" in caution for caution in found.cautions)
    assert found.diagnostics["ess_bulk"] > 400
    assert found.observed == 4400
