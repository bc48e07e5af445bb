"""What template.yaml must keep saying of the gateway: its answers, its limits and its logs."""

import json
from typing import Any

from tests.integration.template import TEMPLATE, resources

(API,) = resources("AWS::Serverless::Api").values()
ROUTES = {
    (event["Properties"]["Method"], event["Properties"]["Path"])
    for function in resources("AWS::Serverless::Function").values()
    for event in function.get("Events", {}).values()
}

# Of API Gateway's variables, those that hold nothing that a client chose.
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
    """Of each method: GET, /path."""
    return {(each["HttpMethod"], each["ResourcePath"].replace("~1", "/")): each for each in API["MethodSettings"]}


def test_what_the_gateway_refuses_is_the_contracts_and_open_to_pages() -> None:
    for kind, response in API["GatewayResponses"].items():
        assert response["ResponseParameters"]["Headers"]["Access-Control-Allow-Origin"] == "'*'", kind
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


def test_a_throttled_method_is_one_that_there_is() -> None:
    assert {(method, "/" + path.lstrip("/")) for method, path in settings()} <= ROUTES | {("*", "/*")}


def test_an_access_log_is_json_without_anything_of_the_client() -> None:
    line = json.loads(API["AccessLogSetting"]["Format"])
    assert set(line.values()) == LOGGED
    group = TEMPLATE["Resources"][API["AccessLogSetting"]["DestinationArn"]["Fn::GetAtt"][0]]
    assert group["Properties"]["RetentionInDays"]


def test_bodies_are_never_logged() -> None:
    for setting in settings().values():
        assert not setting.keys() & {"LoggingLevel", "DataTraceEnabled"}
