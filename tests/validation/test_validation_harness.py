"""The harness: the same numbers on any number of workers, nothing lost, nothing hidden."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from smuggling_analysis.methods import METHODS
from smuggling_analysis.methods.single_register.families import FAMILIES
from smuggling_analysis.simulate import border
from smuggling_analysis.validation import (
    SCENARIOS,
    Candidate,
    ListScenario,
    ValidationFailed,
    candidates,
    fit_once,
    validate,
)
from smuggling_analysis.validation.coverage import monte_carlo_band, summary, verdict
from smuggling_analysis.validation.encounter_candidates import NO_SIZES
from smuggling_analysis.validation.encounter_scenarios import expected_flow
from smuggling_analysis.validation.fits import BLOCK, Fit, Task, applies, from_plain, streams, tasks_of, to_plain
from smuggling_analysis.validation.journal import Journal

QUICK = ["loglinear-independent", "chapman"]
FEW = ["independence, 3 lists of 1,000, 20 % overlap", "positive dependence, 2 lists of 1,000, 20 % overlap"]


def same(one, other):
    for name in ("frame", "fits"):
        pd.testing.assert_frame_equal(getattr(one, name).drop(columns="seconds"),
                                      getattr(other, name).drop(columns="seconds"))


@pytest.fixture(scope="module")
def once():
    return validate(["loglinear-independent", "sample-coverage", "chapman"], FEW, replicates=60, rng=3, n_jobs=1)


def test_two_workers_give_the_numbers_of_one(once):
    same(once, validate(["loglinear-independent", "sample-coverage", "chapman"], FEW, replicates=60, rng=3, n_jobs=2))


def test_other_methods_and_scenarios_beside_it_change_nothing_of_a_method(once):
    alone = validate(["chapman"], FEW[1:], replicates=60, rng=3, n_jobs=1)
    within = once.frame[once.frame["key"] == "chapman"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone.frame.drop(columns="seconds"), within.drop(columns="seconds"))


def test_another_seed_gives_other_populations(once):
    other = validate(["chapman"], FEW[1:], replicates=60, rng=4, n_jobs=1)
    assert other.fits["value"].tolist() != once.fits.loc[once.fits["candidate"] == "chapman", "value"].tolist()


def test_every_method_sees_the_same_populations():
    scenario = SCENARIOS[FEW[0]]
    drawn = {key: scenario.draw(rng=streams(scenario, candidates()[key], 7, 1)[0]).fingerprint
             for key in ("loglinear-bic", "sample-coverage")}
    assert len(set(drawn.values())) == 1


DRAWN = ("CaptureHistories", "CensoredHistories", "ListedPeople", "RepeatCounts", "ReferenceCounts", "Encounters")


def test_every_method_of_a_size_is_validated_on_some_scenario():
    sizes = {name for name, row in METHODS.items() if row.evidence in DRAWN and name not in NO_SIZES}
    assert {one.method for one in candidates().values()} == sizes
    for one in candidates().values():
        assert any(applies(scenario, one) for scenario in SCENARIOS.values()), one.key


def test_what_is_left_out_is_no_size():
    assert set(NO_SIZES) <= set(METHODS)
    border = SCENARIOS["one chance, 1,000 people"].draw(rng=1)
    units = {name: METHODS[name](border, **{option: 0.4 for option in ("deterrence", "detection")
                                           if option in METHODS[name].options}).unit for name in NO_SIZES}
    assert units.pop("entry_attempts") == "attempts"
    assert set(units.values()) == {"share"}


def test_every_family_of_a_register_is_validated_as_it_is_with_covariates_and_with_time_at_risk():
    asked = {(one.options.get("family"), one.given) for one in candidates().values()
             if one.method == "truncated_count"}
    leaving = {(name, "with time at risk") for name, family in FAMILIES.items() if family.departing is not None}
    assert asked == {(family, given) for family in FAMILIES for given in ("", "with covariates")} | leaving
    groups, expelled = (next(one for one in SCENARIOS.values() if one.structure == structure)
                        for structure in ("groups", "expulsion"))
    poisson = "truncated-count-poisson"
    options = {given: candidates()[key].asked(scenario, scenario.full(), np.random.default_rng(1))
               for given, key, scenario in (("formula", f"{poisson}-covariates", groups),
                                            ("exposure", f"{poisson}-time-at-risk", expelled))}
    assert options["formula"]["formula"] == "sex"
    assert options["exposure"]["exposure"] == "time_at_risk"
    assert not candidates()[f"{poisson}-covariates"].takes(expelled)
    assert not candidates()[f"{poisson}-time-at-risk"].takes(groups)


def test_scenarios_have_names_words_and_structures_of_their_own():
    words = {}
    for name, one in SCENARIOS.items():
        assert name == one.name
        assert one.words
        assert words.setdefault(one.structure, (one.evidence, one.words)) == (one.evidence, one.words)


def test_lists_are_of_every_kind_with_three_to_eight_lists_and_the_overlap_they_say():
    lists = [one for one in SCENARIOS.values() if isinstance(one, ListScenario)]
    assert {one.structure for one in lists} >= {"independence", "positive dependence", "negative dependence",
                                                "heterogeneity", "latent classes", "sparse overlaps"}
    assert {one.n_lists for one in lists} >= set(range(3, 9))
    for one in lists:
        assert one.table.overlap_share == pytest.approx(one.overlap, abs=1e-9)
        assert 0.05 <= one.overlap <= 0.30


def test_a_method_is_held_to_what_it_counts():
    persons, entries = (SCENARIOS[f"one chance, {seen}"] for seen in ("1,000 people", "entries of 1,000 people"))
    assert (persons.size, entries.size) == (1_000, 823)
    assert applies(persons, candidates()["persons-attempting"])
    assert not applies(entries, candidates()["persons-attempting"])
    assert applies(entries, candidates()["successful-entries"])
    # 1,000 / (1 - 0.35 x 0.6) attempts, of which 0.65 succeed.
    made = [persons.simulation(rng=seed) for seed in range(200)]
    assert {one.persons for one in made} == {1_000}
    own = [one.entries for one in made]
    assert np.mean(own) == pytest.approx(entries.size, abs=4 * np.std(own) / math.sqrt(200))


def test_what_a_survey_says_is_drawn_anew_and_is_right_on_average():
    scenario = SCENARIOS["seldom recognised, 20,000 people"]
    rng = np.random.default_rng(1)
    told = [scenario.told(rng) for _ in range(300)]
    for name, truth in (("deterrence", 0.4), ("recognition", 0.75)):
        middles = [one[name].median for one in told]
        assert np.mean(middles) == pytest.approx(truth, abs=4 * np.std(middles) / math.sqrt(300) + 1 / 800)
        assert len(set(middles)) > 20
    asked = candidates()["persons-attempting"].asked(scenario, None, rng)
    assert set(asked) == {"deterrence", "recognition", "rng"}
    assert SCENARIOS["one chance, 1,000 people"].fingerprint != SCENARIOS["one chance, 20,000 people"].fingerprint


def test_the_flow_expected_of_a_border_is_what_simulated_ones_have_on_average():
    given_ = {"sizes": {"a": 3_000, "b": 2_000}, "apprehension": {"a": 0.2, "b": 0.5}, "turned_back": 0.1,
              "deterrence": 0.3, "giving_up": 0.4, "returned": 0.8}
    made = [border(**given_, rng=seed) for seed in range(100)]
    for name, expected in expected_flow(**given_).items():
        own = [getattr(one, name) for one in made]
        assert np.mean(own) == pytest.approx(expected, abs=4 * np.std(own) / 10 + 1e-9)


def test_an_interrupted_study_goes_on_where_it_stood(tmp_path, monkeypatch):
    path, asked = tmp_path / "study.journal", {"replicates": 4 * BLOCK, "rng": 1, "n_jobs": 1}
    whole = validate(QUICK, FEW, **asked)
    done, real = [], Task.fits

    def tired(task):
        done.append(task)
        if len(done) == 4:
            raise KeyboardInterrupt
        return real(task)

    monkeypatch.setattr(Task, "fits", tired)
    with pytest.raises(KeyboardInterrupt):
        validate(QUICK, FEW, **asked, journal=path)
    kept = len(path.read_text().splitlines())
    assert 1 <= kept <= 3
    with path.open("a") as torn:
        torn.write('{"task": "half a li')
    monkeypatch.setattr(Task, "fits", lambda task: done.append(task) or real(task))
    done.clear()
    same(whole, validate(QUICK, FEW, **asked, journal=path))
    assert len(done) == 12 - kept
    done.clear()
    same(whole, validate(QUICK, FEW, **asked, journal=path))
    assert not done
    same(validate(QUICK, FEW, replicates=5 * BLOCK, rng=1, n_jobs=1),
         validate(QUICK, FEW, replicates=5 * BLOCK, rng=1, n_jobs=1, journal=path))


def test_ctrl_c_in_compiled_code_is_no_failed_fit(monkeypatch):
    def pressed(*_, **__):
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt as key:
            raise SystemError("CPUDispatcher returned a result with an exception set") from key

    monkeypatch.setattr("smuggling_analysis.methods.multiple_systems.loglinear", pressed, raising=False)
    with pytest.raises(KeyboardInterrupt):
        validate(["loglinear"], FEW, replicates=BLOCK, rng=1, n_jobs=1)


def test_other_seeds_and_options_do_not_go_on_from_a_journal(tmp_path):
    path = tmp_path / "study.journal"
    validate(["chapman"], FEW[1:], replicates=25, rng=1, n_jobs=1, journal=path)
    other = validate(["chapman"], FEW[1:], replicates=25, rng=2, n_jobs=1, journal=path)
    same(other, validate(["chapman"], FEW[1:], replicates=25, rng=2, n_jobs=1))
    narrow = Candidate(method="chapman", key="chapman", label="Chapman", options={"interval": "logit"})
    again = validate([narrow], FEW[1:], replicates=25, rng=1, n_jobs=1, journal=path)
    same(again, validate([narrow], FEW[1:], replicates=25, rng=1, n_jobs=1))


def test_a_crash_is_recorded_and_fails_the_study_at_its_end_with_what_repeats_it(tmp_path):
    broken = Candidate(method="loglinear", key="broken", label="Broken", options={"model": "[19]"})
    path = tmp_path / "study.journal"
    with pytest.raises(ValidationFailed, match=r"30 of the fits failed.*seed=5") as failed:
        validate([broken, "loglinear-independent"], FEW[:1], replicates=30, rng=5, n_jobs=1, journal=path)
    frame = failed.value.table.frame.set_index("key")
    assert frame.loc["loglinear-independent", "answered"] == 30
    assert frame.loc["broken", "drawn"] == 0
    first = failed.value.failures[0]
    repeated = fit_once(SCENARIOS[first.scenario], broken, first.replicate, seed=failed.value.seed)
    assert (repeated.outcome, repeated.words) == (first.outcome, first.words)
    assert "broken" not in path.read_text()


def test_a_refusal_is_a_result_and_is_counted():
    found = validate(["closed-population-darroch"], ["sparse overlaps, 7 lists of 1,000, 5 % overlap"],
                     replicates=10, rng=1, n_jobs=1)
    row = found.frame.iloc[0]
    assert row["drawn"] == 10
    assert row["refused"] == pytest.approx(1 - row["answered"] / 10)
    assert row["refused"] > 0.5
    assert found.fits.loc[found.fits["outcome"] == "refused", "words"].str.len().min() > 20


def test_bias_error_coverage_and_width_of_fits_made_by_hand():
    fits = pd.DataFrame([
        {"outcome": "answered", "value": 110.0, "lower": 90.0, "upper": 130.0, "cautions": 0, "seconds": 1.0},
        {"outcome": "answered", "value": 80.0, "lower": 70.0, "upper": 95.0, "cautions": 2, "seconds": 3.0},
        {"outcome": "refused", "value": math.nan, "lower": math.nan, "upper": math.nan, "cautions": 0, "seconds": 2.0},
        {"outcome": "failed", "value": math.nan, "lower": math.nan, "upper": math.nan, "cautions": 0, "seconds": 2.0},
    ])
    found = summary(fits, 100)
    assert (found["drawn"], found["answered"]) == (3, 2)
    assert found["refused"] == pytest.approx(1 / 3)
    assert found["cautioned"] == 0.5
    assert found["bias"] == pytest.approx(-0.05)
    assert found["rmse"] == pytest.approx(math.sqrt((0.01 + 0.04) / 2))
    assert found["coverage"] == 0.5
    assert found["width"] == pytest.approx((0.40 + 0.25) / 2)
    assert found["verdict"] == "too few answers"


def test_the_monte_carlo_band_is_clopper_and_pearsons():
    # Beta quantiles: 8 of 10 is 0.4439 to 0.9748 (Clopper and Pearson 1934, chart for n = 10).
    assert monte_carlo_band(8, 10) == pytest.approx((0.4439, 0.9748), abs=5e-5)
    assert monte_carlo_band(0, 20)[0] == 0.0
    assert monte_carlo_band(20, 20)[1] == 1.0
    assert verdict(185, 200) == "as it says"
    assert verdict(200, 200) == "more than it says"


def test_a_fit_survives_its_journey_through_json():
    for fit in (Fit(scenario="s", candidate="c", replicate=1, outcome="refused", words="why"),
                Fit(scenario="s", candidate="c", replicate=2, outcome="answered", value=0.1 + 0.2, lower=0.0,
                    upper=math.inf, cautions=3, seconds=1e-5)):
        again = from_plain(json.loads(json.dumps(to_plain(fit), allow_nan=False)))
        assert repr(again) == repr(fit)


def test_slow_methods_see_a_share_of_the_replicates():
    slow = Candidate(method="loglinear", key="slow", label="Slow", effort=0.1)
    assert [list(task.replicates) for task in tasks_of(SCENARIOS[FEW[0]], slow, 40, 1)] == [[0, 1, 2, 3]]


def test_a_scenario_of_ones_own_is_taken():
    from smuggling_analysis.simulate import independent_chances

    own = ListScenario(name="own", structure="own", size=400, model=independent_chances,
                   chances={"a": 0.4, "b": 0.3, "c": 0.3})
    frame = validate(["loglinear-independent"], [own], replicates=20, rng=1, n_jobs=1).frame
    assert frame[["scenario", "size", "lists"]].iloc[0].tolist() == ["own", 400, 3]


@pytest.mark.parametrize(("asked", "words"), [
    ({"methods": ["chapmann"]}, "there is no method chapmann"),
    ({"scenarios": ["chaos"]}, "there is no scenario chaos"),
    ({"replicates": 0}, "1 or more"),
    ({"methods": ["chapman"], "scenarios": ["heterogeneity"]}, "none of these methods"),
])
def test_what_cannot_be_validated_is_said(asked, words):
    with pytest.raises(ValueError, match=words):
        validate(**asked)


def test_a_method_and_an_effort_that_are_none_are_refused():
    with pytest.raises(ValueError, match="there is no method"):
        Candidate(method="chapmann", key="k", label="l")
    with pytest.raises(ValueError, match="effort"):
        Candidate(method="chapman", key="k", label="l", effort=0.0)


def test_a_journal_of_nonsense_is_passed_over(tmp_path):
    path = tmp_path / "journal"
    path.write_bytes(b'\xff\xfe\n[1, 2]\n{"task": "a", "work": 1}\n{"task"')
    with Journal(path) as journal:
        assert journal.held == {"a": 1}
        journal.finished("b", 2)
    assert Journal(path).held == {"a": 1, "b": 2}


def test_populations_are_drawn_with_streams_of_their_own():
    scenario, one = SCENARIOS[FEW[0]], candidates()["sample-coverage"]
    numbers = {tuple(stream.integers(2**32, size=2)) for replicate in range(50)
               for stream in streams(scenario, one, replicate, 1)}
    assert len(numbers) == 100
    assert np.isfinite(scenario.table.probability).all()
