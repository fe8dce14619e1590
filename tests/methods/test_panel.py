"""The panel of lists: complete, judged, and frank about refusals and disagreement."""

import pickle

import numpy as np
import pytest

import smuggling_analysis as sa
from smuggling_analysis.chains import Chains, Unmixed
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods import METHODS
from smuggling_analysis.methods.chooser import choose
from smuggling_analysis.methods.panel import estimates_of, refusals_of
from smuggling_analysis.methods.panel.pieces import Basis, Piece
from smuggling_analysis.methods.panel.variants import list_variants
from smuggling_analysis.simulate import independent_lists

THREE = CaptureHistories.from_counts(
    {"a": 60, "b": 40, "c": 30, ("a", "b"): 12, ("a", "c"): 9, ("b", "c"): 5, ("a", "b", "c"): 3},
    lists=["a", "b", "c"])
TWO = THREE.select(["a", "b"])
FEWER = THREE.with_counts(THREE.counts - (THREE.counts == 60))
FEW = {"replicates": 50, "chains": 2, "rng": 1, "sensitivity": False}


@pytest.fixture(scope="module")
def three():
    return sa.panel(THREE, **FEW)


@pytest.fixture
def without_samplers(monkeypatch):
    """The panel without the methods that draw chains, where a test is not about them."""
    monkeypatch.setattr("smuggling_analysis.methods.panel.of_lists.list_variants", lambda histories, plan: tuple(
        variant for variant in list_variants(histories, plan) if "chains" not in variant.options))


def test_every_method_that_applies_is_in_the_panel(three):
    for evidence, panel in ((TWO, sa.panel(TWO, **FEW)), (THREE, three)):
        used = {fitted.variant.method for fitted in panel.fitted}
        assert used == set(choose({"role": evidence}).methods_for("role")) - (
            {"loglinear"} if evidence is TWO else set())


def test_keys_are_unique_and_begin_with_the_methods_name(three):
    assert len({fitted.key for fitted in three.fitted}) == len(three.fitted)
    assert all(fitted.key.startswith(fitted.variant.method.replace("_", "-")) for fitted in three.fitted)
    assert {fitted.variant.method for fitted in three.fitted} <= set(METHODS)


def test_the_frame_has_a_row_for_every_variant_whatever_became_of_it(three):
    frame = three.frame
    assert list(frame.columns) == ["key", "label", "method", "family", "value", "lower", "upper", "se", "weight",
                                   "verdict", "reasons"]
    assert set(frame["verdict"]) <= {"passed", "caution", "refused"}
    assert (frame.loc[frame["verdict"] == "passed", "value"] >= THREE.n_observed).all()
    assert frame.loc[frame["verdict"] != "passed", "reasons"].str.len().gt(0).all()


def test_families_that_pass_weigh_alike_and_variants_of_a_family_alike(three):
    frame = three.frame
    weighed = frame[frame["weight"] > 0]
    assert weighed["weight"].sum() == pytest.approx(1)
    assert weighed.groupby("family")["weight"].sum().round(12).nunique() == 1
    assert weighed.groupby("family")["weight"].nunique().eq(1).all()
    assert not frame.loc[frame["verdict"] == "refused", "weight"].any()
    assert three["closed-population"].weight == 0  # a lower bound: another question


def test_the_headline_repeats_the_choice_of_model(three):
    (best,) = [fitted for fitted in three.fitted if fitted.headline]
    assert best.key == "loglinear-bic-bootstrap"
    assert "BCa" in best.result.interval
    assert three.headline is best.result


def test_one_bootstrap_gives_the_replicates_where_they_fell_and_the_bca_interval(three):
    options = three["loglinear-bic-bootstrap"].variant.options
    again = sa.multiple_systems.loglinear(THREE, **options)
    best = three["loglinear-bic-bootstrap"].given
    assert (best.value, best.lower, best.upper) == (again.value, again.lower, again.upper)
    assert best.draws.values.tobytes() == again.draws.values.tobytes()
    assert best.interval == again.interval
    shown = three.replicates
    assert shown.value == best.value
    assert shown.interval.startswith("percentile")
    assert shown.draws.values.size == 50 - shown.diagnostics["failed_replicates"]


def test_the_same_seed_gives_the_same_bytes_on_one_worker_and_on_two(three):
    again = sa.panel(THREE, n_jobs=1, **FEW)
    assert again.frame.equals(three.frame)
    assert again.findings.equals(three.findings)


def test_a_panel_survives_pickling(three):
    again = pickle.loads(pickle.dumps(three))
    assert again.frame.equals(three.frame)
    assert again.headline.value == three.headline.value


