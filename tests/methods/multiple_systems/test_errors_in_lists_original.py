"""An estimate at hand is not asked for again, by any analysis of sensitivity."""

import math

import pytest

from smuggling_analysis import CaptureHistories, Estimate
from smuggling_analysis.methods.multiple_systems import (
    definition_share,
    dependence_band,
    erroneous_enumerations,
    link_errors,
    linkage_sensitivity,
    loglinear,
    sample_coverage,
)

THREE = CaptureHistories.from_counts(
    {"police": 620, "ngo": 410, "court": 300, ("police", "ngo"): 120, ("police", "court"): 90, ("ngo", "court"): 55,
     ("police", "ngo", "court"): 31}, lists=["police", "ngo", "court"])


@pytest.mark.parametrize("analysis", [
    erroneous_enumerations, linkage_sensitivity, lambda table, **options: definition_share(table, "ngo", **options)])
def test_the_estimate_given_is_the_original(analysis):
    made = loglinear(THREE)
    found = analysis(THREE, original=made)
    assert found.original is made
    fresh = analysis(THREE)
    assert fresh.frame.equals(found.frame)
    assert fresh.sentence == found.sentence
    assert isinstance(link_errors(THREE, missed=0.1, original=made), Estimate)
    assert not any(math.isnan(value) for value in found.frame["value"])


@pytest.mark.parametrize("analysis", [
    erroneous_enumerations, linkage_sensitivity, link_errors,
    lambda table, **options: definition_share(table, "ngo", **options)])
def test_an_original_of_another_table_is_refused(analysis):
    other = loglinear(THREE.with_counts(2 * THREE.counts))
    with pytest.raises(ValueError, match="another table"):
        analysis(THREE, original=other)


@pytest.mark.parametrize("analysis", [
    erroneous_enumerations, linkage_sensitivity, link_errors, dependence_band,
    lambda table, **options: definition_share(table, "ngo", **options)])
def test_an_original_of_another_method_or_level_is_refused(analysis):
    with pytest.raises(ValueError, match="made by sample_coverage, and the method is loglinear"):
        analysis(THREE, original=sample_coverage(THREE, interval="log-normal"))
    with pytest.raises(ValueError, match=r"confidence level of 0\.95, and the options have 0\.8"):
        analysis(THREE, original=loglinear(THREE), confidence_level=0.8)
    with pytest.raises(ValueError, match=r"confidence level of 0\.8, and the options have 0\.95"):
        analysis(THREE, original=loglinear(THREE, confidence_level=0.8))
