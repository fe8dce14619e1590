"""Our answer to every figure that singleRcapture made of the published registers.

Readers yield (place, theirs, ours) or (place, theirs, ours, in its way, why): what our formulas say if they are used in
the reference's way, where that differs and is known (at coefficients short of the maximum, after one step), and what it
is.
"""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.single_register import (
    by_stratum,
    fit_register,
    frequency_fit,
    leave_one_out,
    ratio_regression,
    residuals,
)
from smuggling_analysis.methods.single_register.cell_residuals import deviance_of
from smuggling_analysis.methods.single_register.covariance import COVARIANCES
from smuggling_analysis.methods.single_register.intervals import log_normal, normal
from smuggling_analysis.methods.single_register.population import estimate_of, sizes

PUBLISHED = Path(__file__).parents[2] / "published" / "singleRcapture"
FITS = {fit["file"]: fit for fit in json.loads((PUBLISHED / "fits.json").read_text(encoding="utf-8"))}
OTHERS = json.loads((PUBLISHED / "others.json").read_text(encoding="utf-8"))
FULL = "gender + age + nation"

# Names are read alike in both packages, ours without "zt" where nothing is inflated: oizt is inflated after truncation.
_CUTS = {"oizt": "one-inflated truncated {}", "ztoi": "one-inflated {}", "Hurdlezt": "hurdle {}",
         "ztHurdle": "hurdle truncated {}", "zot": "zero-one-truncated {}", "zt": "{}"}
_DISTRIBUTIONS = {"poisson": "poisson", "geom": "geometric", "negbin": "negative-binomial"}
FAMILY_OF = {"chao": "chao", "zelterman": "zelterman", "oichao": "one-inflated chao",
             **{cut + theirs: name.format(ours)
                for cut, name in _CUTS.items() for theirs, ours in _DISTRIBUTIONS.items()}}

# Not anchors: the reference runs off, or ends on a plateau (README of tests/published/singleRcapture).
NO_ANCHOR = {f"netherlandsimmigrant__{model}__gender_age_nation"
             for model in ("zotpoisson", "zotgeom", "ztHurdlepoisson", "ztHurdlegeom", "oichao")}
NO_ANCHOR |= {f"netherlandsimmigrant__{rest}" for rest in (
    "ztnegbin__intercept", "ztnegbin__intercept_optim", "ztnegbin__gender_age_nation_optim",
    "oiztnegbin__intercept_optim")}


@cache
def register(data):
    if data == "netherlands_1995":
        return RepeatCounts.from_table(pd.read_csv(PUBLISHED / "netherlands_1995.csv"),
                                       covariates=["gender", "age", "nation", "reason"])
    if data == "carcass_submissions":
        farms = pd.read_csv(PUBLISHED / "carcass_submissions.csv")
        return RepeatCounts.from_records(farms, count="TOTAL_SUB", covariates=["log_size", "log_distance", "C_TYPE"])
    table = pd.read_csv(PUBLISHED / "frequencies.csv")
    return RepeatCounts.from_table(table[table["data"] == data])


def fitted(figure):
    """Our fit of what the reference fitted; NoEstimate where we refuse."""
    return fit_register(register(figure["data"]), family=FAMILY_OF[figure["model"]], **figure["options"])


def at_coefficients(fitting, named, covariance="observed"):
    """The same fit as if its maximum lay at the reference's coefficients."""
    at = fitting.triangle @ np.array(named)
    height = fitting.likelihood(at[np.newaxis]).height
    fits = replace(fitting.fits, coefficients=at[np.newaxis], log_likelihood=height)
    return replace(fitting, fits=fits, covariance=COVARIANCES[covariance](fitting.likelihood, at))


def figures_of(fitting, sampling=None):
    """What the reference gives of a fit, by its names; `sampling` is another variance of who happened to be seen."""
    estimate = estimate_of(fitting, interval="log-normal", confidence_level=0.95)
    told, seen = estimate.diagnostics, fitting.counts.n_observed
    variance = estimate.se**2 if sampling is None else told["variance_from_coefficients"] + sampling
    lower, upper = normal(estimate.value, variance**0.5, seen, 0.95)
    coefficients, errors = (np.array(list(told[name].values())) for name in ("coefficients", "coefficient_se"))
    # It counts a person once for each predictor.
    free = len(fitting.designs) * seen - fitting.likelihood.size
    # Where an interval falls below the people seen it is cut there.
    return {"N": estimate.value, "variance": variance, "se": variance**0.5, "ci_normal": [max(lower, seen), upper],
            "ci_logNormal": log_normal(estimate.value, variance**0.5, seen, 0.95), "coef": coefficients,
            "coef_se": errors, "coef_z": coefficients / errors, "logL": told["log_likelihood"], "AIC": told["aic"],
            "BIC": told["bic"], "deviance": deviance_of(fitting), "dfResidual": free}


