"""The local AWS: moto's server, with checks that AWS makes."""

import functools
import socket
import threading
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


def serve(listening: socket.socket) -> None:
    """Serves AWS in a thread, on a socket that listens already."""
    moto_changes.make()
    host, port = listening.getsockname()
    server = make_server(
        host, port, _application(), threaded=True, request_handler=MotoRequestHandler, fd=listening.fileno()
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()


class Dispatcher(DomainDispatcherApplication):
    # Without a cache it lists moto's folder for each request, which takes 0.4 ms.
    get_backend_for_host = functools.cache(DomainDispatcherApplication.get_backend_for_host)


def _application() -> "WSGIApplication":
    moto: WSGIApplication = Dispatcher(create_backend_app)
    one_at_a_time = threading.Lock()

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        try:
            presigned_url.check(environ)
        except Refused as refusal:
            body = get_input_stream(environ)
            while body.read(CHUNK_BYTES):  # otherwise the client finds the connection closed before it reads the answer
                pass
            return refusal(environ, start_response)
        # DynamoDB's updates are atomic; moto's are not when two threads serve them.
        if environ.get("HTTP_X_AMZ_TARGET", "").startswith("DynamoDB_"):
            with one_at_a_time:
                return (dynamodb.answer(environ) or moto)(environ, start_response)
        return moto(environ, start_response)

    return application
