"""Where a host name shows a brand: whole, inside a longer word, split by hyphens, in look-alike letters, one edit away."""

import re
import unicodedata
from collections.abc import Callable
from heapq import nlargest
from itertools import islice, pairwise
from operator import attrgetter
from typing import Final, NamedTuple

from wifiguard.names.brands import LONG_START, NEAR_FROM, Brand, BrandIndex
from wifiguard.names.edits import Edit, one_edit
from wifiguard.names.likely import keeps_no_money
from wifiguard.names.looks import PAIRS, in_latin, look
from wifiguard.names.registrable import MOST_BYTES, from_a_label
from wifiguard.names.spelling import START
from wifiguard.names.words import inside_words, is_compound, lures, ordinary_words

HYPHEN: Final = 1
DOT: Final = 2
LONGEST_NEAR: Final = 32
ALONE_FROM: Final = 6  # letters from which a part tells something though nothing stands beside it
MOST_PLACES: Final = 6  # of a name that are looked at, the most promising
MOST_PARTS: Final = 6  # of a name, counted from its owner's, that are compared with brands one edit away
MOST_RUNS: Final = 6  # of letters and of digits in a part

_RUNS = re.compile("[a-z]+|[0-9]+")
_PAIR = re.compile("|".join(pair for pair, _ in PAIRS))


class Host:
    """A host name without its suffix, its labels written together, and where in that it is divided.

    `seen`: the letters as shown (U-labels), `latin`: as the letters a-z that they look like, `looked`: as `look` has it; all of
    one length. `edges[at]`: HYPHEN or DOT where a division stands before `at`. `labels`: start of each label in `latin`.
    `encoded`: for each label whether it is an A-label. `tokens`: (start, end) of the parts between divisions. `one_word`: whether
    it is letters only, undivided, as half of all names are.
    """

    __slots__ = ("edges", "encoded", "labels", "latin", "looked", "one_word", "seen", "suffix", "tokens")
    edges: dict[int, int]
    encoded: list[bool]
    labels: list[int]
    tokens: list[tuple[int, int]]

    def __init__(self, subdomain: str, label: str, suffix: str) -> None:
        self.suffix = suffix
        if not subdomain and label.isalnum():  # most names
            self.labels, self.encoded = [0], [False]
            self.tokens, self.edges = [(0, len(label))], {0: DOT, len(label): DOT}
            self.latin = self.seen = label
            self.looked, self.one_word = look(label), label.isalpha()
            return
        self.labels, self.encoded, self.tokens, self.edges = [], [], [], {}
        seen: list[str] = []
        latin: list[str] = []
        at = 0
        for part in (*(subdomain.split(".") if subdomain else ()), label):
            shown = from_a_label(part) if part.startswith("xn--") else part
            self.encoded.append(shown is not part)
            self.labels.append(at)
            self.edges[at] = DOT
            for token in (part,) if part.isalnum() else shown.replace("_", "-").split("-"):
                if not token:
                    continue
                if token.isascii():
                    latin.append(token)
                    seen.append(token)
                else:
                    letters = [in_latin(char) for char in token]
                    latin.append("".join(letters))
                    seen.append("".join(char * len(plain) for char, plain in zip(token, letters, strict=True)))
                end = at + len(latin[-1])
                if end > at:
                    self.edges.setdefault(at, HYPHEN)
                    self.tokens.append((at, end))
                at = end
        self.edges[at] = DOT
        self.latin = "".join(latin)
        self.seen = self.latin if seen == latin else "".join(seen)
        self.looked = look(self.latin)
        self.one_word = len(self.tokens) == 1 and self.latin.isalpha()

    def label_of(self, at: int) -> int:
        """The number of the label in which a position lies."""
        number = len(self.labels) - 1
        while self.labels[number] > at:
            number -= 1
        return number

    def merged(self, pair: str, letter: str) -> "Host":
        """The host with a pair of letters read as the one that they look like."""
        labels = []
        for start, end in pairwise((*self.labels, len(self.latin))):
            parts = [self.latin[max(a, start) : min(b, end)] for a, b in self.tokens if a < end and b > start]
            labels.append("-".join(parts).replace(pair, letter))
        return Host(".".join(labels[:-1]), labels[-1], self.suffix)


