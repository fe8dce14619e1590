"""Held to the promise of one page that needs nothing else, and to what hostile text must not do."""

from __future__ import annotations

import re

import nbformat
import pytest
from hostile_report import HOSTILE, executed, hostile_page

from smuggling_analysis.assessment.chapters import find_chapter
from smuggling_analysis.assessment.definition import read_definition
from smuggling_analysis.assessment.mathematics import draw, mark, markdown_html
from smuggling_analysis.assessment.render import chapter_section, number_headings, render_page
from smuggling_analysis.assessment.sanitise import clean


@pytest.fixture(scope="module")
def page():
    return hostile_page()


def test_the_page_names_no_address_it_would_load(page):
    assert not re.findall(
        r"<(?:script|iframe|link(?! rel=\"icon\" href=\"data:,\")|object|embed|base|form)\b", page
    )
    sources = re.findall(r'\bsrc\s*=\s*"([^"]{0,30})', re.sub(r"&[a-z]+;|&#\d+;", "", page))
    assert sources
    assert all(source.startswith("data:image/svg+xml;base64,") for source in sources)
    assert "url(" not in page.split("</head>")[1]
    assert "@import" not in page


def test_hostile_text_is_shown_as_text(page):
    body = page.split("</head>")[1]
    for text in HOSTILE[:3]:
        assert text not in body
    assert "&lt;script&gt;window.stolen = 1&lt;/script&gt;" in body
    assert "${title}" in body


def test_the_policy_of_the_page_forbids_everything_from_elsewhere(page):
    assert (
        "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:\""
    ) in page


def test_code_parameters_warnings_and_bare_values_are_left_out(tmp_path):
    file = tmp_path / "03-extent.ipynb"
    nbformat.write(executed("<p>shown</p>"), file)
    section = chapter_section(find_chapter("extent"), file)
    assert "shown" in section.html
    for hidden in ("secret", "a warning", "Estimate(...)", "A title"):
        assert hidden not in section.html


def test_headings_are_numbered_by_chapter_and_anchored_once_each():
    html, parts = number_headings(
        "<h1>T</h1><h2>A &amp; b</h2><h3>deep</h3><h2>A &amp; b</h2>", find_chapter("methods")
    )
    assert parts == (("methods-a-b", "A.1 A &amp; b"), ("methods-a-b-2", "A.2 A &amp; b"))
    assert html == (
        '<h3 id="methods-a-b">A.1 A &amp; b</h3><h4 id="methods-deep">deep</h4>'
        '<h3 id="methods-a-b-2">A.2 A &amp; b</h3>'
    )


def test_key_findings_have_no_numbers():
    html, _ = number_headings("<h2>In short</h2>", find_chapter("key-findings"))
    assert html == '<h3 id="key-findings-in-short">In short</h3>'


@pytest.mark.parametrize(
    ("dirty", "safe"),
    [
        ("<img src=https://x.example/a.png alt=a>", ""),
        ("<img src=x onerror=a()>", ""),
        ("<a href='java&#x73;cript:a()'>b</a>", "<a>b</a>"),
        ("<a href=' data:text/html,a'>b</a>", "<a>b</a>"),
        ("<style>@import 'x'</style>b", "b"),
        ("<p style='background:url(x);color:red'>b</p>", '<p style="color:red;">b</p>'),
        ("<math><mi//xlink:href='data:x'>b</math>", "b"),
        ("<!-- a --><b>c", "<b>c</b>"),
        ("a < b", "a &lt; b"),
        ("<iframe srcdoc='<script>a()</script>'></iframe>", ""),
        ("<form action=x><input name=y></form>", ""),
    ],
)
def test_only_what_the_allowlist_names_survives(dirty, safe):
    assert clean(dirty) == safe


def test_mathematics_is_drawn_with_its_text_beside_it():
    drawn = draw(markdown_html("$\\hat N$ and\n\n$$\\frac{a}{b<c}$$"))
    assert drawn.count("<svg ") == 2
    assert 'role="img" aria-label="\\hat N"' in drawn
    assert 'aria-label="\\frac{a}{b&lt;c}"' in drawn
    assert "vertical-align" in drawn
    assert "$" not in drawn
    assert " id=" not in drawn


def test_money_is_not_mathematics():
    assert "<svg" not in draw(markdown_html("USD 1,200 or a \\$5 note"))


def test_mathematics_that_cannot_be_set_is_shown_as_written():
    assert draw(mark("\\frac{", display=False)).startswith('<span class="formula">')


def test_mathematics_cannot_smuggle_markup_in():
    drawn = draw(clean(markdown_html('$"><script>stolen()</script>$')))
    assert "<script" not in drawn


def test_a_report_on_simulated_data_says_so_on_its_cover(project):
    definition = read_definition("testland", project.root)
    assert "SIMULATED DATA" not in render_page(definition, 2020, [])
    page = render_page(definition, 2020, [], simulated=True)
    assert "SIMULATED DATA" in page[page.index("<header"):page.index("</header>")]


def test_dollars_in_a_sentence_are_money_and_no_mathematics():
    said = markdown_html("It cost $400 to $500; $x^2$")
    assert said.strip() == '<p>It cost $400 to $500; <span class="mathematics">x^2</span></p>'
