"""Held to: populations of known size. Intervals cover as often as they say; bounds bound."""

from __future__ import annotations

import numpy as np
import pytest

from smuggling_analysis.methods.single_register import chao, truncated_count, zelterman
from smuggling_analysis.simulate.registers import register

SIZES = {"a": 700, "b": 300}
RATES = {"a": 0.9, "b": 0.4}
REPLICATES = 300
# Of 300 intervals at 90 %, 270 should cover; the binomial spread is 5.2, and four of it are allowed for.
SPREAD = 4 * np.sqrt(0.9 * 0.1 / REPLICATES)


@pytest.mark.parametrize("method", [chao, zelterman, truncated_count])
def test_intervals_cover_as_often_as_they_say(method):
    estimates = [method(register(SIZES, RATES, rng=rng), formula="group", confidence_level=0.9)
                 for rng in np.random.default_rng(7).spawn(REPLICATES)]
    covered = np.mean([estimate.lower <= 1000 <= estimate.upper for estimate in estimates])
    assert covered == pytest.approx(0.9, abs=SPREAD)
    values = np.array([estimate.value for estimate in estimates])
    # Each is nearly unbiased here, Chao's and Zelterman's within a few per cent upwards.
    assert values.mean() == pytest.approx(1000, rel=0.04)
    assert np.mean([estimate.se for estimate in estimates]) == pytest.approx(values.std(ddof=1), rel=0.2)


def test_where_rates_differ_the_truncated_poisson_is_too_low_and_chao_lies_between():
    registers = [register({"a": 5000}, {"a": 0.6}, heterogeneity=1.0, rng=rng)
                 for rng in np.random.default_rng(8).spawn(40)]
    values = {method: np.mean([method(counts).value for counts in registers])
              for method in (chao, truncated_count)}
    assert values[truncated_count] < values[chao] < 5000


def test_deterrence_makes_chao_too_high():
    """Why METHODS lists it as an assumption: people who hide once seen look like a large population."""
    values = [chao(register({"a": 5000}, {"a": 0.6}, deterred=0.5, rng=rng)).value
              for rng in np.random.default_rng(9).spawn(40)]
    assert np.mean(values) > 1.2 * 5000
