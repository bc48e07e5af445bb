"""Starts MiniStack in its own Python, with changes where it differs from AWS in what the API needs."""

import hashlib
import os
import runpy
import site
import sys
import tempfile
import threading
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

GATEWAY_BYTES, LAMBDA_BYTES = 10 * 1024 * 1024, 6 * 1024 * 1024
TURNS = threading.Semaphore(2 * (os.cpu_count() or 1))


def change() -> None:
    from ministack import app
    from ministack.core import iam_actions, lambda_runtime, tls
    from ministack.services import apigateway_v1, lambda_svc
    from ministack.services.cloudformation import provisioners

    for module, name, changed in (
        (apigateway_v1, "_import_rest_api", import_with_gateway_responses),
        (apigateway_v1, "_create_rest_api", create_unescaped),
        (apigateway_v1, "_media_type_matches", match_without_header),
        (apigateway_v1, "_build_lambda_event_v1", build_event_with_address),
        (apigateway_v1, "_invoke_lambda_proxy_v1", invoke_within_limits),
        (lambda_svc, "_execute_function_warm", take_turns),
        (lambda_svc, "_sqs_esm_concurrency", limit_as_number),
        (iam_actions, "extract_iam_action", name_action),
        (app, "_port_is_bindable", take_no_other),
        (provisioners, "_cw_metric_alarm_record", record_formula),
        (tls, "_generated_cert_names", name_apis),
    ):
        setattr(module, name, partial(changed, getattr(module, name)))
    lambda_runtime.zipfile = SimpleNamespace(**{**vars(zipfile), "ZipFile": UnpackedOnce})
    secret = provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"]
    secret["create"] = partial(create_secret, secret["create"])
    secret["update"] = partial(update_secret, secret["update"])
    secret["delete"] = partial(delete_secret, secret["delete"])
    schedule = {"create": create_schedule, "update": update_schedule, "delete": lambda *_: None}
    provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::RotationSchedule"] = schedule


def import_with_gateway_responses(import_: Callable[..., str], document: dict[str, Any], *more: Any) -> str:
    """MiniStack overlooks the binary media types of an OpenAPI document."""
    from ministack.services.apigateway_v1 import _put_gateway_response

    api = import_(document, *more)
    for kind, response in document.get("x-amazon-apigateway-gateway-responses", {}).items():
        status, *_, body = _put_gateway_response(api, kind, response)
        assert status == 201, body
    return api


def create_unescaped(create: Callable[..., Any], api: dict[str, Any]) -> Any:
    """CloudFormation reads "*~1*" as "*/*". MiniStack does not, so no body would be binary."""
    types = [media_type.replace("~1", "/") for media_type in api.get("binaryMediaTypes") or []]
    return create({**api, "binaryMediaTypes": types})


def match_without_header(match: Callable[..., bool], media_type: str | None, binary: list[str]) -> bool:
    """A request without Content-Type, and one without Accept, match "*/*" as well."""
    return "*/*" in (binary or []) or match(media_type, binary)


def build_event_with_address(build: Callable[..., dict[str, Any]], *about: Any, **more: Any) -> dict[str, Any]:
    """MiniStack does not tell functions the API's host."""
    event = build(*about, **more)
    event["requestContext"]["domainName"] = event["headers"]["host"]
    return event


async def invoke_within_limits(invoke: Callable[..., Any], *about: Any, **more: Any) -> Any:
    """MiniStack limits no body, and does not rename WWW-Authenticate as API Gateway does."""
    from ministack.services.apigateway_v1 import _gw_error

    body = about[8]
    if body and len(body) > GATEWAY_BYTES:
        text = f"HTTP content length exceeded {GATEWAY_BYTES} bytes."
        return 413, {"Content-Type": "text/plain"}, text.encode()
    if body and len(body) * 4 / 3 > LAMBDA_BYTES:  # in base64
        return _gw_error("REQUEST_TOO_LARGE", "Request Too Long")
    answer = await invoke(*about, **more)
    if isinstance(answer, tuple) and "WWW-Authenticate" in answer[1]:
        answer[1]["x-amzn-Remapped-WWW-Authenticate"] = answer[1].pop("WWW-Authenticate")
    return answer


