"""Every method of one register: held to what any estimate must be, whatever the register.

A row added to METHODS for repeat counts, or to FAMILIES, is tested here without a word more.
"""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smuggling_analysis.estimate import OWN_CAUTIONS, Estimate, NoEstimate
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods import METHODS
from smuggling_analysis.methods.single_register import FAMILIES
from smuggling_analysis.simulate.registers import register

ONE_REGISTER = [name for name, row in METHODS.items() if row.evidence == "RepeatCounts"]
# Every method as it comes, and the fitted one under every family.
ASKED = {**{name: (name, {}) for name in ONE_REGISTER},
         **{f"truncated_count, {family}": ("truncated_count", {"family": family}) for family in FAMILIES}}
# Of these, the ones that know covariates.
BY_FORMULA = [label for label, (name, _) in ASKED.items() if "formula" in METHODS[name].options]
# A penalty weighs half as much beside twice the counts.
LOOSELY = {"mixture_likelihood": 0.1}
FUZZED = settings(deadline=timedelta(seconds=60), derandomize=True, suppress_health_check=list(HealthCheck))
EVERY = pytest.mark.parametrize("label", ASKED)
EVERY_BY_FORMULA = pytest.mark.parametrize("label", BY_FORMULA)

# Registers as they come when something is wrong with them.
HOSTILE = {
    "one person": {1: 1}, "one person, twice": {2: 1}, "one of each": {1: 1, 2: 1}, "all once": {1: 5000},
    "all twice": {2: 5000}, "huge and one": {1: 10**9, 2: 1}, "one and huge": {1: 1, 2: 10**9},
    "huge all along": {1: 10**9, 2: 10**9, 3: 10**9}, "10,000 times": {1: 100, 2: 20, 10_000: 1},
    "a date for a count": {20_240_131: 3, 1: 5}, "no ones": {2: 40, 3: 20}, "no twos": {1: 40, 3: 20, 4: 3},
    "hardly once, and 10,000 times": {1: 1, 2: 357, 10_000: 1}, "once or 10,000 times": {1: 2, 10_000: 4},
    "gaps": {1: 300, 7: 4, 19: 2}, "many often": {1: 3, 30: 500, 31: 600}, "twice as many twice": {1: 100, 2: 200},
}


def answer(label, counts, **options):
    """The method's answer; what is neither an answer nor a refusal in words is an error of the test."""
    name, own = ASKED[label]
    seeded = {"rng": 1} if "rng" in METHODS[name].options else {}
    try:
        return METHODS[name](counts, **{**own, **seeded, **options})
    except NoEstimate as refusal:
        return refusal


def require_sense(found, counts):
    if isinstance(found, NoEstimate):
        assert found.reason and found.needed
        return
    assert math.isfinite(found.value)
    assert found.unbounded or (math.isfinite(found.lower) and math.isfinite(found.upper))
    assert found.observed == counts.n_observed
    assert found.value >= found.observed * (1 - 1e-12)
    assert found.lower >= found.observed * (1 - 1e-12) or OWN_CAUTIONS[1] in found.cautions
    assert found.unit == "persons" and found.method and found.interval
    assert found.fingerprint == counts.fingerprint
    assert found.simulated == counts.simulated


def same(found, other, rel=1e-7):
    """Both refused, or both the same numbers: covariances are less exact than the sizes they belong to."""
    assert type(found) is type(other), (found, other)
    if isinstance(found, Estimate):
        assert found.value == pytest.approx(other.value, rel=rel)
        assert (found.lower, found.upper) == pytest.approx((other.lower, other.upper), rel=100 * rel)


def by_kind(kinds, *covariates):
    """A register from the numbers of people of each kind seen so often: {("f", "young"): {1: 30, 2: 4}, ...}."""
    rows = [(*kind, times, people) for kind, seen in kinds.items() for times, people in seen.items()]
    return RepeatCounts.from_table(pd.DataFrame(rows, columns=[*covariates, "times_caught", "n_persons"]),
                                   covariates=covariates)


@st.composite
def frequencies(draw, most_times=6):
    people = st.one_of(st.integers(0, 4), st.integers(0, 400), st.integers(0, 10**9))
    times = st.one_of(st.integers(1, most_times), st.sampled_from([1, 2, 3, 40, 10_000]))
    made = draw(st.dictionaries(times, people, min_size=1, max_size=7))
    return made if any(made.values()) else {1: 1}


@st.composite
def registers(draw, most_patterns=6):
    """Registers of several kinds of people, some levels nearly or wholly empty."""
    levels = [(sex, nation) for sex in "fm" for nation in ("A", "B", "C")]
    kinds = draw(st.lists(st.sampled_from(levels), min_size=1, max_size=most_patterns, unique=True))
    return by_kind({kind: draw(frequencies(4)) for kind in kinds}, "sex", "nation")


@EVERY
@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_register_gives_an_estimate_or_a_refusal(label, hostile):
    counts = RepeatCounts.from_frequencies(HOSTILE[hostile])
    require_sense(answer(label, counts), counts)


@EVERY
@settings(FUZZED, max_examples=12)
@given(made=frequencies())
def test_any_register_gives_an_estimate_or_a_refusal(label, made):
    counts = RepeatCounts.from_frequencies(made)
    require_sense(answer(label, counts), counts)


