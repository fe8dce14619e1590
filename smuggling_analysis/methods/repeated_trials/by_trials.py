"""One number at a time from repeated trials; `flow` gives them all, drawn together."""

from __future__ import annotations

from typing import Any

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.encounters import Encounters
from smuggling_analysis.methods.repeated_trials.flows import one_of


def apprehension_probability(encounters: Encounters, **options: Any) -> Estimate:
    """Estimate the chance that an attempt to enter ends in an apprehension.

    Parameters
    ----------
    encounters : Encounters
        With repeat apprehensions.
    **options
        Those of `flow`; `deterrence` must be stated unless `retried` is known.

    Returns
    -------
    Estimate
        A share of attempts.

    Raises
    ------
    NoEstimate, ValueError
        As `flow`.

    Examples
    --------
    With nobody deterred it is the share of repeats among apprehensions (Massey and Singer 1995):

    >>> import pandas as pd
    >>> table = pd.DataFrame({"place": ["border"], "period": ["1989"], "apprehended": [1000], "repeats": [350]})
    >>> round(apprehension_probability(Encounters.from_table(table), deterrence=0.0, rng=1).value, 12)
    0.35
    """
    return one_of(encounters, "apprehension", **options)


def successful_entries(encounters: Encounters, **options: Any) -> Estimate:
    """Estimate how many entries were not prevented, seen or not.

    Parameters
    ----------
    encounters : Encounters
        With repeat apprehensions.
    **options
        Those of `flow`.

    Returns
    -------
    Estimate
        In entries, no fewer than the got-aways that were seen.

    Raises
    ------
    NoEstimate, ValueError
        As `flow`.

    Notes
    -----
    On populations of known size (`smuggling_analysis.published_validation`) the interval holds the truth where the
    shares are known from a survey. Where people or places differ in how easily they are apprehended the estimate is
    far too low, unless the places are taken one by one (`by_place`); where some are not recognised and nobody says
    so, far too high.

    Examples
    --------
    Where a third of attempts is apprehended there are two entries to an apprehension:

    >>> import pandas as pd
    >>> table = pd.DataFrame({"place": ["border"], "period": ["1989"], "apprehended": [900], "repeats": [300]})
    >>> round(successful_entries(Encounters.from_table(table), deterrence=0.0, rng=1).value, 6)
    1800.0
    """
    return one_of(encounters, "entries", **options)


def entry_attempts(encounters: Encounters, **options: Any) -> Estimate:
    """Estimate how many attempts to enter there were: apprehended, turned back and successful ones.

    Parameters
    ----------
    encounters : Encounters
        With repeat apprehensions.
    **options
        Those of `flow`.

    Returns
    -------
    Estimate
        In attempts, no fewer than were seen.

    Raises
    ------
    NoEstimate, ValueError
        As `flow`.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"place": ["border"], "period": ["1989"], "apprehended": [900], "repeats": [300]})
    >>> round(entry_attempts(Encounters.from_table(table), deterrence=0.0, rng=1).value, 6)
    2700.0
    """
    return one_of(encounters, "attempts", **options)


def persons_attempting(encounters: Encounters, **options: Any) -> Estimate:
    """Estimate how many persons attempted to enter, apprehended or not.

    Parameters
    ----------
    encounters : Encounters
        With repeat apprehensions.
    **options
        Those of `flow`.

    Returns
    -------
    Estimate
        In persons. Somebody who enters, goes home and comes again in the same period counts as another person.

    Raises
    ------
    NoEstimate, ValueError
        As `flow`.

    Notes
    -----
    On populations of known size (`smuggling_analysis.published_validation`) the interval holds the truth where the
    shares are known from a survey. Where people or places differ in how easily they are apprehended the estimate is
    far too low, unless the places are taken one by one (`by_place`); where some are not recognised and nobody says
    so, far too high.

    Examples
    --------
    Of 600 persons apprehended who are a third of all, with half of those returned deterred:

    >>> import pandas as pd
    >>> table = pd.DataFrame({"place": ["border"], "period": ["1989"], "apprehended": [720], "repeats": [120]})
    >>> round(persons_attempting(Encounters.from_table(table), deterrence=0.5, rng=1).value, 6)
    1800.0
    """
    return one_of(encounters, "persons", **options)


def model_interdiction_rate(encounters: Encounters, **options: Any) -> Estimate:
    """Estimate the share of attempts that are apprehended or turned back, entries nobody saw included.

    Parameters
    ----------
    encounters : Encounters
        With repeat apprehensions and people turned back.
    **options
        Those of `flow`.

    Returns
    -------
    Estimate
        A share of attempts.

    Raises
    ------
    NoEstimate, ValueError
        As `flow`; also if people turned back are not recorded.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"place": ["border"], "period": ["2016"], "apprehended": [900], "repeats": [300],
    ...                       "turned_back": [300]})
    >>> found = model_interdiction_rate(Encounters.from_table(table), deterrence=0.0, giving_up=0.0, rng=1)
    >>> round(found.value, 6)
    0.4
    """
    if encounters.turned_back is None:
        raise NoEstimate("people turned back are not recorded", "attempts that ended in turning back")
    return one_of(encounters, "interdiction", **options)
