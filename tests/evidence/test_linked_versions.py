"""Several linked versions of the same lists: one evidence, whatever the order in which they came."""

import pickle

import pandas as pd
import pytest

import smuggling_analysis as sa
from smuggling_analysis import CaptureHistories, LinkedVersions
from smuggling_analysis.evidence.listed_people import ListedPeople
from smuggling_analysis.methods import METHODS


def shared_by(both, lists=("a", "b"), **told):
    return CaptureHistories.from_counts({lists[0]: 60 - both, lists[1]: 40 - both, lists: both}, lists=lists, **told)


def test_order_and_repeats_are_forgotten():
    one, other, third = shared_by(9), shared_by(12), shared_by(15)
    given = LinkedVersions.of([one, other, third, one])
    again = LinkedVersions.of([other, one, one, third])
    assert given == again
    assert hash(given) == hash(again)
    assert given.fingerprint == again.fingerprint
    assert given.versions == again.versions
    assert dict(zip(given.versions, given.weights, strict=True)) == {one: 0.5, other: 0.25, third: 0.25}
    assert given.number == 4


def test_weights_are_shares_and_say_how_many_versions_they_are_worth():
    given = LinkedVersions.of([shared_by(9), shared_by(12)], weights=[3, 1])
    assert dict(zip((version.overlaps().loc["a", "b"] for version in given.versions), given.weights,
                    strict=True)) == {9: 0.75, 12: 0.25}
    assert given.number == pytest.approx(1 / (0.75**2 + 0.25**2))
    assert given != LinkedVersions.of([shared_by(9), shared_by(12)])


def test_one_simulated_version_makes_them_simulated():
    assert LinkedVersions.of([shared_by(9), shared_by(12, simulated=True)]).simulated
    assert not LinkedVersions.of([shared_by(9), shared_by(12)]).simulated


@pytest.mark.parametrize(("versions", "weights", "told"), [
    ([], None, "each version needs its weight"),
    ([shared_by(9)], [1, 2], "got 1 versions and 2 weights"),
    ([shared_by(9)], [0], "above 0"),
    ([shared_by(9), shared_by(9, lists=("a", "c"))], None, "same lists in the same order"),
    ([shared_by(9), shared_by(9, lists=("b", "a"))], None, "same lists in the same order"),
])
def test_what_is_no_set_of_versions_is_refused_in_words(versions, weights, told):
    with pytest.raises(ValueError, match=told):
        LinkedVersions.of(versions, weights=weights)


def test_versions_are_evidence_of_one_kind_with_the_same_strata():
    people = ListedPeople.from_records(pd.DataFrame({"a": [1, 1], "b": [0, 1]}), lists=["a", "b"])
    with pytest.raises(ValueError, match="one kind, got CaptureHistories and ListedPeople"):
        LinkedVersions.of([shared_by(9), people])
    table = pd.DataFrame({"a": [1, 1], "b": [0, 1], "sex": ["f", "m"], "count": [5, 6]})
    with pytest.raises(ValueError, match="made by the same variables, got none and sex"):
        LinkedVersions.of([shared_by(9), CaptureHistories.from_table(table, strata=["sex"])])


def test_versions_made_by_hand_must_be_in_order():
    one, other = LinkedVersions.of([shared_by(9), shared_by(12)]).versions
    with pytest.raises(ValueError, match="make them with `of`"):
        LinkedVersions((other, one), (0.5, 0.5), 2.0)
    with pytest.raises(ValueError, match="add up to 1"):
        LinkedVersions((one, other), (0.5, 0.6), 2.0)


def test_versions_are_public_and_can_be_pickled():
    given = sa.LinkedVersions.of([shared_by(9), shared_by(12)])
    assert pickle.loads(pickle.dumps(given)) == given
    assert repr(given) == "LinkedVersions(2 versions of 2 lists: a, b)"


def test_a_method_lacks_what_every_version_lacks():
    three = CaptureHistories.from_counts({"a": 5, ("a", "b"): 2, "c": 3}, lists=["a", "b", "c"])
    assert "exactly two lists" in METHODS["chapman"].lacks(LinkedVersions.of([three]))
    assert METHODS["chapman"].lacks(LinkedVersions.of([shared_by(9), shared_by(12)])) == ""
    assert "needs" in METHODS["lincoln_petersen"].lacks(LinkedVersions.of([shared_by(0)]))
    assert METHODS["lincoln_petersen"].lacks(LinkedVersions.of([shared_by(0), shared_by(9)])) == ""
