"""Our answer to every figure of dga (see published_figures)."""

import json
import math
from functools import cache, partial

import numpy as np
import pandas as pd
from our_answers import PUBLISHED, histories
from scipy.special import gammaln

from smuggling_analysis import CaptureHistories
from smuggling_analysis.methods.multiple_systems import Model, bayesian_graphical_posterior

FOLDER = PUBLISHED / "dga"
SHAPE, SCALE = 13.14, 55.17


def people(name):
    own = FOLDER / f"{name}.csv"
    return CaptureHistories.from_table(pd.read_csv(own)) if own.exists() else histories(name)


def gamma_poisson(sizes):
    """The log probability of N that is Poisson with a gamma mean, up to a constant."""
    return gammaln(sizes + SHAPE) - gammaln(sizes + 1) + sizes * math.log(SCALE / (1 + SCALE))


@cache
def answered(name, run):
    asked = json.loads((FOLDER / f"{name}__{run}.json").read_text())
    return bayesian_graphical_posterior(
        people(name), delta=asked["delta"], prior=gamma_poisson if run.endswith("gammaprior") else "inverse",
        least_hidden=asked["Nmissing_min"], most_hidden=asked["Nmissing_max"])


def notation(graph, lists):
    """Their name of a graph, "cliques:12.3|sep:", as ours, "[12,3]"."""
    cliques = graph.split("|")[0].removeprefix("cliques:").replace(".", ",")
    return Model.parse(f"[{cliques}]", lists).notation


def summary(figures, name, run):
    found = answered(name, run)
    yield from [("n_obs", figures["n_obs"], found.observed), ("mean", figures["mean"], found.mean),
                ("sd", figures["sd"], found.sd), ("mode", figures["mode"], found.mode),
                ("n_graphs", figures["n_graphs"], found.visited)]
    yield from ((f"quantile {share}", theirs, found.quantile(share))
                for share, theirs in zip(figures["quantile_probs"], figures["quantiles"], strict=True))
    ours = found.frame.set_index("model")
    for graph, share, mean in zip(figures["top_graph"], figures["top_graph_prob"], figures["top_graph_mean"],
                                  strict=True):
        model = notation(graph, found.lists)
        yield from [(f"{model} probability", share, ours.loc[model, "probability"]),
                    (f"{model} mean", mean, ours.loc[model, "mean"])]


def graphs(figures, name, run):
    found = answered(name, run)
    ours = found.frame.set_index("model")["probability"]
    yield from ((graph, theirs, ours[notation(graph, found.lists)])
                for graph, theirs in zip(figures["graph"], figures["prob"], strict=True))


def sizes(figures, name, run):
    ours = answered(name, run).mass_at(figures["N"].to_numpy())
    yield from zip([f"P({size})" for size in figures["N"]], figures["post"], ours, strict=True)


def _readers():
    runs = [path.stem.partition("__")[2] for path in FOLDER.glob("*.json")]
    for run in sorted(set(runs)):
        yield f"{run}.json", partial(summary, run=run)
        yield f"{run}_graphprobs.csv", partial(graphs, run=run)
        yield f"{run}_posterior.csv", partial(sizes, run=run)


DGA = dict(_readers())


def largest_relative_difference(path):
    """The largest difference of a file's figures from ours, relative even where next to nothing is left of them."""
    from our_answers import content
    from published_figures import reader_of

    compared = list(reader_of(path)(content(path), path.name.partition("__")[0]))
    theirs, ours = np.array([[float(one), float(other)] for _, one, other in compared]).T
    return float(np.abs(ours / theirs - 1).max()), len(compared)
