"""How the methods of several lists are validated: in the ways the panel uses them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.evidence.censored_histories import CensoredHistories
from smuggling_analysis.evidence.listed_people import ListedPeople


def suppressed(histories: CaptureHistories, rng: np.random.Generator) -> CensoredHistories:
    """Return the same counts with those under 5 suppressed."""
    return CensoredHistories.suppress(histories)


def with_an_idle_covariate(histories: CaptureHistories, rng: np.random.Generator) -> ListedPeople:
    """People one by one, with an age that has nothing to do with any list."""
    on = np.repeat(histories.patterns, histories.totals, axis=0)
    return ListedPeople(histories.lists, on, ("age",), (rng.standard_normal(len(on)),), simulated=True)


def _in_two_strata(histories: CaptureHistories, rng: np.random.Generator) -> CaptureHistories:
    """The same people, two in five of them of another stratum, by chance."""
    women = rng.binomial(histories.totals, 0.4)
    return CaptureHistories(histories.lists, histories.patterns, np.array([women, histories.totals - women]),
                            ("sex",), (("female",), ("male",)), simulated=True)


def _as_years(histories: CaptureHistories, rng: np.random.Generator) -> CaptureHistories:
    """Each list as one year of a register; in truth nobody comes or leaves."""
    return replace(histories, lists=tuple(str(2010 + place) for place in range(histories.n_lists)))


def _as_pairs_of_years(histories: CaptureHistories, rng: np.random.Generator) -> CaptureHistories:
    """Two lists a year; in truth nobody comes or leaves."""
    names = tuple(f"{('police', 'ngo')[place % 2]} {2010 + place // 2}" for place in range(histories.n_lists))
    return replace(histories, lists=names)


_PAIRS: dict[str, Any] = {"max_order": 2}
_BOOTSTRAP: dict[str, Any] = {"interval": "bca", "replicates": 200}

OF_LISTS: dict[str, tuple[dict[str, Any], ...]] = {
    "loglinear": (
        {"key": "loglinear-independent", "label": "Log-linear, lists independent", "options": {"selection": None}},
        {"key": "loglinear-bic", "label": "Log-linear, lowest BIC", "options": {"selection": "bic"},
         "when_many": _PAIRS, "effort": 0.5},
        {"key": "loglinear-aic", "label": "Log-linear, lowest AIC", "options": {"selection": "aic"},
         "when_many": _PAIRS, "effort": 0.25},
        {"key": "loglinear-stepwise", "label": "Log-linear, chosen by steps", "options": {"selection": "stepwise"}},
        {"key": "loglinear-bic-bootstrap", "label": "Log-linear, lowest BIC, choice repeated in a bootstrap",
         "options": {"selection": "bic", **_BOOTSTRAP}, "when_many": _PAIRS, "effort": 0.25},
    ),
    "model_average": (
        {"key": "model-average", "label": "Average of all log-linear models, by BIC",
         "options": {"criterion": "bic"}, "when_many": _PAIRS, "effort": 0.5},
    ),
    "closed_population": (
        {"key": "closed-population", "label": "Lists and people differ, Chao's lower bound",
         "options": {"model": "Mth", "heterogeneity": "chao"}},
        {"key": "closed-population-darroch", "label": "Lists and people differ, Darroch",
         "options": {"model": "Mth", "heterogeneity": "darroch"}},
    ),
    "sample_coverage": ({"key": "sample-coverage", "label": "Sample coverage", "options": {"replicates": 200}},),
    "stratified": (
        {"key": "stratified", "label": "Sum over two strata drawn by chance, chosen by steps",
         "options": {"selection": "stepwise"}, "adapt": _in_two_strata, "effort": 0.25},
    ),
    "loglinear_suppressed": (
        {"key": "loglinear-suppressed", "label": "Log-linear from counts under 5 suppressed, chosen by steps",
         "options": {"selection": "stepwise"}, "effort": 0.5},
    ),
    "doubly_robust": (
        {"key": "doubly-robust", "label": "Doubly robust, with a covariate that says nothing", "effort": 0.25},
    ),
    "bayesian_graphical": (
        {"key": "bayesian-graphical", "label": "Bayesian average over decomposable graphs", "effort": 0.5,
         "most_lists": 6},
    ),
    "bayesian_loglinear": (
        {"key": "bayesian-loglinear", "label": "Bayesian average over hierarchical models, unit-information prior",
         "options": {"draws": 500, "burn_in": 200}, "effort": 0.25},
    ),
    "bayesian_thresholding": (
        {"key": "bayesian-thresholding", "label": "Bayesian thresholding of pairs", "effort": 0.25},
    ),
    "latent_class": (
        {"key": "latent-class", "label": "Latent classes, Dirichlet-process mixture",
         "options": {"draws": 500, "burn_in": 300, "n_jobs": 1}, "effort": 0.25},
    ),
    "open_population": (
        {"key": "open-population", "label": "Jolly-Seber, of a population that is closed", "adapt": _as_years},
    ),
    "robust_design": (
        {"key": "robust-design", "label": "Robust design, of a population that is closed",
         "adapt": _as_pairs_of_years},
    ),
}
"""By method, what each of its candidates is called and asked."""
