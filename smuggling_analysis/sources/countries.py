"""Countries and currencies by their ISO codes, and what somebody meant who wrote something else."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache

_LIKE_CODE, _LIKE_NAME = 0.6, 0.75


def is_country(code: str) -> bool:
    """Say whether a text is an ISO 3166-1 alpha-3 code.

    Examples
    --------
    >>> is_country("KHM"), is_country("KH"), is_country("Cambodia")
    (True, False, False)
    """
    return code in _countries()


def country_name(code: str) -> str:
    """Return the English short name of a country's alpha-3 code; any other text comes back as it is.

    Examples
    --------
    >>> country_name("VNM"), country_name("IRN"), country_name("CLM")
    ('Viet Nam', 'Iran', 'CLM')
    """
    return _countries().get(code, code)


def countries_like(text: str) -> tuple[str, ...]:
    """Return the alpha-3 codes somebody may have meant, the likeliest first, at most three.

    Examples
    --------
    >>> countries_like("Cambodia"), countries_like("KH"), countries_like("Camboda")
    (('KHM',), ('KHM',), ('KHM',))
    """
    import pycountry

    try:
        return (pycountry.countries.lookup(text.strip()[:80]).alpha_3,)
    except LookupError:
        pass
    by_name = {name.lower(): code for code, name in _countries().items()}
    if len(text.strip()) <= len("KHM"):
        return tuple(get_close_matches(text.strip().upper(), _countries(), n=3, cutoff=_LIKE_CODE))
    near = get_close_matches(text.strip().lower()[:80], by_name, n=3, cutoff=_LIKE_NAME)
    return tuple(by_name[name] for name in near)


def is_currency(code: str) -> bool:
    """Say whether a text is an ISO 4217 code.

    Examples
    --------
    >>> is_currency("THB"), is_currency("baht")
    (True, False)
    """
    import pycountry

    return len(code) == 3 and code.isupper() and pycountry.currencies.get(alpha_3=code) is not None


@cache
def _countries() -> dict[str, str]:
    import pycountry

    # "Iran, Islamic Republic of" is how an index says Iran.
    return {
        country.alpha_3: getattr(country, "common_name", country.name)
        if "," in country.name
        else country.name
        for country in pycountry.countries
    }
