"""Tables: everything escaped, nothing loaded from elsewhere, numbers as a reader expects them."""

from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from smuggling_analysis import numerals, tables
from smuggling_analysis.assessment.results import Recorded
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.indicator import Indicator
from smuggling_analysis.methods import METHODS

HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</td></table><h1>", "'; -- & <b>",
           "<style>@import 'x'</style>", "a\x00b\x1b[31m", "=HYPERLINK(1)"]


class Reader(HTMLParser):
    """Collects the elements of a page and the text of its cells."""

    def __init__(self):
        super().__init__()
        self.elements: list[str] = []
        self.attributes: set[str] = set()
        self.cells: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_data(self, data):
        if self.cells and data.strip():
            self.cells[-1] += data.strip()


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    return reader


def cells(page: str) -> list[str]:
    return read(page).cells


def estimate(**changed) -> Estimate:
    given = {"value": 12690.35, "lower": 7186.449, "upper": 18194.25, "unit": "persons",
             "method": "truncated_count"}
    return Estimate(**{**given, **changed})


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_stays_text_wherever_it_stands(hostile):
    frame = pd.DataFrame({hostile: [hostile], "n": [1]})
    page = tables.html(frame, caption=hostile, note=hostile, source=hostile)
    found = read(page)
    assert set(found.elements) <= {"div", "style", "table", "thead", "tbody", "tfoot", "tr", "th", "td",
                                   "span"}
    assert not {name for name in found.attributes if name.startswith("on")}
    assert "src" not in found.attributes


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_results_stay_text(hostile):
    table = tables.estimates({hostile: estimate(method=hostile, cautions=(hostile,), population=hostile)})
    other = tables.indicators([Indicator(value=1, unit=hostile, what=hostile, place=hostile, period="2023",
                                         source=hostile, kind="recorded", qualifier=hostile)])
    for page in (table.html(caption="x"), other.html(caption="x")):
        assert not {"script", "img", "h1", "b"} & set(read(page).elements)


def test_no_address_is_loaded():
    page = tables.html(pd.DataFrame({"a": [1]}), caption="x", note="y", source="z")
    assert not any(word in page for word in ("http:", "https:", "//", "url(", "@import", "src="))


def test_the_same_table_is_the_same_bytes():
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    assert tables.html(frame, caption="c") == tables.html(frame.copy(), caption="c")


def test_numbers_have_separators_and_years_have_none():
    frame = pd.DataFrame({"year": [2015], "n_persons": [124761], "fee": [1234.5678], "share": [0.832],
                          "known": [True], "missing": [np.nan], "numpy": pd.array([None], dtype="Int64")})
    found = cells(tables.html(frame, percent=("share",)))
    assert found[:7] == ["Year", "N persons", "Fee", "Share", "Known", "Missing", "Numpy"]
    assert found[7:] == ["2015", "124,761", "1,235", "83 %", "yes", "–", "–"]


def test_numbers_stand_right_and_words_left():
    page = tables.html(pd.DataFrame({"n": [1], "word": ["a"]}))
    assert 'class="gt_row gt_right">1<' in page
    assert 'class="gt_row gt_left">a<' in page


def test_an_interval_is_one_column():
    frame = pd.DataFrame({"value": [12690.35, None, 0.8], "lower": [7186.449, 10000, 0.7],
                          "upper": [18194.25, 13000, 0.9], "unit": ["persons", "persons", "share"]})
    found = cells(tables.html(frame, interval=("value", "lower", "upper")))
    assert found[2::2] == ["12,690 (7,186 to 18,194)", "10,000 to 13,000", "80 % (70 % to 90 %)"]


def test_an_open_interval_says_so():
    table = tables.estimates({"x": estimate(upper=float("inf"), unbounded=True)})
    assert "12,700 (at least 7,190)" in table.html()


def test_long_texts_can_be_numbered_below():
    frame = pd.DataFrame({"n": [1, 2, 3], "source": ["UNODC 2015", "IOM 2023", "UNODC 2015"]})
    found = cells(tables.html(frame, numbered="source"))
    assert found[2:] == ["1", "[1]", "2", "[2]", "3", "[1]", "[1] UNODC 2015", "[2] IOM 2023"]


def test_checksums_can_be_cut_on_the_page():
    assert cells(tables.html(pd.DataFrame({"sha256": ["0123456789abcdef"]}), cut={"sha256": 4}))[1] == "0123"


def test_an_empty_table_is_a_table():
    assert "table" in read(tables.html(pd.DataFrame({"a": [], "b": []}))).elements
    assert "table" in read(tables.estimates({}).html()).elements
    assert "table" in read(tables.indicators([]).html()).elements


def test_the_frame_keeps_every_digit_and_the_page_three():
    table = tables.estimates({"Not expelled": estimate()})
    assert table.frame.loc[0, "value"] == 12690.35
    assert "12,700 (7,190 to 18,200)" in table.html()
    assert "12,690 (7,186 to 18,194)" in tables.estimates({"Not expelled": estimate()}, digits=None).html()


