"""The local AWS: moto's server, with checks that AWS makes."""

import functools
import io
import socket
import threading
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server
from werkzeug.wsgi import get_input_stream

from local import dynamodb, moto_changes, presigned_url
from local.refused import Refused

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CHUNK_BYTES = 1 << 16
DYNAMODB_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nx-amzn-RequestId: %b\r\nContent-Length: %d\r\n\r\n"
)


def serve(listening: socket.socket) -> None:
    """Serves AWS in a thread, on a socket that listens already."""
    moto_changes.make()
    host, port = listening.getsockname()
    server = make_server(
        host, port, _application(), threaded=True, request_handler=RequestHandler, fd=listening.fileno()
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()


class RequestHandler(MotoRequestHandler):
    """moto's, but what DynamoDB answers directly needs no WSGI, and its connection is kept: 0.3 ms instead of 0.8."""

    def run_wsgi(self) -> None:
        target = self.headers.get("X-Amz-Target", "")
        length = self.headers.get("Content-Length")
        by_sdk = self.headers.get("Authorization", "").startswith(presigned_url.SDK)
        if target in dynamodb.OPERATIONS and by_sdk and length:
            body = self.rfile.read(int(length))
            if answer := dynamodb.answer(target, body):
                self.wfile.write(DYNAMODB_HEAD % (uuid.uuid4().hex.encode(), len(answer)) + answer)
                self.close_connection = False
                return
            self.rfile = io.BytesIO(body)
        super().run_wsgi()


class Dispatcher(DomainDispatcherApplication):
    # Without a cache it lists moto's folder for each request, which takes 0.4 ms.
    get_backend_for_host = functools.cache(DomainDispatcherApplication.get_backend_for_host)


def _application() -> "WSGIApplication":
    moto: WSGIApplication = Dispatcher(create_backend_app)

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        try:
            presigned_url.check(environ)
        except Refused as refusal:
            body = get_input_stream(environ)
            while body.read(CHUNK_BYTES):  # otherwise the client finds the connection closed before it reads the answer
                pass
            return refusal(environ, start_response)
        if environ.get("HTTP_X_AMZ_TARGET", "").startswith(dynamodb.TARGET):
            with dynamodb.ONE_AT_A_TIME:
                return moto(environ, start_response)
        return moto(environ, start_response)

    return application
