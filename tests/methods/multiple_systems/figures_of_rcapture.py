"""Our answer to every figure of Rcapture: a reader for each kind of file (see published_figures)."""

from functools import partial

import numpy as np
import pandas as pd
from our_answers import PUBLISHED, closed, histories, log_linear, sizes_of_pairs, table_of_models, two_lists

from smuggling_analysis import CaptureHistories
from smuggling_analysis.methods import multiple_systems as methods

FORMS = {"Chao (LB)": "chao", "Poisson2": "poisson", "Darroch": "darroch", "Gamma3.5": "gamma", "Normal": "normal"}
FIT = {"deviance": "deviance", "df": "df", "AIC": "aic", "BIC": "bic"}


def told(estimate, columns):
    """What an estimate says under the names that Rcapture's columns have."""
    if estimate is None:
        return dict.fromkeys(columns)
    said = {"abundance": estimate.value, "N_glm": estimate.value, "stderr": estimate.se, "se_glm": estimate.se,
            "ci_lo": estimate.lower, "ci_hi": estimate.upper, "lo": estimate.lower, "hi": estimate.upper,
            "N_multinomial": estimate.diagnostics.get("multinomial_value", estimate.value)}
    return said | {theirs: estimate.diagnostics.get(ours) for theirs, ours in FIT.items()}


def row_figures(row, label, estimate, columns):
    ours = told(estimate, columns)
    for column in columns:
        yield f"{label}: {column}", float(row[column]), ours[column]


def by_name(label):
    model, _, form = label.partition(" ")
    return model, FORMS[form] if form else None


def closedp(table, name):
    for _, row in table.iterrows():
        yield from row_figures(row, row["model"] + (" (warned)" if row["infoFit"] else ""),
                               closed(name, *by_name(row["model"])),
                               ["abundance", "stderr", "deviance", "df", "AIC", "BIC"])


def closedp_limits(table, name):
    for _, row in table.iterrows():
        form = row["h"].lower() if isinstance(row["h"], str) else None
        columns = ["N_glm", "se_glm", *FIT, "N_multinomial", "ci_lo", "ci_hi"]
        yield from row_figures(row, f"{row['m']} {form or ''}".strip(), closed(name, row["m"], form), columns)


def closedp_bias_corrected(table, name):
    for _, row in table.iterrows():
        form = row["h"].lower() if isinstance(row["h"], str) else None
        yield from row_figures(row, f"{row['m']} {form or ''}".strip(), closed(name, row["m"], form, True),
                               ["abundance", "stderr"])


def closedp_parameters(figures, name):
    """The chance at an occasion is there of those not caught before: of first captures, of those left."""
    forms = {"C": "chao", "P": "poisson", "D": "darroch", "G": "gamma"}
    firsts = methods.predicted_first_captures(histories(name)).frame
    for key, theirs in figures["parameters"].items():
        model, form = (key, None) if key in ("M0", "Mt", "Mb", "Mbh") else (key[:-1], forms[key[-1]])
        ours, found = closed(name, model, form), {}
        if ours is not None:
            first = firsts[f"{model} {form}" if form else model].to_numpy()[: len(histories(name).lists)]
            chances = first / (ours.value - np.r_[0.0, np.cumsum(first)[:-1]])
            found = {"N": ours.value, "p": chances[0], "c": ours.diagnostics.get("chance_again"),
                     **{f"p{place}": chance for place, chance in enumerate(chances, start=1)}}
        yield from ((f"{key}: {place}", value, found.get(place)) for place, value in theirs.items())
        if not model.startswith("Mb"):  # whose parameters are logarithms of the same two chances
            parameters = {} if ours is None else ours.diagnostics["parameters"]
            yield from ((f"{key}: {place} (log)", value, parameters.get(place.lower()))
                        for place, value in figures["glm_coef"][key].items())


def every_model(table, name, max_order=None, heterogeneity=None):
    ours = table_of_models(name, max_order, heterogeneity)
    columns = {"abundance": "value", "stderr": "se", **FIT}
    for _, row in table.iterrows():
        mark = " (warned)" if row["infoFit"] else ""
        made = ours.loc[row["model"]]
        for theirs, mine in columns.items():
            yield f"{row['model']}{mark}: {theirs}", row[theirs], None if pd.isna(made["value"]) else made[mine]


def captures_by_occasion(table, name):
    ours = methods.capture_statistics(histories(name))
    for theirs, mine in {"fi": "times", "ui": "first", "vi": "last", "ni": "caught"}.items():
        for place, both in enumerate(zip(table[theirs], ours[mine], strict=True)):
            yield f"{theirs} {place}", *both


