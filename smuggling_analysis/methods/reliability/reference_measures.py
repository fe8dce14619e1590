"""What the gate measures of reference counts: each function one figure of a case, None where there is none."""

from __future__ import annotations

from smuggling_analysis.methods.reliability.rules import Case


def countries_with_apprehensions(case: Case) -> float:
    """Count the countries of which anybody was apprehended."""
    counts = case.evidence
    return float(len({country for country, seen in zip(counts.countries, counts.observed, strict=True) if seen}))


def share_of_rows_without(case: Case) -> float | None:
    """Return the share of the rows in which nobody was apprehended, for least squares of logarithms."""
    return float((case.evidence.observed == 0).mean()) if case.facts.logs_of_counts else None


def total_over_gamma(case: Case) -> float | None:
    """Return the factor between the totals at the gammas that fit as well."""
    found = case.result.diagnostics.get("totals_over_gamma")
    return None if not isinstance(found, tuple) else found[1] / found[0]


def times_the_models_variance(case: Case) -> float | None:
    """Return how many times as much as the model has it the counts vary."""
    return case.told("dispersion")


def share_beyond_the_registered(case: Case) -> float | None:
    """Return the share of the rows in which more people are estimated than are registered."""
    return case.facts.beyond_registered


def move_by_a_country(case: Case) -> float | None:
    """Return the factor by which leaving out one country moves the estimate."""
    return case.facts.influence


def spread_of_all_methods(case: Case) -> float | None:
    """Return the factor between the largest and the least of what the methods say, refused ones too."""
    values = list((case.facts.said or {}).values())
    return max(values) / min(values) if len(values) > 1 else None


def bic_of_the_method_preferred(case: Case) -> float | None:
    """Return by how much the counts prefer a method that does not bear out the one recommended."""
    found: float | None = case.facts.preferred
    return found


def taken_for_granted(case: Case) -> float | None:
    """Return how many assumptions an estimate to be recommended makes that no count can show."""
    return 1.0 if case.facts.headline else None
