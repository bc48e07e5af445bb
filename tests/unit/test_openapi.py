"""The OpenAPI document is valid and complete, and the served one is made from it."""

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from imaging.answers.options import OPTIONS
from imaging.rewriting import converting, deidentifying
from openapi import build
from tests.api_document import DOCUMENT
from tests.integration.template import resources

ROUTES = {
    (event["Properties"]["Method"], event["Properties"]["Path"])
    for function in resources("AWS::Serverless::Function").values()
    for event in function.get("Events", {}).values()
    if event["Properties"]["Method"] != "OPTIONS"
}
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
    if method in build.METHODS
}


def test_it_is_valid() -> None:
    validate(DOCUMENT)


def test_it_has_every_route_of_the_template_and_no_other() -> None:
    documented = {tuple(name.split()) for name in OPERATIONS}
    assert {(method, path.rstrip("/")) for method, path in documented} == {
        (method, path.rstrip("/")) for method, path in ROUTES
    }, "Describe each route of template.yaml in openapi/openapi.yaml."


def test_what_is_served_is_made_of_it() -> None:
    assert build.SERVED.read_text() == build.served(DOCUMENT), "Run make openapi."
    assert build.GUIDE.read_text() == build.guide(DOCUMENT), "Run make openapi."


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_has_a_name_a_summary_credentials_and_its_errors(name: str) -> None:
    operation = OPERATIONS[name]
    assert re.fullmatch(r"[a-z][A-Za-z]+", operation["operationId"])
    assert operation["summary"]
    assert {"429", "500"} <= operation["responses"].keys()
    assert "401" in operation["responses"] or not any(operation["security"])
    for parameter in operation.get("parameters", []):
        assert _resolved(parameter)["schema"]


def test_every_json_answer_has_an_example_that_is_valid() -> None:
    shown = 0
    for name, operation in OPERATIONS.items():
        for status, response in operation["responses"].items():
            content = _resolved(response).get("content", {}).get("application/json")
            if content and name != "GET /openapi.json":
                assert content["examples"], f"{name} {status}"
                for example in content["examples"].values():
                    validator = Draft202012Validator({**content["schema"], "components": DOCUMENT["components"]})
                    validator.validate(example["value"])
                    shown += 1
    assert shown > 100


def test_it_has_the_options_of_a_read_in_form_query_and_upload() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    read = OPERATIONS["POST /api/dicom/read/file/"]
    assert {_resolved(parameter)["name"] for parameter in read["parameters"]} == set(OPTIONS)
    assert set(schemas["ReadForm"]["properties"]) == {"file", *OPTIONS}
    assert set(OPTIONS) <= set(schemas["NewUpload"]["properties"])


def test_it_has_the_options_of_a_deidentification_in_form_query_and_upload() -> None:
    _has_the_options("deidentify", "DeidentifyForm", deidentifying.NAMES, {"key"})


def test_it_has_the_options_of_a_conversion_in_form_query_and_upload() -> None:
    _has_the_options("convert", "ConvertForm", converting.NAMES, set())


def _has_the_options(name: str, form: str, names: tuple[str, ...], secret: set[str]) -> None:
    """`secret`: those that no address may have."""
    schemas = DOCUMENT["components"]["schemas"]
    parameters = map(_resolved, OPERATIONS[f"POST /api/dicom/{name}/"]["parameters"])
    assert {each["name"] for each in parameters if each["in"] == "query"} == set(names) - secret
    assert set(schemas[form]["properties"]) == {"file", *names}
    assert set(names) <= set(schemas["NewUpload"]["properties"])
    assert name in schemas["NewUpload"]["properties"]["operation"]["enum"]


def _resolved(value: dict[str, Any]) -> dict[str, Any]:
    found: Any = DOCUMENT
    for step in value.get("$ref", "").removeprefix("#/").split("/") if "$ref" in value else ():
        found = found[step]
    return found if "$ref" in value else value
