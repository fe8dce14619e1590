"""How often people were caught, when first and last: Rcapture's descriptive statistics and predictions."""

import numpy as np
import pytest

from smuggling_analysis.methods.multiple_systems import capture_statistics, predicted_first_captures

TOLERANCE = 1e-6


@pytest.mark.parametrize("name", ["hare", "UKdat"])
def test_capture_statistics_are_rcaptures(name, capture_table, figures):
    reference = figures("Rcapture", f"{name}__descriptive.csv")
    ours = capture_statistics(capture_table(name))
    assert ours[["times", "first", "last", "caught"]].to_numpy().tolist() == \
        reference[["fi", "ui", "vi", "ni"]].to_numpy().tolist()


def test_predicted_first_captures_are_rcaptures(capture_table, figures):
    reference = figures("Rcapture", "hare__uifit_predicted.csv")
    ours = predicted_first_captures(capture_table("hare"))
    assert not ours.refused
    # Rcapture's order of models is ours; empty where a model does not say.
    np.testing.assert_allclose(ours.frame.to_numpy(), reference.iloc[:, 1:].to_numpy(), rtol=TOLERANCE)
    # Chi-square, mean and variance of the occasion, made afresh from the reference's own predictions.
    observed = reference["observed"][:6]
    for label, predicted in zip(ours.frame.columns, reference.columns[1:], strict=True):
        rates = reference[predicted][:6].to_numpy()
        occasions = np.arange(1, 7)
        mean = np.average(occasions, weights=rates)
        expected = [((observed - rates) ** 2 / rates).sum(), mean,
                    np.average((occasions - mean) ** 2, weights=rates)]
        np.testing.assert_allclose(ours.fit.loc[label], expected, rtol=1e-6, atol=1e-9)
