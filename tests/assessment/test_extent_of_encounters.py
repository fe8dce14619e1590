"""The extent chapter where all there is are encounters at a border: a number with what it rests on, or the refusal.

The chapter is this project's own notebook, on a throw-away project whose border is simulated, or made by hand.
"""

from __future__ import annotations

import pandas as pd
import pytest
from extent_notebook import put, run

from smuggling_analysis.assessment.definition import read_definition
from smuggling_analysis.assessment.extent.encounters import asked_of
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.methods.reliability import RULES_OF
from smuggling_analysis.problems import BadInput
from smuggling_analysis.simulate import border

STATED = """
[judgement.encounters-{name}]
value = {value}
low = {low}
high = {high}
unit = "share"
reason = "{reason}"
"""
SURVEY = STATED.format(name="deterrence", value=0.4, low=0.35, high=0.45, reason="a survey of people returned")
KNOWN = "[judgement.encounters-{}]\nvalue = {}\nreason = \"known to the test\"\n"


def counted(project, table: pd.DataFrame, *judgements: str, simulated: bool = True) -> None:
    """Put a border into the project, in place of its lists."""
    put(project, "encounters", table, 'place = "place"\nperiod = "period"', *judgements, reader="encounters",
        simulated=simulated)


def test_a_border_whose_deterrence_is_stated_has_a_number_and_what_it_rests_on(project, monkeypatch, shown, workspace,
                                                                                results):
    made = border({"all": 20_000}, {"all": 0.35}, deterrence=0.4, turned_back=0.1, giving_up=0.3, rng=1)
    counted(project, made.encounters.frame().assign(period="2020"), SURVEY, KNOWN.format("giving-up", 0.3),
            KNOWN.format("recognition", 1), KNOWN.format("detection", 0.5))
    run(project, monkeypatch)
    recorded = results()
    (headline,) = [one for one in recorded.values() if one.headline]
    assert isinstance(headline.result, Estimate)
    assert headline.key == "persons-attempting-deterrence-stated"
    assert headline.result.lower <= made.persons <= headline.result.upper
    assert (headline.result.place, headline.result.population) == ("Testland", "What was counted")
    assert {"successful-entries-deterrence-stated", "apprehension-probability", "interdiction-rate"} <= set(recorded)
    page = "\n".join(shown)
    for words in ("repeated trials", "Share of those returned that does not try again: 40 % (35 % to 45 %). "
                  "A survey of people returned.", "Entries, attempts, and the shares of them", "does not try again",
                  "SIMULATED"):
        assert words in page, words
    figures = {path.stem for path in workspace.folder.rglob("*.svg")}
    assert {"extent-encounters-forest", "extent-encounters-flow", "extent-encounters-deterrence"} <= figures
    assert all(one.simulated for one in recorded.values())


def test_the_gates_rules_for_encounters_are_shown(project, monkeypatch, shown):
    counted(project, pd.DataFrame({"place": ["East"], "period": ["2020"], "apprehended": [9000], "repeats": [1500]}),
            SURVEY, simulated=False)
    run(project, monkeypatch)
    page = "\n".join(shown)
    assert "The rules of the reliability gate for encounters." in page
    assert all(rule.title in page for rule in RULES_OF["Encounters"])
    assert "SIMULATED" not in page


def test_a_border_of_which_nobody_stated_the_deterrence_is_refused_with_what_would_help(project, monkeypatch, shown,
                                                                                       results):
    counted(project, pd.DataFrame({"place": ["East"], "period": ["2020"], "apprehended": [9000], "repeats": [1500]}))
    run(project, monkeypatch)
    recorded = results()
    refusal = recorded["encounters-headline"]
    assert refusal.headline and isinstance(refusal.result, NoEstimate)
    assert "not stated which share of those returned does not try again" in refusal.result.reason
    page = "\n".join(shown)
    assert "a survey of people returned" in page
    assert "Nothing is stated of the shares that no count says." in page
    assert "No flow is drawn" in page


def test_a_border_without_repeats_has_no_method_and_says_so(project, monkeypatch, shown, results):
    counted(project, pd.DataFrame({"place": ["East"], "period": ["2020"], "apprehended": [9000], "got_away": [1500]}))
    run(project, monkeypatch)
    assert "it is not recorded who had been apprehended before" in "\n".join(shown)
    recorded = results()
    assert all(isinstance(one.result, NoEstimate) for one in recorded.values() if one.headline)
    assert isinstance(recorded["interdiction-effectiveness"].result, Estimate)


def test_stated_shares_are_read_from_the_definition(project):
    counted(project, pd.DataFrame({"place": ["East"], "period": ["2020"], "apprehended": [9], "repeats": [1]}), SURVEY,
            KNOWN.format("recognition", 0.9))

    class Opened:
        judgements = read_definition("testland", project.root).judgement

    shares = asked_of(Opened)
    assert set(shares) == {"deterrence", "recognition"}
    assert shares["recognition"].known and shares["recognition"].median == 0.9
    ends = (min(shares["deterrence"].numbers), max(shares["deterrence"].numbers))
    assert 0.35 <= ends[0] < 0.36 and 0.44 < ends[1] <= 0.45
    assert shares["deterrence"].median == pytest.approx(0.4, abs=1e-3)
    assert shares["deterrence"].reason == "a survey of people returned"


@pytest.mark.parametrize(("judgement", "said"), [
    (KNOWN.format("deterrence", 1.4), "found 1.4, allowed is a share between 0 and 1"),
    (KNOWN.format("deterrence", '"half"'), "found 'half', allowed is a share between 0 and 1"),
    (KNOWN.format("detection", "true"), "allowed is a share between 0 and 1"),
    (STATED.format(name="recognition", value=0.9, low=0.5, high=1.2, reason="r"),
     'key "judgement.encounters-recognition.high": found 1.2, allowed is a share between 0 and 1'),
])
def test_a_stated_share_that_is_none_is_a_problem_before_anything_runs(project, judgement, said):
    counted(project, pd.DataFrame({"place": ["East"], "period": ["2020"], "apprehended": [9], "repeats": [1]}),
            judgement)
    with pytest.raises(BadInput, match=said):
        read_definition("testland", project.root)
