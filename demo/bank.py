"""The web server of every site in the demo, run on the café's router: python -m demo.bank CERTIFICATE KEY."""

from __future__ import annotations

import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = b"<!doctype html><title>Log in</title><form method=post><input name=user><input name=pin type=password></form>\n"


class Page(BaseHTTPRequestHandler):
    """The same page for everything, whatever is sent."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.do_GET()


def main() -> None:
    """Serve on the ports 80 and 443 until ended."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*sys.argv[1:3])
    encrypted = ThreadingHTTPServer(("", 443), Page)
    encrypted.socket = context.wrap_socket(encrypted.socket, server_side=True)
    threading.Thread(target=encrypted.serve_forever, daemon=True).start()
    ThreadingHTTPServer(("", 80), Page).serve_forever()


if __name__ == "__main__":
    main()