class Sighting(NamedTuple):
    """A brand at latin[start:end] of a host. `edit`: how it differs, if by an edit; `pair`: seen only with rn read as m."""

    host: Host
    brand: Brand
    start: int
    end: int
    edit: Edit | None = None
    pair: bool = False

    @property
    def shown(self) -> str:
        """The letters as the name shows them."""
        return self.host.seen[self.start : self.end]

    @property
    def exact(self) -> bool:
        """Whether it is written as its owner writes it."""
        return not self.pair and self.edit is None and self.shown == self.brand.spelling

    @property
    def disguised(self) -> bool:
        """Whether single letters of it are others that look the same."""
        return self.edit is None and not self.pair and self.shown != self.brand.spelling

    @property
    def mixed(self) -> bool:
        """Whether letters of it are of another script than the brand's."""
        return not self.shown.isascii() and any(
            not char.isascii() and not unicodedata.name(char, "").startswith("LATIN") for char in self.shown
        )

    @property
    def change(self) -> int:
        """How much is changed: nothing (0), how letters look (1), or which they are (2)."""
        return 2 if self.edit is not None else 0 if self.exact else 1

    @property
    def token_start(self) -> int:
        """Where the part between divisions begins in which the brand begins."""
        edges = self.host.edges
        at = self.start
        while at not in edges:
            at -= 1
        return at

    @property
    def token_end(self) -> int:
        """Where the part between divisions ends in which the brand ends."""
        edges = self.host.edges
        at = self.end
        while at not in edges:
            at += 1
        return at

    def starts_token(self) -> bool:
        """Whether it stands at the beginning of a part, or behind a number."""
        latin = self.host.latin
        return self.start in self.host.edges or (latin[self.start - 1].isdigit() and not latin[self.start].isdigit())

    def ends_token(self) -> bool:
        """Whether it stands at the end of a part, or before a number."""
        latin = self.host.latin
        return self.end in self.host.edges or (latin[self.end].isdigit() and not latin[self.end - 1].isdigit())

    def divisions(self) -> tuple[int, int]:
        """How many hyphens, beside its owner's, and dots lie inside."""
        if len(self.host.tokens) == 1:
            return 0, 0
        edges, own = self.host.edges, self.brand.hyphens
        inside = [edges.get(at) for at in range(self.start + 1, self.end) if at - self.start not in own]
        return inside.count(HYPHEN), inside.count(DOT)

    def by_chance(self) -> bool:
        """Whether the letters are, or are part of, an ordinary word that only contains or resembles the brand."""
        if not self.shown.isascii():
            return False
        if self.shown.startswith("bank") and keeps_no_money(self.host.latin[self.token_start : self.start]):
            return True  # a food bank of Hawaii
        if (self.edit is not None or not (self.exact or self.pair)) and is_compound(self.shown):
            return True
        start, end = self.token_start, self.token_end
        inside = self.start >= start and self.end <= end
        return inside and inside_words(self.host.latin[start:end], self.start - start, self.end - start)


class Place(NamedTuple):
    """Where a host shows the letters of a brand's key, before anybody has asked whose they are; the rest as in Sighting.

    `near`: the letters are one edit away.
    """

    key: str
    host: Host
    start: int
    end: int
    near: bool = False
    pair: bool = False

    @property
    def promise(self) -> int:
        """How many letters speak for it; that it is a whole part is worth three more, and an edit three less."""
        edges = self.host.edges
        whole = self.start in edges and self.end in edges
        return self.end - self.start + 3 * whole - 3 * self.near


