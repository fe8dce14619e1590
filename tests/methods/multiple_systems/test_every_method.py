"""Every method of several lists: held to what any estimate must be, whatever the table.

A row added to METHODS for lists is tested here without a word more, unless it needs an option.
"""

import dataclasses
import math
from collections.abc import Mapping
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smuggling_analysis import CaptureHistories, Estimate, NoEstimate
from smuggling_analysis.estimate import OWN_CAUTIONS
from smuggling_analysis.evidence.censored_histories import CensoredHistories
from smuggling_analysis.evidence.listed_people import ListedPeople
from smuggling_analysis.methods import METHODS
from smuggling_analysis.simulate import independent_lists

# A million people one by one would be slow, and tell no more than a thousand.
MOST_PEOPLE = 1000


def one_by_one(histories):
    table = histories.table()
    people = table.loc[table.index.repeat(table.pop("count").clip(upper=MOST_PEOPLE))].reset_index(drop=True)
    people["age"] = people.groupby(list(histories.lists)).cumcount() % 7  # whatever the order of lists
    return ListedPeople.from_records(people[[*histories.lists, "age"]], lists=histories.lists,
                                     covariates=["age"], simulated=histories.simulated)


# The kinds of evidence about lists, each made of a table of histories.
EVIDENCE = {"CaptureHistories": lambda histories: histories, "CensoredHistories": CensoredHistories.suppress,
            "ListedPeople": one_by_one}
SEVERAL_LISTS = [name for name, row in METHODS.items() if row.evidence in EVIDENCE]
# Long enough that only a hang exceeds it, on a machine that others use too.
PATIENCE = timedelta(seconds=60)

# Methods that read the time from the lists' names, which here are "list 0", "list 1" ...
NAMES = {"open_population": lambda place: f"{2010 + place}",
         "robust_design": lambda place: f"{('police', 'ngo')[place % 2]} {2010 + place // 2}"}
# How a method is asked for an interval in which chance plays a part.
BY_CHANCE = {name: {"interval": "bootstrap", "replicates": 60} for name in SEVERAL_LISTS
             if {"interval", "replicates"} <= set(METHODS[name].options)}
# Chains long enough to agree on the tables of these tests.
FEW_DRAWS = {"latent_class": {"draws": 1200, "burn_in": 600}}
# With suppressed cells every model is visited or none: a search would need their likelihood's bounds. Chains over
# the models of many lists are kept short.
MANY_LISTS = {"loglinear_suppressed": {"selection": "stepwise"}, "bayesian_loglinear": {"draws": 200, "burn_in": 100}}


def evidence(name, histories):
    if name in NAMES:
        lists = tuple(NAMES[name](int(old.split()[1])) for old in histories.lists)
        histories = dataclasses.replace(histories, lists=lists)
    return EVIDENCE[METHODS[name].evidence](histories)


def lacks(name, histories):
    return METHODS[name].lacks(evidence(name, histories))


def asked(name, histories):
    """What a method is asked where its defaults would take long, or need saying more."""
    row, options = METHODS[name], {}
    if "rng" in row.options:
        options["rng"] = 1
    if "replicates" in row.options:
        options["replicates"] = 50
    options |= FEW_DRAWS.get(name, {})
    if histories.n_lists > 5:
        options |= MANY_LISTS.get(name, {})
    return options


def answer(name, histories, **options):
    """The method's answer; what is neither an answer nor a refusal in words is an error of the test."""
    try:
        return METHODS[name](evidence(name, histories), **{**asked(name, histories), **options})
    except NoEstimate as refusal:
        return refusal


def estimates_in(found):
    """Every estimate within an answer, however deep."""
    if isinstance(found, Estimate):
        yield found
    elif isinstance(found, Mapping):
        yield from (each for part in found.values() for each in estimates_in(part))
    elif isinstance(found, (tuple, list)):
        yield from (each for part in found for each in estimates_in(part))
    elif dataclasses.is_dataclass(found):
        parts = [getattr(found, field.name) for field in dataclasses.fields(found)]
        yield from (each for part in parts for each in estimates_in(part))


