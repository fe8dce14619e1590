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
        from weasyprint import HTML
    except OSError:
        raise NoPdf(INSTALL) from None
    import logging

    logging.getLogger("weasyprint").setLevel(logging.ERROR)  # it warns of every property meant for browsers
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    HTML(string=html, url_fetcher=_only_data, media_type="print").write_pdf(target, pdf_variant="pdf/ua-1")


def _only_data(url: str, *arguments: object, **options: object) -> object:
    """Fetch what the page itself holds, and nothing else."""
    from weasyprint import default_url_fetcher

    if not url.startswith("data:"):
        raise ValueError(f"the page must not load {url}")
    return default_url_fetcher(url)