def sampling_in_its_way(model, fitting):
    """The reference's variance of who happened to be seen, where it is not what its other families have; else None.

    The people that those seen twice or more stand for (zotgeom), or the people missed (ztoigeom): as if the weights,
    one over the chance of being seen, were multiplied once instead of twice.
    """
    size, seen = float(sizes(fitting.likelihood, fitting.fits.coefficients)[0]), fitting.counts.n_observed
    return {"zotgeom": size - fitting.counts.seen(1).sum(), "ztoigeom": size - seen}.get(model)


STOPPED = "the reference stops short of its maximum: ours is higher, and at its coefficients ours says the same"
ANOTHER_VARIANCE = "a variance of who was seen that lacks one of the weights"


def stops_short(there, fitting):
    """Whether the likelihood there still rises, more than at our end, and is no higher than ours but for rounding."""
    rounding = 1e-13 * (1 + abs(fitting.log_likelihood))
    return there.log_likelihood <= fitting.log_likelihood + rounding and rise_of(there) > rise_of(fitting)


def rise_of(fitting):
    """How much the likelihood would rise in one more step of Newton's method."""
    curve = fitting.likelihood(fitting.fits.coefficients)
    return float(curve.score[0] @ np.linalg.solve(curve.information[0], curve.score[0])) / 2


def a_fit(name):
    figure = FITS[name]
    fitting = fitted(figure)
    there = at_coefficients(fitting, figure["coef"], figure["options"].get("covariance", "observed"))
    ours, in_its_way = figures_of(fitting), figures_of(there, sampling_in_its_way(figure["model"], there))
    odd = figure["model"] in ("zotgeom", "ztoigeom")
    lower = stops_short(there, fitting)
    for key, mine in ours.items():
        why = ANOTHER_VARIANCE if odd and key in ("variance", "se", "ci_normal", "ci_logNormal") else STOPPED
        values = [np.atleast_1d(one) for one in (figure[key], mine, in_its_way[key])]
        for place, (theirs, own, its_way) in enumerate(zip(*values, strict=True)):
            yield (f"{key} {place}" if len(values[0]) > 1 else key, theirs, own,
                   its_way if lower or why == ANOTHER_VARIANCE else None, why)


def intercepts(data):
    """One row for each family without covariates."""
    names = {"N": "N", "se": "se", "logLik": "logL", "AIC": "AIC", "BIC": "BIC"}
    for _, row in pd.read_csv(PUBLISHED / f"intercepts_{data}.csv").iterrows():
        if row["model"] == "ztnegbin" or np.isnan(row["N"]):
            continue  # no anchor: its dispersion grows without end; or no figures
        fitting = fit_register(register(data), family=FAMILY_OF[row["model"]])
        ours, in_its_way = figures_of(fitting), figures_of(fitting, sampling_in_its_way(row["model"], fitting))
        yield from ((f"{row['model']}: {theirs}", row[theirs], ours[mine], in_its_way[mine], ANOTHER_VARIANCE)
                    for theirs, mine in names.items())
        for limits, columns in (("ci_normal", ("lo_norm", "hi_norm")), ("ci_logNormal", ("lo_ln", "hi_ln"))):
            yield from ((f"{row['model']}: {column}", row[column], mine, its_way, ANOTHER_VARIANCE)
                        for column, mine, its_way in zip(columns, ours[limits], in_its_way[limits], strict=True))


@cache
def dutch(covariance="observed"):
    return fit_register(register("netherlands_1995").keeping(["gender", "age", "nation"]), formula=FULL,
                        covariance=covariance)


def strata():
    columns = {"Observed": "observed", "Estimated": "estimated", "StdError": "se", "normalLowerBound": "normal_lower",
               "normalUpperBound": "normal_upper", "logNormalLowerBound": "log_normal_lower",
               "logNormalUpperBound": "log_normal_upper"}
    ours = {}
    for by in ("gender", "age", "nation"):
        frame = by_stratum(dutch(), by).frame
        ours |= {f"{by}=={row[by]}": row for row in frame.to_dict("records")}
    ours |= {f"gender{row['gender']}:age{row['age']}": row
             for row in by_stratum(dutch(), ["gender", "age"]).frame.to_dict("records")}
    for _, row in pd.read_csv(PUBLISHED / "strata.csv").iterrows():
        mine = ours[row["name"]]
        yield from ((f"{row['name']}: {theirs}", row[theirs], mine[column])
                    for theirs, column in columns.items())
        yield f"{row['name']}: ObservedPercentage", row["ObservedPercentage"], 100 * mine["share_seen"]


