"""A thousand secrets cross in every protocol, and none of them is kept, told or shown anywhere."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.net.giveaways import BANK, Secrets, conversations, questions
from tests.net.rig.cafe import Cafe
from tests.net.rig.desktop import Desktop
from tests.net.rig.dialogues import Dialogue, hold
from tests.net.rig.waiting import wait_until
from tests.net.watched import Watched

pytestmark = pytest.mark.root

SEND = "import json, socket, sys; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
SEND += "for q in json.load(sys.stdin): s.sendto(bytes.fromhex(q), ('203.0.113.10', 53))"
END = b"GET / HTTP/1.1\r\nHost: www.paypal.com\r\nCookie: a=b\r\n\r\n"
# What a defect may say of itself: the very bytes that it stumbled over.
STUMBLES = """
from wifiguard.decode import forms
read = forms.read
def stumble(body, kind):
    if b"stumble" in body:
        raise ValueError(body.decode("latin-1"))
    return read(body, kind)
forms.read = stumble
"""


def test_a_thousand_secrets(cafe: Cafe, desktop: Desktop) -> None:
    secrets = Secrets(seed=4)
    talks = conversations(secrets, [cafe.host(number).v4 for number in (10, 11, 12)])
    asked = questions(secrets, 60)
    assert len(secrets.words) > 1000
    spoken = desktop.bus.monitor()
    watched = Watched(cafe.laptop, env=desktop.environment)
    wait_until(lambda: any(agent["ok"] for agent in watched.status()["agents"].values()), "the desktop agent")

    cafe.laptop.run(sys.executable, "-c", SEND, stdin=json.dumps([question.hex() for question in asked]))
    last = Dialogue(talks[0].address, 80, (("client", END), ("server", b"HTTP/1.1 204 No Content\r\n\r\n")))
    hold(cafe.laptop, cafe.internet, [*talks, last])
    watched.wait_for("plaintext-banking", lambda line: line["evidence"]["name"] == "www.paypal.com", timeout=20.0)

    # It was all understood …
    logins = {line["evidence"]["protocol"] for line in watched.printed("plaintext-login")}
    assert logins >= {"http", "http-proxy", "ftp", "smtp", "imap", "pop3", "irc", "ldap", "telnet", "xmpp", "socks"}
    sent = {word for line in watched.printed("plaintext-personal-data") for word in line["evidence"]["categories"]}
    wanted = {"address", "date-of-birth", "e-mail", "health", "iban", "id-number", "name", "payment-card", "phone"}
    assert sent == wanted
    desktop.dunst.wait_for_shown("Bank details")
    # … and nothing of it is anywhere.
    shown = [watched.command("log", *options, check=False) for options in ((), ("--json",), ("--csv",), ("--verbose",))]
    one_a_rule = {line["rule"]: line["id"] for line in watched.log()}
    shown += [watched.command("log", "show", finding) for finding in one_a_rule.values()]
    shown += [watched.command("status", "--verbose", check=False), watched.command("status", "--json", check=False)]
    places = {
        "the log on disk": watched.kept(),
        "what the monitor says": watched.process.output().encode() + watched.process.errors().encode(),
        "what the commands say": "".join(shown).encode(),
        "notifications": spoken.process.output().encode(),
    }
    assert BANK.encode() in places["what the commands say"]
    assert b"Bank details" in places["notifications"]
    for place, text in places.items():
        assert text
        assert [needle for needle in secrets.needles() if needle in text] == [], place


def test_a_defect_does_not_quote_what_it_stumbled_over(cafe: Cafe, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(STUMBLES)
    watched = Watched(cafe.laptop, env={"PYTHONPATH": str(tmp_path)})
    body = b"stumble=the-secret-word"
    head = b"POST / HTTP/1.1\r\nHost: www.paypal.com\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    head += b"Content-Length: %d\r\n\r\n" % len(body)
    talk = Dialogue(cafe.host(10).v4, 80, (("client", head + body),))
    hold(cafe.laptop, cafe.internet, [talk])
    wait_until(lambda: "ValueError" in watched.process.errors(), "the defect to be told")
    said = watched.process.output() + watched.process.errors() + watched.command("status", "--json", check=False)
    assert "the-secret-word" not in said
    assert b"the-secret-word" not in watched.kept()
