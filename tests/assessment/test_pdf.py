"""Held to PDF/UA (tagged, titled, with a language), and to a message that helps where Pango is missing."""

from __future__ import annotations

import builtins
import re
import shutil
import subprocess
import sys

import pytest
from hostile_report import hostile_page

from smuggling_analysis.assessment.pdf import NoPdf, write_pdf


def have_pango() -> bool:
    try:
        import weasyprint  # noqa: F401
    except OSError:
        return False
    return True


def test_missing_system_parts_are_named_with_the_command_that_installs_them(tmp_path, monkeypatch):
    real = builtins.__import__

    def without_pango(name, *arguments, **options):
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *arguments, **options)

    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.setattr(builtins, "__import__", without_pango)
    with pytest.raises(NoPdf, match=r"apt-get install libpango-1\.0-0 libpangoft2-1\.0-0 libharfbuzz"):
        write_pdf("<p>x</p>", tmp_path / "x.pdf")


def test_characters_without_a_font_are_named_with_the_fonts_that_draw_them(tmp_path):
    if not have_pango():
        pytest.skip("WeasyPrint's system parts are not installed")
    page = "<html lang=en><title>t</title><p>Phnom Penh {}</p></html>"
    assert write_pdf(page.format("Hà Nội"), tmp_path / "x.pdf") == ""
    words = write_pdf(page.format("\U0010ff00"), tmp_path / "x.pdf")
    assert words.startswith("the PDF shows boxes for 1 characters that no font of this machine has")
    assert "apt-get install fonts-noto-core" in words


@pytest.fixture(scope="module")
def pdf(tmp_path_factory):
    if not have_pango():
        pytest.skip("WeasyPrint's system parts are not installed")
    path = tmp_path_factory.mktemp("pdf") / "assessment.pdf"
    write_pdf(hostile_page(), path)
    return path


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler's tools are not installed")
def test_the_pdf_has_running_headers_page_numbers_and_a_contents_list_that_agrees(pdf):
    pages = subprocess.run(
        ["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True
    ).stdout.split("\f")[:-1]
    number, contents = len(pages), next(place for place, page in enumerate(pages) if "Contents" in page)
    for place, page in enumerate(pages[contents:], start=contents + 1):
        assert re.search(rf"\b{place} ?/ ?{number}\b", page)
    listed = re.search(r"How this report was made[ .]+(\d+)", pages[contents])
    assert listed
    assert "How this report was made" in pages[int(listed[1]) - 1]


@pytest.mark.skipif(shutil.which("pdfinfo") is None, reason="poppler's tools are not installed")
def test_the_pdf_holds_no_script_and_figures_have_their_words(pdf):
    said = subprocess.run(["pdfinfo", str(pdf)], capture_output=True, text=True, check=True).stdout
    assert re.search(r"Tagged: +yes", said)
    assert re.search(r"JavaScript: +no", said)
    about = subprocess.run(["pdfinfo", "-meta", str(pdf)], capture_output=True, text=True, check=True).stdout
    assert "pdfuaid" in about
    structure = subprocess.run(
        ["pdfinfo", "-struct", str(pdf)], capture_output=True, text=True, check=True
    ).stdout
    assert "Figure" in structure
    assert "Table" in structure
