"""What browsers and monitors get: pages and their files, the OpenAPI document, and the health check."""

import re
from urllib.parse import urljoin

import pytest
import requests

from openapi import build
from tests.e2e.server import Server
from version import VERSION

PAGES = ("/", "/docs/")


def test_health_needs_no_credentials(server: Server) -> None:
    answer = requests.get(f"{server.url}/health/")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "version": VERSION})


def test_the_document_is_served(server: Server) -> None:
    answer = requests.get(f"{server.url}/openapi.json")
    assert answer.json() == build.document()
    again = requests.get(f"{server.url}/openapi.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("slash", ["", "/"])
def test_a_page_and_all_that_it_loads_is_there(server: Server, page: str, slash: str) -> None:
    answer = requests.get(server.url + page.rstrip("/") + slash)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    (base,) = re.findall(r'<base href="([^"]+)">', answer.text)
    root = urljoin(answer.url, base)
    assert root == server.url + "/"
    loaded = re.findall(r'(?:src|href)="([^"#:]+)"', answer.text.replace(f'href="{base}"', ""))
    assert loaded
    for address in loaded:
        assert requests.get(urljoin(root, address)).status_code == 200, address


@pytest.mark.parametrize("page", PAGES)
def test_a_page_may_load_nothing_from_elsewhere(server: Server, page: str) -> None:
    answer = requests.get(server.url + page)
    rules = dict(rule.strip().split(" ", 1) for rule in answer.headers["Content-Security-Policy"].split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == "'self'"
    own, bucket = rules["connect-src"].split()
    assert own == "'self'"
    assert bucket == server.facts["aws_endpoint_url"]
    inline = r'<script(?! (?:type="module" )?src=)|<style| style=| on\w+='
    assert not re.search(rf"{inline}|https?://(?!www\.w3\.org)", answer.text)


def test_files_have_their_types(server: Server) -> None:
    for name, media_type in {
        "favicon.ico": "image/x-icon",
        "swagger-ui.css": "text/css; charset=utf-8",
        "swagger-ui.js": "text/javascript; charset=utf-8",
    }.items():
        answer = requests.get(f"{server.url}/assets/{name}")
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, media_type)
    assert requests.get(f"{server.url}/favicon.ico").content == requests.get(f"{server.url}/assets/favicon.ico").content


@pytest.mark.parametrize("name", ["app.py", "..%2Fapp.py", "nothing.js", "%00"])
def test_nothing_else_is_a_file(server: Server, name: str) -> None:
    answer = requests.get(f"{server.url}/assets/{name}")
    assert answer.status_code in {400, 404}
    assert set(answer.json()) == {"error"}
