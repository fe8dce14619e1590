"""The log-linear estimate from a table whose small counts were suppressed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import NormalDist
from typing import Any

import numpy as np

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.censored_histories import CensoredHistories
from smuggling_analysis.methods.multiple_systems.linked.every_version import takes_linked_versions
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model
from smuggling_analysis.methods.multiple_systems.log_linear.overlap_cautions import fit_cautions, table_cautions
from smuggling_analysis.methods.multiple_systems.log_linear.stepwise import THRESHOLD
from smuggling_analysis.methods.multiple_systems.suppressed.em import SuppressedTable
from smuggling_analysis.methods.multiple_systems.suppressed.imputation import Imputed, impute
from smuggling_analysis.methods.multiple_systems.suppressed.precision import Extremes, extremes
from smuggling_analysis.methods.multiple_systems.suppressed.profile import SuppressedProfile
from smuggling_analysis.methods.multiple_systems.suppressed.selection import (
    SuppressedChoice,
    choose_suppressed,
    observed_people,
)

APPROACHES = ("em", "imputation")
INTERVALS = ("profile", "log-normal", "wald")
_NORMAL = "log-normal beyond the least observed"
_INSTEAD = ", because the profile likelihood cannot be computed"
_SPOKEN = {"bic": "BIC", "aic": "AIC", "stepwise": "forward steps"}
_CONDITIONAL = ("the interval takes the chosen model as if it had been known beforehand and is too narrow; a "
                "bootstrap that repeats the choice needs the counts themselves")


@takes_linked_versions
def loglinear_suppressed(censored: CensoredHistories, *,
                         model: str | Iterable[str | Sequence[str]] | Model | None = None,
                         selection: str | None = "bic", max_order: int | None = None, approach: str = "em",
                         interval: str = "profile", imputations: int = 100, threshold: float = THRESHOLD,
                         confidence_level: float = 0.95,
                         rng: int | np.random.Generator | None = None) -> Estimate:
    """Estimate a population from lists whose small counts were published as ranges, such as "<5".

    The log-linear model is fitted by maximum likelihood to what was published: whole counts, ranges, and
    totals where there are any. With no count suppressed it is `loglinear`. What suppression costs is measured
    and said in a caution.

    Parameters
    ----------
    censored : CensoredHistories
        Two lists or more.
    model : str, or generators, optional
        The model, as for `loglinear`. A model given is fitted as it is and `selection` is not used.
    selection : {"bic", "aic", "stepwise", None}
        How the model is chosen when none is given, by the likelihood of what was published. "stepwise" takes
        its steps on the expected counts until the choice stands. None takes the lists as independent.
    max_order : int, optional
        The most lists in one term of the models visited.
    approach : {"em", "imputation"}
        Maximum likelihood by EM; or multiple imputation of the suppressed counts under the same model.
    interval : {"profile", "log-normal", "wald"}
        With "em": multinomial profile likelihood summed over all completions; symmetric on the logarithm of
        the population less the least observed; symmetric. Imputation has its own, by Rubin's rules.
    imputations : int
        How many tables are imputed, 2 or more.
    threshold : float
        The p-value below which a two-list term enters stepwise.
    confidence_level : float
        The interval's level.
    rng : int, Generator or None
        Randomness of the imputation.

    Returns
    -------
    Estimate
        In persons; `observed` is the least number of people on any list. `diagnostics` holds the model, its
        log-likelihood and the steps of EM; `completed_choices`, the models chosen, and their estimates, with the
        suppressed counts filled in as low and as high as they can be; `information_lost`, the share of the
        information on the population that suppression took; `se_ratio`, how much larger the standard error is
        than had the counts been published; `least_completion` and `largest_completion`, the estimates over the
        extreme completions; `fewest_observed` and `most_observed`.

    Raises
    ------
    ValueError
        If an option is unknown or there are too many models to visit.
    NoEstimate
        If there is one list only, the model has no estimate, or the suppressed counts leave it undetermined.

    Notes
    -----
    On populations of known size (`smuggling_analysis.published_validation`) what holds for `loglinear`
    holds here: the truth is missed where people differ in how easily they are met.

    References
    ----------
    Dempster, A. P., Laird, N. M. and Rubin, D. B. (1977). Maximum likelihood from incomplete data via the EM
    algorithm. Journal of the Royal Statistical Society Series B 39(1), 1-38.

    Louis, T. A. (1982). Finding the observed information matrix when using the EM algorithm. Journal of the
    Royal Statistical Society Series B 44(2), 226-233.

    Rubin, D. B. (1987). Multiple Imputation for Nonresponse in Surveys. New York: Wiley.

    Varadhan, R. and Roland, C. (2008). Simple and globally convergent methods for accelerating the
    convergence of any EM algorithm. Scandinavian Journal of Statistics 35(2), 335-353.
    doi:10.1111/j.1467-9469.2007.00585.x

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"police": [1, 0, 0, 1, 1, 0, 1], "ngo": [0, 1, 0, 1, 0, 1, 1],
    ...                       "court": [0, 0, 1, 0, 1, 1, 1], "count": [60, 40, 30, 12, 9, 5, "<5"]})
    >>> censored = CensoredHistories.from_table(table, may_be_zero=False)
    >>> loglinear_suppressed(censored, model="[12,3]")
    Estimate(368.2 persons, 95% interval 264 to 562.9; loglinear_suppressed [12,3]; 1 caution)
    """
    _check_options(censored, approach, interval, imputations, confidence_level)
    tied = bool(censored.totals)
    choice = choose_suppressed(censored, SuppressedTable.of(censored), model, selection, max_order, threshold)
    cautions = [*choice.cautions]
    if approach == "imputation":
        imputed = impute(choice.found, float(censored.observed_bounds[0]), imputations,
                         np.random.default_rng(rng))
        numbers = _by_imputation(choice, imputed, censored, confidence_level, imputations)
        cautions += _imputation_cautions(imputed, imputations)
    else:
        numbers = _by_likelihood(choice, censored, interval, confidence_level)
    if choice.selection is not None and censored.n_lists > 2:
        cautions.append(_CONDITIONAL)
    if numbers["interval"].endswith(_INSTEAD):
        cautions.append("the profile likelihood cannot be computed on this table, so that the interval is a log-normal "
                        "one")
    if math.isinf(numbers["upper"]):
        cautions.append("the likelihood sets no upper limit to the population")
    told, cost = _precision(choice, censored, extremes(choice.found, tied=tied))
    whole = censored.complete_at("high")
    cautions += [*cost, *table_cautions(whole), *fit_cautions(whole, choice.found.model, choice.found.fits)]
    return _estimate(choice, censored, numbers, {**told, "approach": approach}, cautions, confidence_level)


def _check_options(censored: CensoredHistories, approach: str, interval: str, imputations: int,
                   confidence_level: float) -> None:
    if censored.n_lists < 2:
        raise NoEstimate(f"there is one list ({censored.lists[0]}), and one list cannot tell whom it misses",
                         "a second list of the same population whose records can be linked")
    if approach not in APPROACHES:
        raise ValueError(f"approach is one of {', '.join(APPROACHES)}, got {approach!r}")
    if interval not in INTERVALS:
        raise ValueError(f"interval is one of {', '.join(INTERVALS)}, got {interval!r}")
    if not isinstance(imputations, (int, np.integer)) or imputations < 2:
        raise ValueError(f"imputation needs 2 tables or more, better 100; got {imputations}")
    if not 0 < confidence_level < 1:
        raise ValueError(f"confidence_level is a share between 0 and 1, got {confidence_level}")


def _by_likelihood(choice: SuppressedChoice, censored: CensoredHistories, interval: str,
                   confidence_level: float) -> dict[str, Any]:
    found, least = choice.found, float(censored.observed_bounds[0])
    z = NormalDist().inv_cdf(0.5 + confidence_level / 2)
    numbers = {"value": found.value, "se": found.se(), "unseen": found.unseen}
    if interval == "wald":
        return numbers | {"lower": found.value - z * found.se(), "upper": found.value + z * found.se(),
                          "interval": "Wald, observed information"}
    if interval == "profile":
        profile = SuppressedProfile(SuppressedTable.of(censored, sums=True), found.model, int(least))
        limits = profile.interval(found.beyond(least), confidence_level)
        if limits is not None and limits[0] <= found.value <= limits[1]:
            return numbers | {"lower": limits[0], "upper": limits[1],
                              "interval": "multinomial profile likelihood over all completions"}
    rest = max(found.beyond(least), 1e-9)
    spread_by = math.exp(min(z * math.sqrt(found.spread_of_size()) / rest, 700.0))
    # Among many people of whom hardly any is unseen the value itself may lie a rounding beyond the limits.
    return numbers | {"lower": min(least + rest / spread_by, found.value),
                      "upper": max(least + rest * spread_by, found.value),
                      "interval": _NORMAL + (_INSTEAD if interval == "profile" else "")}


def _by_imputation(choice: SuppressedChoice, imputed: Imputed, censored: CensoredHistories,
                   confidence_level: float, imputations: int) -> dict[str, Any]:
    least, rest = float(censored.observed_bounds[0]), math.exp(imputed.centre)
    spread_by = math.exp(min(imputed.half_width(confidence_level), 700.0))
    return {"value": least + rest, "lower": least + rest / spread_by, "upper": least + rest * spread_by,
            "se": math.sqrt(imputed.unseen + rest**2 * imputed.variance), "unseen": imputed.unseen,
            "interval": f"Rubin's rules over {imputations:,} imputed tables",
            "imputations": imputations, "failed_imputations": imputed.failed,
            "missing_information": imputed.missing}


def _imputation_cautions(imputed: Imputed, imputations: int) -> list[str]:
    if not imputed.failed:
        return []
    return [f"{imputed.failed:,} of {imputations:,} imputed tables had no estimate and are left out: where there is "
            "none the population mostly has no upper limit, so the interval reaches too little upwards"]


def _precision(choice: SuppressedChoice, censored: CensoredHistories,
               ends: Extremes) -> tuple[dict[str, Any], list[str]]:
    """Measure what suppression costs, and say it."""
    found = choice.found
    whole, published = found.spread_of_size(complete=True), found.spread_of_size()
    lost = max(0.0, 1.0 - whole / published) if published > 0 else 0.0
    ratio = found.se() / found.se(complete=True)
    low, high = censored.observed_bounds
    number = int(censored.suppressed.sum())
    told = {"suppressed": number, "information_lost": lost, "se_ratio": ratio,
            "least_completion": ends.least, "largest_completion": ends.largest,
            "completions_fitted": ends.fitted, "completions_without_estimate": ends.without,
            "all_extreme_completions": ends.all_visited, "fewest_observed": low, "most_observed": high}
    if not number:
        return told, []
    said = (f"{number} of {len(censored.patterns)} counts were suppressed: under this model that costs "
            f"{100 * lost:.2g} % of the information on the size and makes the standard error {_more(ratio)}; with each "
            f"suppressed count at an end of its range the same model gives {ends.least:,.0f} to {ends.largest:,.0f}")
    if ends.without:
        said += f", and no estimate at all on {ends.without:,} of {ends.fitted:,} such tables"
    return told, [said]


def _more(ratio: float) -> str:
    return f"{100 * (ratio - 1):.2g} % larger" if ratio < 2 else f"{ratio:,.3g} times as large"


def _estimate(choice: SuppressedChoice, censored: CensoredHistories, numbers: dict[str, Any],
              told: dict[str, Any], cautions: list[str], confidence_level: float) -> Estimate:
    found = choice.found
    chosen = f", chosen by {_SPOKEN[choice.selection]}" if choice.selection else ""
    fitted = {
        "model": found.model.notation, "model_in_words": found.model.named(censored.lists),
        "selection": choice.selection or "given", "log_likelihood": found.log_likelihood,
        "aic": 2.0 * len(found.model.terms) - 2.0 * found.log_likelihood,
        "bic": math.log(observed_people(censored)) * len(found.model.terms) - 2.0 * found.log_likelihood,
        "unseen": numbers.pop("unseen"), "expected_observed": found.expected, "em_steps": len(found.climb),
        "least_information": found.least_information, **choice.told}
    own = {name: numbers.pop(name) for name in tuple(numbers)
           if "imput" in name or name == "missing_information"}
    return Estimate(unit="persons", method=f"loglinear_suppressed {found.model.notation}{chosen}",
                    confidence_level=confidence_level, observed=float(censored.observed_bounds[0]),
                    diagnostics={**fitted, **told, **own}, cautions=tuple(cautions),
                    fingerprint=censored.fingerprint, unbounded=math.isinf(numbers["upper"]),
                    simulated=censored.simulated, **numbers)
