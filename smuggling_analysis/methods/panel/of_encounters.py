"""The panel of encounters at a border."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import numpy as np

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.encounters import Encounters
from smuggling_analysis.indicator import Indicator
from smuggling_analysis.methods.chooser import data_for
from smuggling_analysis.methods.panel.encounter_variants import (
    METHODS_OF,
    QUANTITIES,
    Stated,
    drawn,
    quantity_variants,
    rate_variants,
    readings,
)
from smuggling_analysis.methods.panel.encounters_result import EncounterPanel
from smuggling_analysis.methods.panel.fitted import Fitted, attempt, guarded
from smuggling_analysis.methods.panel.options import check_options, whom_of
from smuggling_analysis.methods.panel.synthesis import Choice, families_of, weighed, with_headline
from smuggling_analysis.methods.panel.variants import Plan, Variant
from smuggling_analysis.methods.reliability import EncounterFacts, judge
from smuggling_analysis.methods.reliability.encounters_rows import OF_ENCOUNTER_HEADLINES

LEAST_DRAWS = 100
_TEN_POINTS = 0.1


def panel_of_encounters(encounters: Encounters, *, quantity: str = "persons", deterrence: Any = None,
                        recognition: Any = None, giving_up: Any = None, detection: Any = None,
                        replicates: int = 10_000, rng: int | np.random.Generator | None = None,
                        published: Iterable[Indicator] = (), sensitivity: bool = True,
                        **described: str) -> EncounterPanel:
    """Estimate from encounters by every reading that applies, judge each, and recommend one number or none.

    Parameters
    ----------
    encounters : Encounters
        With repeat apprehensions.
    quantity : {"persons", "entries", "attempts"}
        What the panel is about; the others stand beside it.
    deterrence, recognition, giving_up, detection : StatedShare, Estimate or float, optional
        What is known, from elsewhere, of the shares that no count of encounters says: see `repeated_trials.flow` and
        `repeated_trials.interdiction_rate`. Without deterrence, and without `retried` among the counts, there is no
        headline.
    replicates : int
        Draws of each estimate.
    rng : int, Generator or None
        Randomness.
    published : iterable of Indicator
        Published values of the same quantity, to be shown beside.
    sensitivity : bool
        Whether to add the quantity as a function of deterrence.
    **described
        `population`, `place` and `period` of the estimates.

    Returns
    -------
    EncounterPanel

    Raises
    ------
    ValueError
        If an option cannot be used, or two periods of one place overlap.
    TypeError
        If an option is unknown.

    References
    ----------
    National Research Council (2013). Options for estimating illegal entries at the U.S.-Mexico border. Washington, DC:
    The National Academies Press. doi:10.17226/13498

    Examples
    --------
    >>> import pandas as pd
    >>> from smuggling_analysis.methods.repeated_trials import StatedShare
    >>> table = pd.DataFrame({"place": ["border"], "period": ["2016"], "apprehended": [9000], "repeats": [1500],
    ...                       "turned_back": [0]})
    >>> found = panel_of_encounters(
    ...     Encounters.from_table(table), deterrence=StatedShare.uniform(0.4, 0.5, reason="a survey"), rng=1)
    >>> found.headline.unit, found["persons-attempting-none-deterred"].result.value
    ('persons', 45000.0)
    """
    check_options({"replicates": replicates}, described)
    _check(encounters, quantity, replicates)
    stated = Stated(deterrence=deterrence, recognition=recognition, giving_up=giving_up, detection=detection)
    plan = Plan(max_order=None, replicates=replicates, chains=2, n_jobs=1,
                stream=int(np.random.default_rng(rng).integers(2**63)))
    _check_shares(stated)
    asked = quantity_variants(quantity, encounters, stated, plan)
    others = [variant for other in QUANTITIES if other != quantity
              for variant in quantity_variants(other, encounters, stated, plan)]
    fitted = weighed([_judged(variant, encounters, described) for variant in asked])
    beside = tuple(_judged(variant, encounters, described)
                   for variant in (*others, *rate_variants(encounters, stated, plan)))
    options = {**stated.of_trials(), **readings(encounters, stated)[0].options, **drawn(plan)}
    chosen, verdict = with_headline(fitted, encounters, _choice(fitted), EncounterFacts(
        deterrence=_ten_points_away(fitted[0], encounters), families=families_of(fitted)), whom=whom_of(described))
    return EncounterPanel(
        evidence=encounters, fitted=chosen, verdict=verdict, published=tuple(published), quantity=quantity,
        beside=beside, flow=guarded("The flow", partial(_flow, encounters, options)),
        deterrence=guarded("The deterrence band", partial(_band, encounters, quantity, options))
        if sensitivity else None)


def _check(encounters: Encounters, quantity: str, replicates: int) -> None:
    if quantity not in METHODS_OF:
        raise ValueError(f"quantity is one of {', '.join(QUANTITIES)}, got {quantity!r}")
    if replicates < LEAST_DRAWS:
        raise ValueError(f"replicates is a number of draws here, {LEAST_DRAWS} or more, got {replicates}")
    # Periods that overlap would count the same apprehensions twice, whatever is estimated.
    encounters.total("apprehended")


def _check_shares(stated: Stated) -> None:
    """Refuse what is no share once, instead of in every method it reaches."""
    from smuggling_analysis.methods.repeated_trials.shares import stated as read

    for name in ("deterrence", "recognition", "giving_up", "detection"):
        read(getattr(stated, name), name)


def _choice(fitted: tuple[Fitted, ...]) -> Choice:
    """Recommend the first reading that passes: what is counted before what is stated, places together before apart."""
    within = [one for one in fitted if not one.variant.aside]
    return Choice(recommended=[one.key for one in within], rules=OF_ENCOUNTER_HEADLINES,
                  told={one.key: one.variant.family for one in fitted}, needed=data_for("Encounters"))


def _judged(variant: Variant, encounters: Encounters, described: Mapping[str, str]) -> Fitted:
    given = attempt(variant, encounters, described)
    verdict = judge(given, encounters)
    return Fitted(variant, verdict.result, judgement=verdict, given=given if isinstance(given, Estimate) else None)


def _flow(encounters: Encounters, options: Mapping[str, Any]) -> Any:
    from smuggling_analysis.methods.repeated_trials import flow

    return flow(encounters, **options)


def _band(encounters: Encounters, quantity: str, options: Mapping[str, Any]) -> Any:
    from smuggling_analysis.methods.repeated_trials import deterrence_band

    return deterrence_band(encounters, quantity=quantity, **options)


def _ten_points_away(first: Fitted, encounters: Encounters) -> dict[float, float]:
    """Return the first reading's estimate with ten points more, and fewer, of those returned deterred."""
    from smuggling_analysis.methods import METHODS
    from smuggling_analysis.methods.repeated_trials.deterred import middle_deterrence

    if not isinstance(first.given, Estimate):
        return {}
    middle = middle_deterrence(encounters, first.variant.options.get("deterrence"))
    found = {}
    for share in (middle - _TEN_POINTS, middle + _TEN_POINTS):
        if 0.0 <= share < 1.0:
            options = {**first.variant.options, "deterrence": share}
            moved = guarded(first.label, partial(METHODS[first.variant.method], encounters, **options))
            if not isinstance(moved, NoEstimate):
                found[share] = moved.value
    return found
