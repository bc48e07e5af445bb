"""An HTTP server that gives the answers that a test has prepared, and keeps the requests."""

import json
import threading
from collections import defaultdict
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Asked(NamedTuple):
    """`line` is the method and path, such as "GET /api/". The names of headers are not case-sensitive."""

    line: str
    headers: Message
    body: bytes

    def form(self) -> list[tuple[str, str | None, bytes]]:
        """Name, file name and content of each part of a multipart form, in order."""
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        parts = BytesParser(policy=HTTP).parsebytes(head + self.body).iter_parts()
        return [
            (part.get_param("name", header="Content-Disposition"), part.get_filename(), part.get_payload(decode=True))
            for part in parts
        ]


class HttpStub:
    """Answers each request with the next answer that `will` has prepared for it, or else with a 500."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        answers: dict[str, list[tuple[int, dict[str, str], bytes] | None]] = defaultdict(list)
        self._answers = answers
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                request = Asked(f"{self.command} {self.path}", self.headers, body)
                asked.append(request)
                left = answers[request.line]
                if (laid := left.pop(0) if left else (500, {}, b"the test laid down no answer")) is None:
                    self.close_connection = True
                    return
                status, headers, content = laid
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(content))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = answer  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def will(self, line: str, status: int, content: Any = b"", headers: dict[str, str] | None = None) -> None:
        """`content` is bytes, or a value to send as JSON."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self._answers[line].append((status, headers or {}, body))

    def will_hang_up(self, line: str) -> None:
        """Reads the request, and closes the connection without an answer."""
        self._answers[line].append(None)

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
