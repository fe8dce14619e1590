"""Model notation and enumeration: held to Rcapture's notation and to the known numbers of models."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smuggling_analysis.methods.multiple_systems.log_linear.hierarchy import hierarchical_models
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model, term_table

LISTS = ["police", "ngo", "court", "health"]


@pytest.mark.parametrize(("n_lists", "max_order", "number"), [
    # Antichain covers of a labelled set (OEIS A006126: 2, 9, 114, 6894), less the saturated one.
    (2, None, 1), (3, None, 8), (4, None, 113), (5, None, 6893),
    # Every set of pairs: 2 to the power of 3, 6, 10, 15.
    (3, 2, 8), (4, 2, 64), (5, 2, 1024), (6, None, 32768), (7, 1, 1)])
def test_number_of_hierarchical_models(n_lists, max_order, number):
    models = hierarchical_models(n_lists, max_order)
    assert len(models) == len({model.notation for model in models}) == number


def test_every_model_is_closed_and_holds_every_list():
    for model in hierarchical_models(4):
        terms = set(model.terms)
        assert {0, 1, 2, 4, 8} <= terms
        assert all(term & ~(1 << place) in terms for term in terms for place in range(4))


@pytest.mark.parametrize("name", ["Kosovo__closedpMS_t.csv", "UKdat_5__closedpMS_t_maxorder2.csv"])
def test_notation_is_rcaptures(name, figures):
    notations = figures("Rcapture", name)["model"]
    n_lists, order = (4, None) if "Kosovo" in name else (5, 2)
    lists = [str(place) for place in range(n_lists)]
    assert [Model.parse(notation, lists).notation for notation in notations] == list(notations)
    models = {model.notation for model in hierarchical_models(n_lists, order)}
    assert set(notations) <= models


@settings(deadline=None, derandomize=True)
@given(st.integers(2, 12).flatmap(
    lambda n: st.tuples(st.just(n), st.sets(st.integers(1, 2**n - 1), max_size=6))))
def test_notation_reads_back(drawn):
    n_lists, generators = drawn
    model = Model(n_lists, tuple(generators))
    assert Model.parse(model.notation, [f"list {place}" for place in range(n_lists)]) == model


@pytest.mark.parametrize(("given", "notation"), [
    ("[12,3,4]", "[12,3,4]"), ("[21]", "[12,3,4]"), ("[ 123 , 14 ]", "[123,14]"), ("[1.2,3]", "[12,3,4]"),
    ([("police", "ngo"), "court"], "[12,3,4]"), ([], "[1,2,3,4]"), ([("court", "police", "ngo")], "[123,4]")])
def test_ways_to_name_a_model(given, notation):
    assert Model.parse(given, LISTS).notation == notation


def test_more_than_nine_lists_are_separated_by_dots():
    lists = [f"list {place}" for place in range(1, 13)]
    model = Model.parse("[1.12,3]", lists)
    assert model.named(lists).startswith("list 1 x list 12")
    assert model.notation == "[1.12,2,3,4,5,6,7,8,9,10,11]"
    assert Model.parse("[12,3]", lists).order == 1


@pytest.mark.parametrize(("given", "said"), [
    ("[15,2]", "numbered 1 to 4: police, ngo"), ("12,3", "cannot read the model"), ("[0]", "numbered 1 to 4"),
    ("[a,b]", "cannot read the model"), ([("police", "army")], "names 'army'"), ([()], "an empty group"),
    ("[1..2]", "(none)"),
    (Model(3, ()), "a model on 3 lists, there are 4")])
def test_what_cannot_be_read_is_refused_with_the_lists(given, said):
    with pytest.raises(ValueError, match=said.replace("(", r"\(").replace(")", r"\)")):
        Model.parse(given, LISTS)


@pytest.mark.parametrize(("n_lists", "max_order", "said"), [
    (7, None, "search_models or selection='stepwise', merge lists down to 6"),
    (6, 3, "merge lists down to 5, or set max_order=2"),
    (13, None, "merge lists down to 12"), (10, 9, "too many terms .* max_order=4"),
    (4, 0, "1 or more, got 0")])
def test_too_many_models_are_refused_with_the_remedy(n_lists, max_order, said):
    with pytest.raises(ValueError, match=said):
        hierarchical_models(n_lists, max_order)


def test_models_are_made_when_asked_for():
    models = hierarchical_models(4)
    assert (models[0].notation, models[-1].notation) == ("[1,2,3,4]", "[123,124,134,234]")
    assert models[:2] == (models[0], models[1])
    assert models[5] is models[5]
    with pytest.raises(IndexError, match="113 models, and none in place 113"):
        models[113]
    # As a table and one by one they hold the same terms.
    assert np.array_equal(term_table(models), term_table(tuple(models)))


@pytest.mark.parametrize("max_order", [0, 1.5, "2"])
def test_an_order_is_a_whole_number(max_order):
    with pytest.raises(ValueError, match="1 or more, got"):
        hierarchical_models(4, max_order)


@pytest.mark.parametrize("model", [b"[12]", [None], [b""], 12, [["a"], 3]])
def test_what_is_no_model_is_refused_in_words(model):
    with pytest.raises(ValueError, match=r"a model is notation|a group of lists|an empty group"):
        Model.parse(model, ["a", "b", "c"])