def first_captures(table, name):
    ours = methods.predicted_first_captures(histories(name)).frame.to_numpy()
    for (row, column), value in np.ndenumerate(table.iloc[:, 1:].to_numpy()):
        yield f"{table.iloc[row, 0]}: {table.columns[column + 1]}", float(value), float(ours[row, column])


def given_models(table, _):
    stored = {"lesbian": "[12,13,14]", "UKdat": "[1,2,3,4,5,6]", "UKdat_5": "[12,13,23,34,5]",
              "diabetes": "[13,24,34]", "HIV": "[12,3,4]", "Western": "[1,2,3,4,5]"}
    for _, row in table.iterrows():
        name = row["model"].split()[0]
        columns = ["N_glm", "se_glm", *FIT, "N_multinomial", "lo", "hi"]
        _, _, form = row["model"].partition("h=")
        if form:
            ours = methods.closed_population(histories(name), model=stored[name], heterogeneity=form.lower())
        else:
            ours = log_linear(name, model=stored[name], interval="profile")
        yield from row_figures(row, row["model"], ours, columns)


def profiles_of_pairs(table, _):
    sizes = sizes_of_pairs()
    for _, row in table.iterrows():
        place = tuple(row[["dataset", "one", "other"]])
        ours = methods.lincoln_petersen(two_lists(sizes.loc[place]), interval="profile")
        made = ours.diagnostics["multinomial_value"], ours.lower, ours.upper
        yield from zip([f"{place}: {column}" for column in ("value", "lower", "upper")],
                       row[["value", "lower", "upper"]], made, strict=True)


def voles(occasions):
    people = pd.read_csv(PUBLISHED / "Rcapture" / "mvole.csv").iloc[:, occasions]
    people = people[people.any(axis=1)]
    return CaptureHistories.from_records(people, lists=list(people.columns))


def open_population(name):
    if name == "mvole_period":
        table = pd.read_csv(PUBLISHED / "Rcapture" / "mvole_period.csv")
        return methods.open_population_fit(CaptureHistories.from_table(table, count="Y"),
                                           periods=[f"V{place}" for place in range(1, 7)])
    asked = {"heterogeneity": "poisson", "theta": 1.5}
    if name == "mvole":
        return methods.robust_design_fit(voles([place for place in range(30) if place != 9]), models="Mh",
                                         periods=[5, 4, 5, 5, 5, 5], response="captures", **asked)
    return methods.robust_design_fit(voles([*range(9), *range(10, 15)]), models="Mth", periods=[5, 4, 5], **asked)


def open_figures(figures, name):
    made = open_population(name)
    fitted = figures["model.fit"][0] if isinstance(figures["model.fit"], list) else figures["model.fit"]
    yield from zip(["deviance", "df", "AIC"], list(fitted.values())[:3],
                   made.fit.loc["fitted", ["deviance", "df", "aic"]].astype(float), strict=True)
    tables = {"capture.prob": made.capture, "survivals": made.survival, "N": made.abundance, "birth": made.arrivals}
    for theirs, ours in tables.items():
        for place, row in enumerate(figures[theirs]):
            for column, mine in (("estimate", "estimate"), ("stderr", "se")):
                if row[column] is not None:
                    yield f"{theirs} {place} {column}", row[column], float(ours[mine].iloc[place])
    total = figures["Ntot"][0]
    yield from [("Ntot estimate", total["estimate"], made.total.value), ("Ntot stderr", total["stderr"], made.total.se)]
    if "loglin.param" not in figures:
        coefficients = enumerate(zip(figures["glm_coef"].values(), made.parameters.estimate, strict=True))
        yield from ((f"glm_coef {place}", *both) for place, both in coefficients)
        return
    for place, row in enumerate(figures["loglin.param"]):
        yield f"loglin.param {place} estimate", row["estimate"], float(made.parameters.estimate.iloc[place])
        yield f"loglin.param {place} stderr", row["stderr"], float(made.parameters.se.iloc[place])


READERS = {
    "closedp_t.csv": closedp, "closedp_0.csv": closedp, "closedp_Mtb.csv": closedp,
    "closedpCI_t.csv": closedp_limits, "closedpCI_0.csv": closedp_limits,
    "given_models__closedpCI_t.csv": given_models, "pairs__closedpCI_t_Mt.csv": profiles_of_pairs,
    "closedp_bc.csv": closedp_bias_corrected, "closedp_t_params.json": closedp_parameters,
    "closedpMS_t.csv": every_model, "closedpMS_t_maxorder2.csv": partial(every_model, max_order=2),
    "closedpMS_t_Darroch.csv": partial(every_model, heterogeneity="darroch"),
    "descriptive.csv": captures_by_occasion, "uifit_predicted.csv": first_captures,
    "openp.json": open_figures, "robustd_0.json": open_figures, "robustd_t.json": open_figures,
}
