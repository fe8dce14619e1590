"""What has no answer is refused with the reason; what a reader must know stands beside the number."""

import numpy as np
import pandas as pd
import pytest

from smuggling_analysis import NoEstimate, ReferenceCounts
from smuggling_analysis.methods import METHODS
from smuggling_analysis.methods.reference_population import fit, hidden_population, hidden_population_by
from smuggling_analysis.methods.reference_population.cautions import cautions_on
from smuggling_analysis.methods.reference_population.fits import fit_of
from smuggling_analysis.simulate import reference_counts

COUNTS = reference_counts(countries=60, periods=2, rng=2)
TABLE = COUNTS.table()


def changed(**columns):
    return ReferenceCounts.from_table(TABLE.assign(**columns), covariates=["period"], simulated=True)


def refused(counts, **options):
    with pytest.raises(NoEstimate) as refusal:
        hidden_population(counts, **options)
    return str(refusal.value)


def cautions(counts, **options):
    return " | ".join(hidden_population(counts, **options).cautions)


def test_a_second_source_that_is_everywhere_alike_is_refused():
    flat = changed(auxiliary=TABLE["reference"] * 3)
    assert "the same rate n / N in every row" in refused(flat)
    assert METHODS["hidden_population"].lacks(flat) == "the second source has the same rate in every row"
    assert METHODS["hidden_population"].lacks(changed(auxiliary=0)) == "nobody is in the second source"
    assert "the same rate" in refused(changed(auxiliary=0))


@pytest.mark.parametrize("gamma", [None, 0, 0.0])
def test_without_gamma_rows_without_a_second_source_are_refused(gamma):
    empty = int((COUNTS.auxiliary == 0).sum())
    assert empty and f"{empty} rows have nobody in the second source" in refused(COUNTS, gamma=gamma)
    kept = COUNTS.keeping_rows(COUNTS.auxiliary > 0)
    assert hidden_population(kept, gamma=gamma).value > 0


def test_a_level_in_which_nobody_was_apprehended_is_named():
    none = changed(observed=np.where(TABLE["period"] == "period 2", 0, TABLE["observed"]))
    said = refused(none, alpha="period")
    assert "rises for ever with alpha: period[T.period 2]" in said
    assert "nobody with period = period 2 was apprehended" in said
    assert "nobody with period = period 2" in refused(none, alpha="period", method="negative-binomial")


def test_more_coefficients_than_rows_are_refused():
    few = COUNTS.select(country=["country 000", "country 059"])
    assert "coefficients are asked of 4 rows" in refused(few, alpha="period", beta="period")
    one = COUNTS.select(country="country 059")
    assert "coefficients are asked of 2 rows" in refused(one)


def test_one_country_cannot_be_clustered():
    table = pd.DataFrame({"country": "c", "year": [f"{year}" for year in range(12)], "observed": range(1, 13),
                          "auxiliary": [5, 3, 8, 1, 9, 4, 7, 2, 6, 12, 11, 10], "reference": range(100, 220, 10)})
    counts = ReferenceCounts.from_table(table, covariates=["year"])
    with pytest.raises(NoEstimate, match="all rows are of one country"):
        fit(counts, gamma=0.01)
    with pytest.raises(NoEstimate, match="all rows are of one country"):
        hidden_population(fit(counts, gamma=0.01, covariance="HC1"), interval="bootstrap", replicates=20)


def test_everybody_registered_alone_is_refused():
    assert "one person is registered in every row" in refused(changed(reference=1))


def test_what_lies_below_those_apprehended_is_refused_with_both_numbers():
    rates = reference_counts(alpha=0.5, beta=0.2, gamma=0.4, countries=120, dispersion=0.3, rng=1)
    with pytest.raises(NoEstimate, match=r"people hidden, and [\d,]+ of them were apprehended"):
        hidden_population(rates, method="ols")


def test_the_same_people_in_two_periods_are_said_to_be():
    assert "adds up the populations of 2 values of period" in cautions(COUNTS)
    assert "adds up" not in cautions(COUNTS, where={"period": "period 1"})


def test_gamma_that_is_not_determined_is_said_with_the_range_of_the_number():
    found = hidden_population(reference_counts(countries=25, rate=0.003, gamma=0.0005, rng=1))
    least, most = found.diagnostics["totals_over_gamma"]
    low, high = found.diagnostics["gamma_interval"]
    assert most > 1.25 * least and low < found.diagnostics["gamma"] < high
    assert "gamma is hardly determined: between" in " | ".join(found.cautions)
    given = hidden_population(reference_counts(countries=25, rate=0.003, gamma=0.0005, rng=1), gamma=0.005)
    assert "gamma" not in " | ".join(given.cautions) and "totals_over_gamma" not in given.diagnostics


