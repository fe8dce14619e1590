"""The PDF of a page: tagged, with bookmarks, page numbers and a running header."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from pathlib import Path

_LETTERS_SHOWN = 20
INSTALL = ("the PDF was not made, because WeasyPrint's system parts are missing. Install them and run again: "
           "on Debian or Ubuntu apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0, "
           "on macOS brew install pango")


class NoPdf(Exception):
    """The PDF cannot be made on this machine; the message says what to install."""


def write_pdf(html: str, target: Path) -> str:
    """Write a page as a tagged PDF (PDF/UA-1).

    Returns
    -------
    str
        Which characters no font of this machine has, so that they are boxes in the PDF, and what to install;
        empty where all are drawn.

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
    document = HTML(string=html, url_fetcher=own, media_type="print").render(pdf_variant="pdf/ua-1")
    document.write_pdf(target, pdf_variant="pdf/ua-1")
    return _boxes({chr(point) for font in document.fonts.values() for point in font.missing})


def _boxes(missing: Collection[str]) -> str:
    """Say which scripts no font of this machine has; a character's Unicode name begins with its script."""
    if not missing:
        return ""
    scripts = sorted({unicodedata.name(letter, "SYMBOL").split()[0].title() for letter in missing})
    letters = "".join(sorted(missing)[:_LETTERS_SHOWN])
    return (f"the PDF shows boxes for {len(missing)} characters that no font of this machine has "
            f"({', '.join(scripts)}: {letters}). Install a font that has them and run again: Noto Sans of these "
            "scripts, on Debian or Ubuntu apt-get install fonts-noto-core fonts-noto-cjk")