def the_estimate(found):
    """The estimate of the whole population within an answer."""
    return next(iter(estimates_in(found)))


def numbers(found):
    return [(each.value, each.lower, each.upper) for each in estimates_in(found)]


def require_sense(found, histories):
    if isinstance(found, NoEstimate):
        assert found.reason
        assert found.needed
        return
    assert list(estimates_in(found))
    for each in estimates_in(found):
        assert math.isfinite(each.value)
        assert each.unbounded or (math.isfinite(each.lower) and math.isfinite(each.upper))
        if each.observed is not None:
            assert each.value >= each.observed * (1 - 1e-12)
            assert each.lower >= each.observed or OWN_CAUTIONS[1] in each.cautions
    whole = the_estimate(found)
    assert whole.unit == "persons"
    assert whole.fingerprint
    assert whole.simulated == histories.simulated


@st.composite
def tables(draw, most_lists):
    """Tables as they come: sparse, a list empty, twice or inside another, a billion people, strata."""
    n_lists = draw(st.integers(2, most_lists))
    count = st.one_of(st.just(0), st.integers(0, 5), st.integers(0, 2000), st.integers(0, 10**9))
    cells = draw(st.dictionaries(st.integers(1, 2**n_lists - 1), count, min_size=1, max_size=24))
    one, other = draw(st.permutations(range(n_lists)))[:2]
    kind = draw(st.sampled_from(["plain", "plain", "empty", "twice", "inside"]))
    held = {}
    for cell, people in cells.items():
        on_one = cell >> one & 1
        moved = {"plain": cell, "empty": cell & ~(1 << one),
                 "twice": cell & ~(1 << other) | on_one << other, "inside": cell | on_one << other}[kind]
        if moved:
            held[moved] = held.get(moved, 0) + people
    if not any(held.values()):
        held = {1: 1}
    on = np.array(list(held))[:, None] >> np.arange(n_lists) & 1
    histories = CaptureHistories(tuple(f"list {place}" for place in range(n_lists)), on.astype(bool),
                                 np.array(list(held.values()))[None, :])
    return in_two(histories, draw(st.floats(0, 1))) if draw(st.booleans()) else histories


def in_two(histories, share):
    """The same people in two strata, a share of each history in the first."""
    first = (histories.totals * share).round().astype(np.int64)
    return CaptureHistories(histories.lists, histories.patterns, np.array([first, histories.totals - first]),
                            ("sex",), (("female",), ("male",)), simulated=histories.simulated)


def fuzz(name, histories):
    if lacks(name, histories):
        with pytest.raises((NoEstimate, ValueError), match=r"\w+ \w+"):
            METHODS[name](evidence(name, histories), **asked(name, histories))
    else:
        require_sense(answer(name, histories), histories)


@pytest.mark.parametrize("name", SEVERAL_LISTS)
@settings(deadline=PATIENCE, derandomize=True, max_examples=30, suppress_health_check=list(HealthCheck))
@given(histories=tables(most_lists=5))
def test_any_table_gives_an_estimate_or_a_refusal(name, histories):
    fuzz(name, histories)


@pytest.mark.slow
@pytest.mark.parametrize("name", SEVERAL_LISTS)
@settings(deadline=PATIENCE, derandomize=True, max_examples=60, suppress_health_check=list(HealthCheck))
@given(histories=tables(most_lists=10))
def test_any_table_of_up_to_ten_lists_gives_an_estimate_or_a_refusal(name, histories):
    fuzz(name, histories)


@pytest.mark.slow
@pytest.mark.parametrize("name", SEVERAL_LISTS)
@settings(deadline=PATIENCE, derandomize=True, max_examples=60, suppress_health_check=list(HealthCheck))
@given(histories=tables(most_lists=4), order=st.randoms(use_true_random=False))
def test_the_order_of_lists_changes_nothing_on_any_table(name, histories, order):
    if lacks(name, histories):
        return
    lists = list(histories.lists)
    order.shuffle(lists)
    found, again = answer(name, histories), answer(name, histories.select(lists))
    assert type(found) is type(again)
    if not isinstance(found, NoEstimate):
        # Six figures of a limit are what is left of a flat likelihood beside a thousand million people.
        same(found, again, rel=1e-5)


