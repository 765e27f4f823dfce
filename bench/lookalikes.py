"""Recall, false alarms and speed of the judge of look-alikes, beside dnstwist on the same lists.

    pip install dnstwist
    python bench/lookalikes.py IMITATIONS HONEST
    python bench/lookalikes.py --thresholds IMITATIONS HONEST     what other scores than 23 would cost, a table

IMITATIONS: a name and, behind a tab, the imitated brand (a label, as in paypal) a line. HONEST: a name a line, and the list that
it is from. Other columns are ignored, but for the seventh of IMITATIONS and the fourth of HONEST, by which the answers are
counted apart where they exist.

dnstwist works the other way round: from one domain it makes those that resemble it. It is given every domain of the catalogue
whose label is one of the imitated brands, the judge's lures as dictionary and the suffixes of the names as suffixes; a name is
found where its registrable domain is among what it makes.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from msgspec.structs import replace

from wifiguard.names import judge as judging
from wifiguard.names import score
from wifiguard.names.catalogue import Catalogue, packaged
from wifiguard.names.judge import judge
from wifiguard.names.registrable import registrable
from wifiguard.names.words import by_heading

Row = list[str]
THRESHOLDS = (18, 20, 21.5, 22, 23, 24, 26, 30, 36, 40, 44.5)


def rows(path: Path) -> list[Row]:
    """The lines of a list, split at tabs."""
    return [line.split("\t") for line in path.read_text().splitlines() if line and line[0] != "#"]


def count(title: str, found: Callable[[str], bool], lists: Iterable[tuple[str, list[Row], int]]) -> None:
    """Print how many names of each list are found, for each value of its column."""
    for name, table, column in lists:
        all_of: Counter[str] = Counter()
        hits: Counter[str] = Counter()
        for row in table:
            group = row[column] if len(row) > column else ""
            all_of[group] += 1
            hits[group] += found(row[0])
        for group, number in sorted(all_of.items()):
            print(f"{title:10s} {name} {group:14s} {hits[group]:5d} of {number:5d}  {hits[group] / number:7.2%}")


def tabulate(imitations: list[Row], honest: list[Row]) -> None:
    """Print what would be found, and of honest names how many in all and of each list, from which score on."""
    catalogue, weights = Catalogue(), score.WEIGHTS
    for least in THRESHOLDS:
        score.WEIGHTS = judging.WEIGHTS = replace(weights, suspicious=least, look_alike=least)  # type: ignore[misc]
        found: Counter[str] = Counter()
        for row in imitations:
            found[row[6]] += judge(row[0], catalogue).word == "look-alike"
        for row in honest:
            wrong = judge(row[0], catalogue).word == "look-alike" and row[3] in ("core", "broad")
            found["honest"] += wrong
            found[row[1]] += wrong
        print(f"{least:5.1f}", *(f"{kind} {number}" for kind, number in found.items() if number), sep="  ")


def made_by_dnstwist(imitations: list[Row], names: Iterable[str]) -> set[str]:
    """What dnstwist makes of the imitated institutions' domains."""
    import dnstwist

    brands = {row[1] for row in imitations if len(row) > 1}
    suffixes = sorted({domain.partition(".")[2] for name in names if (domain := registrable(name)) is not None})
    lures = by_heading("lures")
    made: set[str] = set()
    for domain in (domain for entry in packaged() for domain in entry.domains):
        if domain.partition(".")[0].replace("-", "") in brands:
            fuzzer = dnstwist.Fuzzer(
                domain, dictionary=sorted(lures["strong"] | lures["weak"]), tld_dictionary=suffixes
            )
            fuzzer.generate()
            made |= {str(one["domain"]) for one in fuzzer.domains if one["fuzzer"] != "*original"}
    return made - {domain for entry in packaged() for domain in entry.domains}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("imitations", type=Path)
    parser.add_argument("honest", type=Path)
    parser.add_argument("--thresholds", action="store_true")
    options = parser.parse_args()
    imitations, honest = rows(options.imitations), rows(options.honest)
    if options.thresholds:
        tabulate(imitations, honest)
        return
    names = [row[0] for row in (*imitations, *honest)]
    lists = (("imitations", imitations, 6), ("honest", honest, 3))
    catalogue = Catalogue()
    judge("example.com", catalogue)  # reads the lists and builds the index

    began = time.process_time()
    words = {name: judge(name, catalogue).word for name in names}
    took = time.process_time() - began
    count("wifiguard", lambda name: words[name] == "look-alike", lists)
    print(f"wifiguard  {len(names) / took:.0f} names a second")
    try:
        began = time.process_time()
        made = made_by_dnstwist(imitations, names)
    except ImportError:
        sys.exit("dnstwist is not installed")
    count("dnstwist", lambda name: registrable(name) in made, lists)
    print(f"dnstwist   {len(made)} names made in {time.process_time() - began:.0f} s")


if __name__ == "__main__":
    main()
