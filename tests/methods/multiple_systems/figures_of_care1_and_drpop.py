"""Our answer to every figure of CARE1 and drpop (see published_figures)."""

from itertools import combinations

import pandas as pd
from our_answers import histories, sizes_of_pairs, two_lists

from smuggling_analysis.methods import multiple_systems as methods
from smuggling_analysis.methods.multiple_systems.log_normal import log_normal_limits


def chapman_of_pairs(_, __):
    for place, row in sizes_of_pairs().iterrows():
        lists = two_lists(row)
        ours = methods.chapman(lists)
        made = methods.lincoln_petersen(lists).value, ours.value, ours.se, ours.lower, ours.upper
        columns = ["petersen", "chapman", "se", "lower", "upper"]
        yield from zip([f"{place}: {column}" for column in columns], row[columns], made, strict=True)


def coverage(figures, name):
    people = histories(name)
    made = methods.sample_coverage(people, rng=1).diagnostics
    ours = {"Indep": "independent", "HSC": "high", "LSC": "one-step"}
    for method, mine in ours.items():
        yield f"{method} point", figures[f"{method}_point"][0][0], made["estimates"][mine]
        value, se, *limits = figures[method][0]
        yield from zip([f"{method} lower given its se", f"{method} upper given its se"], limits,
                       log_normal_limits(value, se, people.n_observed, 0.95), strict=True)
    observed, others, share = figures["stat"][0]
    yield from [("M", observed, people.n_observed), ("C", share, round(made["sample_coverage"], 3)),
                ("D", others, round(made["estimates"]["independent"] * made["sample_coverage"], 3))]
    yield from ((f"n {place}", theirs, int(people.overlaps().to_numpy()[place, place]))
                for place, theirs in enumerate(figures["n"]))
    pairs = {pair["lists"]: pair for pair in made["pairs"]}
    for lists, row in zip(combinations(people.lists, 2), figures["pair"], strict=True):
        pair = pairs[" and ".join(sorted(lists))]
        yield from ((f"{pair['lists']} {key}", theirs, pair[key])
                    for key, theirs in zip(("petersen", "chapman", "se", "lower", "upper"), row, strict=True))


def doubly_robust(figures, name):
    """Given its folds; with its own bounds on three regressions where it fits those."""
    from test_doubly_robust_figures import by_category, six_thousand, three_regressions

    result = figures["result"]
    columns = ["psi", "sigma", "n", "sigman", "cin.l", "cin.u"]
    if isinstance(result["psi"], float):
        made = methods.doubly_robust(six_thousand()[0], nuisance="none", interval="wald")
        yield from _captured("no covariates", result, made, columns)
        return
    table = pd.DataFrame(result)
    groups = {label: rest for label, *rest in by_category()} if "condvar" in table else {None: six_thousand()}
    estimators = {"DR": "doubly robust", "PI": "plug-in", "TMLE": "targeted"}
    for _, row in table.iterrows():
        people, folds = groups[row.get("condvar")]
        made = methods.doubly_robust(people, folds=folds, estimator=estimators[row["method"]], interval="wald",
                                     nuisance="multinomial" if row["model"] == "mlogit" else three_regressions)
        yield from _captured(f"{row['method']} {row.get('condvar') or ''}".strip(), row, made, columns)


def _captured(label, row, made, columns):
    said = made.diagnostics["capture_share"], made.diagnostics["influence_sd"]
    ours = [*said, round(made.value), made.se, round(made.lower), round(made.upper)]
    yield from ((f"{label}: {column}", float(row[column]), mine) for column, mine in zip(columns, ours, strict=True))


CARE1 = {"sample_coverage.json": coverage, "pairs.csv": chapman_of_pairs}
DRPOP = {f"popsize_{kind}.json": doubly_robust for kind in ("logit", "mlogit", "nocov", "cond_logit")}
