"""How much speaks for it that a name shows a brand on purpose and is not its owner's; explained in docs/lookalikes.md."""

import re
from functools import lru_cache
from math import ceil
from typing import Final, NamedTuple

from msgspec import Struct

from wifiguard.names.brands import MOST_FAME
from wifiguard.names.lures import Lures, lures_in
from wifiguard.names.registrable import listed_suffixes
from wifiguard.names.sightings import DOT, Host, Sighting
from wifiguard.names.spelling import LETTER
from wifiguard.names.words import by_heading

MONEY: Final = frozenset({"bank", "payment", "crypto", "broker"})
FEES: Final = frozenset(
    {"government", "parcel"}
)  # have no side names that ask for something, and are imitated by those that do


class Weights(Struct, frozen=True):
    """Bits for and against."""

    look_alike: float = 23.0  # from here on a name is called a look-alike,
    suspicious: float = 21.5  # from here on suspicious
    fame: float = 1.5  # for every doubling of the countries in which the brand is known
    strong_lure: float = 9.5  # a word that asks for a secret or for haste
    second_lure: float = 18.0  # a second one: no honest name needs to say login and verify
    weak_lure: float = 4.0  # a word that goes with it, two at most
    firm: float = 28.0  # against: words that institutions add to their own names, where none asks for anything
    own_suffix: float = 14.0  # the brand's own domain stands in front: paypal.com.example
    any_suffix: float = 8.0  # a suffix follows it that is not its own: paypal.nl.example
    foreign_letter: float = 12.0  # letters of another script, accents
    random: float = 6.0  # numbers and gibberish beside it
    address: float = 14.0  # an address written behind it: paypal.192-0-2-1.example
    country: float = 4.0  # a country's code beside it
    cheap: float = 4.0  # a suffix that costs nothing, or a rented name
    glued: float = 11.0  # against: letters of no known word stuck to it, on each side
    split: float = 3.0  # against: a hyphen inside, where the brand has none; a dot counts twice
    glance: float = 2.0  # against: letters that only look alike
    edit: float = 15.0  # against: one edit
    swap: float = 9.0  # against: an edit that only swaps or doubles
    side_name: float = 24.0  # against: a firm that is no bank has honest side names by the hundred
    not_money: float = 8.0  # against: no bank, though nobody writes his own name wrong or under a cheap suffix
    small: float = 8.0  # against: a credit union, whose customers are few
    family: float = 16.0  # against: every town has one of that name
    elsewhere: float = 16.0  # against: the brand alone under another suffix: its country site, or a namesake
    strict: float = 20.0  # against: the register asked the owner who he is; half where only a host is named so


WEIGHTS: Final = Weights()
STANDS_OUT: Final = 24.0  # bits from which a brand is seen inside a longer word,
SPLIT_STANDS_OUT: Final = 30.0  # and from which even where hyphens divide it elsewhere than the name

_SMALL = re.compile(r"Credit Union|FCU")
# Five consonants in a row, of which some languages write several for one.
_GIBBERISH = re.compile(r"[0-9]{4}|[a-z][0-9]+[a-z]|(?>sch|ch|th|ck|ph|[b-df-hj-np-tv-xz]){5}")


class _Part(NamedTuple):
    """What a part of a name, latin[start:end], is where the brand stands in another."""

    start: int
    end: int
    lures: Lures
    gibberish: bool
    country: bool