def record_formula(record: Callable[..., Any], name: str, properties: dict[str, Any]) -> Any:
    """MiniStack has no alarms on formulas, and never rings any: the first metric stands for the formula."""
    if formula := properties.get("Metrics"):
        (first, *_) = (each["MetricStat"] for each in formula if "MetricStat" in each)
        properties = {**properties, **first["Metric"], "Metrics": None, "Statistic": first["Stat"]}
    return record(name, properties)


def limit_as_number(limit: Callable[..., int], source: dict[str, Any], *more: Any) -> int:
    """CloudFormation makes numbers of parameters where a resource needs them. MiniStack leaves strings, and fails."""
    scaling = source["ScalingConfig"]
    return limit({**source, "ScalingConfig": {"MaximumConcurrency": int(scaling["MaximumConcurrency"])}}, *more)


def create_secret(create: Callable[..., Any], *about: Any) -> Any:
    """Ref gives the ARN in CloudFormation, as policies need. In MiniStack it gives the name."""
    _, attributes = create(*about)
    return attributes["Arn"], attributes


def update_secret(update: Callable[..., Any], arn: str, *about: Any, **more: Any) -> Any:
    _, attributes = update(_secret_name(arn), *about, **more)
    return attributes["Arn"], attributes


def delete_secret(delete: Callable[..., None], arn: str, properties: dict[str, Any]) -> None:
    delete(_secret_name(arn), properties)


def create_schedule(_: str, properties: dict[str, Any], __: str) -> Any:
    """MiniStack has no such resource, and never rotates a secret by itself."""
    from ministack.services.secretsmanager import _resolve

    _, secret = _resolve(properties["SecretId"])
    secret |= {
        "RotationEnabled": True,
        "RotationLambdaARN": properties["RotationLambdaARN"],
        "RotationRules": properties["RotationRules"],
    }
    return properties["SecretId"], {}


def update_schedule(_: str, __: dict[str, Any], properties: dict[str, Any], stack: str) -> Any:
    return create_schedule("", properties, stack)


def _secret_name(arn: str) -> str:
    return arn.rpartition(":")[2].rpartition("-")[0]  # six random characters follow


def take_no_other(*_: Any) -> bool:
    """MiniStack would listen on port 443, too."""
    return False


def take_turns(run: Callable[..., Any], *about: Any, **more: Any) -> Any:
    """MiniStack starts a process for each concurrent request. On AWS each has its own processor, here they share."""
    with TURNS:
        return run(*about, **more)


class UnpackedOnce(zipfile.ZipFile):
    """MiniStack unpacks the layers for each process: 90 MB and a second. AWS does so once."""

    lock = threading.Lock()

    def extractall(self, path: Any = None, *_: Any) -> None:
        content = Path(self.filename).read_bytes()
        unpacked = Path(tempfile.gettempdir()) / hashlib.sha256(content).hexdigest()
        with self.lock:
            if not unpacked.exists():
                super().extractall(unpacked)
        for entry in unpacked.iterdir():
            Path(path, entry.name).symlink_to(entry)


def name_action(name: Callable[..., str | None], *request: Any) -> str | None:
    """MiniStack has extra permissions for SQS's batches. In IAM the permission for one message covers a batch."""
    action = name(*request)
    return action.removesuffix("Batch") if action and action.startswith("sqs:") else action


def name_apis(names: Callable[[], list[str]]) -> list[str]:
    """MiniStack's certificate does not cover the addresses of APIs."""
    return [*names(), "*.execute-api.localhost"]


if __name__ == "__main__":
    # MiniStack runs functions in the Python that runs it. That one is bare, so that functions have only the
    # standard library and their layers.
    site.addsitedir(sys.argv.pop())
    change()
    runpy.run_module("ministack", run_name="__main__")
