"""Held to the working agreement of chapters: what is recorded, shown, written, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from smuggling_analysis.assessment.chapter import open_chapter
from smuggling_analysis.assessment.show import literal, marked_markdown
from smuggling_analysis.assessment.workspace import VARIABLE
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.indicator import Indicator

PEOPLE = Estimate(value=1000, lower=900, upper=1100, unit="persons", method="m")


def opened(project, name="extent", **options):
    return open_chapter(
        name, **{"assessment": "testland", "year": 2020, "seed": 1, "root": project.root} | options
    )


def axes():
    from matplotlib.figure import Figure

    made = Figure(figsize=(4, 2)).subplots()
    made.plot([1, 2, 3], [2, 1, 3])
    made.fill_between([1, 2, 3], [0, 0, 0], [2, 1, 3])
    return made


def test_evidence_source_and_judgement_come_from_the_definition(project):
    chapter = opened(project)
    assert chapter.place == "Testland"
    assert chapter.evidence("lists").n_observed == 153
    assert chapter.source("lists").title == "Three lists"
    assert chapter.evidence("fees") is None
    assert chapter.source("fees") is None
    assert chapter.judgement("volume").reason == "for the test"
    with pytest.raises(KeyError, match="holds no judgement price; it holds: volume"):
        chapter.judgement("price")
    with pytest.raises(ValueError, match="there is no role 'feees'"):
        chapter.evidence("feees")


def test_a_year_or_chapter_that_does_not_exist_is_refused(project):
    with pytest.raises(ValueError, match="not defined for 1999: its years are 2020"):
        opened(project, year=1999)
    with pytest.raises(ValueError, match="there is no chapter 'extend'"):
        opened(project, "extend")


def test_every_chapter_has_a_stream_of_its_own(project):
    def first(name, seed):
        return opened(project, name, seed=seed).rng.integers(2**60)

    assert first("extent", 1) == first("extent", 1)
    assert len({first(name, seed) for name in ("extent", "market") for seed in (1, 2)}) == 4


def test_results_are_written_and_read_by_later_chapters_only(project, workspace):
    opened(project, "extent").record("people", PEOPLE, "Q8", headline=True)
    opened(project, "flows").record("flow", PEOPLE)
    assert [one.key for one in opened(project, "market").recorded()] == ["people"]
    assert [one.key for one in opened(project, "key-findings").recorded()] == ["flow", "people"]


def test_by_hand_nothing_is_written(project, shown, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    chapter = opened(project)
    chapter.record("people", PEOPLE)
    chapter.table("t", pd.DataFrame({"a": [1]}), "A table")
    chapter.figure("f", axes(), "A figure", "In words")
    assert chapter.recorded() == []
    assert len(shown) == 2
    assert not (project.root / "reports").exists()


def test_by_hand_the_published_report_is_read(project, workspace, monkeypatch):
    report = project.root / "reports/testland/2020"
    monkeypatch.setenv(VARIABLE, str(report))
    opened(project, "extent").record("people", PEOPLE)
    monkeypatch.delenv(VARIABLE)
    assert [one.key for one in opened(project, "market").recorded()] == ["people"]


@pytest.mark.parametrize(
    ("key", "result", "error", "words"),
    [
        ("People", PEOPLE, ValueError, "small letters, digits and hyphens"),
        ("twice", PEOPLE, ValueError, "used twice in the chapter extent"),
        ("number", 12, TypeError, "a result is an Estimate, an Indicator or a NoEstimate, got int"),
    ],
)
def test_a_result_that_cannot_be_recorded_is_refused(project, key, result, error, words):
    chapter = opened(project)
    chapter.record("twice", PEOPLE)
    with pytest.raises(error, match=words):
        chapter.record(key, result)


def test_figures_and_tables_are_numbered_captioned_and_written(project, workspace, shown):
    chapter = opened(project)
    chapter.figure("first", axes(), "People & years", 'A "line"')
    chapter.figure("second", axes(), "More", "Another line")
    chapter.table("lists", pd.DataFrame({"list": ["=1+1", "<b>x</b>"], "people": [1.5, 2.0]}), "The lists")
    assert "<b>Figure 3.1.</b> People &amp; years" in shown[0]
    assert 'alt="A &quot;line&quot;"' in shown[0]
    assert "Figure 3.2" in shown[1]
    assert "<b>Table 3.1.</b> The lists" in shown[2]
    assert "<b>x</b>" not in shown[2]
    assert (workspace.folder / "figures/extent-first.svg").read_bytes().startswith(b"<?xml")
    assert (
        workspace.folder / "tables/extent-lists.csv"
    ).read_text() == "list,people\n'=1+1,1.5\n<b>x</b>,2.0\n"
    with pytest.raises(ValueError, match="two figures of the chapter extent are named first"):
        chapter.figure("first", axes(), "x", "y")
    with pytest.raises(ValueError, match="needs a caption, and its content in words"):
        chapter.figure("third", axes(), "x", " ")


def test_figures_are_the_same_bytes_every_time_and_carry_no_date(project, workspace, shown):
    for _ in range(2):
        opened(project).figure("same", axes(), "x", "y")
    assert shown[0] == shown[1]
    svg = (workspace.folder / "figures/extent-same.svg").read_text()
    assert "dc:date" not in svg
    assert "http://matplotlib" not in svg.lower().replace("https", "http")


def test_simulated_evidence_watermarks_everything_after_it(project, workspace, shown):
    project.source(simulated=True)
    chapter = opened(project)
    assert not chapter.record("before", PEOPLE).simulated
    chapter.evidence("lists")
    assert chapter.record("people", PEOPLE).simulated
    chapter.figure("f", axes(), "A figure", "In words")
    chapter.table("t", pd.DataFrame({"a": [1]}), "A table")
    chapter.text("## People\n\n1,000 people")
    for what in shown:
        assert "SIMULATED DATA" in what
    assert (workspace.folder / "tables/extent-t.csv").read_text() == "a,simulated\n1,true\n"
    later = opened(project, "market")
    assert [one.simulated for one in later.recorded()] == [False, True]
    assert later.simulated


def test_refusals_are_recorded_and_shown_with_the_data_needed(project, workspace, shown):
    chapter = opened(project)
    chapter.refusal("Q8", NoEstimate("no person is on <both> lists", "a shared identifier"))
    chapter.refusal("Q8", NoEstimate("again", "more"))
    assert "No person is on &lt;both&gt; lists." in shown[0]
    assert "A shared identifier." in shown[0]
    kept = opened(project, "market").recorded()
    assert [(one.kind, one.question) for one in kept] == [("no estimate", "Q8")] * 2
    assert len({one.key for one in kept}) == 2


def test_an_indicator_is_never_recorded_as_an_estimate(project, workspace):
    dead = Indicator(
        value=3, unit="deaths", what="dead", place="sea", period="2020", source="x", kind="recorded"
    )
    opened(project).record("dead", dead)
    (one,) = opened(project, "market").recorded()
    assert one.kind == "indicator"
    assert one.result == dead


def test_a_line_and_a_text_are_shown(project, shown):
    chapter = opened(project)
    chapter.no_evidence("There is no evidence of <fees>.")
    chapter.text("Some $x$.")
    assert shown == ['<p class="no-evidence">There is no evidence of &lt;fees&gt;.</p>', "Some $x$."]


def test_draws_survive_the_workspace(project, workspace):
    made = Estimate.from_draws(np.arange(50.0), joint="j", unit="persons", method="m")
    opened(project).record("people", made)
    (one,) = opened(project, "market").recorded()
    assert (one.result - made).upper == 0


def test_what_is_said_of_a_simulated_source_is_watermarked_too(project, workspace, shown):
    project.source(simulated=True)
    chapter = opened(project)
    chapter.source("lists")
    assert chapter.simulated


def test_a_watermark_breaks_no_list_and_no_heading():
    mark = '<span class="simulated">SIMULATED DATA</span>'
    assert marked_markdown("## Only a heading") == "## Only a heading"
    assert marked_markdown("- one\n- two") == f"{mark}\n\n- one\n- two"
    assert marked_markdown("1. one") == f"{mark}\n\n1. one"
    assert marked_markdown("## A\n\n**Nine** people") == f"## A\n\n{mark} **Nine** people"


@pytest.mark.parametrize("hostile", [
    "$x$ and $$y$$", "# no heading", "*stars* and _lines_", "<b>bold</b><script>", "- no list", "1. no list",
    "2015. no list", "[link](https://example.org)", "![i](x)", "`code`", "a\n\n# b", "---", "| a | b |", "&lt; &amp;",
    "\\(x\\)", "~~gone~~", "x^2^", "    code", "> quote", "= = =",
])
def test_text_of_the_data_is_shown_letter_by_letter(hostile):
    from html import unescape

    from smuggling_analysis.assessment.mathematics import markdown_html

    page = markdown_html(literal(hostile)).strip()
    assert page.startswith("<p>") and page.endswith("</p>")
    inner = page[3:-4]
    assert "<" not in inner.replace("<a href=", "").replace("</a>", "")
    assert unescape(inner) == " ".join(hostile.split()) or "example.org" in inner


def test_the_sources_of_an_assessment_mark_the_chapter_where_one_is_simulated(project):
    chapter = opened(project, "data")
    assert list(chapter.sources) == ["three-lists"]
    assert not chapter.simulated
    project.source(simulated=True)
    chapter = opened(project, "data")
    assert chapter.sources["three-lists"].simulated
    assert chapter.simulated
