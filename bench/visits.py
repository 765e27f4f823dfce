"""What a laptop's programs do all day, faster: `visits.py RATE PLAN`, so many visits a second until it is stopped.

PLAN is a JSON file: `trust` (a PEM file), `sites` and `banks` (names with web servers), `mail` (addresses with mail and file
servers).
"""

from __future__ import annotations

import contextlib
import ftplib
import imaplib
import itertools
import json
import poplib
import random
import smtplib
import socket
import ssl
import sys
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any

TIMEOUT = 5.0
USER, WORD = "ann", "s3cret-word"
# Most logins go to the servers that are always used; one in so many goes to the next of all.
USUAL_SERVERS, NEW_SERVER_EVERY = 4, 40
REFUSED = (OSError, HTTPException, ftplib.Error, smtplib.SMTPException, poplib.error_proto, imaplib.IMAP4.error)


class Laptop:
    """Visits of every kind, each as often as its weight says."""

    def __init__(self, plan: dict[str, Any], dice: random.Random) -> None:
        self._plan = plan
        self._dice = dice
        self._tls = ssl.create_default_context(cafile=plan["trust"])
        self._servers = self._places()
        self._kinds: dict[Callable[[], None], int] = {
            self.page: 30,
            self.secure_page: 40,
            self.look_up: 24,
            self.login: 5,
            self.bank: 1,
        }

    def visit(self) -> None:
        """One, of a kind by chance."""
        (kind,) = self._dice.choices(list(self._kinds), list(self._kinds.values()))
        kind()

    def page(self) -> None:
        """A page without encryption."""
        self._fetch(HTTPConnection(self._dice.choice(self._plan["sites"]), timeout=TIMEOUT))

    def secure_page(self) -> None:
        """A page with it."""
        name = self._dice.choice(self._plan["sites"])
        self._fetch(HTTPSConnection(name, timeout=TIMEOUT, context=self._tls))

    def look_up(self) -> None:
        """A name that nobody has."""
        with contextlib.suppress(socket.gaierror):
            socket.getaddrinfo(f"host-{self._dice.randrange(1000)}.example.test", 80)

    def bank(self) -> None:
        """A bank's page without encryption, and now and then a form on it."""
        link = HTTPConnection(self._dice.choice(self._plan["banks"]), timeout=TIMEOUT)
        form = f"user={USER}&password={WORD}" if self._dice.random() < 0.3 else None
        self._fetch(link, form)

    def login(self) -> None:
        """Mail read or sent, or files fetched, without encryption."""
        server = next(self._servers)
        match self._dice.randrange(4):
            case 0:
                mailbox = poplib.POP3(server, timeout=TIMEOUT)
                mailbox.user(USER)
                mailbox.pass_(WORD)
                mailbox.quit()
            case 1:
                with imaplib.IMAP4(server, timeout=TIMEOUT) as folders:
                    folders.login(USER, WORD)
            case 2:
                with smtplib.SMTP(server, port=26, timeout=TIMEOUT) as outbox:
                    outbox.login(USER, WORD)
            case _:
                with ftplib.FTP(server, timeout=TIMEOUT) as files:
                    files.login("anonymous", "ann@example.test")

    def _places(self) -> Iterator[str]:
        rare = itertools.cycle(self._plan["mail"])
        for number in itertools.count(1):
            new = number % NEW_SERVER_EVERY == 0
            yield next(rare) if new else self._dice.choice(self._plan["mail"][:USUAL_SERVERS])

    @staticmethod
    def _fetch(link: HTTPConnection, form: str | None = None) -> None:
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        with contextlib.closing(link):
            link.request("POST" if form else "GET", "/", form, headers)
            link.getresponse().read()


def main(rate: float, plan: Path) -> None:
    """Visit until killed; what failed is counted on standard output every minute."""
    laptop = Laptop(json.loads(plan.read_text()), random.Random(1))
    due = told = time.monotonic()
    visits = failed = 0
    while True:
        try:
            laptop.visit()
        except REFUSED:
            failed += 1
        visits += 1
        due = max(due + 1 / rate, time.monotonic() - 1.0)
        time.sleep(max(0.0, due - time.monotonic()))
        if time.monotonic() - told > 60.0:
            told = time.monotonic()
            print(f"{visits} visits, {failed} failed", flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]), Path(sys.argv[2]))
