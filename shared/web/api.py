"""A function's face to API Gateway: routing, logs, and errors as docs/usage-guide.md describes them."""

import gc
from collections.abc import Callable, Sequence
from typing import Any

import orjson
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, CORSConfig, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from aws_lambda_powertools.utilities.typing import LambdaContext

import outages
import tally
import telemetry
from cold_start import USUAL_THRESHOLD
from problems import NotFound, Problem, TooLarge
from web import errors, headers

NO_MEMORY = "The request takes more memory than there is: ask for less of it at once."

Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]

# Any page may use the API: rights come from the Authorization header, which no browser adds by itself.
CORS = CORSConfig(
    allow_headers=["Idempotency-Key"],  # beside those that Powertools allows, Authorization and Content-Type among them
    expose_headers=[
        "Content-Disposition",
        "ETag",
        "Location",
        "RateLimit",
        "RateLimit-Policy",
        "Retry-After",
        "Warning",
        "WWW-Authenticate",
        "X-Request-Id",
        "x-amzn-Remapped-WWW-Authenticate",  # what API Gateway makes of it
    ],
    max_age=7200,  # seconds, as long as Chromium keeps it
)


def rest_api(*, beside: Sequence[str] = ()) -> APIGatewayRestResolver:
    """Routes for one function, with every error turned into the answer of docs/usage-guide.md.

    `beside`: methods that other functions have at the path of which this one answers the preflights.
    """
    api = APIGatewayRestResolver(cors=CORS, serializer=lambda body: orjson.dumps(body).decode())
    api._cors_methods.update(beside)

    def refuse(problem: Problem) -> Response[str]:
        return errors.problem_answer(api.current_event, problem)

    def fail(error: Exception) -> Response[str]:
        return _failure_answer(api.current_event, error)

    api.exception_handler(Problem)(refuse)
    # The gateway knows the routes. What ends here has a path parameter that the resolver does not accept.
    api.exception_handler(NotFoundError)(lambda _: refuse(NotFound("There is no such thing: check the address.")))
    api.exception_handler(MemoryError)(lambda _: refuse(TooLarge(NO_MEMORY)))
    api.exception_handler(Exception)(fail)
    return api


def lambda_handler(api: APIGatewayRestResolver) -> Handler:
    """The function's entry point: `handler(event, context)`. The log holds nothing that the client sent.

    The X-Request-Id of the answer is the `gateway_request` in the logs.
    """

    def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        request_id = event["requestContext"]["requestId"]
        telemetry.begin(context, gateway_request=request_id, method=event["httpMethod"], route=event["resource"])
        headers.begin()
        answer = api.resolve(event, context)
        headers.complete(answer, request_id)
        telemetry.end("answered", status=answer["statusCode"])
        return answer

    gc.freeze()  # loaded modules stay out of later searches, too
    gc.set_threshold(USUAL_THRESHOLD)
    return handler


def _failure_answer(event: APIGatewayProxyEvent, error: Exception) -> Response[str]:
    if outages.is_outage(error):
        tally.add("Outages")
        telemetry.defect("AWS failed", error)
        return errors.outage_answer(event)
    tally.add("Defects")
    telemetry.defect("defect", error)
    return errors.defect_answer(event)
