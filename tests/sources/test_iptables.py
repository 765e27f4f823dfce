"""What iptables-save says, read: real rulesets' shapes, options of many extensions, and anything else."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wifiguard.core.filtering import Packet, Reach, Ruleset
from wifiguard.sources.iptables import parse

NET = (ip_network("10.0.0.0/24"),)
LINKS = {"docker0": (ip_network("172.17.0.0/16"),)}
SSH = Packet("wlan0", "tcp", ip_address("10.0.0.2"), 22, NET)
MDNS = Packet("wlan0", "udp", ip_address("224.0.0.251"), 5353, NET)


def saved(*rules: str, policy: str = "DROP", more: str = "") -> str:
    lines = "\n".join(f"-A INPUT {rule}" for rule in rules)
    return f"# Generated\n*filter\n:INPUT {policy} [0:0]\n:mine - [0:0]\n{lines}\n-A mine -j ACCEPT\nCOMMIT\n{more}"


def reach(text: str, packet: Packet = SSH) -> Reach:
    return Ruleset(parse(text, 4)).reach(packet, LINKS)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("-j ACCEPT", Reach.OPEN),
        ("-j mine", Reach.OPEN),
        ("-g mine", Reach.OPEN),
        ("-p tcp -m tcp --dport 22 -j ACCEPT", Reach.OPEN),
        ("-p udp -m udp --dport 22 -j ACCEPT", Reach.STOPPED),
        ("! -p udp -j ACCEPT", Reach.OPEN),
        ("-p tcp -m multiport --dports 80,20:30 -j ACCEPT", Reach.OPEN),
        ("-p tcp -m tcp ! --dport 22 -j ACCEPT", Reach.STOPPED),
        ("-i wl+ -j ACCEPT", Reach.OPEN),
        ("! -i wlan0 -j ACCEPT", Reach.STOPPED),
        ("-s 10.0.0.0/8 -j ACCEPT", Reach.OPEN),
        ("-s 10.0.0.9/32 -j ACCEPT", Reach.PERHAPS),
        ("! -s 192.0.2.0/24 -j ACCEPT", Reach.OPEN),
        ("-d 10.0.0.2/32 -j ACCEPT", Reach.OPEN),
        ("-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", Reach.STOPPED),
        ("-m state --state NEW -j ACCEPT", Reach.OPEN),
        ('-m comment --comment "-j DROP, \\"quoted\\"" -j ACCEPT', Reach.OPEN),
        ("-m limit --limit 3/min --limit-burst 10 -j ACCEPT", Reach.OPEN),
        ("-m hashlimit --hashlimit-above 5/sec --hashlimit-name x -j ACCEPT", Reach.STOPPED),
        ("-m recent --update --seconds 30 --hitcount 6 --name DEFAULT --rsource -j ACCEPT", Reach.STOPPED),
        ("-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT", Reach.OPEN),
        ("-p tcp -m tcp --tcp-flags SYN,ACK ACK -j ACCEPT", Reach.STOPPED),
        ("-p icmp -m icmp --icmp-type 8 -j ACCEPT", Reach.STOPPED),
        ("-m addrtype --dst-type LOCAL -j ACCEPT", Reach.OPEN),
        ("-m set --match-set friends src -j ACCEPT", Reach.PERHAPS),
        ("-m mark --mark 0x1 -j ACCEPT", Reach.PERHAPS),
        ("-m tomorrow --unheard-of 7 -j ACCEPT", Reach.PERHAPS),
        ('-j LOG --log-prefix "[IN] "', Reach.STOPPED),
        ("-j TOMORROW --with x", Reach.PERHAPS),
        ("-p tcp", Reach.STOPPED),
    ],
)
def test_what_a_rule_lets_in(rule: str, expected: Reach) -> None:
    assert reach(saved(rule)) is expected


def test_multicast_may_be_let_in_alone() -> None:
    rules = saved("-d 224.0.0.251/32 -p udp -m udp --dport 5353 -j ACCEPT")
    assert (reach(rules, MDNS), reach(rules)) == (Reach.OPEN, Reach.STOPPED)


@pytest.mark.parametrize(
    ("dnat", "forward", "expected"),
    [
        (
            "DNAT --to-destination 172.17.0.2:80",
            "-d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT",
            Reach.OPEN,
        ),
        ("DNAT --to-destination 172.17.0.2:80", "-o docker0 -j DROP", Reach.STOPPED),
        ("REDIRECT --to-ports 2222", "-j ACCEPT", Reach.STOPPED),
    ],
)
def test_a_published_port_of_a_container(dnat: str, forward: str, expected: Reach) -> None:
    more = f"*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -m tcp --dport 22 -j {dnat}\nCOMMIT\n"
    text = saved("-p tcp -m tcp --dport 22 -j ACCEPT").replace(
        ":mine", f":FORWARD DROP [0:0]\n-A FORWARD {forward}\n:mine"
    )
    assert reach(text + more) is expected


@pytest.mark.parametrize(
    "text", ["iptables: command not found", "*filter\nnonsense", '*filter\n:INPUT DROP [0:0]\n-A INPUT "open']
)
def test_nonsense_is_said(text: str) -> None:
    with pytest.raises(ValueError):
        parse(text, 4)


@given(st.data())
def test_any_cut_any_byte_any_words(data: st.DataObject) -> None:
    words = st.sampled_from(
        ["-p", "tcp", "!", "-j", "--dport", "22", "x", "-s", "10.0.0.0/8", "-m", "DNAT", "--to-destination", "::", '"']
    )
    rule = " ".join(data.draw(st.lists(words, max_size=8)))
    raw = saved(rule, "-p tcp -m multiport --dports 80,20:30 -j ACCEPT")
    cut = data.draw(st.integers(0, len(raw)))
    for text in (raw, raw[:cut], raw[:cut] + chr(data.draw(st.integers(0, 255))) + raw[cut + 1 :]):
        try:
            chains = parse(text, 4)
        except ValueError:
            continue
        assert Ruleset(chains).reach(SSH, {}) in Reach
