"""The HTTP server in front of the gateway: Werkzeug's, made to answer broken HTTP with a 4xx."""

import json
import socket
from typing import Any
from urllib.parse import urlsplit

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

UNREADABLE = json.dumps({"error": "This is no request that the server can read: send HTTP/1.1."}).encode()


class RequestHandler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60  # seconds without a byte, after which a connection is closed

    def run_wsgi(self) -> None:
        try:
            urlsplit(self.path)
        except ValueError:
            self.send_error(400)
        else:
            super().run_wsgi()

    def handle_expect_100(self) -> bool:
        return True  # run_wsgi sends "100 Continue"; here it would be sent twice

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        self.request_version = "HTTP/1.1"  # HTTP/0.9 answers have no headers
        self.send_response(400 if code >= 500 else code)
        self.send_header("Connection", "close")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(UNREADABLE)))
        self.end_headers()
        self.wfile.write(UNREADABLE)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Logs nothing, as the gateway logs requests, without what the client sent."""


def serve(application: Any, listening: socket.socket) -> BaseWSGIServer:
    """A server of `application` on a socket that listens already. Call its `serve_forever`."""
    host, port = listening.getsockname()
    return make_server(host, port, application, threaded=True, request_handler=RequestHandler, fd=listening.fileno())
