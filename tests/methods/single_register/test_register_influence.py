"""Leaving people out: held to fits made anew, one by one."""

import math

import numpy as np
import pandas as pd
import pytest
from register_figures import FULL, register

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.single_register import (
    fit_register,
    leave_one_cell_out,
    leave_one_level_out,
    leave_one_out,
)
from smuggling_analysis.methods.single_register.influence import HANDFUL
from smuggling_analysis.methods.single_register.population import population_of

COVARIATES = ["gender", "age", "nation"]


def dutch():
    return register("netherlands_1995").keeping(COVARIATES)


def size_without(table, chosen, people, **options):
    """The population of the register with so many people fewer in one cell, or why there is none."""
    less = table.copy()
    less.loc[chosen, "n_persons"] -= people
    try:
        return population_of(fit_register(RepeatCounts.from_table(less, covariates=COVARIATES), **options)).size
    except NoEstimate:
        return math.nan


@pytest.mark.parametrize("options", [
    {"formula": FULL}, {"family": "geometric", "formula": "gender + nation"},
    {"family": "one-inflated geometric", "formula": "nation", "inflation": "gender"},
    {"family": "chao", "formula": "gender"}, {"family": "zero-one-truncated poisson", "formula": "gender"},
], ids=lambda options: options.get("family", "poisson"))
@pytest.mark.parametrize("leave", [leave_one_out, leave_one_cell_out])
def test_every_row_is_a_fit_made_anew(options, leave):
    counts = dutch()
    found = leave(fit_register(counts, **options))
    table = counts.table()
    who = [name for name in found.frame if name in (*COVARIATES, "times_caught")]
    rows = found.frame.iloc[:: max(1, len(found.frame) // 6)]
    for row in rows.to_dict("records"):
        chosen = np.logical_and.reduce([table[name] == row[name] for name in who])
        # Where the formula merges patterns, leave them out of any one of these.
        place = table.index[chosen & (table["n_persons"] >= row["n_persons"])][0]
        anew = size_without(table, place, row["n_persons"], **options)
        assert row["value"] == pytest.approx(anew, rel=1e-8, nan_ok=True), row
        assert math.isnan(row["value"]) == bool(row["refusal"])
        assert row["move"] == pytest.approx(found.size - anew, rel=1e-5, abs=1e-6, nan_ok=True)


def test_the_one_man_from_surinam_seen_twice_cannot_be_left_out():
    found = leave_one_out(fit_register(dutch(), formula=FULL))
    assert len(found.refused) == 1
    row = found.refused.iloc[0]
    assert (row["nation"], row["age"], row["times_caught"]) == ("Surinam", ">40yrs", 2)
    assert row["refusal"] == "the likelihood has no finite maximum"
    assert found.factor == found.frame["factor"].max() == pytest.approx(1.0602557728, rel=1e-6)
    assert found.most_moving["nation"] == "Turkey"


def test_handfuls_are_no_larger_than_asked():
    fit = fit_register(dutch(), formula=FULL)
    for handful in (1, HANDFUL):
        found = leave_one_cell_out(fit, handful=handful).frame
        assert found["n_persons"].max() <= handful
        people = fit.likelihood.persons[0]
        assert len(found) == ((people > 0) & (people <= handful)).sum()


def test_a_register_without_small_cells_has_nothing_to_leave_out():
    found = leave_one_cell_out(fit_register(RepeatCounts.from_frequencies({1: 100, 2: 40, 3: 12})))
    assert found.frame.empty
    assert (found.factor, found.most_moving, len(found.refused)) == (1.0, {}, 0)


def test_levels_left_out_are_fits_to_the_others():
    counts = dutch()
    fit = fit_register(counts, formula="gender + nation", family="geometric")
    found = leave_one_level_out(fit)
    assert set(found.frame["covariate"]) == {"gender", "nation"}
    for row in found.frame.to_dict("records"):
        table = counts.table()
        others = RepeatCounts.from_table(table[table[row["covariate"]] != row["level"]], covariates=COVARIATES)
        if row["refusal"]:
            with pytest.raises(NoEstimate, match="nation = Surinam"):
                fit_register(others, formula="gender + nation", family="geometric")
            continue
        anew = population_of(fit_register(others, formula="gender + nation", family="geometric")).size
        assert row["value"] == pytest.approx(anew, rel=1e-9)
    assert list(found.refused["level"]) == ["male"]
    # With its own rate for every level, a level says nothing of the others.
    alone = leave_one_level_out(fit_register(counts, formula="nation"))
    assert alone.factor == pytest.approx(1, abs=1e-9)


def test_levels_of_covariates_outside_the_formula_and_unknown_ones():
    fit = fit_register(dutch())
    assert list(leave_one_level_out(fit, "gender").frame["level"]) == ["female", "male"]
    assert leave_one_level_out(fit).frame.empty
    with pytest.raises(ValueError, match="the covariates of this register are gender, age, nation, got sex"):
        leave_one_level_out(fit, "sex")


def test_the_order_of_people_and_the_names_of_levels_change_nothing():
    table = dutch().table()
    named = {"male": "a", "female": "b"}
    renamed = RepeatCounts.from_table(table.assign(gender=table["gender"].map(named)).sample(frac=1, random_state=1),
                                      covariates=COVARIATES)
    one = leave_one_out(fit_register(dutch(), formula="gender + age"))
    other = leave_one_out(fit_register(renamed, formula="gender + age"))
    who = ["gender", "age", "times_caught"]
    both = one.frame.assign(gender=one.frame["gender"].map(named)).merge(other.frame, on=who)
    assert len(both) == len(one.frame)
    assert both["value_x"].to_numpy() == pytest.approx(both["value_y"].to_numpy(), rel=1e-9)


def test_times_at_risk_tell_cells_apart():
    table = pd.DataFrame({"months": [1.0, 1.0, 6.0, 6.0], "times_caught": [1, 2, 1, 2], "n_persons": [90, 4, 60, 12]})
    fit = fit_register(RepeatCounts.from_table(table, covariates=["months"]), exposure="months")
    assert list(leave_one_out(fit).frame["months"]) == [1.0, 1.0, 6.0, 6.0]
