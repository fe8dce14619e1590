"""Held to: SPECIES 1.2.0 on its own data and on the Dutch counts of 1995, every number it prints."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.single_register import (
    abundance_coverage,
    chao,
    chao_bunge,
    jackknife,
    mixture_likelihood,
)
from smuggling_analysis.methods.single_register.frequency_counts.frequencies import Frequencies
from smuggling_analysis.methods.single_register.frequency_counts.mixture_path import Path as Mixtures
from smuggling_analysis.methods.single_register.frequency_counts.poisson_mixtures import chances, fit_mixture
from smuggling_analysis.methods.single_register.intervals import log_normal

PUBLISHED = Path(__file__).parents[2] / "published" / "SPECIES"
REFERENCE = {name: json.loads((PUBLISHED / f"{name}.json").read_text(encoding="utf-8"))
             for name in ("EST", "butterfly", "cottontail", "ill", "insects", "traffic")}
TABLE = pd.read_csv(PUBLISHED / "frequencies.csv")
# What the reference was asked for the Dutch counts, of which none is above 6.
CUTOFFS = {"ill": 6}

# The reference prints 15 digits of its standard errors; its variances are sums, with nothing iterated.
RELATIVE = 1e-12

EVERY_DATA = pytest.mark.parametrize("name", REFERENCE)


def counts_of(name: str) -> RepeatCounts:
    return RepeatCounts.from_table(TABLE[TABLE["data"] == name])


def refused(name: str, method: str) -> bool:
    return method in REFERENCE[name] and REFERENCE[name][method]["Nhat"] < 0


def seen_up_to(name: str, times: int) -> int:
    return sum(people for k, people in counts_of(name).frequencies().items() if k <= times)


@EVERY_DATA
def test_chao(name):
    figure, estimate = REFERENCE[name]["chao1984"], chao(counts_of(name))
    own = estimate.diagnostics["se_chao_1987"]
    assert round(estimate.value) == figure["Nhat"]
    assert own == pytest.approx(figure["SE"], rel=RELATIVE)
    assert [round(limit) for limit in log_normal(estimate.value, own, estimate.observed, 0.95)] == figure["CI"][0]


@EVERY_DATA
def test_jackknife(name):
    figure, estimate = REFERENCE[name]["jackknife"], jackknife(counts_of(name))
    assert estimate.diagnostics["order"] == figure["JackknifeOrder"]
    assert estimate.value == pytest.approx(figure["Nhat"], rel=RELATIVE)
    assert estimate.se == pytest.approx(figure["SE"], rel=RELATIVE)
    assert [round(estimate.lower), round(estimate.upper)] == figure["CI"][0]


@EVERY_DATA
@pytest.mark.parametrize(("place", "estimator"), [(0, "ACE"), (1, "ACE-1")])
def test_abundance_coverage(name, place, estimator):
    figure, cutoff = REFERENCE[name]["ChaoLee1992"], CUTOFFS.get(name, 10)
    estimate = abundance_coverage(counts_of(name), estimator=estimator, cutoff=cutoff)
    assert round(estimate.value) == figure["Nhat"][place]
    assert estimate.se == pytest.approx(figure["SE"][place], rel=RELATIVE)
    assert_interval(estimate, figure["CI"][place], seen_up_to(name, cutoff))


@pytest.mark.parametrize("name", [name for name in REFERENCE if "ChaoBunge" in REFERENCE[name]
                                  and not refused(name, "ChaoBunge")])
def test_chao_bunge(name):
    figure, estimate = REFERENCE[name]["ChaoBunge"], chao_bunge(counts_of(name))
    assert round(estimate.value) == figure["Nhat"]
    assert estimate.se == pytest.approx(figure["SE"], rel=RELATIVE)
    assert_interval(estimate, figure["CI"][0], seen_up_to(name, 10))


def assert_interval(estimate: Estimate, printed: list[int], rare: int) -> None:
    """The reference takes for missed all but those rarely seen, also those seen more often: its limits are lower."""
    assert [round(limit) for limit in log_normal(estimate.value, estimate.se, rare, 0.95)] == printed
    if rare == estimate.observed:
        assert [round(estimate.lower), round(estimate.upper)] == printed
    else:
        assert estimate.lower > printed[0] and estimate.upper > printed[1]


@pytest.mark.parametrize(("name", "negative"), [("traffic", -21_023), ("EST", -4_313)])
def test_a_negative_population_is_refused(name, negative):
    assert REFERENCE[name]["ChaoBunge"]["Nhat"] == negative
    with pytest.raises(NoEstimate, match=r"share of people seen twice or more is estimated at -.*, not above zero"):
        chao_bunge(counts_of(name))


@pytest.mark.parametrize("name", [name for name in REFERENCE if "unpmle" in REFERENCE[name]])
def test_the_full_likelihood(name):
    """Norris and Pollock's estimate is the whole number with the highest likelihood: found here by trying them."""
    cutoff = CUTOFFS.get(name, 15)
    estimate = mixture_likelihood(counts_of(name), likelihood="full", cutoff=cutoff)
    assert round(estimate.value) == REFERENCE[name]["unpmle"]["Nhat"]
    path = Mixtures(Frequencies.of(counts_of(name), cutoff))
    around = range(round(estimate.value) - 2, round(estimate.value) + 3)
    best = max((size for size in around if size < path.end.size + path.frequencies.often),
               key=lambda size: _highest(path, size - path.frequencies.often))
    assert best == REFERENCE[name]["unpmle"]["Nhat"]


