"""A panel as a reader sees it: the forest with verdicts, and its tables."""

import matplotlib
import pytest

import smuggling_analysis as sa
from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.indicator import Indicator

matplotlib.use("Agg")
PUBLISHED = Indicator(value=40_000, low=30_000, high=50_000, unit="persons", what="victims", place="N", period="2010",
                      source="Ball, P. and Betts, W. (2002), a report", kind="published estimate")


@pytest.fixture(scope="module")
def panel():
    """Six lists on which methods disagree: some are refused, others not."""
    from smuggling_analysis.methods.panel import of_lists, variants

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(of_lists, "list_variants", lambda histories, plan: tuple(
            variant for variant in variants.list_variants(histories, plan) if "chains" not in variant.options))
        return sa.panel(sa.load("netherlands-2010-2015/capture_histories.csv"), max_order=2, replicates=50, rng=1,
                        published=[PUBLISHED])


def texts(ax):
    return [text.get_text().replace("\n", " ") for text in (*ax.texts, *ax.get_yticklabels())]


def test_the_forest_names_every_method_its_family_and_its_verdict(panel):
    said = " | ".join(texts(sa.plots.panel_forest(panel)))
    for one in panel.fitted:
        assert one.label in said
        assert one.variant.family.lower() in said.lower()
    assert said.count("refused: ") == sum(not one.passed for one in panel.fitted)
    assert "published: Ball" in said
    assert "8,234 observed" in said


def test_refused_numbers_are_hollow_and_others_are_not(panel):
    ax = sa.plots.panel_forest(panel)
    marks = [line.get_marker() for line in ax.lines]
    assert marks.count("X") == sum(one.given is not None and not one.passed for one in panel.fitted)
    assert marks.count("o") == sum(one.passed for one in panel.fitted)
    assert marks.count("D") == 1


def test_the_table_keeps_refused_numbers_in_sight_and_says_so(panel):
    shown = sa.tables.verdicts(panel)
    row = shown.frame.set_index("key").loc["loglinear-bic"]
    assert (row["verdict"], row["weight"]) == ("refused", 0)
    assert row["value"] == pytest.approx(116_667, abs=0.5)
    assert row["rules"] == "Divergence over models"
    assert "not to be quoted" in shown.html()


def test_every_finding_is_told_once_refusals_first(panel):
    frame = sa.tables.gate_findings(panel).frame
    assert frame["finding"].is_unique
    assert frame["consequence"].tolist() == sorted(frame["consequence"], reverse=True)
    assert (frame["concerns"] == "every method").any()


def test_the_rules_of_the_gate_are_a_table_with_sources():
    assert "Vehtari" in sa.tables.gate_rules().html()


@pytest.mark.parametrize("piece", ["leave_one_out", "merged", "dropped", "dependence", "assumed_away", "link_errors",
                                   "held_out", "trajectory"])
def test_every_piece_of_the_sensitivity_is_made_and_can_be_laid_out(panel, piece):
    found = getattr(panel, piece)
    assert not isinstance(found, NoEstimate), found
    frame = sa.tables.tried(found, found.frame.columns[0]).frame
    assert len(frame) > 1
    assert {"value", "lower", "upper"} <= set(frame.columns)
