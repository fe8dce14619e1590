"""The gate for counts by country: each rule on either side of its thresholds, and on counts that break it."""

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.reference_counts import ReferenceCounts
from smuggling_analysis.methods.panel.of_reference import panel_of_reference
from smuggling_analysis.methods.reference_population import fit, hidden_population
from smuggling_analysis.methods.reliability import RULES_OF, ReferenceFacts, judge
from smuggling_analysis.methods.reliability.reference_rows import OF_REFERENCE_HEADLINES
from smuggling_analysis.simulate import reference_counts, reference_population

RULES = {rule.name: rule for rule in RULES_OF["ReferenceCounts"]}


def counted(observed):
    return ReferenceCounts.from_table(pd.DataFrame({
        "country": [f"country {place}" for place in range(len(observed))], "observed": observed, "auxiliary": 5,
        "reference": 1_000}))


PLENTY = counted([100] * 60)


def printed(**changed):
    """A number as another programme prints it."""
    plain = {"value": 20_000.0, "lower": 17_000.0, "upper": 23_000.0, "unit": "persons", "method": "another programme",
             "se": 1_500.0}
    return Estimate(**{**plain, **changed})


def rules_of(judgement):
    return {finding.rule: finding.consequence for finding in judgement.findings}


def facts(**told):
    return printed(), ReferenceFacts(**told)


def told(**diagnostics):
    return printed(diagnostics=diagnostics), ReferenceFacts()


def families(factor):
    return {"Poisson": (20_000.0, 17_000.0, 23_000.0), "negative binomial": (20_000.0 * factor, 1.0, 1e9)}


def test_counts_of_many_countries_that_determine_gamma_pass():
    """Simulated as the model has it, with enough recorded everywhere: truth within, and nothing found."""
    counts = reference_counts(alpha=0.85, beta=0.5, gamma=0.05, rate=0.1, rng=4)
    fitted = fit(counts, method="poisson", gamma=0.05)
    found = hidden_population(fitted)
    judgement = judge(found, counts, ReferenceFacts(
        beyond_registered=float((fitted.alpha > 1).mean()), influence=1.1, said={"a": 20_000.0, "b": 30_000.0},
        families=families(1.3)))
    assert judgement.verdict == "passed", judgement.findings
    assert judgement.result is found
    assert found.lower <= reference_population(alpha=0.85) <= found.upper


def test_a_number_printed_elsewhere_is_judged_by_the_counts_alone():
    assert judge(printed(), PLENTY).verdict == "passed"
    assert rules_of(judge(printed(value=500.0, lower=450.0, upper=600.0, se=30.0), counted([100] * 4))) == {
        "countries-observed": "refused"}


@pytest.mark.parametrize(("countries", "consequence"), [(4, "refused"), (5, "caution"), (19, "caution"), (20, None)])
def test_few_countries_with_apprehensions(countries, consequence):
    """Countries of which nobody was apprehended say little of the exponents, however many there are."""
    few = counted([100] * countries + [0] * 50)
    judgement = judge(printed(), few, rules=[RULES["countries-observed"]])
    assert rules_of(judgement).get("countries-observed") == consequence
    if consequence:
        assert judgement.findings[0].said.startswith(f"people of {countries} countries were apprehended, fewer than")


@pytest.mark.parametrize(("zeros", "consequence"), [(0, None), (1, "caution"), (10, "caution"), (11, "refused")])
def test_logarithms_of_counts_of_nobody(zeros, consequence):
    some = counted([100] * (100 - zeros) + [0] * zeros)
    logs = ReferenceFacts(logs_of_counts=True)
    assert rules_of(judge(printed(), some, logs)).get("logarithms-of-nothing") == consequence
    # Other methods take a count of nobody as it is.
    assert "logarithms-of-nothing" not in rules_of(judge(printed(), some))


MEASURED = {  # a figure each rule can be shown, by what the estimate or the facts say
    "flat-gamma": lambda figure: told(totals_over_gamma=(10_000.0, 10_000.0 * figure)),
    "overdispersion": lambda figure: told(dispersion=figure),
    "beyond-the-registered": lambda figure: facts(beyond_registered=figure),
    "country-left-out": lambda figure: facts(influence=figure),
    "methods-apart": lambda figure: facts(said={"poisson": 20_000.0, "ols": 20_000.0 / figure}),
    "methods-passing-apart": lambda figure: facts(families=families(figure)),
    "counts-prefer-another": lambda figure: facts(preferred=figure),
    "independent-sources": lambda figure: facts(headline=figure > 0),
    "below-observed": lambda figure: (printed(lower=PLENTY.n_observed - figure), ReferenceFacts()),
    "relative-error": lambda figure: (printed(se=20_000.0 * figure), ReferenceFacts()),
    "multiple-of-observed": lambda figure: (printed(value=PLENTY.n_observed * figure, upper=1e6), ReferenceFacts()),
    "flat-likelihood": lambda figure: (printed(
        upper=math.inf if figure > 0 else 23_000.0, unbounded=figure > 0), ReferenceFacts()),
    "heavy-tail": lambda figure: told(mean=20_000.0 * figure),
    "width": lambda figure: (printed(lower=10_000.0, upper=10_000.0 * figure, value=10_000.0), ReferenceFacts()),
}
LITTLE = {"beyond-the-registered": 0.01}
"""A figure a little beyond a threshold of nothing, where it is a share."""


def asked(name, figure):
    estimate, known = MEASURED[name](figure)
    return judge(estimate, PLENTY, known, rules=[RULES[name]])


