"""What the gate measures of encounters at a border: each function one figure of a case, None where there is none."""

from __future__ import annotations

import math

from smuggling_analysis.methods.reliability.rules import Case

_ROUNDING = 1e-9


def repeats(case: Case) -> float | None:
    """Count the repeat apprehensions: all that repeated trials rest on."""
    return None if not _by_trials(case) or (found := case.evidence.total("repeats")) is None else float(found)


def share_again(case: Case) -> float | None:
    """Return the share apprehended again: of those who tried, of those returned, or of everybody apprehended."""
    if not _by_trials(case) or (again := case.evidence.total("repeats")) is None:
        return None
    if (told := case.told("share_again")) is not None:
        return told
    trials = case.evidence.total("apprehended" if case.evidence.returned is None else "returned")
    return again / trials if trials else None


def recognition_unstated(case: Case) -> float | None:
    """Return 1 where nobody stated how many of those apprehended again are recognised, else 0."""
    return _unstated(case, "recognition")


def turning_back_missing(case: Case) -> float | None:
    """Return 1 where people turned back are not recorded, for all that they are a part of, else 0."""
    # Of persons it does not matter: whoever is turned back and tries again is the same person.
    if not _by_trials(case) or case.result.unit == "persons":
        return None
    return float(case.evidence.turned_back is None)


def share_contradicted(case: Case) -> float | None:
    """Return the share of the draws of the stated shares that contradict the counts."""
    return case.told("impossible")


def spread_by_stated_shares(case: Case) -> float | None:
    """Return the factor between the ends of what the stated shares alone leave open, were the counts free of chance."""
    ends = case.result.diagnostics.get("by_priors_alone")
    if not isinstance(ends, (list, tuple)) or len(ends) != 2:
        return None
    low, high = (float(end) for end in ends)
    return high / low if low > 0 else math.inf if high > 0 else None


def move_by_deterrence(case: Case) -> float | None:
    """Return the factor by which a little more, or less, deterrence moves the estimate."""
    value = case.result.value
    moved = [max(other, value) / min(other, value) if min(other, value) > 0 else math.inf
             for other in (case.facts.deterrence or {}).values() if not math.isnan(other)]
    return max(moved, default=None)


def shares_of_persons_apart(case: Case) -> float | None:
    """Return the factor between the shares apprehended again after once and after more often, if beyond chance."""
    from smuggling_analysis.methods.repeated_trials.cautions import unlike_persons

    found = unlike_persons(case.evidence) if _by_trials(case) else None
    return None if found is None else max(found) / min(found) if min(found) > 0 else math.inf


def below_the_counted(case: Case) -> float | None:
    """Return how many fewer than were counted the interval, or the estimate, allows for."""
    from smuggling_analysis.methods.repeated_trials.counted import counted_of

    seen = counted_of(case.evidence, case.result.unit)
    # Where not everybody is recognised some first apprehensions are repeats.
    if seen is None or (case.result.unit == "persons" and _unstated(case, "recognition") == 0.0):
        return None
    missing = seen - min(case.result.lower, case.result.value)
    return missing if missing > _ROUNDING * seen else 0.0


def multiple_of_the_apprehended(case: Case) -> float | None:
    """Return how many are estimated for each apprehension."""
    apprehended = case.evidence.total("apprehended")
    return None if case.result.unit == "share" or not apprehended else case.result.value / apprehended


def _by_trials(case: Case) -> bool:
    """Whether the estimate rests on people apprehended again; shares of attempts seen do not."""
    return case.result.unit != "share" or case.told("share_again") is not None


def _unstated(case: Case, share: str) -> float | None:
    told = case.result.diagnostics.get("unstated")
    return float(share in told) if isinstance(told, (list, tuple)) else None