def sightings(index: BrandIndex, host: Host, shortest: Callable[[], int]) -> list[Sighting]:
    """Every brand that a host shows, by letters that look the same, then with pairs of letters run together, then by one edit.

    Of a name full of brands the longest are looked at; honest names show two or three. `shortest`: letters from which on one of
    several parts is compared with brands one edit away; asked only where there are parts of less than ALONE_FROM.
    """
    places = _whole(index, host)
    for pair, letter in PAIRS if _PAIR.search(host.latin) else ():
        # Only where the letters run together show a brand, the host is read anew; nearly none does.
        if pair in host.latin and _runs_together(index, host, pair, letter):
            places += [place._replace(pair=True) for place in _whole(index, host.merged(pair, letter))]
    places += _near(index, host, shortest)
    if len(places) > MOST_PLACES:
        places = nlargest(MOST_PLACES, places, key=attrgetter("promise"))
    return [
        sighting
        for place in places
        for brand in index.brands(place.key)
        if brand.bits > 0
        and not (place.pair and brand.spelling in host.latin)
        and (sighting := _read(place, brand)) is not None
    ]


def _read(place: Place, brand: Brand) -> Sighting | None:
    """The brand as it stands at a place that shows its key; None where another with the same key is meant, or none."""
    _, host, start, end, near, pair = place
    true, edit = brand.spelling, None
    if near:
        edit = one_edit(true, host.latin[start:end])
        if edit is None or not _is_slip(edit, brand):
            return None
    elif not _ends_as_written(host, start, end, brand):
        return None
    elif not true.isascii():
        # A name in another script is not imitated by the Latin letters that it happens to look like.
        if host.seen[start:end] != true:
            return None
    elif (shown := host.seen[start:end]) != true and not _is_disguise(host, start, end, shown, true):
        return None
    return Sighting(host, brand, start, end, edit, pair)


def _ends_as_written(host: Host, start: int, end: int, brand: Brand) -> bool:
    """Whether a name that is divided as its owner divides it ends where he ends it: sparkasse-kl is not in sparkasse-klassik."""
    hyphens, edges = brand.hyphens, host.edges
    if not hyphens or not any(start + at in edges for at in hyphens):
        return True
    first, last = min(hyphens), len(brand.spelling) - max(hyphens)
    return (first >= NEAR_FROM or start in edges) and (last >= NEAR_FROM or end in edges)


def _is_slip(edit: Edit, brand: Brand) -> bool:
    """Whether the rest of the brand is enough to know it by, though it stands one edit away."""
    # Of a name with a number in it, another number is another name.
    if not (brand.spelling.isalpha() or edit.letters.isalpha()):
        return False
    # ac-paris is not ca-paris: of a short part between its owner's hyphens, nothing is left.
    bounds = (0, *sorted(brand.hyphens), len(brand.spelling))
    return all(end - start >= NEAR_FROM for start, end in pairwise(bounds) if start <= edit.at < end)


def _is_disguise(host: Host, start: int, end: int, shown: str, true: str) -> bool:
    """Whether letters that only look like a brand's are meant for them."""
    if end - start < START:
        # Of three letters none may be another that only looks alike, or every id would be Ld, and no two letters a script.
        return host.latin[start:end] == true and any(map(str.isascii, shown))
    if shown.isdigit():
        return False
    begins, ends = start in host.edges, end in host.edges
    if true.isalpha():
        # i and l are exchanged by chance inside many a word.
        return begins or ends or not shown.isalpha() or not shown.isascii()
    # Digits that are part of the name stay digits; 0 and 1 may be o and l, where it stands alone.
    return all(
        char.isdigit() or (begins and ends and digit in "01")
        for digit, char in zip(true, shown, strict=True)
        if digit.isdigit()
    )