CHANCES = {"list 0": 0.3, "list 1": 0.25, "list 2": 0.2, "list 3": 0.15}


def population(name, size=3000, seed=5):
    """Lists of a population of known size that take no notice of one another, as many as the method takes."""
    for n_lists in (4, 3, 2):
        histories = independent_lists(size, dict(list(CHANCES.items())[:n_lists]), rng=seed)
        for shaped in (histories, in_two(histories, 0.4)):
            if not lacks(name, shaped):
                return shaped
    raise AssertionError(f"{name} takes another shape of table: {lacks(name, shaped)}")


def same(found, other, rel):
    one, two = numbers(found), numbers(other)
    assert len(one) == len(two)
    for these, those in zip(one, two, strict=True):
        assert these == pytest.approx(those, rel=rel)


@pytest.mark.parametrize("name", SEVERAL_LISTS)
def test_the_order_of_rows_changes_nothing(name):
    histories = population(name)
    rows = histories.table().sample(frac=1, random_state=3)
    shuffled = CaptureHistories.from_table(rows, lists=histories.lists, strata=histories.stratified_by,
                                           simulated=True)
    assert shuffled.fingerprint == histories.fingerprint
    same(answer(name, histories), answer(name, shuffled), rel=1e-12)


@pytest.mark.parametrize("name", SEVERAL_LISTS)
@pytest.mark.parametrize("seed", [5, 6])
def test_the_order_of_lists_changes_nothing(name, seed):
    histories = population(name, seed=seed)
    order = np.random.default_rng(seed).permutation(histories.n_lists)
    relabelled = histories.select([histories.lists[place] for place in order])
    same(answer(name, histories), answer(name, relabelled), rel=1e-9)


@pytest.mark.parametrize("name", [name for name in SEVERAL_LISTS if "rng" in METHODS[name].options])
def test_the_same_seed_gives_the_same_answer_on_one_worker_and_on_two(name):
    histories, options = population(name), BY_CHANCE.get(name, {})
    once = answer(name, histories, **options)
    assert isinstance(once, Estimate) or list(estimates_in(once))
    assert numbers(once) == numbers(answer(name, histories, **options))
    if "n_jobs" in METHODS[name].options:
        assert numbers(once) == numbers(answer(name, histories, n_jobs=2, **options))


@pytest.mark.parametrize("name", SEVERAL_LISTS)
def test_doubling_every_count_roughly_doubles_the_estimate(name):
    histories = population(name)
    once = the_estimate(answer(name, histories))
    twice = the_estimate(answer(name, histories.with_counts(2 * histories.counts)))
    assert 2 * once.lower < twice.value < 2 * once.upper
    assert twice.value == pytest.approx(2 * once.value, rel=0.1)


@pytest.mark.parametrize("name", SEVERAL_LISTS)
def test_the_strata_of_a_homogeneous_population_add_up_to_it(name):
    whole = population(name)
    women = np.random.default_rng(8).binomial(whole.totals, 0.4)
    strata = CaptureHistories(whole.lists, whole.patterns, np.array([women, whole.totals - women]), ("sex",),
                              (("female",), ("male",)), simulated=True)
    merged = the_estimate(answer(name, whole))
    together = the_estimate(answer(name, strata))
    assert merged.lower < together.value < merged.upper
    parts = [part for _, part in strata.by_stratum()]
    if not any(lacks(name, part) for part in parts):
        assert merged.lower < sum(the_estimate(answer(name, part)).value for part in parts) < merged.upper


@pytest.mark.parametrize("name", SEVERAL_LISTS)
def test_the_estimate_names_its_evidence_and_its_method(name):
    histories = population(name)
    found = the_estimate(answer(name, histories))
    assert found.fingerprint == evidence(name, histories).fingerprint
    assert found.observed == histories.n_observed
    assert found.method
    assert found.interval
