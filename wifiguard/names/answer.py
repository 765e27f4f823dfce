"""The answer on what a person pastes: whose link is it, by which trick does it pretend, and where to go instead."""

import re
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from wifiguard.core.text import visible
from wifiguard.names.catalogue import Catalogue
from wifiguard.names.difference import difference
from wifiguard.names.judge import INVALID, Verdict, Word, judge, judge_canonical
from wifiguard.names.links import Link, parse_link
from wifiguard.names.messages import parse_links
from wifiguard.names.registrable import MOST_BYTES
from wifiguard.names.score import MONEY

# Which is canonical as it stands.
BARE_NAME = re.compile(r"(?:[a-z0-9_-]{1,63}\.)+[a-z][a-z0-9-]{1,62}", re.ASCII)
# Of several links, one to a true site is no reason to trust the others.
_WORSE: Final = ("invalid", "known", "likely", "no-finding", "suspicious", "look-alike")

_SHOWS: Final = "It opens no site: it runs or shows what is written in the link itself."
_RUNS: Final = {"file": "It opens no site: it opens a file of this computer."}
_TURNED: Final = "A character in it turns the direction of reading, so that it looks like another name."


class Answer(Struct, frozen=True):
    """`word`, `techniques`: the contract's. `why`: sentences. `instead`: the domain to type oneself, where there is one."""

    host: str | None
    registrable: str | None
    word: Word
    imitates: str | None = None
    techniques: tuple[str, ...] = ()
    category: str | None = None
    why: tuple[str, ...] = ()
    instead: str | None = None

    @property
    def wrong(self) -> bool:
        """Whether the person should not follow it."""
        return self.word in ("look-alike", "suspicious") or "plain-http" in self.techniques


def answer(text: str, catalogue: Catalogue) -> Answer:
    """What to make of a pasted link or name. Pure; never raises; bounded whatever is pasted."""
    if BARE_NAME.fullmatch(text) and len(text) <= MOST_BYTES:  # nearly every line of a list
        return _of_verdict(judge_canonical(text, catalogue))
    answers = [_of_link(link, catalogue) for link in parse_links(text)]
    return max(answers, key=lambda found: (found.wrong, _WORSE.index(found.word)))


def _of_link(link: Link, catalogue: Catalogue) -> Answer:
    if link.runs:
        return Answer(None, None, "suspicious", why=(_RUNS.get(link.scheme or "", _SHOWS), *_small_print(link)))
    if link.address is not None:
        found = _of_address(link, link.address)
    else:
        found = _of_verdict(judge(link.host, catalogue) if link.host is not None else INVALID)
    others = (
        _shown_otherwise(link, found, catalogue),
        _behind_user(link, found, catalogue),
        _from_somebody(link, found, catalogue),
        _leads_to(link, found, catalogue),
        _in_clear(link, found),
    )
    for other in others:
        if other is not None and _WORSE.index(other.word) >= _WORSE.index(found.word):
            found = other
    if link.turned and found.host is not None and not found.wrong:
        found = replace(found, word="suspicious", why=(*found.why, _TURNED))
    return replace(found, why=(*found.why, *_small_print(link))) if found.wrong else found


def _of_verdict(verdict: Verdict) -> Answer:
    why: tuple[str, ...] = ()
    if verdict.imitation is not None:
        clause = difference(verdict)
        why = (f"{clause[:1].upper()}{clause[1:]}.",)
    elif verdict.landlord is not None:
        why = (f"Anybody can have a page at {verdict.landlord}.",)
    return Answer(
        verdict.host,
        verdict.registrable,
        verdict.word,
        verdict.imitates,
        verdict.techniques,
        verdict.category,
        why,
        verdict.own,
    )


def _of_address(link: Link, address: IPv4Address | IPv6Address) -> Answer:
    techniques = ("ip-literal",)
    if link.odd:
        why = f"It hides that it leads to the address {address}, which has no name: nobody vouches for it."
    elif link.scheme is None or address.is_private:
        return Answer(str(address), None, "no-finding", techniques=techniques)
    else:
        why = "It leads to an address instead of a name: nobody vouches for it."
    return Answer(str(address), None, "suspicious", techniques=techniques, why=(why,))