@pytest.mark.parametrize("name", MEASURED)
def test_a_rule_speaks_beyond_its_threshold_and_not_at_it(name):
    rule = RULES[name]
    assert rule.beyond == "above"
    for threshold, consequence in ((rule.caution, "caution"), (rule.refusal, "refused")):
        if threshold is None:
            continue
        assert rules_of(asked(name, threshold)).get(name) != consequence
        judgement = asked(name, 1.02 * threshold if threshold else LITTLE.get(name, 1.0))
        assert rules_of(judgement) == {name: consequence}
        assert judgement.findings[0].threshold == threshold


def test_every_rule_is_tried_here():
    assert set(MEASURED) | {"countries-observed", "logarithms-of-nothing"} == set(RULES)


def test_a_gamma_that_no_count_determines_is_told_of():
    """All countries recorded alike: gamma and n / N cannot be told apart."""
    counts = reference_counts(countries=60, alpha=0.7, beta=0.6, gamma=0.005, rng=1)
    found = hidden_population(fit(counts, method="poisson"))
    low, high = found.diagnostics["totals_over_gamma"]
    judgement = judge(found, counts)
    assert rules_of(judgement) == {"flat-gamma": "caution"}
    assert judgement.findings[0].measured == high / low
    assert "a second source that reaches people of every country" in judgement.findings[0].helps
    # Where gamma is given there is nothing to be flat.
    assert "flat-gamma" not in rules_of(judge(hidden_population(fit(counts, gamma=0.005)), counts))


def test_counts_that_vary_more_than_the_model_has_them_are_told_of():
    """Negative binomial counts with theta of 1/2 vary far more than Poisson counts of the same mean."""
    counts = reference_counts(alpha=0.85, gamma=0.05, beta=0.5, dispersion=0.5, rng=1)
    plain, wide = (hidden_population(fit(counts, method=method, gamma=0.05))
                   for method in ("poisson", "negative-binomial"))
    assert plain.diagnostics["dispersion"] > 20
    assert rules_of(judge(plain, counts))["overdispersion"] == "caution"
    assert "overdispersion" not in rules_of(judge(wide, counts))


def test_one_country_that_decides_is_told_of_by_the_panel():
    """The country with most registered people is apprehended as no other is."""
    counts = reference_counts(alpha=0.8, gamma=0.05, rng=2)
    table = counts.table()
    largest = table["reference"].idxmax()
    table.loc[largest, "observed"] *= 30
    odd = ReferenceCounts.from_table(table)
    best = panel_of_reference(odd, rng=1, sensitivity=False)["hidden-population-poisson"]
    usual = panel_of_reference(counts, rng=1, sensitivity=False)["hidden-population-poisson"]
    assert "country-left-out" in rules_of(best.judgement)
    assert "country-left-out" not in rules_of(usual.judgement)


def test_more_hidden_than_registered_is_refused_by_the_panel():
    """An exponent above 1 has more people in hiding than in the register."""
    counts = reference_counts(alpha=1.1, gamma=0.05, rng=1)
    best = panel_of_reference(counts, rng=1, sensitivity=False)["hidden-population-poisson"]
    assert rules_of(best.judgement)["beyond-the-registered"] == "refused"
    assert "in 100 % of the rows more people are estimated than are registered, more than 25 %" in best.result.reason


def test_methods_apart_are_a_matter_of_the_headline_refused_ones_too():
    assert [rule.name for rule in OF_REFERENCE_HEADLINES] == [
        "methods-apart", "methods-passing-apart", "counts-prefer-another", "independent-sources"]
    known = ReferenceFacts(said={"poisson": 95_881.0, "ols": 11_364.0, "nls": 609_981.0}, families=families(1.2))
    judgement = judge(printed(), PLENTY, known, rules=OF_REFERENCE_HEADLINES)
    assert judgement.result.reason == "methods that are used for such counts differ by a factor of 53.7, more than 10"
    alone = ReferenceFacts(said={"poisson": 95_881.0}, families={"Poisson": (20_000.0, 17_000.0, 23_000.0)})
    assert judge(printed(), PLENTY, alone, rules=OF_REFERENCE_HEADLINES).verdict == "passed"


def test_what_nobody_knows_is_passed_over():
    assert judge(printed(se=None), PLENTY, ReferenceFacts()).verdict == "passed"
    assert rules_of(judge(NoEstimate("reason", "data"), PLENTY)) == {"method": "refused"}


shares = st.one_of(st.none(), st.floats(0.0, 1.0))
said = st.one_of(st.none(), st.dictionaries(st.text(max_size=2), st.floats(1.0, 1e12), max_size=3))


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any), st.floats(0.0, 1e9), st.floats(1.0, 50.0),
       st.booleans(), shares, st.one_of(st.none(), st.floats(1.0, 1e9)), said,
       st.one_of(st.none(), st.tuples(st.floats(1e-3, 1e6), st.floats(1e6, 1e12)), st.just("flat")))
def test_whatever_is_known_there_is_a_verdict_and_no_crash(observed, unseen, high, logs, beyond, moved, others, totals):
    counts = counted(observed)
    value = counts.n_observed + unseen
    known = ReferenceFacts(logs_of_counts=logs, beyond_registered=beyond, influence=moved, said=others)
    found = judge(printed(value=value, lower=value, upper=high * value, diagnostics={"totals_over_gamma": totals}),
                  counts, known)
    assert found.verdict in ("passed", "caution", "refused")
    assert isinstance(found.result, NoEstimate) == (found.verdict == "refused")
