"""`wifiguard check`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TextIO

import click
from msgspec import Struct

from wifiguard.cli.output import write_line
from wifiguard.cli.people import say, told, wrapped
from wifiguard.core.text import N_, visible
from wifiguard.daemon.language import translate
from wifiguard.names.private import is_private_name
from wifiguard.names.registrable import from_a_label
from wifiguard.names.words import words

if TYPE_CHECKING:
    from wifiguard.names.answer import Answer

LONGEST_LINE = 100_000
_COLOUR = {"look-alike": "red", "suspicious": "yellow", "known": "green", "invalid": "bright_black"}


@click.command(epilog="Example:  wifiguard check https://paypa1.com/login")
@click.argument("links", nargs=-1, metavar="LINK...")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines for machines.")
def command(links: tuple[str, ...], as_json: bool) -> None:
    """Is this link the bank or shop it looks like? Nothing is sent.

    Takes links and names as they are pasted; a dash, or no LINK at all, reads a list from standard input, one a line.
    Exit status: 1 a link is wrong, 3 something could not be read as a link.
    """
    import time

    from wifiguard.cli.book import failed
    from wifiguard.daemon.config import ConfigError, catalogue_lines, load
    from wifiguard.daemon.places import Places
    from wifiguard.names.answer import answer
    from wifiguard.names.catalogue import Catalogue

    if not links and sys.stdin.isatty():
        raise click.UsageError(told(N_("Give a link, or a list on standard input.")))
    try:
        settings = load(*Places.mine().configs)
        catalogue = Catalogue(settings.catalogue.extra, catalogue_lines(settings))
    except ConfigError as error:
        raise failed(str(error)) from error
    began = time.monotonic()
    counts: Counter[str] = Counter()
    in_clear = 0
    for text in _texts(links):
        found = answer(text, catalogue)
        counts[found.word] += 1
        in_clear += "plain-http" in found.techniques
        if as_json:
            write_line(_line(text, found))
        else:
            _show(text, found)
    wrong = counts["look-alike"] + counts["suspicious"] + in_clear
    if as_json:
        write_line(_summary(counts, in_clear, time.monotonic() - began))
    elif counts.total() > 1:
        say()
        summary = N_("{count} checked: {wrong} wrong, {unread} could not be read as a link")
        say(told(summary, count=counts.total(), wrong=wrong, unread=counts["invalid"]))
    sys.exit(1 if wrong else 3 if counts["invalid"] else 0)


def _texts(links: Iterable[str]) -> Iterator[str]:
    for link in links or ("-",):
        if link == "-":
            sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape")  # type: ignore[union-attr]
            yield from (text for line in _lines(sys.stdin) if (text := line.lstrip("\ufeff").strip()))
        else:
            yield link


def _lines(stream: TextIO) -> Iterator[str]:
    """The beginning of each line, since a stream without an end of line would fill the memory."""
    while line := stream.readline(LONGEST_LINE):
        yield line
        while not line.endswith("\n") and (line := stream.readline(LONGEST_LINE)):
            pass


class _Line(Struct, kw_only=True):
    """docs/contract.md, the type check."""

    schema: int = 1
    type: str = "check"
    input: str
    host: str | None
    registrable: str | None
    verdict: str
    imitates: str | None
    techniques: tuple[str, ...]
    category: str | None


def _line(text: str, found: Answer) -> _Line:
    return _Line(
        input=text if text.isascii() else text.encode("utf-8", "backslashreplace").decode(),
        host=found.host,
        registrable=found.registrable,
        verdict=found.word,
        imitates=found.imitates,
        techniques=found.techniques,
        category=found.category,
    )


def _summary(counts: Counter[str], in_clear: int, seconds: float) -> dict[str, object]:
    from wifiguard.core.severity import Severity
    from wifiguard.core.verdict import Answer as Safe
    from wifiguard.core.verdict import Verdict
    from wifiguard.daemon.lines import summary_line

    high, medium = counts["look-alike"], counts["suspicious"] + in_clear
    all_known = counts.total() and counts["known"] == counts.total()
    safe = Safe.NO if high else Safe.WITH_CARE if medium else Safe.YES if all_known else Safe.UNKNOWN
    severities = [Severity.HIGH] * high + [Severity.MEDIUM] * medium
    return summary_line(Verdict(safe), severities, counts["invalid"], seconds, 0)


def _show(text: str, found: Answer) -> None:
    """A verdict in one sentence, why, and what to do."""
    say(visible(text, 70) if text.strip() else told(N_("(nothing)")), bold=found.wrong)
    for part in wrapped(_sentence(found), "  ", "  "):
        say(part, fg=_COLOUR.get(found.word))
    for why in found.why:
        for part in wrapped(_reason(why), "  ", "  "):
            say(part)
    if found.wrong:
        for part in wrapped(f"→ {_advice(found)}", "  ", "    "):
            say(part)


def _reason(sentence: str) -> str:
    """The sentence in the reader's language; how two names differ is a clause of findings, made a sentence here."""
    said = translate(sentence)
    if said != sentence:
        return said
    clause = sentence[:1].lower() + sentence[1:].removesuffix(".")
    said = translate(clause)
    return sentence if said == clause else told(N_("{title}."), title=said)


def _sentence(found: Answer) -> str:
    name = _name(found)
    match found.word:
        case "known" if "plain-http" in found.techniques:
            return told(N_("{name} is the true site, but the link is not encrypted."), name=name)
        case "known":
            return told(N_("{name} is the true site."), name=name)
        case "likely":
            likely = N_("{name} calls itself a bank; it is not in the list of known ones, and imitates none of them.")
            return told(likely, name=name)
        case "look-alike":
            return told(N_("This is not {imitates}: it only looks so."), imitates=found.imitates)
        case "suspicious" if found.imitates:
            return told(N_("This may be an imitation of {imitates}."), imitates=found.imitates)
        case "suspicious" if found.host is None:
            return told(N_("This is no link to a site."))
        case "suspicious":
            return told(N_("This link hides where it leads."))
        case "invalid":
            return told(N_("This cannot be read as a link or a name. Paste it as it is, with its dots: paypal.com"))
        case _ if found.host is not None and is_private_name(found.host):
            return told(N_("{name} is in your own network or on this computer."), name=name)
        case _ if "ip-literal" in found.techniques:
            return told(N_("{name} is an address without a name: whose it is cannot be told."), name=name)
        case _ if found.registrable in words("shorteners"):
            return told(N_("{name} makes links short: where this one leads is seen only when it is opened."), name=name)
        case _:
            return told(N_("{name} imitates no bank or shop that is known. That does not make it honest."), name=name)


def _name(found: Answer) -> str:
    """Whose site it is, in letters that people read; where they are not a-z, also as browsers may show it."""
    name = found.registrable or found.host or ""
    written = ".".join(map(from_a_label, name.split(".")))
    return visible(name, 60) if written == name else f"{visible(written, 60)} ({visible(name, 60)})"


def _advice(found: Answer) -> str:
    if found.instead is None:
        return told(N_("Do not open it. Type the address yourself, or use a bookmark."))
    return told(N_("Type {address} yourself, and enter nothing on this page."), address=found.instead)