def test_a_panel_says_what_it_holds(three):
    assert "; headline Estimate(" in repr(three) or "; no headline: " in repr(three)
    assert "<table" in three._repr_html_()
    with pytest.raises(KeyError, match="it has loglinear-independent, "):
        three["other"]


def test_nobody_else_can_change_it(three):
    with pytest.raises(AttributeError):
        three.models = None
    with pytest.raises(TypeError):
        three.priors["delta"] = None


def test_estimates_are_described():
    panel = sa.panel(TWO, population="irregular residents", place="Netherlands", period="1995", **FEW)
    assert all(one.place == "Netherlands" for one in estimates_of(panel.fitted).values())


def test_two_lists_have_chapman_and_say_what_they_cannot_show():
    panel = sa.panel(TWO, **FEW)
    assert panel.headline.method.startswith("chapman")
    assert any(caution.startswith("two lists cannot show") for caution in panel.headline.cautions)


def test_more_lists_than_models_can_be_visited_for_are_searched(without_samplers):
    many = independent_lists(400, dict.fromkeys("abcdefgh", 0.2), rng=1)
    panel = sa.panel(many, **FEW)
    assert panel["loglinear-bic-bootstrap"].given.diagnostics["search_certified"]


def test_more_lists_than_can_be_searched_are_answered_by_steps_and_the_rest_is_refused(without_samplers):
    many = independent_lists(400, dict.fromkeys("abcdefghijklm", 0.2), rng=1)
    panel = sa.panel(many, **FEW)
    assert panel["loglinear-stepwise-bootstrap"].given.lower > many.n_observed
    refused = {one.key: one.result for one in panel.fitted if one.given is None}
    assert {"loglinear-bic", "loglinear-aic", "model-average"} <= set(refused)
    assert refused["loglinear-bic"].reason.startswith("there are too many models")
    assert isinstance(panel.models, NoEstimate)


@pytest.mark.parametrize(("options", "fault", "words"), [
    ({"chains": 1}, ValueError, "chains is a whole number, 2 or more, got 1"),
    ({"replicates": 0}, ValueError, "replicates is a whole number, 2 or more, got 0"),
    ({"replicates": 50.5}, ValueError, "replicates is a whole number"),
    ({"max_order": 0}, ValueError, "max_order is a whole number, 1 or more, got 0"),
    ({"n_jobs": 0}, ValueError, "n_jobs is a whole number, 1 or more, got 0"),
    ({"confidence_level": 0.9}, TypeError, "no option of this name or kind: confidence_level"),
    ({"population": 3}, TypeError, "no option of this name or kind: population"),
])
def test_options_that_make_no_sense_are_errors_and_not_a_panel_of_failures(options, fault, words):
    with pytest.raises(fault, match=words):
        sa.panel(THREE, **{**FEW, **options})


def test_linked_versions_are_told_apart_from_histories():
    from smuggling_analysis.evidence.linked_versions import LinkedVersions

    with pytest.raises(TypeError, match="got LinkedVersions: of several linked versions"):
        sa.panel(LinkedVersions.of([THREE, FEWER]), **FEW)


def test_limits_of_a_method_are_told_with_what_helps_and_not_as_failures():
    from smuggling_analysis.methods.panel.fitted import attempt
    from smuggling_analysis.methods.panel.variants import Plan

    many = independent_lists(400, dict.fromkeys("abcdefghijkl", 0.2), rng=1)
    plan = Plan(max_order=None, replicates=50, chains=2, stream=1, n_jobs=1)
    told = {one.key: attempt(one, many, {}) for one in list_variants(many, plan)
            if one.key in ("bayesian-graphical", "bayesian-loglinear-shrinkage", "bayesian-thresholding")}
    assert told["bayesian-loglinear-shrinkage"].reason == (
        "12 lists have 66 interactions of up to 2 lists, and the chains hold 62")
    assert "merge" in told["bayesian-loglinear-shrinkage"].needed
    assert told["bayesian-graphical"].needed == "merge or select lists down to 7"
    assert not any("three lists" in one.needed for one in told.values())


def test_a_method_that_breaks_is_a_row_and_not_the_panels_end(monkeypatch, without_samplers):
    def broken(*_, **__):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("smuggling_analysis.methods.multiple_systems.sample_coverage", broken, raising=False)
    panel = sa.panel(THREE, **FEW)
    assert panel["sample-coverage"].result.reason == (
        "Sample coverage estimator stopped with an error (ZeroDivisionError: division by zero)")
    assert isinstance(panel.headline, Estimate)


def test_what_takes_too_long_with_many_lists_is_left_out_with_words(without_samplers):
    nine = independent_lists(300, dict.fromkeys("abcdefghi", 0.2), rng=1)
    merged = Piece(name="merged", title="Merging two lists", function="merged_lists", most_lists=8).make(
        Basis(nine, "loglinear", {"selection": "stepwise"}, sa.multiple_systems.loglinear(nine, selection=None)))
    assert isinstance(merged, NoEstimate)
    assert "more than 8 lists" in merged.reason and "merged_lists by itself" in merged.needed


