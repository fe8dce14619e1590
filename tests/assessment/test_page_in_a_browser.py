"""The page in headless Chromium with the network off: it loads nothing, complains of nothing, draws all.

The browser is driven through its debugging pipe (the Chrome DevTools Protocol, JSON ended by a zero byte),
which needs no further package.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hostile_report import hostile_page

CHROMIUM = next(
    (
        found
        for name in ("chromium", "chromium-browser", "google-chrome", "chrome")
        if (found := shutil.which(name))
    ),
    None,
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed here")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--remote-debugging-pipe",
)


class Browser:
    """One page of a headless browser, and everything it reported."""

    def __init__(self, profile: Path):
        read_here, write_there = os.pipe()
        read_there, write_here = os.pipe()
        assert CHROMIUM is not None
        command = f'exec "$0" "$@" 3<&{read_there} 4>&{write_there}'
        self.process = subprocess.Popen(
            ["bash", "-c", command, CHROMIUM, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
            pass_fds=(read_there, write_there),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(read_there)
        os.close(write_there)
        self.read, self.write, self.rest, self.number = read_here, write_here, b"", 0
        self.events: list[dict[str, Any]] = []
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(target["targetId"] for target in targets if target["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Security"):
            self.call(f"{domain}.enable", session=True)

    def call(self, method: str, session: bool = False, **parameters: Any) -> dict[str, Any]:
        self.number += 1
        message: dict[str, Any] = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = self.session
        os.write(self.write, json.dumps(message).encode() + b"\0")
        number = self.number
        while (reply := self.next())["id" if "id" in reply else "method"] != number:
            self.events.append(reply)
        assert "error" not in reply, reply
        return reply["result"]

    def next(self, seconds: float = 30) -> dict[str, Any]:
        end = time.monotonic() + seconds
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.read], [], [], max(0.0, end - time.monotonic()))
            assert ready, "the browser does not answer"
            data = os.read(self.read, 1 << 20)
            assert data, "the browser has ended"
            self.rest += data
        message, _, self.rest = self.rest.partition(b"\0")
        return json.loads(message)

    def open(self, page: Path, width: int) -> None:
        self.events.clear()
        self.call(
            "Emulation.setDeviceMetricsOverride",
            session=True,
            width=width,
            height=900,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        self.call("Page.navigate", session=True, url=page.as_uri())
        while self.next_event() != "Page.loadEventFired":
            pass

    def next_event(self) -> str:
        for place, event in enumerate(self.events):
            if event.get("method") == "Page.loadEventFired":
                return str(self.events.pop(place)["method"])
        self.events.append(self.next())
        return ""

    def ask(self, expression: str) -> Any:
        return self.call(
            "Runtime.evaluate", session=True, expression=expression, returnByValue=True, awaitPromise=True
        )["result"].get("value")

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.read)
        os.close(self.write)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    started = Browser(tmp_path_factory.mktemp("profile"))
    yield started
    started.close()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "assessment.html"
    path.write_text(hostile_page(), encoding="utf-8")
    return path


def complaints(browser: Browser) -> list[str]:
    found = []
    for event in browser.events:
        parameters = event.get("params", {})
        if event.get("method") == "Log.entryAdded":
            found.append(parameters["entry"]["text"])
        if event.get("method") in (
            "Runtime.consoleAPICalled",
            "Runtime.exceptionThrown",
            "Network.loadingFailed",
            "Page.javascriptDialogOpening",
        ):
            found.append(json.dumps(parameters))
    return found


def requests(browser: Browser) -> list[str]:
    return [
        event["params"]["request"]["url"]
        for event in browser.events
        if event.get("method") == "Network.requestWillBeSent"
    ]


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
