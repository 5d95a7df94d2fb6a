"""Stands between the tool and an S3 server: keeps a log of the requests, and does with each what a test says.

    with proxy.running("http://127.0.0.1:7070") as way:
        way.fault = lambda request: "lose" if request.number == 3 else None
        …            # the tool, with AWS_ENDPOINT_URL=way.url
        way.log      # every request that came, in order

A fault is
    drop     the connection is closed before the server sees the request
    lose     the server does it, and the connection is closed instead of its answer
    twice    the server gets it twice; the answer is the first one's
    late     the connection is closed, and the server gets it when deliver_late() is called
    refuse   the answer is what `edit` makes of nothing, without the server having seen the request
    500, 503 the answer, without the server having seen the request
    lose500  the server does it, and the answer is 500
"""

import contextlib
import http.client
import threading
import time
import urllib.parse
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ERROR = b"<?xml version='1.0'?><Error><Code>%s</Code><Message>injected</Message></Error>"
CODES = {500: b"InternalError", 503: b"SlowDown"}


@dataclass
class Request:
    number: int  # from 1, since the log was cleared
    method: str
    path: str  # the key below the bucket
    query: str
    headers: dict
    began: float
    body: bytes = field(repr=False, default=b"")
    ended: float = 0.0
    status: int = 0

    @property
    def what(self):
        """Method and the kind of object."""
        condition = " if" if {"if-match", "if-none-match"} & {name.lower() for name in self.headers} else ""
        return f"{self.method}{condition} {kind_of(self.path)}{'?' + self.query if self.query else ''}"


def kind_of(path):
    name = path.rpartition("/")[2]
    for kind, is_it in (
        ("store", name == "coreshed.json"),
        ("settings", "/_store/" in path),
        ("metadata", name == "metadata.json"),
        ("marker", "content/" in path or "/events/" in path),
        ("page", "/pages/" in path),
        ("data", name.endswith(".parquet")),
    ):
        if is_it:
            return kind
    return "other"


class Way:
    """The proxy while it runs."""

    def __init__(self, server, bucket):
        self.server, self.bucket = server, bucket
        self.fault = lambda request: None
        self.delay = 0.0  # seconds that each answer takes longer
        self.edit = lambda request, status, headers, body: (status, headers, body)
        self.log, self.late, self.lock, self.url = [], [], threading.Lock(), ""

    def clear(self):
        with self.lock:
            self.log, self.late = [], []

    def note(self, method, target, headers, body):
        parts = urllib.parse.urlsplit(target)
        path = urllib.parse.unquote(parts.path).removeprefix(f"/{self.bucket}/")
        with self.lock:
            request = Request(len(self.log) + 1, method, path, parts.query, headers, time.monotonic(), body)
            self.log.append(request)
        return request

    def forward(self, method, target, headers, body):
        connection = http.client.HTTPConnection(self.server, timeout=60)
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            with contextlib.suppress(ConnectionError):  # some answer before they have read all of a body
                connection.endheaders(body or None)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def deliver_late(self):
        with self.lock:
            late, self.late = self.late, []
        return [self.forward(*request)[0] for request in late]


def handler_of(way):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def handle_any(self):
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            call = (self.command, self.path, dict(self.headers.items()), body)
            request = way.note(*call)
            fault = way.fault(request)
            if fault == "late":
                with way.lock:
                    way.late.append(call)
            if fault in ("drop", "late"):
                return self.hang_up(request)
            if fault in (500, 503):
                return self.answer(request, fault, [], ERROR % CODES[fault])
            if fault == "refuse":
                return self.answer(request, *way.edit(request, 0, [], b""))
            status, headers, answer = way.forward(*call)
            if fault == "twice":
                way.forward(*call)
            if fault == "lose":
                return self.hang_up(request)
            if fault == "lose500":
                return self.answer(request, 500, [], ERROR % CODES[500])
            self.answer(request, *way.edit(request, status, headers, answer))

        def hang_up(self, request):
            request.ended = time.monotonic()
            self.close_connection = True
            self.connection.close()

        def answer(self, request, status, headers, body):
            if way.delay:
                time.sleep(way.delay)
            request.status, request.ended = status, time.monotonic()
            self.send_response_only(status)
            own = {"content-length", "transfer-encoding", "connection"}
            length = str(len(body))
            for name, value in headers:
                if self.command == "HEAD" and name.lower() == "content-length":
                    length = value
                if name.lower() not in own:
                    self.send_header(name, value)
            self.send_header("Content-Length", length)
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else body)
            self.wfile.flush()

        def log_message(self, *_):
            pass

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any

    return Handler


@contextlib.contextmanager
def running(endpoint, bucket):
    way = Way(endpoint.removeprefix("http://"), bucket)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(way))
    server.daemon_threads = True
    way.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield way
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
