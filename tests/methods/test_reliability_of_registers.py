"""The gate for one register: each rule on either side of its thresholds, and on registers that break it."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smuggling_analysis import single_register
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.reliability import RULES_OF, RegisterFacts, judge
from smuggling_analysis.methods.reliability.registers_rows import OF_REGISTER_HEADLINES
from smuggling_analysis.simulate import register

RULES = {rule.name: rule for rule in RULES_OF["RepeatCounts"]}
PLENTY = register({"all": 20_000}, {"all": 1.2}, rng=3)


def printed(**changed):
    """A number as another programme prints it."""
    plain = {"value": 20_000.0, "lower": 19_000.0, "upper": 21_000.0, "unit": "persons", "method": "another programme",
             "se": 500.0}
    return Estimate(**{**plain, **changed})


def rules_of(judgement):
    return {finding.rule: finding.consequence for finding in judgement.findings}


def facts(**told):
    return printed(), RegisterFacts(**told)


def told(**diagnostics):
    return printed(diagnostics=diagnostics), RegisterFacts()


def seen(once, again):
    """A register in which so many people were seen once, and so many twice."""
    return RepeatCounts.from_frequencies({1: once, 2: again})


def test_a_register_with_plenty_whose_people_are_alike_passes():
    found = single_register.truncated_count(PLENTY, family="poisson")
    fitting = single_register.fit_register(PLENTY, family="poisson")
    known = RegisterFacts(
        bound=single_register.chao(PLENTY).value, bound_without_ones=single_register.one_inflated_chao(PLENTY).value,
        one_inflation=single_register.one_inflation_test(PLENTY, family="poisson").p_value,
        wider=single_register.wider_family_test(fitting).p_value,
        influence=1.0, handfuls=0, near={"poisson": found.value})
    judgement = judge(found, PLENTY, known)
    assert judgement.verdict == "passed", judgement.findings
    assert judgement.result is found
    assert found.lower <= 20_000 <= found.upper


def test_a_number_printed_elsewhere_is_judged_by_the_counts_alone():
    assert judge(printed(), PLENTY).verdict == "passed"
    few = judge(printed(value=900.0, lower=800.0, upper=1_000.0, se=50.0), seen(194, 6))
    assert rules_of(few) == {"people-seen-again": "refused", "share-seen-once": "caution"}


@pytest.mark.parametrize(("again", "consequence"), [(6, "refused"), (7, "caution"), (29, "caution"), (30, None)])
def test_few_people_seen_again(again, consequence):
    judgement = judge(printed(), seen(100, again), rules=[RULES["people-seen-again"]])
    assert rules_of(judgement).get("people-seen-again") == consequence
    if consequence:
        assert judgement.findings[0].said.startswith(f"{again} people were seen more than once, fewer than")


@pytest.mark.parametrize(("once", "consequence"), [(9_500, None), (9_501, "caution"), (9_950, "caution"),
                                                   (9_951, "refused")])
def test_nearly_everybody_seen_once(once, consequence):
    judgement = judge(printed(), seen(once, 10_000 - once), rules=[RULES["share-seen-once"]])
    assert rules_of(judgement).get("share-seen-once") == consequence
    if consequence:
        assert f"more than {95 if consequence == 'caution' else 99.5:g} %" in judgement.findings[0].said


MEASURED = {  # a figure each rule can be shown, by what the estimate or the facts say
    "one-inflation": lambda figure: facts(one_inflation=figure),
    "wider-distribution": lambda figure: facts(wider=figure),
    "heterogeneity": lambda figure: facts(bound=21_000.0 * figure),
    "near-the-bound": lambda figure: (printed(value=19_500.0), RegisterFacts(bound=19_500.0 * figure)),
    "register-misfit": lambda figure: told(fit_p_value=figure),
    "influence": lambda figure: facts(influence=figure),
    "handful": lambda figure: facts(handfuls=figure),
    "families-of-equal-fit": lambda figure: facts(near={"poisson": 20_000.0, "geometric": 20_000.0 * figure}),
    "outside-the-interval": lambda figure: facts(beyond=figure),
    "wider-without-limit": lambda figure: facts(limitless=figure > 0),
    "ones-or-differences": lambda figure: facts(bound_with_ones=21_000.0 * figure),
    "end-of-the-time-at-risk": lambda figure: facts(if_time_ended=figure),
    "below-observed": lambda figure: (printed(lower=PLENTY.n_observed - figure), RegisterFacts()),
    "relative-error": lambda figure: (printed(se=20_000.0 * figure), RegisterFacts()),
    "multiple-of-observed": lambda figure: (printed(
        value=PLENTY.n_observed * figure, upper=2e6), RegisterFacts()),
    "flat-likelihood": lambda figure: (printed(
        upper=math.inf if figure > 0 else 21_000.0, unbounded=figure > 0), RegisterFacts()),
    "heavy-tail": lambda figure: told(mean=20_000.0 * figure),
    "width": lambda figure: (printed(lower=20_000.0, upper=20_000.0 * figure), RegisterFacts()),
}


def beyond(rule, threshold):
    """A figure a little beyond a threshold."""
    return threshold * (1.02 if rule.beyond == "above" else 0.98) if threshold else 1.0


@pytest.mark.parametrize("name", MEASURED)
def test_a_rule_speaks_beyond_its_threshold_and_not_at_it(name):
    rule = RULES[name]
    for threshold, consequence in ((rule.caution, "caution"), (rule.refusal, "refused")):
        if threshold is None:
            continue
        assert rules_of(judge(*with_evidence(MEASURED[name](threshold)), rules=[rule])).get(name) != consequence
        judgement = judge(*with_evidence(MEASURED[name](beyond(rule, threshold))), rules=[rule])
        assert rules_of(judgement) == {name: consequence}
        assert judgement.findings[0].threshold == threshold


def with_evidence(case):
    estimate, known = case
    return estimate, PLENTY, known


def test_every_rule_is_tried_here():
    assert set(MEASURED) | {"people-seen-again", "share-seen-once"} == set(RULES)


def test_a_surplus_of_people_seen_once_is_no_fault_of_a_family_that_knows_it():
    """A third hides after the first time: the plain Poisson is refused, the one with a surplus is not."""
    hiding = register({"all": 20_000}, {"all": 0.8}, deterred=0.4, rng=5)
    surplus = single_register.one_inflation_test(hiding, family="poisson").p_value
    plain = single_register.truncated_count(hiding, family="poisson")
    judgement = judge(plain, hiding, RegisterFacts(one_inflation=surplus))
    assert rules_of(judgement)["one-inflation"] == "refused"
    assert "more people were seen once than the model allows" in judgement.result.reason
    assert "a model with a surplus of people seen once" in judgement.result.needed
    knows = single_register.truncated_count(hiding, family="one-inflated truncated poisson")
    assert judge(knows, hiding, RegisterFacts(one_inflation=surplus, knows_one_inflation=True)).verdict == "passed"


def test_a_family_that_sets_ones_apart_is_held_to_the_bound_that_does_too():
    """Chao's bound counts those who hide as a sign of the unseen: 40,000 of them say nothing of such a family."""
    both = {"bound": 40_000.0, "bound_without_ones": 18_000.0}
    assert rules_of(judge(*with_evidence(facts(**both)))) == {"heterogeneity": "refused"}
    assert judge(*with_evidence(facts(**both, knows_one_inflation=True))).verdict == "passed"
    high = {"bound": 18_000.0, "bound_without_ones": 22_000.0, "knows_one_inflation": True}
    assert rules_of(judge(*with_evidence(facts(**high)))) == {"heterogeneity": "refused"}