def test_ctrl_c_in_compiled_code_ends_the_panel(monkeypatch, without_samplers):
    """Numba hands a key pressed while its code ran on as the cause of SystemErrors."""

    def interrupted(*_, **__):
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt as pressed:
            try:
                raise SystemError("_numba_unpickle returned a result with an exception set") from pressed
            except SystemError as told:
                raise SystemError("CPUDispatcher returned a result with an exception set") from told

    monkeypatch.setattr("smuggling_analysis.methods.multiple_systems.sample_coverage", interrupted, raising=False)
    with pytest.raises(KeyboardInterrupt):
        sa.panel(THREE, **FEW)


def test_lists_left_out_are_held_against_the_estimate_they_vary(without_samplers):
    """Of the Netherlands the average of models is judged, and the model of lowest BIC is what lists are left out of."""
    panel = sa.panel(sa.load("netherlands-2010-2015/capture_histories.csv"), max_order=2,
                     **{**FEW, "sensitivity": True})
    finding = panel.verdict.frame().set_index("rule").loc["list-left-out"]
    change = panel.leave_one_out.frame["change"].dropna()
    assert finding["measured"] == pytest.approx(max(change.max(), 1 / change.min()), rel=1e-9)


def test_a_reason_that_all_share_is_said_once(without_samplers):
    few = CaptureHistories.from_counts({"a": 40, "b": 30, "c": 20, ("a", "b"): 6}, lists=["a", "b", "c"])
    refused = sa.panel(few, **FEW).headline
    assert refused.reason.count("6 people are on more than one list, fewer than 7") == 1
    assert refused.needed.count("lists that share more people") == 1


def test_methods_that_disagree_give_a_refusal_that_carries_the_range(without_samplers):
    """What the Netherlands' six lists say: held to the published figures, shown side by side, and no headline."""
    six = sa.load("netherlands-2010-2015/capture_histories.csv")
    panel = sa.panel(six, max_order=2, model="[16,24,34,36,45,46]", **FEW)
    assert isinstance(panel.headline, NoEstimate)
    assert not any(fitted.headline for fitted in panel.fitted)
    # Rcapture's Mt; SparseMSE's and MultipleSystemsEstimation's steps; a further selected model.
    for figure in ("52,823", "111,139", "118,739"):
        assert figure in panel.headline.reason
    given = panel.frame.set_index("key").loc["loglinear-given"]
    assert given["value"] == pytest.approx(118_739, abs=0.5)
    assert given["weight"] == 0 and given["reasons"].startswith("a model that was given")
    assert panel["loglinear-stepwise"].given.value == pytest.approx(111_139.371230395, rel=1e-9)
    assert panel.frame.set_index("key").loc["loglinear-stepwise", "verdict"] == "refused"
    assert refusals_of(panel.fitted)


def test_a_model_to_show_must_be_one_of_these_lists():
    with pytest.raises(ValueError, match="names list 4; the lists are numbered 1 to 3"):
        sa.panel(THREE, model="[14]", **FEW)


@pytest.mark.slow
def test_latent_classes_that_do_not_mix_are_refused_or_cautioned():
    """The Netherlands' six lists, of which LCMCR's chain of 10,000 draws is worth 22 (golden reference, grade C)."""
    panel = sa.panel(sa.load("netherlands-2010-2015/capture_histories.csv"), max_order=2, rng=1, sensitivity=False)
    rules = set(panel["latent-class"].judgement.frame()["rule"])
    assert rules & {"r-hat", "ess-bulk", "ess-tail", "method"}
    assert panel["latent-class"].judgement.verdict in ("refused", "caution")
    assert isinstance(panel.headline, NoEstimate)


@pytest.mark.slow
def test_kosovos_latent_classes_have_their_median_where_others_found_it():
    panel = sa.panel(sa.load("kosovo-1999/capture_histories.csv"), rng=1, sensitivity=False)
    assert panel["latent-class"].result.value == pytest.approx(10_435, rel=0.02)


def test_a_prior_that_decides_is_refused_with_its_table():
    """The United Kingdom's five lists: dga's posterior means are 21,281, 2,856 and 2,837 (golden reference)."""
    five = sa.load("uk-2013/capture_histories.csv").merge(["PF", "NCA"], "PFNCA")
    panel = sa.panel(five, **{**FEW, "replicates": 20, "sensitivity": True})
    graphical = panel["bayesian-graphical"]
    assert graphical.judgement.verdict == "refused"
    assert graphical.result.reason.startswith("the prior decides: estimates under the priors tried differ by")
    assert graphical.given.value > 20_000  # shown, struck out
    table = panel.priors["bayesian-graphical"].set_index("prior")["value"]
    assert table["1 people, in thought, with each history (delta)"] < 3_000
    assert panel.prior_tables["bayesian-graphical"].decided
    classes = panel.priors["latent-class"]
    assert len(classes) > 8
    assert (classes["value"].notna() | classes["refused"].str.len().gt(0)).all()
    assert set(panel.prior_tables) == {"bayesian-graphical", "latent-class"}