def test_gamma_on_its_bound_is_said():
    seen = reference_counts(countries=120, gamma=0.0, rng=1)
    fitted = fit(seen)
    assert fitted.gamma == pytest.approx(1e-10) and fitted.held[fitted.data.objective.gamma_place]
    assert "gamma lies on its lower bound" in " | ".join(hidden_population(fitted).cautions)
    assert fitted.coefficient_se["log gamma"] == 0.0


def test_a_dispersion_without_end_is_poisson_and_said_to_be():
    poisson = reference_counts(countries=120, rng=4)
    one, two = (hidden_population(poisson, method=name) for name in ("poisson", "negative-binomial"))
    assert two.diagnostics["theta"] == pytest.approx(1e7)
    assert "the dispersion grows without end" in " | ".join(two.cautions)
    assert two.value == pytest.approx(one.value, rel=1e-4)
    assert two.diagnostics["log_likelihood"] == pytest.approx(one.diagnostics["log_likelihood"], abs=1e-3)


def test_exponents_that_make_no_sense_are_said():
    place = np.arange(60)
    table = pd.DataFrame({"country": [f"c{one:02d}" for one in place], "sex": np.where(place % 2, "m", "f"),
                          "reference": 1000 + 37 * place, "auxiliary": 10 + (place * 7) % 23})
    rate = 0.001 + table["auxiliary"] / table["reference"]
    beta = np.where(place % 2, -0.05, 0.9)
    falling = np.round(table["reference"] ** 0.9 * rate**beta).astype(int)
    counts = ReferenceCounts.from_table(table.assign(observed=falling), covariates=["sex"])
    said = " | ".join(hidden_population(counts, beta="sex", gamma=0.001, where={"sex": "f"}).cautions)
    assert "beta is" not in said and "detection is" not in said
    fitted = fit(counts, beta="sex", gamma=0.001)
    said = " | ".join(cautions_on(fitted, np.ones(60, dtype=bool), (1.0, 2.0)))
    assert "beta is 0 or less in 30 of 60 rows" in said and "detection is above 1 in 30 of 60 rows" in said
    more = np.round(table["reference"] ** 1.1 * rate**0.9).astype(int)
    over = ReferenceCounts.from_table(table.assign(observed=more), covariates=["sex"])
    assert "alpha is 1 or more in 60 of 60 rows" in cautions(over, gamma=0.001)


def test_more_apprehended_than_registered_and_one_country_alone_are_said():
    few = TABLE.copy()
    few.loc[0, ["observed", "reference", "auxiliary"]] = [9, 2, 1]
    said = cautions(ReferenceCounts.from_table(few, covariates=["period"], simulated=True))
    assert "more people were apprehended than are registered in" in said
    small = reference_counts(countries=8, rng=3)
    said = cautions(small, gamma=0.005)
    assert "rests on 8 countries" in said and "country 007 alone is" in said


@pytest.mark.parametrize(("options", "said"), [
    ({"method": "gmm"}, "method is one of poisson, negative-binomial, nls, ols"),
    ({"link": "log"}, "link is one of power, cloglog, logit, probit"),
    ({"gamma": -1}, "gamma is 'estimated', a number from 0 or None"),
    ({"gamma": "guess"}, "gamma is 'estimated'"),
    ({"covariance": "HC9"}, "covariance is one of HC0"),
    ({"interval": "profile"}, "interval is one of delta, bootstrap"),
    ({"confidence_level": 95}, "confidence_level is a share"),
    ({"alpha": "continent"}, "the formula names continent; the covariates of these counts are country, period"),
    ({"alpha": "m ~ period"}, "names what is counted"),
    ({"alpha": "period +"}, "cannot be read"),
    ({"where": {"period": "2030"}}, "no row has period = 2030"),
    ({"interval": "bootstrap", "replicates": 1}, "replicates is 2 or more"),
])
def test_options_that_make_no_sense_are_named(options, said):
    with pytest.raises(ValueError, match=said):
        hidden_population(COUNTS, **options)


def test_a_fit_takes_no_options_of_fitting():
    with pytest.raises(ValueError, match="fitted already: method can only be given with counts"):
        fit_of(fit(COUNTS), method="ols")
    with pytest.raises(ValueError, match="by is a list of covariates"):
        hidden_population_by(COUNTS, "period")
    with pytest.raises(TypeError, match="a formula is text"):
        fit(COUNTS, alpha=["period"])


def test_columns_that_say_the_same_are_left_out_and_said_to_be():
    marked = COUNTS.marking("late", []).marking("first", ["country 000"])
    assert "left out because the data cannot tell them" in cautions(marked, alpha="period + late")
