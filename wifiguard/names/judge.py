"""Whose name is this, and whose does it pretend to be?"""

from itertools import pairwise
from typing import Final, Literal

from msgspec import Struct

from wifiguard.names.brands import index_of
from wifiguard.names.catalogue import Catalogue, Entry
from wifiguard.names.lures import lures_in
from wifiguard.names.registrable import canonical, registrable_of_canonical
from wifiguard.names.score import WEIGHTS, Scores
from wifiguard.names.sightings import DOT, Host, Sighting, sightings
from wifiguard.names.words import words

Word = Literal["known", "likely", "look-alike", "suspicious", "no-finding", "invalid"]


class Imitation(Struct, frozen=True):
    """What a name pretends to be: the entry, where it shows, by which techniques, and the score in bits.

    `name`: the host from the label on in which the imitation shows; what stands before it can be varied for free.
    """

    name: str
    entry: Entry
    sighting: Sighting
    techniques: tuple[str, ...]
    score: float


class Verdict(Struct, frozen=True):
    """The answer on one name. `imitates`, `category`: the catalogue's words. `own`: the domain to type instead.

    `host` and `registrable` are canonical spellings, None where there is none (an address has no registrable domain). `landlord`:
    the known site below whose name anybody can have this one.
    """

    host: str | None
    registrable: str | None
    word: Word
    imitates: str | None = None
    techniques: tuple[str, ...] = ()
    category: str | None = None
    own: str | None = None
    imitation: Imitation | None = None
    landlord: str | None = None


INVALID: Final = Verdict(None, None, "invalid")


def judge(name: str, catalogue: Catalogue) -> Verdict:
    """Whether a host name is known, imitates somebody, or says nothing. Pure; never raises; bounded by 253 bytes."""
    host = canonical(name)
    return INVALID if host is None else judge_canonical(host, catalogue)


def judge_canonical(host: str, catalogue: Catalogue) -> Verdict:
    """judge() for what canonical() returned, or would return as it is."""
    domain = registrable_of_canonical(host)
    if domain is None:
        return Verdict(host, None, "no-finding")
    listing = catalogue.listing(domain)
    landlord = None
    if listing is not None and listing.certainty != "likely":
        landlord = _landlord(host, domain)
        if landlord is None:
            return Verdict(host, domain, "known", category=listing.category, own=domain)
    found = imitation(host, domain, catalogue)
    if found is not None:
        word: Word = "look-alike" if found.score >= WEIGHTS.look_alike else "suspicious"
        entry = found.entry
        return Verdict(host, domain, word, entry.name, found.techniques, entry.category, typed(entry, found), found)
    if listing is not None and landlord is None and not _asks(domain):
        return Verdict(host, domain, "likely", category=listing.category)
    return Verdict(host, domain, "no-finding", landlord=landlord)


def _asks(domain: str) -> bool:
    """Whether a name asks for a secret or haste by itself: a bank is not called so."""
    parts = domain.partition(".")[0].split("-")
    return any(lures_in(before, part).strong for before, part in pairwise(["", *parts]))


def _landlord(host: str, domain: str) -> str | None:
    """The known site below whose name, which is part of a canonical host, anybody can have a page."""
    landlords = words("landlords")
    if host != domain and host in landlords:
        return host
    return domain if domain in landlords and host not in (domain, f"www.{domain}") else None


def imitation(host: str, domain: str, catalogue: Catalogue) -> Imitation | None:
    """The likeliest imitation in a canonical host name, if any reaches the score of suspicion."""
    if domain in words("tenants"):
        return None
    label, _, suffix = domain.partition(".")
    # "www" says nothing but "a site"; it is not something that stands beside a brand.
    parts = Host(host.removeprefix("www.")[: -len(domain) - 1], label, suffix)
    scores = Scores()
    seen = sightings(index_of(catalogue), parts, lambda: scores[parts].shortest_slip())
    if not seen:
        return None
    best: tuple[float, bool, int] = (WEIGHTS.suspicious, False, 0)
    chosen: Sighting | None = None
    country = suffix.rpartition(".")[2]
    country = "gb" if country == "uk" else country  # the one suffix that is not its country's code
    for sighting in seen:
        bits = scores[sighting.host].of(sighting)
        if bits < WEIGHTS.suspicious:
            continue
        # Of two readings with one score, the country's own explains more, then the longer.
        reading = (bits, sighting.brand.entry_at(country).country == country, sighting.end - sighting.start)
        if _nearer(sighting, chosen, reading > best) and not (sighting.by_chance() or _is_part(sighting, seen)):
            best, chosen = reading, sighting
    if chosen is None:
        return None
    labels = host.split(".")[chosen.host.label_of(chosen.start) - len(chosen.host.labels) - suffix.count(".") - 1 :]
    return Imitation(".".join(labels), chosen.brand.entry_at(country), chosen, techniques(chosen), round(best[0], 1))


def _is_part(part: Sighting, seen: list[Sighting]) -> bool:
    """Whether it is only some letters of a longer brand: SIMO of Colissimo."""
    return any(
        whole.exact and whole.starts_token() and whole.ends_token() and whole.start <= part.start
        and part.end <= whole.end and whole.end - whole.start > part.end - part.start
        for whole in seen
        if whole.host is part.host
    )  # fmt: skip


def _nearer(new: Sighting, old: Sighting | None, outscores: bool) -> bool:
    """Whether a reading is to be preferred: of two for the same letters, the one that changes less, whatever it scores."""
    same = old is not None and (new.host, new.start, new.end) == (old.host, old.start, old.end)
    if same and old is not None and new.change != old.change:
        return new.change < old.change
    return outscores


def typed(entry: Entry, found: Imitation) -> str | None:
    """The domain of the entry that the name resembles most: the one with the brand's own spelling, else the first."""
    spelling = found.sighting.brand.spelling
    for domain in entry.domains:
        if domain.partition(".")[0].replace("-", "") == spelling:
            return domain
    return next((domain for domain in entry.domains if domain[0] != "*"), None)


def techniques(sighting: Sighting) -> tuple[str, ...]:
    """The contract's words for how a brand is shown, the form first, then the place."""
    host, found = sighting.host, []
    label = host.label_of(sighting.start)
    if sighting.edit is not None:
        found.append("swap" if sighting.edit.kind == "swapped" else "edit")
    elif not sighting.exact:
        found.append("confusable")
    if any(host.encoded[label : host.label_of(sighting.end - 1) + 1]):
        found.append("punycode")
    whole = sighting.start == host.labels[label] and host.edges.get(sighting.end) == DOT
    if label < len(host.labels) - 1:
        found.append("subdomain")
    if not whole:
        found.append("added-word")
    elif not found:
        found.append("other-tld")
    return tuple(found)
