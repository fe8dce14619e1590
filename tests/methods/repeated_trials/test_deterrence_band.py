"""The band of deterrence, held to the closed form on every point and to the number at its tipping point."""

import numpy as np
import pytest
from border_counts import counted

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.repeated_trials import DeterrenceBand, StatedShare, deterrence_band, flow

BORDER = counted(apprehended=10_000, repeats=2_000, got_away=9_000)


def test_every_point_is_the_closed_form_and_the_counts_end_it():
    band = deterrence_band(BORDER, deterrence=0.5)
    assert isinstance(band, DeterrenceBand)
    answered = band.frame.dropna(subset=["value"])
    assert answered["value"].to_numpy() == pytest.approx(10_000 * ((1 - answered["deterrence"]) / 0.2 - 1), rel=1e-12)
    assert (answered["lower"] < answered["value"]).all() and (answered["value"] < answered["upper"]).all()
    # With 9,000 entries seen no more than 62 % can have been deterred.
    assert answered["deterrence"].max() == 0.6
    refused = band.frame[band.frame["refusal"] != ""]
    assert refused["deterrence"].min() == 0.65
    assert "the 9,000 that were seen" in refused["refusal"].iloc[0]
    assert "from 65 % the counts contradict it" in band.sentence


@pytest.mark.parametrize(("quantity", "against", "tip"), [
    ("entries", 20_000.0, 0.4), ("attempts", 40_000.0, 0.2), ("persons", 36_000.0, 0.1), ("apprehension", 0.25, 0.2),
    ("interdiction", 0.5, 0.6)])
def test_the_tipping_point_is_where_the_number_is(quantity, against, tip):
    band = deterrence_band(BORDER, quantity=quantity, deterrence=0.5, against=against,
                           shares=[0.0, 0.15, 0.3, 0.5, 0.61])
    assert band.tipping_point == pytest.approx(tip, abs=1e-9)
    there = getattr(flow(BORDER, deterrence=band.tipping_point, rng=1), quantity).value
    assert there == pytest.approx(against, rel=1e-9)
    assert "crosses" in band.sentence
    assert band.turned


def test_a_prior_is_the_original_and_its_interval_the_conclusion():
    prior = StatedShare.uniform(0.3, 0.5, reason="r")
    band = deterrence_band(BORDER, deterrence=prior, rng=3)
    assert band.middle == pytest.approx(0.4, abs=0.01)
    assert (band.conclusion.low, band.conclusion.high) == (band.original.lower, band.original.upper)
    # The ends of a prior that decides are where its interval ends.
    assert min(abs(band.tipping_point - end) for end in (0.305, 0.495)) < 0.01


def test_a_conclusion_that_holds_everywhere_has_no_tipping_point():
    band = deterrence_band(BORDER, deterrence=0.5, against=5.0)
    assert band.tipping_point is None
    assert "does not cross 5 at any share from 0 % to 60 %" in band.sentence


def test_retries_that_are_known_are_the_original():
    known = counted(apprehended=1000, returned=1000, retried=600, repeats=240)
    band = deterrence_band(known, shares=[0.0, 0.4, 0.7])
    assert band.middle == pytest.approx(0.4)
    assert band.original.value == pytest.approx(band.frame["value"].iloc[1])


def test_the_same_seed_is_the_same_band():
    one, two, other = (deterrence_band(BORDER, deterrence=0.5, rng=seed, draws=500) for seed in (1, 1, 2))
    assert one.frame.equals(two.frame) and not one.frame.equals(other.frame)


@pytest.mark.parametrize(("options", "said"), [
    ({"quantity": "people"}, "quantity is one of apprehension, attempts"),
    ({"shares": [0.5]}, "shares are several numbers from 0 to below 1"),
    ({"shares": [0.2, 1.0]}, "shares are several numbers"), ({"shares": ["half", 0.1]}, "shares are several numbers"),
    ({"against": -1.0}, "against is a number")])
def test_what_makes_no_sense_is_refused(options, said):
    with pytest.raises(ValueError, match=said):
        deterrence_band(BORDER, deterrence=0.5, **options)


def test_without_an_original_there_is_no_band():
    with pytest.raises(NoEstimate, match="not stated which share"):
        deterrence_band(BORDER)
    every = deterrence_band(BORDER, deterrence=0.5, shares=np.array([0.8, 0.9]))
    assert every.sentence.startswith("With none of these shares deterred is there an estimate")