def _pretending(
    found: Answer, claimed: Verdict, catalogue: Catalogue, word: Word, why: str, techniques: tuple[str, ...] = ()
) -> Answer:
    """It leads to what was found, and claims to be another's."""
    imitates = claimed.imitates
    if imitates is None and claimed.registrable is not None:
        listing = catalogue.listing(claimed.registrable)
        imitates = listing.entry_name if listing is not None else None
    return Answer(found.host, found.registrable, word, imitates, techniques, claimed.category, (why,), claimed.own)


def _behind_user(link: Link, found: Answer, catalogue: Catalogue) -> Answer | None:
    """https://paypal.com@evil.example: a browser goes to what stands behind the @."""
    if not link.user:
        return None
    claimed = judge(link.user.partition(":")[0].partition("/")[0], catalogue)
    if claimed.registrable is None and link.scheme is None:
        return None
    # A true site, by its own name or with somebody's name and password, which may look like anything.
    if found.word == "known" and claimed.registrable in (None, found.registrable):
        return None
    shown, real = visible(claimed.own or claimed.registrable or link.user, 40), visible(link.host or "")
    why = f"What stands before the @ ({shown}) is only decoration: it leads to {real}."
    word: Word = "look-alike" if claimed.word in ("known", "look-alike") else "suspicious"
    return _pretending(found, claimed, catalogue, word, why, ("userinfo",))


def _shown_otherwise(link: Link, found: Answer, catalogue: Catalogue) -> Answer | None:
    """[https://paypal.com](https://evil.example): people read what is shown."""
    claimed = judge(link.shown, catalogue) if link.shown is not None else INVALID
    if claimed.registrable is None or claimed.registrable == found.registrable or link.host is None:
        return None
    why = f"The text says {visible(claimed.registrable, 40)}, but it leads to {visible(link.host)}."
    if found.word == "look-alike":
        return replace(found, why=(*found.why, why))
    claims = claimed.word in ("known", "look-alike") and found.word != "known"
    return _pretending(found, claimed, catalogue, "look-alike" if claims else "suspicious", why)


def _from_somebody(link: Link, found: Answer, catalogue: Catalogue) -> Answer | None:
    """A mail address: its domain says who gives out addresses there, and a sender may write any."""
    if link.mail is None or found.word != "known":
        return None
    name = visible(found.registrable or "", 40)
    if found.category != "account":
        return replace(found, why=(f"It is an address at {name}; but a message may name any sender.",))
    why = f"Anybody can have an address at {name}."
    claimed = judge(f"{link.mail}.com", catalogue)
    if claimed.word in ("known", "look-alike", "suspicious") and claimed.category in MONEY:
        return _pretending(found, claimed, catalogue, "suspicious", why)
    return replace(found, word="no-finding", category=None, why=(why,), instead=None)


def _leads_to(link: Link, found: Answer, catalogue: Catalogue) -> Answer | None:
    """A link inside the link: a redirector on an honest site that leads to a dishonest or an unknown one."""
    passed: Answer | None = None
    for target in link.targets:
        inner = parse_link(target)
        if inner.host is None:
            continue
        there = _of_link(replace(inner, targets=()), catalogue)
        on = replace(there, why=(*there.why, f"The link leads on to {visible(inner.host)}."))
        if there.word in ("look-alike", "suspicious"):
            return on
        # Whoever deals with money names the shop that one comes from; other sites send people on.
        if passed is None and there.word in ("likely", "no-finding") and found.category not in MONEY:
            passed = on
    return passed if found.word == "known" else None


def _in_clear(link: Link, found: Answer) -> Answer | None:
    if link.scheme != "http" or found.word != "known" or found.category not in MONEY or link.mail is not None:
        return None
    why = "It begins with http://, so that others on the network could read and change the page."
    return Answer(
        found.host,
        found.registrable,
        found.word,
        None,
        ("plain-http",),
        found.category,
        (why,),
        f"https://{found.host}",
    )


def _small_print(link: Link) -> tuple[str, ...]:
    said = []
    if link.hidden and not link.turned:
        said.append("It contains characters that cannot be seen.")
    if link.long:
        said.append("It is so long that its true destination is easily overlooked.")
    if link.port is not None:
        said.append(f"It names an unusual port ({link.port}).")
    return tuple(said)
