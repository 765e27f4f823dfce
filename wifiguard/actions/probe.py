"""The program that carries out one probe: `python -m wifiguard.actions.probe`, a question in, an answer out, both JSON.

Question: `probe`, `interface` and what the probe needs. Answer: `answer`, a list of pairs of text, or `failed`: why not.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping

from wifiguard.core.text import N_

Question = Mapping[str, str]
Pairs = list[tuple[str, str]]


def owners(question: Question) -> Pairs:
    """Who of these machines says, when asked alone, that the address is his?"""
    from wifiguard.actions.link import owners_of

    macs = question["macs"].split(",")[:8]
    return [("answered", ",".join(owners_of(question["interface"], question["address"], macs)))]


def unknown_name(question: Question) -> Pairs:
    """Who answers to a name that does not exist?"""
    from wifiguard.actions.link import answers_to_nobody

    return answers_to_nobody(question["interface"], question["protocols"].split(","))


def names(question: Question) -> Pairs:
    """Which addresses does the network's name server give for these names?"""
    from wifiguard.actions.resolver import addresses_of

    return addresses_of(question["interface"], question["names"].split(",")[:8])


def proves_itself(question: Question) -> Pairs:
    """Does the server at this address hold a certificate for this name?"""
    from wifiguard.actions.resolver import certificate_verdict

    return [("verdict", certificate_verdict(question["interface"], question["address"], question["name"]))]


def portal(question: Question) -> Pairs:
    """Is the web here, or a page that asks to log in?"""
    from wifiguard.actions.portal import connectivity

    return connectivity(question["interface"])


def decoy(question: Question) -> Pairs:
    """Which access point answers to a network name that cannot exist?"""
    from wifiguard.actions.decoy import answers_to_decoy

    return answers_to_decoy(question["interface"])


def vpn_up(question: Question) -> Pairs:
    """Switch the VPN on that the user named for such networks."""
    from wifiguard.actions.vpn import bring_up

    return bring_up(question["profile"])


PROBES: Mapping[str, Callable[[Question], Pairs]] = {
    "owners": owners,
    "unknown-name": unknown_name,
    "names": names,
    "proves-itself": proves_itself,
    "portal": portal,
    "decoy": decoy,
    "vpn-up": vpn_up,
}


def main() -> None:
    """Read one question, say one answer."""
    question = json.load(sys.stdin)
    try:
        told: dict[str, object] = {"answer": PROBES[question["probe"]](question)}
    except PermissionError:
        told = {"failed": N_("only root, or the installed service, may ask the network this")}
    except (OSError, ValueError) as error:
        told = {"failed": getattr(error, "strerror", None) or str(error) or type(error).__name__}
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
