"""The person's language: texts are marked where they are written and translated where they are shown."""

from __future__ import annotations

import gettext
from functools import cache
from pathlib import Path

DOMAIN = "wifiguard"
CATALOGUES = Path(__file__).parent.parent / "locale"


@cache
def _translations() -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, CATALOGUES, fallback=True)


def translate(text: str) -> str:
    """`text` in the language of the environment (LANGUAGE, LC_ALL …), unchanged where there is no translation."""
    return _translations().gettext(text)


def language() -> str:
    """The language tag (BCP 47) of what `translate` gives."""
    told = _translations().info().get("language", "en")
    return str(told).replace("_", "-")
