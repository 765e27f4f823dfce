"""What the desktop's own check is answered, and what that says about a login page."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from wifiguard.actions import portal

Answer = tuple[int, dict[str, str], bytes]
OPEN, LOGIN = [("state", "open")], "login.cafe.test"
PAGE = b"<!doctype html><title>Welcome to our hotel</title>"


@contextmanager
def server(status: int, headers: dict[str, str], body: bytes) -> Iterator[str]:
    """A host that answers every check so; its address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if status == 0:
                self.wfile.write(body)
                return
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as serving:
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{serving.server_port}/check"
        finally:
            serving.shutdown()
            thread.join()


def asked(monkeypatch: pytest.MonkeyPatch, answer: Answer) -> list[tuple[str, str]]:
    with server(*answer) as address:
        monkeypatch.setattr(portal, "configured", lambda: (address, "NetworkManager is online"))
        return portal.connectivity("lo")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((200, {}, b"NetworkManager is online\n"), OPEN),
        ((200, {"X-NetworkManager-Status": "online"}, b""), OPEN),
        ((204, {}, b""), OPEN),
        ((200, {}, PAGE), [("state", "portal"), ("host", "127.0.0.1")]),
        ((511, {}, PAGE), [("state", "portal"), ("host", "127.0.0.1")]),
        ((302, {"Location": f"https://{LOGIN}/?from=check"}, b""), [("state", "portal"), ("host", LOGIN)]),
    ],
    ids=["its word", "its header", "nothing, as agreed", "a page", "to log in is demanded", "a redirect"],
)
def test_an_answer_is_understood(monkeypatch: pytest.MonkeyPatch, answer: Answer, told: list[tuple[str, str]]) -> None:
    assert asked(monkeypatch, answer) == told


@pytest.mark.parametrize(
    "answer",
    [(503, {}, b""), (301, {"Location": "/elsewhere"}, b""), (0, {}, b"\x00\xffnonsense\r\n\r\n"), (0, {}, b"")],
    ids=["out of order", "moved within the host", "no HTTP", "nothing"],
)
def test_what_tells_nothing_is_a_failure(monkeypatch: pytest.MonkeyPatch, answer: Answer) -> None:
    with pytest.raises(OSError, match=r"127\.0\.0\.1"):
        asked(monkeypatch, answer)


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portal, "configured", lambda: ("http://127.0.0.1:1/", ""))
    with pytest.raises(ConnectionRefusedError):
        portal.connectivity("lo")
