"""The gateway: SAM CLI's, with API Gateway's limits and behaviour added."""

import logging
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import orjson
import pybase64
from flask import Response, g, request
from samcli.lib.providers.provider import Api
from samcli.lib.telemetry.event import EventTracker
from samcli.local.apigw import event_constructor, local_apigw_service
from samcli.local.apigw.exceptions import LambdaResponseParseException
from samcli.local.apigw.local_apigw_service import LocalApigwService
from samcli.local.apigw.route import Route
from werkzeug import exceptions
from werkzeug.datastructures import MIMEAccept

from local import gateway_responses, limits
from local.runner import Runner
from local.worker import FunctionFailed, GatewayTimeout

SECONDS = 29.0  # API Gateway's timeout

# A header of a function's answer that API Gateway renames.
RENAMED = "WWW-Authenticate"

log = logging.getLogger("local")

# If */* is binary, API Gateway decodes base64 for every client, and SAM CLI only for those that accept its type.
ANY_CLIENT = SimpleNamespace(accept_mimetypes=MIMEAccept([("*/*", 1)]))

# For 4 MB, Python's base64 takes 5 ms to encode and 7 ms to decode; this one takes 0.1 and 1.3 ms.
event_constructor.base64 = local_apigw_service.base64 = pybase64

# SAM CLI would send usage data to AWS.
EventTracker.track_event = lambda *_, **__: None


class EventTooLarge(exceptions.RequestEntityTooLarge):
    """The event is larger than Lambda takes. The template has the answer, other than for the gateway's own limit."""


class Gateway(LocalApigwService):  # type: ignore[misc]
    """A WSGI application, `app`, for the template's API."""

    def __init__(self, api: Api, runner: Runner, responses: Mapping[str, Mapping[str, Any]], port: int) -> None:
        self._runner = runner
        self._responses = responses
        super().__init__(api, runner, port=port)
        self.create()
        self.app = self._app
        self.app.config["MAX_CONTENT_LENGTH"] = limits.REQUEST + 1  # Werkzeug cuts a chunked body to this length
        self.app.url_map.merge_slashes = False
        self.app.before_request(_start)
        self.app.after_request(_rename)
        self.app.after_request(_log)

    def _construct_error_handling(self) -> None:
        self._app.register_error_handler(exceptions.HTTPException, self._refuse)

    def _refuse(self, error: exceptions.HTTPException) -> Response:
        if isinstance(error, exceptions.RequestEntityTooLarge) and not isinstance(error, EventTooLarge):
            # API Gateway refuses it before any configured answer applies.
            text = f"HTTP content length exceeded {limits.REQUEST} bytes."
            return Response(text, 413, content_type="text/plain")
        return gateway_responses.answer(self._responses, error, g.request_id)

    def _get_current_route(self, flask_request: Any) -> Route:
        try:
            return super()._get_current_route(flask_request)
        except KeyError:
            raise exceptions.NotFound from None  # HEAD: Flask adds it to every GET, API Gateway does not

    def _generate_lambda_event(self, *args: Any) -> dict[str, Any]:
        event: dict[str, Any] = super()._generate_lambda_event(*args)
        # SAM CLI has one id and one time for all requests.
        event["requestContext"] |= {
            "requestId": g.request_id,
            "requestTime": datetime.now(UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "requestTimeEpoch": time.time_ns() // 1_000_000,
        }
        event["requestContext"]["identity"]["userAgent"] = request.headers.get("User-Agent")
        return event

    def _invoke_lambda_function(self, name: str, event: dict[str, Any], _tenant_id: str | None = None) -> bytes:
        payload = orjson.dumps(event)
        if len(payload) > limits.EVENT:
            raise EventTooLarge
        try:
            return self._runner.invoke(name, payload, SECONDS)
        except FunctionFailed:
            raise exceptions.BadGateway from None
        except GatewayTimeout:
            raise exceptions.GatewayTimeout from None

    def _parse_v1_payload_format_lambda_output(self, output: bytes, binary_types: Any, _request: Any, kind: str) -> Any:
        try:
            return super()._parse_v1_payload_format_lambda_output(output, binary_types, ANY_CLIENT, kind)
        except LambdaResponseParseException as problem:
            # After " in " comes the whole answer.
            log.error("An answer that API Gateway does not take: %s", str(problem).partition(" in ")[0])
            raise exceptions.BadGateway from None


def _start() -> None:
    g.started = time.perf_counter()
    g.request_id = str(uuid.uuid4())
    if not request.environ["RAW_URI"].isascii():
        raise exceptions.BadRequest("Percent-encode what is not ASCII in the address.")
    if len(request.get_data()) > limits.REQUEST:
        raise exceptions.RequestEntityTooLarge


def _rename(response: Response) -> Response:
    # The original name stays as well, as programs written for docs/usage-guide.md expect it.
    if RENAMED in response.headers:
        response.headers[f"x-amzn-Remapped-{RENAMED}"] = response.headers[RENAMED]
    return response


def _log(response: Response) -> Response:
    # The route instead of the URL, which contains what the client sent.
    what = f"{request.method} {request.endpoint}" if request.endpoint else "(no such route)"
    log.info("%s %s %.0f ms", what, response.status_code, (time.perf_counter() - g.started) * 1000)
    return response
