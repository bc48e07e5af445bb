"""The local server, and a Chromium to open its pages."""

import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.server import LocalServer

MILLISECONDS = 60_000  # a slow machine must not fail a test
expect.set_options(timeout=MILLISECONDS)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    running = LocalServer(tmp_path_factory.mktemp("server"))
    yield running
    assert running.end() == 0
    assert "Traceback" not in running.log(), running.log().partition("Traceback")[2][:5000]


@pytest.fixture
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., LocalServer]]:
    """`start_server(MonthlyQuota=2)` starts one more, with other parameters of the template, for one test."""
    running = []

    def start(**parameters: object) -> LocalServer:
        given = [f"--parameter={name}={value}" for name, value in parameters.items()]
        running.append(LocalServer(tmp_path_factory.mktemp("server"), *given))
        return running[-1]

    yield start
    for one in running:
        one.kill()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """`new_page(server)` opens the portal. The test fails if anything failed unseen, or called another host."""
    pages: list[Page] = []
    unexpected: list[str] = []

    def start(server: LocalServer, **context: object) -> Page:
        page = chromium.new_context(**context).new_page()  # type: ignore[arg-type]
        page.set_default_timeout(MILLISECONDS)
        own = {urlsplit(server.url).netloc, urlsplit(server.facts["aws_endpoint_url"]).netloc}

        def hear_request(url: str) -> None:
            if url.startswith("http") and urlsplit(url).netloc not in own:
                unexpected.append(f"a request to {url}")

        # Chromium logs each 4xx as an error. Tests look at what the page says about it.
        page.on(
            "console",
            lambda said: (
                unexpected.append(said.text)
                if said.type == "error" and not said.text.startswith("Failed to load resource")
                else None
            ),
        )
        page.on("pageerror", lambda error: unexpected.append(str(error)))
        page.on("request", lambda request: hear_request(request.url))
        page.goto(server.url)
        pages.append(page)
        return page

    yield start
    for page in pages:
        page.context.close()
    assert unexpected == []


@pytest.fixture
def sign_up(new_page: Callable[..., Page]) -> Callable[..., Page]:
    """`sign_up(server)` goes through the portal as a newcomer, up to a workbench with a key."""

    def go(server: LocalServer, **context: object) -> Page:
        page = new_page(server, **context)
        page.get_by_role("link", name="Create an account").click()
        page.get_by_label("E-mail").fill(f"{uuid.uuid4()}@example.com")
        page.get_by_label("Password").fill("correct-horse-42")
        page.get_by_label("Organization").fill("St. Mary's")
        page.get_by_label("What is it for?").fill("Previews")
        page.get_by_role("button", name="Create account").click()
        expect(page.get_by_text("Drop a DICOM file, a zip, or pictures")).to_be_visible()
        return page

    return go


@pytest.fixture
def open_sample(sign_up: Callable[..., Page]) -> Callable[..., Page]:
    """`open_sample(server)` goes on until the workbench shows the sample: a CT of 16 frames, with C 40 W 80."""

    def go(server: LocalServer, **context: object) -> Page:
        page = sign_up(server, **context)
        page.get_by_role("button", name="Open the sample").click()
        expect(page.get_by_text("C 40 W 80")).to_be_visible()
        return page

    return go


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core's script, which checks rules of WCAG."""
    return (Path(__file__).parent / "node_modules/axe-core/axe.min.js").read_text()
