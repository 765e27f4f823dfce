"""How much of usual traffic reaches Python, as root: `python bench/reaches.py`. A line for each kind of traffic.

browser: 60 HTTPS connections with 20 answers of 30 KB each. download, backup: 200 MB over one TLS connection, down or up. call:
2500 datagrams a second each way. kept alive: an HTTP connection with three answers of 2 MB, then a login, which must be told.
"""

from __future__ import annotations

import json
import socket
import ssl
import sys
import threading
import time
from pathlib import Path

from tests.net.rig.cafe import Cafe
from tests.net.rig.certificate import make_certificate
from tests.net.rig.lab import Lab, Namespace
from tests.net.rig.waiting import wait_until
from tests.net.watched import Watched

HERE = Path(__file__).resolve()
TLS_PORT, CALL_PORT, HTTP_PORT = 8443, 40_000, 8080
OBJECT, FILE, PAGE = 30_000, 200_000_000, 2_000_000


def receive(link: socket.socket, size: int) -> None:
    """Take so many bytes."""
    while size:
        got = len(link.recv(min(size, 1 << 18)))
        if not got:
            raise ConnectionError("the other end has gone")
        size -= got


def answer(link: socket.socket) -> None:
    """Serve one client: "-" and 8 digits ask for so many bytes, "+" announces so many."""
    with link:
        while order := link.recv(9):
            size = int(order[1:])
            if order.startswith(b"+"):
                receive(link, size)
                link.sendall(b".")
            else:
                link.sendall(bytes(size))


def web(link: socket.socket) -> None:
    """Serve pages over HTTP for as long as the client asks."""
    with link:
        while link.recv(4096):
            link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % PAGE + bytes(PAGE))


def serve(address: str, certificate: str, key: str) -> None:
    """The internet's side."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def listen(port: int, each: object, *, secure: bool) -> None:
        listener = socket.create_server((address, port))
        while True:
            link, _ = listener.accept()
            link = context.wrap_socket(link, server_side=True) if secure else link
            threading.Thread(target=each, args=(link,), daemon=True).start()  # type: ignore[arg-type]

    threading.Thread(target=listen, args=(TLS_PORT, answer), kwargs={"secure": True}, daemon=True).start()
    threading.Thread(target=listen, args=(HTTP_PORT, web), kwargs={"secure": False}, daemon=True).start()
    call = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    call.bind((address, CALL_PORT))
    print("ready", flush=True)
    while True:
        call.sendto(*call.recvfrom(2048))


def secure(address: str) -> ssl.SSLSocket:
    """A TLS connection to the server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(socket.create_connection((address, TLS_PORT)), server_hostname="www.example.com")


def browser(address: str) -> None:
    for _ in range(60):
        with secure(address) as link:
            for _ in range(20):
                link.sendall(b"-%08d" % OBJECT)
                receive(link, OBJECT)


def download(address: str) -> None:
    with secure(address) as link:
        for _ in range(10):
            link.sendall(b"-%08d" % (FILE // 10))
            receive(link, FILE // 10)


def backup(address: str) -> None:
    with secure(address) as link:
        for _ in range(10):
            link.sendall(b"+%08d" % (FILE // 10))
            link.sendall(bytes(FILE // 10))
            receive(link, 1)


def call(address: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        for number in range(10_000):
            link.sendto(b"\x80\x60" + number.to_bytes(2, "big") + bytes(1000), (address, CALL_PORT))
            time.sleep(0.0004)


def kept_alive(address: str) -> None:
    with socket.create_connection((address, HTTP_PORT)) as link:
        for request in (b"GET /a", b"GET /b", b"GET /c", b"POST /login"):
            form = b"user=me&password=s3cret" if request.startswith(b"POST") else b""
            head = request + b" HTTP/1.1\r\nHost: www.example.com\r\nContent-Length: %d\r\n" % len(form)
            kind = b"Content-Type: application/x-www-form-urlencoded\r\n\r\n" if form else b"\r\n"
            link.sendall(head + kind + form)
            receive(link, PAGE + len(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % PAGE))


KINDS = {each.__name__: each for each in (browser, download, backup, call, kept_alive)}


def crossed(namespace: Namespace, interface: str) -> int:
    """All packets that crossed an interface so far."""
    (link,) = json.loads(namespace.run("ip", "-j", "-s", "link", "show", interface).stdout)
    return int(link["stats64"]["rx"]["packets"]) + int(link["stats64"]["tx"]["packets"])


def main() -> None:
    """Print a line for each kind."""
    env = {"PYTHONPATH": str(HERE.parent.parent)}
    with Lab() as lab:
        cafe = Cafe(lab)
        made = make_certificate(lab.processes.folder, ["www.example.com"])
        pair = (str(made.certificate), str(made.key))
        program = (sys.executable, str(HERE))
        server = cafe.internet.start("server", *program, "serve", cafe.router.v4, *pair, env=env)
        wait_until(lambda: server.require_running() and "ready" in server.output(), "the server", 30)
        watched = Watched(cafe.laptop)

        def read() -> int:
            return int(watched.status()["traffic"][cafe.interface]["packets"])

        for kind in KINDS:
            before = read(), crossed(cafe.laptop, cafe.interface)
            cafe.laptop.run(*program, kind, cafe.router.v4, env=env, timeout=300)
            time.sleep(1.0)
            ours, everything = read() - before[0], crossed(cafe.laptop, cafe.interface) - before[1]
            print(f"{kind}: {ours} of {everything} packets, {100 * ours / everything:.1f} %", flush=True)
        print("login told:", [line["evidence"]["protocol"] for line in watched.log("plaintext-login")])


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    elif sys.argv[1] == "serve":
        serve(*sys.argv[2:])
    else:
        KINDS[sys.argv[1]](sys.argv[2])