KINDS = ["gender", "age", "nation", "times_caught"]


@cache
def looked_at():
    """Residuals and what leaving a person out does, by kind of person."""
    left_out = leave_one_out(dutch()).frame.assign(one_step=moves_of_one_step(dutch()))
    return residuals(dutch()).merge(left_out[[*KINDS, "move", "one_step"]], on=KINDS).set_index(KINDS)


def moves_of_one_step(fitting):
    """The change in N when one person of each cell is left out and Newton's method takes a single step."""
    likelihood, at = fitting.likelihood, fitting.fits.coefficients
    moves = []
    for kind, column in zip(*np.nonzero(likelihood.persons[0]), strict=True):
        persons = likelihood.persons[0].copy()
        persons[kind, column] -= 1
        without = likelihood.with_persons(persons)
        curve = without(at)
        step = np.linalg.solve(curve.information[0], curve.score[0])
        moves.append(sizes(likelihood, at)[0] - sizes(without, at + step)[0])
    return moves


def cells():
    """Residuals, Cook's distance and what leaving a person out does, for each kind of person."""
    ours = looked_at()
    columns = {"lambda": "working", "truncatedResponse": "response", "nontruncatedResponse": "response_of_all",
               "pearson": "pearson", "pearsonSTD": "standardised", "deviance": "deviance"}
    for _, row in pd.read_csv(PUBLISHED / "cells.csv").iterrows():
        kind = tuple(row[KINDS])
        mine = ours.loc[kind]
        yield (f"dfpopsize of {kind}", row["dfpopsize"], mine["move"], mine["one_step"],
               "one step of the fit without the person, where ours goes all the way")
        yield (f"cooks of {kind}", row["cooks"], mine["cooks_distance"],
               mine["cooks_distance"] * (1 - mine["leverage"]),
               "divided by 1 - leverage once, where Cook 1977 does so twice")
        yield from ((f"{column} of {kind}", row[column], mine[name]) for column, name in columns.items()
                    if not np.isnan(row[column]))


def frequencies():
    """Fitted frequencies and their tests, printed by the reference with few digits."""
    found, theirs = frequency_fit(dutch()), OTHERS["marginalFreq"]
    ours = {0: found.missed, **dict(zip(found.frame["times_caught"], found.frame["expected"], strict=True))}
    yield from ((f"fitted {k}", people, ours[int(k)]) for k, people in theirs["fitted"].items())
    seen = dict(zip(found.frame["times_caught"], found.frame["observed"], strict=True))
    yield from ((f"observed {k}", people, seen[int(k)]) for k, people in theirs["observed"].items())
    yield "df", theirs["df"], len(seen) - 1 - found.parameters
    names = {"Chi-squared test": "chi-square", "G-test": "likelihood ratio"}
    for row in OTHERS["marginalFreq_tests"]:
        test = found.test(names[row["test"]], df=row["df"])
        yield row["test"], row["statistic"], round(test.statistic, 2)
        yield f"{row['test']}: p", row["p"], float(f"{test.p_value:.1e}")


def sandwich():
    ours, theirs = figures_of(dutch("sandwich")), OTHERS["redo_HC1"]
    yield from ((key, theirs[key], ours[key]) for key in ("N", "variance"))
    for key, mine in (("normal", "ci_normal"), ("logNormal", "ci_logNormal")):
        yield from ((f"{key} {place}", one, other)
                    for place, (one, other) in enumerate(zip(theirs[key], ours[mine], strict=True)))


def ratios():
    """The reference's lines are for f(x + 1) / f(x), ours for (x + 1) times it: the slopes differ by 1."""
    ours = ratio_regression(register("ill"), model="log", start="twice", neighbours=False)
    theirs = OTHERS["ratioReg"]
    yield "N", theirs["N"], ours.value
    intercept, slope = ours.diagnostics["coefficients"].values()
    yield from zip(("intercept", "slope"), theirs["coefficients"], (round(intercept, 6), round(slope - 1, 6)),
                   strict=True)
    yield "HT", theirs["HT"], round(ours.diagnostics["estimates"]["all"], 1)


READERS = {**{name: (a_fit, name) for name in FITS if name not in NO_ANCHOR},
           "ill": (intercepts, "ill"), "violence": (intercepts, "violence"), "strata": (strata,), "cells": (cells,),
           "frequencies": (frequencies,), "redo_HC1": (sandwich,), "ratioReg": (ratios,)}


def compared(name):
    reader, *given = READERS[name]
    yield from reader(*given)