def test_chains_that_did_not_mix_say_nothing_of_another_prior(monkeypatch):
    """The estimate under the other prior must not be refused for what a sampler that failed would have said."""
    apart = np.random.default_rng(1).normal(2000, 20, (2, 500)) + np.array([[0], [3000]])
    with pytest.raises(Unmixed) as unmixed:
        Chains(values=apart, method="chains at two numbers").estimate(needed="longer chains")
    good = Estimate(value=300, lower=250, upper=400, unit="persons", method="mixed")

    def drawn(histories, *, prior, **_):
        if prior == "shrinkage":
            raise unmixed.value
        return good

    monkeypatch.setattr("smuggling_analysis.methods.multiple_systems.bayesian_loglinear", drawn, raising=False)
    panel = sa.panel(TWO, **FEW)
    assert panel["bayesian-loglinear-shrinkage"].given.value > 2000
    assert panel["bayesian-loglinear-unit-information"].passed
    assert "bayesian-loglinear-unit-information" not in panel.priors


def test_kosovo_stands_beside_what_was_published(without_samplers):
    published = sa.load("kosovo-1999/published.csv")
    panel = sa.panel(sa.load("kosovo-1999/capture_histories.csv"), published=published, **FEW)
    assert [one.value for one in panel.published] == [10_356, 10_000, 13_517]
    assert panel["loglinear-bic"].given.value == pytest.approx(10_357, abs=0.6)
    assert panel.headline.lower < 10_356 < panel.headline.upper


ODD = {
    "nobody on two lists": {"a": 50, "b": 40, "c": 9},
    "one person": {"a": 1},
    "an empty list": {"a": 50, "b": 40, ("a", "b"): 9},
    "the same list twice": {("a", "b"): 50, "c": 30, ("a", "b", "c"): 8},
    "a list inside another": {"a": 50, ("a", "b"): 40, "c": 9, ("a", "c"): 4},
    "everybody everywhere": {("a", "b", "c"): 70},
    "a thousand million": {"a": 10**9, "b": 10**9, ("a", "b"): 10**8, "c": 10**9, ("b", "c"): 10**8},
    "huge and one": {"a": 10**9, "b": 1, "c": 1, ("a", "b", "c"): 1},
}


@pytest.mark.parametrize("counts", ODD.values(), ids=ODD.keys())
def test_odd_tables_give_a_panel_and_never_a_crash(counts, without_samplers):
    sane(sa.panel(CaptureHistories.from_counts(counts, lists=["a", "b", "c"]), **{**FEW, "sensitivity": True}))


@pytest.mark.slow
@pytest.mark.parametrize("counts", ODD.values(), ids=ODD.keys())
def test_odd_tables_give_a_panel_of_every_method(counts):
    sane(sa.panel(CaptureHistories.from_counts(counts, lists=["a", "b", "c"]), **{**FEW, "sensitivity": True}))


def sane(panel):
    assert isinstance(panel.headline, (Estimate, NoEstimate))
    assert not panel.frame["reasons"].str.contains("stopped with an error").any()
    repr(panel), panel._repr_html_(), panel.findings


def test_the_order_of_lists_does_not_change_the_verdicts(without_samplers):
    people = independent_lists(3000, {"a": 0.3, "b": 0.25, "c": 0.2, "d": 0.15}, rng=5)
    order = np.random.default_rng(3).permutation(4)
    one = sa.panel(people, **FEW).frame.set_index("key")
    other = sa.panel(people.select([people.lists[place] for place in order]), **FEW).frame.set_index("key")
    assert one["verdict"].equals(other["verdict"])
    assert other["value"].to_numpy() == pytest.approx(one["value"].to_numpy(), rel=1e-6)


def test_strata_and_periods_add_their_methods(without_samplers):
    women = np.random.default_rng(8).binomial(THREE.totals, 0.4)
    strata = CaptureHistories(THREE.lists, THREE.patterns, np.array([women, THREE.totals - women]), ("sex",),
                              (("female",), ("male",)))
    assert "stratified" in sa.panel(strata, **FEW).frame["key"].tolist()
    years = CaptureHistories(("2010", "2011", "2012"), THREE.patterns, THREE.counts)
    assert sa.panel(years, **FEW)["open-population"].variant.aside
