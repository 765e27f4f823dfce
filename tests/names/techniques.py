"""Every technique of imitation applied mechanically to entries of the catalogue, and why some cannot be recognised.

python -m tests.names.techniques      over the whole catalogue, as a table (a few minutes)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from wifiguard.names.catalogue import Catalogue, Entry, packaged
from wifiguard.names.judge import Verdict, judge
from wifiguard.names.registrable import from_a_label
from wifiguard.names.words import is_word

DIGITS = (("l", "1"), ("o", "0"), ("i", "1"), ("e", "3"), ("s", "5"), ("a", "4"), ("g", "9"), ("b", "8"), ("t", "7"))
CYRILLIC = tuple(zip("aeopcxyk", "аеорсхук", strict=True))
PAIRS = (("m", "rn"), ("w", "vv"), ("d", "cl"))


class Made(NamedTuple):
    """A name that imitates `entry` by `technique` (the contract's word), made by the step `how`; `label`: what was changed."""

    entry: Entry
    how: str
    technique: str
    name: str
    label: str


def _exchanged(pairs: Iterable[tuple[str, str]]) -> Callable[[str], str]:
    def change(label: str) -> str:
        return next((label.replace(true, seen, 1) for true, seen in pairs if true in label), label)

    return change


def _at_the_middle(change: Callable[[str, str, str], str]) -> Callable[[str], str]:
    def changed(label: str) -> str:
        at = len(label) // 2
        return change(label[:at], label[at : at + 1], label[at + 1 :])

    return changed


STEPS: dict[str, tuple[str, Callable[[str], str]]] = {
    "a letter left out": ("edit", _at_the_middle(lambda a, b, c: a + c)),
    "a letter too many": ("edit", _at_the_middle(lambda a, b, c: a + "x" + b + c)),
    "another letter": ("edit", _at_the_middle(lambda a, b, c: a + ("z" if b == "q" else "q") + c)),
    "a letter doubled": ("edit", _at_the_middle(lambda a, b, c: a + b + b + c)),
    "letters swapped": ("swap", _at_the_middle(lambda a, b, c: a[:-1] + b + a[-1:] + c)),
    "a digit for a letter": ("confusable", _exchanged(DIGITS)),
    "a Cyrillic letter": ("confusable", _exchanged(CYRILLIC)),
    "two letters for one": ("confusable", _exchanged(PAIRS)),
    "hyphens": ("added-word", lambda label: f"{label[: len(label) // 2]}-{label[len(label) // 2 :]}"),
}
EDITS = ("edit", "swap")


def imitations(entry: Entry) -> Iterator[Made]:
    """Imitations of the first domain of an entry, each with the two words that such names carry."""
    domain = next((domain for domain in entry.domains if domain[0] != "*"), None)
    if domain is None:
        return
    label = domain.partition(".")[0]
    if label.startswith("xn--"):
        shown = from_a_label(label)
        yield Made(entry, "words after it", "added-word", f"{shown}-login-verify.com", shown)
        return
    yield Made(entry, "words before it", "added-word", f"login-verify-{label}.com", label)
    yield Made(entry, "words after it", "added-word", f"{label}-login-verify.com", label)
    yield Made(entry, "its domain in front", "subdomain", f"{domain}.login-verify.example", label)
    yield Made(entry, "a name below another", "subdomain", f"{label}.login-verify.example", label)
    for how, (technique, change) in STEPS.items():
        changed = change(label)
        if changed.replace("-", "") != label.replace("-", "") or (how == "hyphens" and "-" not in label):
            yield Made(entry, how, technique, f"{changed}-login-verify.com", label)


def named(made: Made, verdict: Verdict) -> bool:
    """Whether the verdict names the entry (or one of the same brand) and the technique."""
    if verdict.word != "look-alike" or verdict.imitation is None or made.technique not in verdict.techniques:
        return False
    return made.entry.name == verdict.imitates or made.entry in verdict.imitation.sighting.brand.entries


def excuse(made: Made, verdict: Verdict) -> str | None:
    """Why this one cannot be recognised, or not as this; None where there is no reason."""
    letters = made.label.replace("-", "")
    if verdict.word == "known":
        return "it is another institution's own name"
    if len(letters) < 3:
        return "one or two letters"
    if made.technique in EDITS and len(letters) < 6:
        return "short: one edit away from many names"
    if (made.technique == "confusable" or made.how == "hyphens") and len(letters) < 4:
        return "three letters: they count only as they are written"
    if made.technique in (*EDITS, "confusable") and is_word(letters):
        return "an ordinary word: one edit away from others"
    if made.technique in EDITS and not letters.isalpha():
        return "digits in it: another number is another name"
    if verdict.word == "look-alike" and made.entry in (
        verdict.imitation.sighting.brand.entries if verdict.imitation else ()
    ):
        return "recognised as another technique"
    if verdict.word == "look-alike" and verdict.imitates != made.entry.name:
        return "as near or nearer to another institution"
    return None


def tried(
    entries: Iterable[Entry], catalogue: Catalogue
) -> tuple[Counter[str], Counter[str], Counter[str], list[Made]]:
    """How often each step was tried, and named; how often each excuse held; what is left without one."""
    tries: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    excuses: Counter[str] = Counter()
    left: list[Made] = []
    for entry in entries:
        for made in imitations(entry):
            verdict = judge(made.name, catalogue)
            tries[made.how] += 1
            if named(made, verdict):
                hits[made.how] += 1
            elif (reason := excuse(made, verdict)) is not None:
                excuses[reason] += 1
            else:
                left.append(made)
    return tries, hits, excuses, left


def main() -> None:
    tries, hits, excuses, left = tried(packaged(), Catalogue())
    for how, number in tries.items():
        print(f"{how:24s} {hits[how]:6d} of {number:6d}  {hits[how] / number:6.1%}")
    for reason, number in excuses.most_common():
        print(f"not recognised: {reason:55s} {number:6d}")
    print(f"not recognised without a reason: {len(left)}:", *(made.name for made in left[:40]))
    print(
        f"named {hits.total() / tries.total():.2%} of all, {hits.total() / (hits.total() + len(left)):.2%} without the exceptions"
    )


if __name__ == "__main__":
    main()