def _runs_together(index: BrandIndex, host: Host, pair: str, letter: str) -> bool:
    """Whether the host shows a brand in which a pair of letters is read as one."""
    latin = host.latin
    first, last = latin.index(pair), latin.rindex(pair) - latin.count(pair) + 1
    if any(end > first for _, end in _keys(index, look(latin.replace(pair, letter)), last)):
        return True
    shortened = (latin[start:end].replace(pair, letter) for start, end in host.tokens if end - start == START)
    return any(len(part) < START and look(part) in index.keys for part in shortened)


def _keys(index: BrandIndex, looked: str, last: int = MOST_BYTES) -> list[tuple[int, int]]:
    """(start, end) of every stretch of a look that is a brand's key and begins at `last` or before, from the right."""
    lengths, keys, size = index.lengths, index.keys, len(looked)
    # From the right, where it stands who owns the name.
    starts = range(min(size - START, last), -1, -1)
    begun = [at for at in starts if looked[at : at + START] in lengths or looked[at : at + LONG_START] in lengths]
    return [
        (at, at + length)
        for at in begun
        for end in (at + START, at + LONG_START)
        if end <= size
        for length in lengths.get(looked[at:end], ())
        if at + length <= size and looked[at : at + length] in keys
    ]


def _whole(index: BrandIndex, host: Host) -> list[Place]:
    latin, looked, added = host.latin, host.looked, lures()
    found = _keys(index, looked)
    if len(latin) < START or not host.one_word:
        found += [(start, end) for start, end in _short_parts(host) if looked[start:end] in index.keys]
    # Who is called login or online is not to be told from whom the word is added to.
    return [Place(looked[at:end], host, at, end) for at, end in found if latin[at:end] not in added]


def _short_parts(host: Host) -> list[tuple[int, int]]:
    """Parts too short to be found inside anything: a whole token, or what a number stands beside."""
    latin, added = host.latin, lures()
    found = []
    for before, (start, end) in reversed([*pairwise([(0, 0), *host.tokens])]):
        if end - start < START:
            if latin[before[0] : end] not in added:  # the up of sign-up
                found.append((start, end))
        elif latin[end - 1].isdigit() or latin[start].isdigit():
            found += [run.span() for run in _RUNS.finditer(latin, start, end) if run.end() - run.start() < START]
    return found


def _near(index: BrandIndex, host: Host, shortest: Callable[[], int]) -> list[Place]:
    ordinary, met = ordinary_words(), set()
    several = len(host.tokens) > 1
    found: list[Place] = []
    for start, end in host.tokens if host.one_word else _parts(host):
        text, size = host.looked[start:end], end - start
        # Of a short brand one edit tells nothing where nothing stands beside it, and a word is nobody's slip of the finger.
        if (NEAR_FROM - 1 if several else ALONE_FROM) <= size <= LONGEST_NEAR and host.latin[start:end] not in ordinary:
            if text not in met and (size >= ALONE_FROM or size >= shortest()):
                found += [Place(key, host, start, end, near=True) for key in index.neighbours.of(text)]
            met.add(text)
    return found


def _parts(host: Host) -> set[tuple[int, int]]:
    """(start, end) of what may be a brand as a whole: parts between divisions, without their numbers, a few together."""
    tokens, latin = host.tokens[-MOST_PARTS:], host.latin
    parts = set(tokens)
    for start, end in tokens:
        if not latin[start:end].isalpha():
            parts.update(run.span() for run in islice(_RUNS.finditer(latin, start, end), MOST_RUNS))
    if len(tokens) > 1:
        parts.update(pairwise((*host.labels[-MOST_PARTS:], len(latin))))
    # Names that their owner writes with a hyphen or two.
    for few in (2, 3) if len(tokens) > len(host.labels) else ():
        for first, last in zip(tokens, tokens[few - 1 :], strict=False):
            if host.label_of(first[0]) == host.label_of(last[0]):
                parts.add((first[0], last[1]))
    return parts
