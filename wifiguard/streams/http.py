"""HTTP/1 in a connection: requests told once, each response with the request that it answers."""

from __future__ import annotations

from collections import deque
from enum import Enum, auto
from typing import NamedTuple

from wifiguard.core.addresses import address_text
from wifiguard.core.messages import CleartextLogin, HttpRequest, HttpResponse, PersonalData
from wifiguard.core.observation import Seen
from wifiguard.decode import forms, http, personal, photo, tls
from wifiguard.decode.bad import Bad, Reason
from wifiguard.streams.connection import Connection
from wifiguard.streams.side import UNTIL_CLOSE, Side
from wifiguard.streams.talk import Talk

# Requests that may wait for their answers; browsers stopped pipelining at far fewer.
_MAX_ASKED = 256
_MAX_CHUNK_LINE = 4096
_SWITCHING = 101
_USUAL_PORT = 80


class _State(Enum):
    HEAD = auto()
    BODY = auto()  # `left` bytes, of a body or of a chunk
    CHUNK = auto()  # a chunk's first line
    CHUNK_END = auto()
    TRAILER = auto()
    TUNNEL = auto()  # behind CONNECT, until it is answered
    LOST = auto()  # after a gap or an error: until a segment begins a message


class _Framing:
    """Where one side is in its messages."""

    __slots__ = ("chunked", "left", "state")

    def __init__(self) -> None:
        self.state = _State.HEAD
        self.left = 0
        self.chunked = False

    def body(self, body: http.Body) -> None:
        """A head was read; its body follows."""
        self.chunked = body.chunked
        if body.chunked:
            self.state = _State.CHUNK
        elif body.length:
            self.left = body.length
            self.state = _State.BODY
        else:
            self.state = _State.HEAD


class _Asked(NamedTuple):
    """A request that was not answered yet."""

    method: str
    host: str | None