def test_each_caution_is_one_numbered_note():
    table = tables.estimates({"a": estimate(cautions=("one list is small", "links may err")),
                              "b": estimate(cautions=("links may err",))})
    assert table.frame["notes"].tolist() == ["1, 2", "2"]
    assert table.formatting["note"] == ("1 One list is small.", "2 Links may err.")


def test_estimates_and_indicators_are_never_in_one_table():
    mixed = {"e": estimate(), "i": Indicator(value=1, unit="persons", what="seen", place="", period="2023",
                                             source="s",
                                             kind="recorded"), "r": NoEstimate("none", "lists")}
    assert tables.estimates(mixed).frame["quantity"].tolist() == ["e"]
    assert tables.indicators(mixed).frame["what"].tolist() == ["Seen"]
    assert tables.refusals(mixed).frame["quantity"].tolist() == ["r"]


def test_simulated_results_are_watermarked():
    assert "Simulated data" in tables.estimates({"a": estimate(simulated=True)}).html()
    assert "Simulated data" not in tables.estimates({"a": estimate()}).html()


def test_a_refusal_is_named_by_its_question():
    refused = Recorded("extent", "no-estimate", "Q8", True, NoEstimate("no lists", "two lists"))
    assert tables.refusals([refused]).frame.loc[0, "quantity"] == "How many resort to smugglers?"


def test_questions_are_answered_by_the_best_there_is():
    recorded = [Recorded("extent", "chao", "Q8", True, estimate()),
                Recorded("extent", "no-estimate", "Q8", True, NoEstimate("a", "b")),
                Recorded("market", "no-estimate", "Q7", False, NoEstimate("a", "b"))]
    answer = tables.unanswered(recorded).set_index("question")["answer"]
    assert answer["Q8"] == "estimated"
    assert answer["Q7"] == "no estimate possible"
    assert answer["Q1"] == "no evidence"


def test_a_method_whose_every_number_was_refused_was_used_all_the_same():
    refused = NoEstimate("the methods disagree", "a further list")
    recorded = [Recorded("extent", "loglinear-bic", "Q8", False, refused),
                Recorded("extent", "loglinear-stepwise", "Q8", False, estimate()),
                Recorded("extent", "bayesian-graphical", "Q8", False, refused),
                Recorded("extent", "chapman", "Q8", False, NoEstimate("Chapman cannot be used: three lists", "two")),
                Recorded("extent", "loglinear-suppressed", "Q8", False, estimate())]
    table = tables.methods_used(METHODS, recorded, {"chapman": "3 lists, not 2"}).set_index("method")
    assert table.loc["loglinear", ["used", "gave_estimate", "why_not"]].tolist() == [True, True, ""]
    assert table.loc["bayesian_graphical", ["used", "gave_estimate", "why_not"]].tolist() == [True, False, ""]
    assert table.loc["chapman", ["used", "why_not"]].tolist() == [False, "3 lists, not 2"]
    assert table.loc["loglinear_suppressed", "gave_estimate"] and not table.loc["closed_population", "used"]


@pytest.mark.parametrize(("value", "digits", "text"), [
    (0.0, 3, "0"), (-1234.0, None, "-1,234"), (0.00012345, 3, "0.000123"), (999.6, 3, "1,000"),
    (1e7, None, "10 million"), (12_345_678, None, "12,345,678"), (float("nan"), 3, "–"), (None, 3, "–")])
def test_numbers_as_written(value, digits, text):
    assert numerals.number(value, digits=digits) == text


def test_names_without_end_are_cut_and_citations_are_not():
    page = tables.html(pd.DataFrame({"place": ["p" * 3000], "citation": ["c" * 3000], "h" * 3000: [1]}))
    found = cells(page)
    assert max(len(text) for text in found if text.startswith(("p", "H"))) == 200
    assert "p…" in page.replace("\n", "")
    assert "c" * 3000 in found


def test_periods_are_spoken_in_tables_and_quantities():
    assert "2022-01 to 2023-12" in cells(tables.html(pd.DataFrame({"period": ["2022-01/2023-12"]})))
    assert tables.described(estimate(place="Sea", period="2022-01/2023-12")).endswith("Sea, 2022-01 to 2023-12")


def test_source_files_say_which_are_simulated_only_if_any_is():
    from datetime import date
    from types import SimpleNamespace

    file = SimpleNamespace(description="d", sha256="0")
    known = {"title": "t", "citation": "c", "licence": "l", "retrieved": date(2026, 1, 1), "files": {"a.csv": file}}
    real, made = (SimpleNamespace(**known, simulated=simulated) for simulated in (False, True))
    assert "simulated" not in tables.source_files({"real": real})
    assert tables.source_files({"real": real, "made": made})["simulated"].tolist() == [False, True]
