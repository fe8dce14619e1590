"""The pages in headless Chromium with the network off: they load nothing, complain of nothing, draw all.

Held for a page full of hostile text, and for every assessment of this project as it is published.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import CHROMIUM, Browser, complaints, requests
from hostile_report import hostile_page

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed here")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    started = Browser(tmp_path_factory.mktemp("profile"))
    yield started
    started.close()


@pytest.fixture(scope="module", params=["hostile text", "south-east-asia 2023", "netherlands 1995",
                                        "netherlands 2015", "united-kingdom 2013", "poland 2024"])
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if request.param != "hostile text":
        name, year = request.param.split()
        return request.getfixturevalue("published")(name, int(year)) / "assessment.html"
    path = tmp_path_factory.mktemp("page") / "assessment.html"
    path.write_text(hostile_page(), encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_loads_nothing_and_complains_of_nothing(browser, page, width):
    browser.open(page, width)
    browser.ask("new Promise(done => setTimeout(done, 300))")
    assert complaints(browser) == []
    assert [url for url in requests(browser) if not url.startswith("data:")] == [page.as_uri()]


@pytest.mark.parametrize("width", [1280, 390])
def test_every_image_is_drawn_and_nothing_is_wider_than_the_page(browser, page, width):
    browser.open(page, width)
    assert browser.ask("document.images.length") > 0
    assert browser.ask(
        "[...document.images].every(i => i.complete && i.naturalWidth > 0 && i.alt.length > 0)"
    )
    assert browser.ask(
        "[...document.querySelectorAll('.formula svg')].every(s => s.getBoundingClientRect().width > 2)"
    )
    assert browser.ask("document.documentElement.scrollWidth") <= width


def test_no_script_is_in_the_page_or_can_run_in_it(browser, page):
    browser.open(page, 1280)
    assert browser.ask("document.scripts.length") == 0
    assert browser.ask("typeof stolen") == "undefined"
    assert browser.ask(
        "[...document.querySelectorAll('*')].every(e => "
        "[...e.attributes].every(a => !a.name.startsWith('on') && !/^\\s*javascript:/i.test(a.value)))"
    )
    # The page's own policy stops a script even if one got in.
    assert (
        browser.ask(
            "(() => { const s = document.createElement('script'); s.textContent = 'window.got = 1';"
            " document.body.append(s); return typeof window.got; })()"
        )
        == "undefined"
    )


def test_every_entry_of_the_contents_leads_somewhere(browser, page):
    browser.open(page, 1280)
    assert browser.ask("[...document.querySelectorAll('nav a')].length") > 3
    assert browser.ask(
        "[...document.querySelectorAll('a[href^=\"#\"]')]"
        ".every(a => document.getElementById(a.hash.slice(1)))"
    )