@EVERY_BY_FORMULA
@settings(FUZZED, max_examples=4)
@given(counts=registers())
def test_any_register_with_covariates_gives_an_estimate_or_a_refusal(label, counts):
    require_sense(answer(label, counts, formula="sex + nation"), counts)


@pytest.mark.slow
@EVERY
@settings(FUZZED, max_examples=300)
@given(made=frequencies(most_times=60))
def test_any_of_many_registers_gives_an_estimate_or_a_refusal(label, made):
    counts = RepeatCounts.from_frequencies(made)
    require_sense(answer(label, counts), counts)


@pytest.mark.slow
@EVERY_BY_FORMULA
@settings(FUZZED, max_examples=60)
@given(counts=registers(), formula=st.sampled_from(["sex", "nation", "sex + nation", "sex * nation"]))
def test_any_of_many_registers_with_covariates_gives_an_estimate_or_a_refusal(label, counts, formula):
    require_sense(answer(label, counts, formula=formula), counts)


def population(seed=4, heterogeneity=0.4):
    """A register in which no family has its likelihood at an edge: two groups, rates that differ within them."""
    return register({("f", "A"): 3000, ("m", "A"): 5000, ("f", "B"): 2000},
                    {("f", "A"): 1.1, ("m", "A"): 1.6, ("f", "B"): 0.8}, covariate=("sex", "nation"),
                    heterogeneity=heterogeneity, rng=seed)


def of_table(table, covariates):
    return RepeatCounts.from_table(table, covariates=covariates, simulated=True)


@EVERY
def test_the_same_seed_gives_the_same_answer(label):
    counts = population()
    options = {"interval": "bootstrap", "replicates": 30} if {"replicates", "rng"} <= set(
        METHODS[ASKED[label][0]].options) else {}
    one, two = answer(label, counts, **options), answer(label, counts, **options)
    assert type(one) is type(two)
    if isinstance(one, Estimate):
        assert (one.value, one.lower, one.upper) == (two.value, two.lower, two.upper)


@EVERY
def test_doubling_every_count_about_doubles_the_number(label):
    counts = population()
    once = answer(label, counts)
    twice = answer(label, RepeatCounts(counts.covariates, counts.patterns, counts.times, 2 * counts.persons))
    assert type(once) is type(twice), (once, twice)
    if isinstance(once, Estimate):
        # Small terms: a whole person less, an order that a test chooses.
        assert twice.value == pytest.approx(2 * once.value, rel=LOOSELY.get(label, 0.02))


@EVERY
def test_patterns_that_no_formula_tells_apart_are_one(label):
    counts = population()
    same(answer(label, counts), answer(label, RepeatCounts.from_frequencies(counts.frequencies())))


@EVERY_BY_FORMULA
def test_a_covariate_outside_the_formula_changes_nothing(label):
    counts = population()
    same(answer(label, counts, formula="sex"), answer(label, counts.keeping(["sex"]), formula="sex"))


@EVERY_BY_FORMULA
def test_other_names_of_levels_change_nothing(label):
    """Also the level with which the others are compared is another one then."""
    counts = population()
    table = counts.table().replace({"sex": {"f": "z", "m": "b"}, "nation": {"A": "S", "B": "C"}})
    same(answer(label, counts, formula="sex + nation"),
         answer(label, of_table(table, ["sex", "nation"]), formula="sex + nation"))


@EVERY_BY_FORMULA
def test_other_names_of_covariates_and_their_order_change_nothing(label):
    counts = population()
    table = counts.table().rename(columns={"sex": "gender", "nation": "birthplace"})
    same(answer(label, counts, formula="sex + nation"),
         answer(label, of_table(table, ["birthplace", "gender"]), formula="birthplace + gender"))


@EVERY_BY_FORMULA
def test_the_order_of_rows_changes_nothing(label):
    counts = population()
    shuffled = of_table(counts.table().sample(frac=1, random_state=3), ["sex", "nation"])
    assert shuffled.fingerprint == counts.fingerprint
    same(answer(label, counts, formula="sex"), answer(label, shuffled, formula="sex"), rel=1e-13)


@EVERY_BY_FORMULA
def test_frequency_weights_equal_repeated_rows(label):
    counts = population()
    table = counts.table()
    people = table.loc[table.index.repeat(table["n_persons"])].reset_index(drop=True)
    records = RepeatCounts.from_records(people, count="times_caught", covariates=["sex", "nation"], simulated=True)
    assert records == counts
    same(answer(label, counts, formula="sex"), answer(label, records, formula="sex"), rel=1e-13)


@EVERY_BY_FORMULA
def test_an_empty_pattern_changes_nothing(label):
    """A kind of people of whom nobody was seen."""
    counts = population().keeping(["sex"])
    more = RepeatCounts(counts.covariates, (*counts.patterns, ("x",)), counts.times,
                        np.vstack([counts.persons, np.zeros_like(counts.persons[:1])]), counts.simulated)
    same(answer(label, counts, formula="sex"), answer(label, more, formula="sex"))


@EVERY
def test_the_table_of_methods_names_its_options(label):
    import inspect

    row = METHODS[ASKED[label][0]]
    assert set(row.options) <= set(inspect.signature(row.function).parameters)
