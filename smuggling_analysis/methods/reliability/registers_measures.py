"""What the gate measures of one register: each function one figure of a case, None where there is none."""

from __future__ import annotations

from smuggling_analysis.methods.reliability.rules import Case


def people_seen_again(case: Case) -> float:
    """Count the people seen more than once: all that an estimate of the others rests on."""
    return float(case.evidence.n_observed - case.evidence.seen(1).sum())


def share_seen_once(case: Case) -> float:
    """Return the share of the people observed who were seen once."""
    return float(case.evidence.seen(1).sum()) / case.evidence.n_observed


def chance_of_no_surplus(case: Case) -> float | None:
    """Return the chance of so many people seen once, for an estimate whose family knows no surplus of them."""
    return None if case.facts.knows_one_inflation else case.facts.one_inflation


def chance_of_no_more_difference(case: Case) -> float | None:
    """Return the chance of what a distribution gains in which people differ more."""
    found: float | None = case.facts.wider
    return found


def bound_over_upper_limit(case: Case) -> float | None:
    """Return the lower bound that holds where people differ, against the estimate's upper limit."""
    bound = case.facts.bound_without_ones if case.facts.knows_one_inflation else case.facts.bound
    return None if bound is None else bound / case.result.upper


def bound_over_estimate(case: Case) -> float | None:
    """Return the lower bound that holds where people differ, against the estimate, within its interval."""
    bound = case.facts.bound_without_ones if case.facts.knows_one_inflation else case.facts.bound
    return None if bound is None or bound > case.result.upper else bound / case.result.value


def chance_of_the_misfit(case: Case) -> float | None:
    """Return the chance of so poor a fit to the numbers of people seen once, twice, ..., if the model held."""
    return case.told("fit_p_value")


def move_by_a_cell(case: Case) -> float | None:
    """Return the factor by which the people of one cell of the register move the estimate."""
    return case.facts.influence


def handfuls_that_decide(case: Case) -> float | None:
    """Count the cells of a handful of people without whom there is no estimate."""
    return None if case.facts.handfuls is None else float(case.facts.handfuls)


def spread_of_near_families(case: Case) -> float | None:
    """Return the factor between what the families say that fit about as well as the best."""
    values = list((case.facts.near or {}).values())
    return max(values) / min(values) if len(values) > 1 else None


def beyond_the_interval(case: Case) -> float | None:
    """Return how far outside the interval distributions lie that the counts do not tell from the one recommended."""
    found: float | None = case.facts.beyond
    return found


def wider_without_limit(case: Case) -> float:
    """Return 1 where the wider distribution fits better and sets no upper limit, else 0."""
    return float(case.facts.limitless)


def bound_with_ones_over_upper_limit(case: Case) -> float | None:
    """Return the lower bound that holds if nobody is seen once by rule, against an upper limit."""
    bound = case.facts.bound_with_ones
    return None if bound is None else bound / case.result.upper


def factor_if_time_ended(case: Case) -> float | None:
    """Return the factor by which the number differs if the time at risk ended by being seen."""
    found: float | None = case.facts.if_time_ended
    return found