def test_a_bound_is_one_finding_and_not_two():
    """Above the interval it refuses, within it it cautions; never both."""
    within = judge(*with_evidence((printed(value=19_500.0), RegisterFacts(bound=20_900.0))))
    assert rules_of(within) == {"near-the-bound": "caution"}
    above = judge(*with_evidence((printed(value=19_500.0), RegisterFacts(bound=21_100.0))))
    assert rules_of(above) == {"heterogeneity": "refused"}


def test_people_who_differ_are_seen_by_the_wider_distribution_and_the_bound():
    """Rates that are half 0.3 and half 2.5: a Poisson distribution of one rate has its interval below Chao's bound."""
    mixed = register({"few": 10_000, "many": 10_000}, {"few": 0.3, "many": 2.5}, rng=2)
    fitting = single_register.fit_register(mixed, family="poisson")
    found = single_register.truncated_count(mixed, family="poisson")
    known = RegisterFacts(bound=single_register.chao(mixed).value,
                          wider=single_register.wider_family_test(fitting).p_value)
    refused = {rule for rule, consequence in rules_of(judge(found, mixed, known)).items() if consequence == "refused"}
    assert refused == {"heterogeneity", "wider-distribution", "register-misfit"}
    assert found.upper < known.bound < 20_000, "a lower bound"