class Http(Talk):
    """A request is told once: when its body was read, or when that takes long; what the body says later is told beside it."""

    __slots__ = ("_asked", "_body", "_down", "_form", "_photo", "_seen", "_told", "_up")

    def __init__(self, conn: Connection) -> None:
        super().__init__(conn)
        self._up, self._down = _Framing(), _Framing()
        self._asked: deque[_Asked] = deque()
        # The request whose body is being read, and what was told of its body already.
        self._form: http.RequestHead | None = None
        self._told: forms.Said | None = None
        # The request whose body is searched to its end, since it carries a photo that may say there where it was taken.
        self._photo: http.RequestHead | None = None
        self._body = bytearray()
        self._seen: Seen | None = None

    def read(self, side: Side, data: bytes, seen: Seen) -> bytes:
        upwards = side is self.conn.client
        framing = self._up if upwards else self._down
        at, size = 0, len(data)
        while at < size:
            state = framing.state
            if state is _State.HEAD:
                while at < size and data[at] in b"\r\n":  # RFC 9112, 2.2
                    at += 1
                end = http.head_end(data, at)
                if end < 0:
                    if size - at > http.MAX_HEAD:
                        raise Bad("http", Reason.TOO_LONG)
                    break
                head, at = data[at:end], end
                if self.conn.outlet.heard_enough(seen):
                    self._lost(framing)
                    return b""
                if upwards:
                    self._request(head, seen)
                else:
                    self._response(side, head, seen)
                    if self.conn.talk is not self or side.quiet:
                        break
            elif state is _State.BODY:
                taken = min(framing.left, size - at)
                framing.left -= taken
                if upwards and self._wants_body:
                    self._collect(data[at : at + taken], seen)
                at += taken
                if framing.left and not (upwards and self._wants_body):
                    side.skip, framing.left = framing.left, 0
                if not framing.left:
                    framing.state = _State.CHUNK_END if framing.chunked else _State.HEAD
                    if upwards and not framing.chunked:
                        self._tell()
            elif state is _State.TUNNEL:
                # The other direction may not be seen at all.
                if side.peer.next is None and tls.is_hello(data[at:]):
                    self.conn.restart()
                break
            elif state is _State.LOST:
                if not http.opens(data[at:]):
                    return b""
                framing.state = _State.HEAD
            else:
                if state is _State.CHUNK:
                    pieces, at = http.whole_chunks(data, at)
                    if upwards and pieces and self._wants_body:
                        self._collect(b"".join(pieces), seen)
                end = data.find(b"\n", at) + 1
                if not end:
                    if size - at > _MAX_CHUNK_LINE:
                        raise Bad("http", Reason.CHUNK)
                    break
                self._chunk(framing, data[at:end], upwards)
                at = end
        return data[at:]

    def lose(self, side: Side, size: int, seen: Seen) -> None:
        upwards = side is self.conn.client
        framing = self._up if upwards else self._down
        if upwards:
            self._tell_partly(side, seen)
        if framing.state is _State.BODY and size <= framing.left:
            framing.left -= size
            if not framing.left:
                framing.state = _State.CHUNK_END if framing.chunked else _State.HEAD
            return
        self._lost(framing)

    def fail(self, side: Side) -> None:
        upwards = side is self.conn.client
        if upwards:
            self._tell()
        self._lost(self._up if upwards else self._down)

    def _lost(self, framing: _Framing) -> None:
        framing.state = _State.LOST
        if framing is self._down:
            # Answers may be missing: the next one most likely answers what was asked last.
            while len(self._asked) > 1:
                self._asked.popleft()

    def resume(self, side: Side) -> None:
        self._down.state = _State.HEAD

    def overdue(self, seen: Seen) -> None:
        self._announce()

    def end(self, side: Side, seen: Seen) -> None:
        if side is self.conn.client:
            self._tell_partly(side, seen)

    # Requests.

    def _request(self, head: bytes, seen: Seen) -> None:
        request = http.request_head(head)
        self._ask(request)
        if request.method == "CONNECT":
            self._up.state = _State.TUNNEL
        else:
            self._up.body(request.body)
        if self._up.state is _State.HEAD or request.form is None:
            self._emit(request, seen)
            return
        self._form, self._photo = request, None
        self._seen = seen
        self._told = None
        if request.form.kind is forms.Kind.FILE:
            self._announce()
        else:
            self.conn.wait(seen.tick, again=True)

    def _ask(self, request: http.RequestHead) -> None:
        if len(self._asked) >= _MAX_ASKED:
            self._asked.popleft()
        self._asked.append(_Asked(request.method, request.host))

    @property
    def _wants_body(self) -> bool:
        return self._form is not None or self._photo is not None

    def _collect(self, piece: bytes, seen: Seen) -> None:
        self._body += piece
        self.held = len(self._body)
        self._seen = seen
        if self._form is None:
            if self.held >= photo.MAX_HEAD:
                self._search(keep=photo.OVERLAP)
        elif self._form.form is not None and forms.enough(self._body, self._form.form.kind):
            self._tell()
        elif self._told is None:
            self.conn.wait(seen.tick, again=True)

    def _search(self, keep: int) -> None:
        """Look for a place in what came of a photo; `keep` at most that many bytes for the next look."""
        if self._photo is not None and self._seen is not None and photo.has_position(bytes(self._body)):
            self._emit_said(self._photo, self._seen, False, frozenset({personal.LOCATION}))
            self._photo, keep = None, 0
        del self._body[: max(0, len(self._body) - keep)]
        self.held = len(self._body)

    def _announce(self) -> None:
        """Tell the request whose body is being read, and read on: a slow body may still say something."""
        request = self._form
        if request is None or request.form is None or self._seen is None or self._told is not None:
            return
        body = bytes(self._body)
        self._told = forms.read(body, request.form.kind)
        self._emit(request, self._seen, self._told, form=forms.is_form(body, request.form))

    def _tell(self) -> None:
        """Tell the request whose body was being read, or what came after it was told; it is read no further."""
        if self._photo is not None:
            self._search(keep=0)
            self._photo = None
        request = self._form
        if request is None or request.form is None or self._seen is None:
            return
        body = bytes(self._body)
        said, told = forms.read(body, request.form.kind), self._told
        if told is None:
            self._emit(request, self._seen, said, form=forms.is_form(body, request.form))
        else:
            password = said.password and not (told.password or request.said.password or request.basic)
            self._emit_said(request, self._seen, password, said.personal - told.personal - request.said.personal)
        self._form = None
        if personal.LOCATION not in said.personal and photo.ends_with_metadata(body):
            self._photo = request
        del self._body[: -photo.OVERLAP if self._photo is not None else None]
        self.held = len(self._body)

    def _tell_partly(self, side: Side, seen: Seen) -> None:
        """Tell what is known of the request that is half-read, in its body or already in its head."""
        self._tell()
        if self._up.state is not _State.HEAD or b"\n" not in side.buffer:
            return
        head, side.buffer = side.buffer, b""
        self._up.state = _State.LOST
        try:
            request = http.request_head(head)
        except Bad as bad:
            self.conn.outlet.malformed(bad, seen)
            return
        self._ask(request)
        form = request.form is not None and request.form.announced
        self._emit(request, seen, form=form, complete=False)

    def _emit(
        self,
        head: http.RequestHead,
        seen: Seen,
        body: forms.Said = forms.NOTHING,
        *,
        form: bool = False,
        complete: bool = True,
    ) -> None:
        conn = self.conn
        conn.outlet.on_port("http", conn.client.peer.port, _USUAL_PORT)
        said = head.said
        password = said.password or body.password
        conn.outlet.tell(
            HttpRequest(
                seen,
                conn.flow,
                head.method,
                head.host,
                form,
                password,
                head.cookie,
                head.authorization,
                complete,
            ),
            "http",
        )
        if head.proxy_basic:
            conn.outlet.emit(CleartextLogin(seen, conn.flow, "http-proxy"))
        if password or head.basic or said.personal or body.personal:
            self._emit_said(head, seen, password or head.basic, said.personal | body.personal)

    def _emit_said(self, head: http.RequestHead, seen: Seen, password: bool, personal: frozenset[str]) -> None:
        conn = self.conn
        if password:
            conn.outlet.emit(CleartextLogin(seen, conn.flow, "http", head.host))
        if personal:
            conn.outlet.emit(PersonalData(seen, conn.flow, "http", tuple(sorted(personal)), head.host))

    # Responses.

    def _response(self, side: Side, head: bytes, seen: Seen) -> None:
        response = http.response_head(head)
        if response.status < 200 and response.status != _SWITCHING:
            return
        if len(self._asked) <= 1:
            # It answers the request that is still being read, if there is one: nothing more of that matters.
            self._tell_partly(side.peer, seen)
        asked = self._asked.popleft() if self._asked else None
        self._emit_response(response, asked, seen)
        method = asked.method if asked is not None else None
        if response.status == _SWITCHING:
            self.conn.settle()
        elif method == "CONNECT":
            if response.status < 300:
                self.conn.restart()
                return
            if self._up.state is _State.TUNNEL:
                self._up.state = _State.HEAD
            self._follow(side, response.framing)
        elif method == "HEAD" or response.status in (204, 304):
            self._down.state = _State.HEAD
        else:
            self._follow(side, response.framing)

    def _follow(self, side: Side, framing: http.Body) -> None:
        if framing.length is None and not framing.chunked:
            side.skip = UNTIL_CLOSE
        self._down.body(framing)

    def _emit_response(self, response: http.ResponseHead, asked: _Asked | None, seen: Seen) -> None:
        conn = self.conn
        host = asked.host if asked is not None else None
        location = None
        if response.location is not None:
            scheme, target = response.location
            location = (scheme or "http", target or host or address_text(conn.flow.server))
        conn.outlet.on_port("http", conn.client.peer.port, _USUAL_PORT)
        conn.outlet.tell(
            HttpResponse(
                seen, conn.flow, response.status, host, asked.method if asked else None, location, response.page
            ),
            "http",
        )

    # Chunks.

    def _chunk(self, framing: _Framing, line: bytes, upwards: bool) -> None:
        """One line of a chunked body's framing (RFC 9112, 7.1)."""
        if framing.state is _State.CHUNK:
            framing.left = http.chunk_size(line)
            framing.state = _State.BODY if framing.left else _State.TRAILER
        elif framing.state is _State.CHUNK_END:
            if line.strip():
                raise Bad("http", Reason.CHUNK)
            framing.state = _State.CHUNK
        elif not line.strip():
            framing.state = _State.HEAD
            if upwards:
                self._tell()
