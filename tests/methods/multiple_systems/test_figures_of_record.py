"""The figures by which the several-lists methods are known: each with its source.

UKdat, Ned and their merged versions as published by Silverman (2014), Bales, Hesketh and Silverman (2015), van Dijk
et al. (2017) and Silverman (2020); Kosovo by Ball et al. (2002). Populations by SparseMSE 2.0.1 (independent lists,
forward steps) and MultipleSystemsEstimation 1.2.0 (BIC over all models), to their ten digits.
"""

import pytest

from smuggling_analysis.methods.multiple_systems import loglinear, loglinear_models, search_models

# R's glm, which the references use, leaves up to 4e-10 of itself in N (52,823.46393 is 52,823.46395 at the maximum).
DIGITS = 1e-9


@pytest.mark.parametrize(("table", "options", "model", "value"), [
    ("UKdat", {"selection": None}, "[1,2,3,4,5,6]", 12213.99512),
    ("UKdat", {"selection": "stepwise"}, "[12,13,24,25,35,36,45]", 11417.99109),
    ("UKdat", {"selection": "bic", "max_order": 2}, "[12,13,25,35,36,45]", 12349.58695),
    ("Ned", {"selection": None}, "[1,2,3,4,5,6]", 52823.46393),
    ("Ned", {"selection": "stepwise"}, None, 111139.37123),
    ("Kosovo", {"selection": "bic"}, "[123,14,34]", 10356.51896),
    ("UKdat_5", {"selection": "bic", "max_order": 3}, "[123,25,34]", 25311.29061),
    ("UKdat_5", {"selection": "bic", "max_order": 2}, "[12,13,23,25,34]", 22991.33131),
])
def test_populations_of_record(table, options, model, value, capture_table):
    estimate = loglinear(capture_table(table), interval="wald", **options)
    assert estimate.value == pytest.approx(value, rel=DIGITS)
    assert model in (None, estimate.diagnostics["model"])


def test_the_model_table_of_united_kingdom_shows_both_answers_and_how_far_they_lie_apart(capture_table):
    table = loglinear_models(capture_table("UKdat_5"))
    frame = table.frame.set_index("model")
    assert frame.index[0] == "[123,25,34]"
    assert frame.loc["[123,25,34]", "value"] == pytest.approx(25311.29061, rel=DIGITS)
    assert frame.loc["[12,13,23,25,34]", "value"] == pytest.approx(22991.33131, rel=DIGITS)
    lowest, highest, near = table.spread
    assert (round(lowest), round(highest), near) == (10546, 34083, 41)
    assert "the choice of model decides much: 41 models" in " ".join(table.cautions)


def test_every_two_list_model_of_six_lists_is_visited(capture_table):
    table = loglinear_models(capture_table("UKdat"), max_order=2)
    assert len(table) == 32_768
    assert table.frame["model"][0] == "[12,13,25,35,36,45]"
    assert table.search is None


@pytest.mark.parametrize(("name", "two_lists", "any_order"), [
    ("UKdat", "[12,13,25,35,36,45]", "[12,13,25,35,36,45]"), ("Ned", "[12,16,25,34,36,45,46]", "[346,16,25,45]")])
def test_six_lists_of_any_order(name, two_lists, any_order, capture_table):
    """What no other package reaches: certain among 7,785,061 models (OEIS A006126, less the saturated one)."""
    pairs = loglinear_models(capture_table(name)).frame.set_index("model")
    table = search_models(capture_table(name))
    assert table.search.certified
    assert table.max_order == 5
    assert (pairs.index[0], table.frame["model"][0]) == (two_lists, any_order)
    # Whatever the two-list models say within reach, the wider search says too.
    near = pairs[pairs["bic"] < table.frame["bic"][0] + table.search.reach - 1e-6]
    assert set(near.index) <= set(table.frame["model"])