def _highest(path: Mixtures, size: float) -> float:
    return path.crossing(lambda place: size - place.size).log_likelihood


# Where the penalised estimate of the reference is one less than the whole part of ours.
SHORT = {"cottontail": 1}


@pytest.mark.parametrize("name", [name for name in REFERENCE if "pnpmle" in REFERENCE[name]])
def test_the_penalised_likelihood(name):
    """The reference cuts decimals off: 149 for our 150.008, whose penalised likelihood is higher than at any 149.x."""
    counts, cutoff = counts_of(name), CUTOFFS.get(name, 15)
    estimate = mixture_likelihood(counts, cutoff=cutoff)
    assert math.floor(estimate.value) - SHORT.get(name, 0) == REFERENCE[name]["pnpmle"]["Nhat"]
    if name in SHORT:
        assert estimate.value - math.floor(estimate.value) < 0.01
        frequencies = Frequencies.of(counts, cutoff)
        ours = penalised(frequencies, estimate.value)
        assert ours > penalised(frequencies, math.floor(estimate.value))
        assert ours > penalised(frequencies, estimate.value + 0.01)


def penalised(frequencies: Frequencies, size: float) -> float:
    """The penalised likelihood of so many people: the most likely mixture with these odds, less the penalty."""
    path = Mixtures(frequencies)
    odds = (size - frequencies.often) / frequencies.rare - 1
    place = path.crossing(lambda place: odds - place.odds)
    centre = frequencies.seen(1) ** 2 / (2 * frequencies.seen(2) * frequencies.rare)
    return place.mixture.log_likelihood(frequencies) - (odds - centre) ** 2 / (2 * centre)


@EVERY_DATA
@pytest.mark.parametrize("price", [1.0, 0.01, 1e-6])
def test_no_other_rate_raises_the_likelihood_of_a_mixture(name, price):
    """The certificate, on a finer grid of rates than the search's own: gradients worked here from the definition."""
    frequencies = Frequencies.of(counts_of(name), CUTOFFS.get(name, 15))
    mixture = fit_mixture(frequencies, price)
    rates = np.concatenate([np.geomspace(1e-8, 0.1, 400), np.linspace(0.1, 40, 8000), mixture.rates])
    expected = chances(frequencies.times, mixture.rates) @ mixture.people
    slopes = (frequencies.people / expected) @ chances(frequencies.times, rates) - (
        1 - np.exp(-rates) + price * np.exp(-rates))
    assert slopes.max() < 1e-8
    assert slopes[-len(mixture.rates):] == pytest.approx(np.zeros(len(mixture.rates)), abs=1e-8)
