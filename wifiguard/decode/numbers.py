"""Numbers that prove by their form what they are: identity numbers, payment cards, bank accounts, telephones.

python-stdnum and phonenumbers are loaded when the first candidate comes: most traffic never brings one.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import Final, Protocol, cast

_LONGEST = 40
_plain: Final = re.compile(r"[0-9A-Za-z .,/\-]{4,40}", re.ASCII).fullmatch
_separators: Final = re.compile(r"[ .\-]+")
_card: Final = re.compile(r"\d(?:[ \-]?\d){11,18}", re.ASCII).fullmatch
_iban: Final = re.compile(r"[A-Z]{2}\d\d(?:[ \-]?[0-9A-Z]){11,30}", re.ASCII | re.IGNORECASE).fullmatch
_phone: Final = re.compile(r"(?:\+|00)?[\d ()./\-]{6,24}", re.ASCII).fullmatch
# Her Majesty's Revenue and Customs, National Insurance Manual, NIM39110.
_national_insurance: Final = re.compile(
    r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]", re.ASCII | re.IGNORECASE
).fullmatch
_prc: Final = re.compile(r"[1-9]\d{5}(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dX]", re.ASCII).fullmatch

# Where a field says "identity number" and no more: formats whose form or checksum leaves little to chance.
ANY_COUNTRY: Final = (
    "cn.ric",
    "in_.aadhaar",
    "in_.pan",
    "br.cpf",
    "es.dni",
    "es.nie",
    "fr.nir",
    "it.codicefiscale",
    "mx.curp",
    "gb.nino",
    "cl.rut",
    "de.idnr",
    "kr.rrn",
    "tr.tckimlik",
)
# Beginnings of card numbers → their lengths. Visa, Mastercard, American Express, Discover, Diners Club, JCB, UnionPay, Maestro,
# RuPay, Mir, Troy, Elo (ISO/IEC 7812-1 leaves the second half of the range to each network).
_ISSUERS: Final = tuple(
    (re.compile(pattern).match, lengths)
    for pattern, lengths in (
        ("4", (13, 16, 19)),
        ("5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720", (16,)),
        ("3[47]", (15,)),
        ("6011|64[4-9]|65", (16, 17, 18, 19)),
        ("30[0-5]|3095|3[689]", (14, 16, 17, 18, 19)),
        ("352[89]|35[3-8]", (16, 17, 18, 19)),
        ("62|81", (16, 17, 18, 19)),
        ("50|5[6-9]|6[0-35-9]", (12, 13, 14, 15, 16, 17, 18, 19)),
        ("508|60|65|8[12]|353|356", (16,)),
        ("220[0-4]", (16, 17, 18, 19)),
        ("9792", (16,)),
        ("636368|636297|504175|438935|451416|5067|5090", (16,)),
    )
)
# Regions whose national notation is tried where a number says no country: those of the languages that field names are read in.
_REGIONS: Final = ("US", "CN", "IN", "DE", "FR", "ES", "BR", "MX", "GB", "IT", "PT", "AR", "PL", "NL", "TW", "HK")


class _Module(Protocol):
    def is_valid(self, number: str) -> bool: ...


def is_identity_number(text: str, module: str) -> bool:
    """Whether `text` is a number of the kind that python-stdnum's `module` knows ("br.cpf")."""
    if not _plain(text):
        return False
    if module == "gb.nino":
        return _national_insurance(text.replace(" ", "")) is not None
    if module == "cn.ric":
        # stdnum also wants the county of birth to be in its list, which is behind the registry's.
        number = _separators.sub("", text).upper()
        return _prc(number) is not None and _stdnum("iso7064.mod_11_2").is_valid(number)
    if not any(c.isdigit() for c in text):
        return False
    return _stdnum(module).is_valid(text)


def is_payment_card(text: str) -> bool:
    """Whether `text` is a number that an issuer could have given to a card: its beginning, its length, its Luhn digit."""
    if not _card(text):
        return False
    number = text.replace(" ", "").replace("-", "")
    if len(set(number)) == 1 or not any(begins(number) and len(number) in lengths for begins, lengths in _ISSUERS):
        return False
    return _stdnum("luhn").is_valid(number)


def looks_like_iban(text: str) -> bool:
    """Whether `text` has the form that international bank account numbers share."""
    return _iban(text) is not None


def is_iban(text: str) -> bool:
    """Whether `text` is an international bank account number (ISO 13616), in its country's own form."""
    return looks_like_iban(text) and _stdnum("iban").is_valid(text)


def is_phone_number(text: str) -> bool:
    """Whether `text` is a telephone number, with a country's code or in the notation of some country."""
    if not _phone(text):
        return False
    from phonenumbers import NumberParseException, is_valid_number, parse

    if text.startswith("00"):
        text = "+" + text[2:]
    for region in (None,) if text.startswith("+") else _REGIONS:
        try:
            if is_valid_number(parse(text, region)):
                return True
        except NumberParseException:
            continue
    return False


def _stdnum(module: str) -> _Module:
    return cast(_Module, import_module(f"stdnum.{module}"))