class Score:
    """What stands in a host name, looked at once for all the brands that it shows."""

    __slots__ = ("_address", "_cheap", "_most", "_parts", "_rented", "_strict", "host")

    def __init__(self, host: Host) -> None:
        self.host = host
        self._rented, self._cheap, self._strict = _suffix(host.suffix)
        # Beside the only part of a name there is nothing.
        self._parts = _parts_of(host) if len(host.tokens) > 1 else []
        self._address = _address_in(host) if len(host.tokens) > 4 else -1
        self._most = self._at_most()

    def shortest_slip(self) -> int:
        """Letters that one of several parts must have for one edit in it to make the name suspicious."""
        if not self.host.latin.isalpha():
            return 0  # what stands beside a number may ask for something as well
        missing = WEIGHTS.suspicious + min(WEIGHTS.edit, WEIGHTS.swap) - WEIGHTS.fame * MOST_FAME - self._most
        return ceil(missing / LETTER)

    def _at_most(self) -> float:
        """Bits that whatever stands beside a brand speaks against it, where the brand is one or several parts."""
        bits = WEIGHTS.cheap if self._cheap or self._rented else 0.0
        if not self.host.seen.isascii():
            bits += WEIGHTS.foreign_letter
        if self._parts:
            strong = weak = 0
            gibberish = country = False
            for part in self._parts:
                strong, weak = strong + part.lures.strong, weak + part.lures.weak
                gibberish, country = gibberish or part.gibberish, country or part.country
            bits += WEIGHTS.strong_lure * (strong > 0) + WEIGHTS.second_lure * (strong > 1)
            bits += WEIGHTS.weak_lure * min(weak + strong, 2)  # a strong one may count as weak
            bits += WEIGHTS.random * gibberish + WEIGHTS.country * country + WEIGHTS.address * (self._address >= 0)
            bits += max(WEIGHTS.own_suffix, WEIGHTS.any_suffix)  # a suffix that follows
        return bits

    def of(self, sighting: Sighting) -> float:
        """Bits for this sighting being an imitation on purpose; 0 where it is none, or too little to be suspicious."""
        host, brand = sighting.host, sighting.brand
        # An ordinary word is one as long as it is written so: not in letters of another script.
        told = (brand.letters if sighting.disguised and sighting.mixed else brand.bits) + WEIGHTS.fame * brand.fame
        parted = sighting.start in host.edges and sighting.end in host.edges
        if parted and told + self._most < WEIGHTS.suspicious:
            return 0.0
        bits = told
        token_start, token_end = sighting.token_start, sighting.token_end
        strong = weak = firm = glued_weak = 0
        random = country = False
        for rest, free in (
            (host.latin[token_start : sighting.start], sighting.starts_token()),
            (host.latin[sighting.end : token_end], sighting.ends_token()),
        ):
            if rest:
                lures = lures_in("", rest)
                strong, firm = strong + lures.strong, firm + lures.firm
                weak += lures.weak if free else 0
                glued_weak += 0 if free else lures.weak
                if rest in by_heading("suffixes")["country"]:
                    country = True
                elif not free and lures.left:
                    if told < STANDS_OUT:
                        return 0.0
                    bits -= WEIGHTS.glued
        form = self._form(sighting)
        if form is None:
            return 0.0
        bits += form
        domain = host.labels[-1]
        for part in self._parts:
            if part.end <= token_start or part.start >= token_end:
                lures = part.lures
                if part.start < domain <= token_start:
                    # Everybody has a login.example.com; it says less than example-login.com.
                    weak += lures.strong + lures.weak
                else:
                    strong, weak, firm = strong + lures.strong, weak + lures.weak, firm + lures.firm
                random = random or part.gibberish
                country = country or part.country
        bits += WEIGHTS.strong_lure * (strong > 0) + WEIGHTS.second_lure * (strong > 1)
        # Any four letters before "mail" are somebody's name.
        weak += glued_weak if strong or told >= STANDS_OUT else 0
        follows = self._follows(sighting)
        bits += WEIGHTS.weak_lure * min(weak, 2)
        # Who owns a name with such a word in it does not write his other name, suffix and all, in front of it.
        bits -= WEIGHTS.firm * (firm > 0 and not strong and follows < WEIGHTS.own_suffix)
        # Providers call their customers so as well, but with the address first.
        numbered = sighting.exact and sighting.end <= self._address
        bits += WEIGHTS.address if numbered else WEIGHTS.random * random
        bits += WEIGHTS.country * country
        bits += WEIGHTS.cheap if self._cheap or self._rented else 0.0
        return bits + self._owner(sighting, strong, weak, follows)

    def _owner(self, sighting: Sighting, strong: int, weak: int, follows: float) -> float:
        """Bits for and against that the name is the institution's own, or a namesake's. `strong`, `weak`: lures beside it."""
        host, brand = sighting.host, sighting.brand
        bits = follows
        entry = brand.entries[0]
        asks = strong > 0 or weak > 1 or (weak > 0 and self._cheap)
        money = entry.category in MONEY or (entry.category in FEES and asks)
        if not money and follows < WEIGHTS.own_suffix:
            bits -= WEIGHTS.side_name if sighting.exact and strong < 2 and not self._cheap else WEIGHTS.not_money
        if brand.family:
            bits -= WEIGHTS.family
        if _SMALL.search(entry.name):
            bits -= WEIGHTS.small
        in_domain = sighting.start >= host.labels[-1]
        if self._strict:
            bits -= WEIGHTS.strict if in_domain else WEIGHTS.strict / 2
        whole = sighting.start == host.labels[-1] and sighting.end == len(host.latin)
        if whole and sighting.exact and not self._cheap:
            bits -= WEIGHTS.elsewhere
        return bits

    def _form(self, sighting: Sighting) -> float | None:
        """Bits for how the brand is written; None where it is too little to be seen as the brand."""
        bits = 0.0
        latin = sighting.host.latin
        if sighting.start and latin[sighting.start].isdigit() and latin[sighting.start - 1].isdigit():
            return None  # the end of another number
        hyphens, dots = sighting.divisions()
        if dots and not sighting.exact:
            return None
        if hyphens or dots:
            aligned = sighting.starts_token() and sighting.ends_token()
            if not aligned and sighting.brand.bits < SPLIT_STANDS_OUT:
                return None
            bits -= WEIGHTS.split * (hyphens + 2 * dots)
        edit = sighting.edit
        if edit is not None:
            bits -= WEIGHTS.swap if edit.kind in ("swapped", "doubled") else WEIGHTS.edit
        if not sighting.shown.isascii() and sighting.shown != sighting.brand.spelling:
            bits += WEIGHTS.foreign_letter
        elif sighting.disguised or sighting.pair:
            bits -= WEIGHTS.glance
        return bits

    def _follows(self, sighting: Sighting) -> float:
        """Bits for a suffix that follows the brand and yet is not the name's."""
        host = sighting.host
        if host.edges.get(sighting.end) is None or sighting.end == len(host.latin):
            return 0.0
        rest = host.latin[sighting.end :]
        for entry in sighting.brand.entries:
            for domain in entry.domains:
                own = domain.partition(".")[2].replace(".", "")
                if own and rest.startswith(own) and sighting.end + len(own) in host.edges:
                    return WEIGHTS.own_suffix
        if host.edges[sighting.end] == DOT and sighting.end < host.labels[-1]:
            label = host.latin[sighting.end : host.labels[host.label_of(sighting.end) + 1]]
            if not sighting.brand.ordinary and len(label) <= 4 and label in listed_suffixes():
                return WEIGHTS.any_suffix
        return 0.0


