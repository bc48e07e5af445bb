"""What must stay true of the gateway in template.yaml: its answers, limits and logs."""

import json
import re
from pathlib import Path
from typing import Any

from tests.integration.template import TEMPLATE, resources
from web import headers

(API,) = resources("AWS::Serverless::Api").values()
ROUTES = {
    (event["Properties"]["Method"], event["Properties"]["Path"])
    for function in resources("AWS::Serverless::Function").values()
    for event in function.get("Events", {}).values()
}

DOCS = (Path(__file__).parents[2] / "docs/security.md").read_text()

# API Gateway's variables that hold nothing that a client chose.
LOGGED = {
    "$context.requestTime",
    "$context.requestId",
    "$context.integration.requestId",
    "$context.httpMethod",
    "$context.resourcePath",
    "$context.status",
    "$context.responseLatency",
    "$context.integration.status",
    "$context.integration.latency",
    "$context.error.responseType",
    "$context.responseLength",
}


def settings() -> dict[tuple[str, str], dict[str, Any]]:
    """(method, path) of each method of the gateway."""
    return {
        (each["HttpMethod"], each["ResourcePath"].replace("/~1", "/").replace("~1", "/")): each
        for each in API["MethodSettings"]
    }


def test_what_the_gateway_refuses_has_the_headers_of_every_answer() -> None:
    for kind, response in API["GatewayResponses"].items():
        sent = response["ResponseParameters"]["Headers"]
        fixed = {name: value.strip("'") for name, value in sent.items() if value.startswith("'")}
        exposed = fixed.pop("Access-Control-Expose-Headers").split(", ")
        again = {"Retry-After": "1"} if kind == "THROTTLED" else {}
        cached = {"Cache-Control": headers.CACHE_CONTROL}
        assert fixed == {**headers.EVERY, **cached, **again, "Access-Control-Allow-Origin": "*"}, kind
        assert exposed == [*again, "X-Request-Id"], kind
        assert {name: value for name, value in sent.items() if value.strip("'") == value} == {
            "X-Request-Id": "context.requestId"
        }, kind


def test_what_the_gateway_refuses_is_the_contracts() -> None:
    statuses = {kind: response.get("StatusCode") for kind, response in API["GatewayResponses"].items()}
    assert statuses == {
        "MISSING_AUTHENTICATION_TOKEN": 404,
        "INVALID_SIGNATURE": 404,
        "REQUEST_TOO_LARGE": 413,
        "THROTTLED": 429,
        "WAF_FILTERED": 403,
        "DEFAULT_4XX": None,
        "DEFAULT_5XX": None,
    }
    assert "POST /api/dicom/uploads/" in str(API["GatewayResponses"]["REQUEST_TOO_LARGE"]["ResponseTemplates"])
    for kind, response in API["GatewayResponses"].items():
        # A variable may quote what the client sent.
        body = json.loads(response["ResponseTemplates"]["application/json"])
        assert list(body) == ["error"], kind
        assert body["error"].endswith("."), kind
        assert "$" not in body["error"], kind


def test_every_method_is_throttled() -> None:
    assert ("*", "/*") in settings()
    for place, setting in settings().items():
        assert setting["ThrottlingRateLimit"], place
        assert setting["ThrottlingBurstLimit"], place


def test_throttles_are_those_that_the_docs_explain() -> None:
    """The rows of the table in docs/security.md: method and path, requests a second, burst."""
    rows = re.findall(
        r"^\| (?:`(\w+) (\S+?)/?`|each other method) \| (\S+?)(?: \(\d+\))? \| (\S+ ?\S*) \|", DOCS, re.MULTILINE
    )
    told = {}
    for method, path, rate, burst in rows:
        limits = rate.strip("`"), rate.strip("`") if burst == "the same" else burst
        places = [(method or "*", path or "/*")]
        if path.endswith("…"):
            places = [route for route in ROUTES if route[0] == method and route[1].startswith(path.rstrip("…"))]
        told |= dict.fromkeys(places, limits)
    assert told == {
        place: (_text(each["ThrottlingRateLimit"]), _text(each["ThrottlingBurstLimit"]))
        for place, each in settings().items()
    }


def _text(limit: Any) -> str:
    return str(limit["Ref"] if isinstance(limit, dict) else limit)


def test_a_method_that_an_alarm_looks_at_has_metrics_of_its_own() -> None:
    for alarm in resources("AWS::CloudWatch::Alarm").values():
        dimensions = {each["Name"]: each["Value"] for each in alarm.get("Dimensions", [])}
        if "Resource" in dimensions:
            assert settings()[dimensions["Method"], dimensions["Resource"]]["MetricsEnabled"] is True
    assert sum("MetricsEnabled" in each for each in settings().values()) == 1  # because each of them costs something


def test_every_body_is_binary_and_the_stage_is_the_one_that_paths_begin_with() -> None:
    assert API["BinaryMediaTypes"] == ["*~1*"]
    assert API["StageName"] == "prod"
    assert API["TracingEnabled"] is True
    assert API["EndpointConfiguration"] == {"Type": "REGIONAL"}


def test_a_throttled_method_is_one_that_there_is() -> None:
    assert set(settings()) <= ROUTES | {("*", "/*")}


def test_an_access_log_is_json_without_anything_of_the_client() -> None:
    line = json.loads(API["AccessLogSetting"]["Format"])
    assert set(line.values()) == LOGGED
    group = TEMPLATE["Resources"][API["AccessLogSetting"]["DestinationArn"]["Fn::GetAtt"][0]]
    assert group["Properties"]["RetentionInDays"]


def test_bodies_are_never_logged() -> None:
    for setting in settings().values():
        assert not setting.keys() & {"LoggingLevel", "DataTraceEnabled"}