def test_the_published_dutch_number_does_not_fit_its_own_counts():
    """12,690 of 1995 (van der Heijden et al. 2003): the times people were caught contradict the Poisson regression."""
    from smuggling_analysis import load

    dutch = load("netherlands-1995/repeat_counts.csv")
    found = single_register.truncated_count(dutch, family="poisson", formula="gender + age + nation")
    assert found.value == pytest.approx(12_690.35, abs=0.01)
    judgement = judge(found, dutch)
    assert rules_of(judgement)["register-misfit"] == "refused"
    assert "so poor a fit has a chance of 8e-11, below 0.001" in judgement.result.reason


def test_what_other_distributions_say_is_a_matter_of_the_headline_alone():
    assert [rule.name for rule in OF_REGISTER_HEADLINES] == [
        "families-of-equal-fit", "outside-the-interval", "wider-without-limit", "ones-or-differences",
        "end-of-the-time-at-risk"]
    one = RegisterFacts(near={"poisson": 20_000.0})
    assert judge(printed(), PLENTY, one, rules=OF_REGISTER_HEADLINES).verdict == "passed"
    apart = RegisterFacts(near={"poisson": 20_000.0, "geometric": 52_000.0})
    judgement = judge(printed(), PLENTY, apart, rules=OF_REGISTER_HEADLINES)
    assert judgement.result.reason == ("distributions that fit about as well (within 10 BIC points) differ by a factor "
                                       "of 2.6, more than 2")


def test_what_nobody_knows_is_passed_over():
    assert judge(printed(se=None), PLENTY, RegisterFacts()).verdict == "passed"
    assert rules_of(judge(NoEstimate("reason", "data"), PLENTY)) == {"method": "refused"}


chances = st.one_of(st.none(), st.floats(0.0, 1.0))
positive = st.one_of(st.none(), st.floats(1e-3, 1e12))


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(st.integers(1, 40), st.integers(1, 10**7), min_size=1, max_size=5), st.floats(0.0, 1e9),
       st.floats(1.0, 50.0), chances, chances, positive, positive, st.booleans(),
       st.one_of(st.none(), st.dictionaries(st.text(max_size=2), st.floats(1.0, 1e12), max_size=3)))
def test_whatever_is_known_there_is_a_verdict_and_no_crash(frequencies, unseen, high, surplus, wider, bound, moved,
                                                           knows, near):
    counts = RepeatCounts.from_frequencies(frequencies)
    value = counts.n_observed + unseen
    known = RegisterFacts(bound=bound, bound_without_ones=bound, one_inflation=surplus, wider=wider, influence=moved,
                          knows_one_inflation=knows, near=near)
    found = judge(printed(value=value, lower=value, upper=high * value), counts, known)
    assert found.verdict in ("passed", "caution", "refused")
    assert isinstance(found.result, NoEstimate) == (found.verdict == "refused")