@lru_cache(maxsize=1024)
def _suffix(suffix: str) -> tuple[bool, bool, bool]:
    """Whether names below a suffix are rented, whether they cost nothing, and whether the register asks who one is."""
    first, _, rest = suffix.partition(".")
    heads = by_heading("suffixes")
    # A long word in front of a suffix is a landlord's (azurewebsites.net), a short one a register's (co.uk).
    rented = rest != "" and len(first) > 3
    return rented, not rented and suffix.rpartition(".")[2] in heads["cheap"], suffix in heads["strict"]


class Scores(dict[Host, Score]):
    """The score of a host, made when it is first asked for: of most hosts nobody asks."""

    def __missing__(self, host: Host) -> Score:
        made = self[host] = Score(host)
        return made


def _parts_of(host: Host) -> list[_Part]:
    """Every part of a name."""
    countries = by_heading("suffixes")["country"]
    parts = []
    before = ""
    for start, end in host.tokens:
        token = host.latin[start:end]
        lures = lures_in(before, token)
        country = token in countries or (end - start == 2 and lures.left and token in listed_suffixes())
        parts.append(_Part(start, end, lures, _GIBBERISH.search(token) is not None, country))
        before = token
    return parts


def _address_in(host: Host) -> int:
    """Where four numbers in a row begin that may be an IPv4 address; -1 where there are none."""
    octets = [end - start < 4 and host.latin[start:end].isdigit() for start, end in host.tokens]
    return next((host.tokens[at][0] for at in range(len(octets) - 3) if all(octets[at : at + 4])), -1)
