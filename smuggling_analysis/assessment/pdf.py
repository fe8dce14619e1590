"""The PDF of a page: tagged, with bookmarks, page numbers and a running header."""

from __future__ import annotations

from pathlib import Path

INSTALL = ("the PDF was not made, because WeasyPrint's system parts are missing. Install them and run again: "
           "on Debian or Ubuntu apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0, "
           "on macOS brew install pango")


class NoPdf(Exception):
    """The PDF cannot be made on this machine; the message says what to install."""


def write_pdf(html: str, target: Path) -> None:
    """Write a page as a tagged PDF (PDF/UA-1).

    Raises
    ------
    NoPdf
        If WeasyPrint's system parts are missing.
    """
    try:
        from weasyprint import HTML, URLFetcher
    except OSError:
        raise NoPdf(INSTALL) from None
    import logging

    logging.getLogger("weasyprint").setLevel(logging.ERROR)  # it warns of every property meant for browsers
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    own = URLFetcher(allowed_protocols=["data"])  # what the page itself holds, and nothing else
    HTML(string=html, url_fetcher=own, media_type="print").write_pdf(target, pdf_variant="pdf/ua-1")
