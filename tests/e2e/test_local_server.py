"""The local server's start and end."""

import contextlib
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import requests

from tests.e2e.server import LOCAL, ROOT, LocalServer, Program, children

SMALL_API = Path(__file__).parent / "small_api"
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PAIRS = [(signal.SIGINT, signal.SIGINT), (signal.SIGHUP, signal.SIGTERM)]


def refused(*arguments: str, prints: bool = False) -> tuple[int, str]:
    """The exit code and output of a server that does not start. `prints`: whether it comes to print its address."""
    run = subprocess.run([*LOCAL, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert bool(run.stdout) == prints
    return run.returncode, run.stderr


def test_a_taken_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, output = refused("--port", str(port))
    assert code == 1
    assert re.fullmatch(f"local: port {port} .*Address already in use.*\n", output)


@pytest.mark.parametrize(
    ("arguments", "code", "names"),
    [
        (["--port", "http"], 2, "'http'"),
        (["--port", "-1"], 2, "--port"),
        (["--port", "65536"], 2, "'65536'"),
        (["--port", "0", "--parameter", "MonthlyQuota"], 2, "'MonthlyQuota'"),
        (["--port", "0", "--parameter", "Quota=5"], 1, "MonthlyQuota"),
        (["--port", "0", "--parameter", "MonthlyQuota=many"], 1, "many"),
        (["--port", "0", "--parameter", "SelfRegistration=maybe"], 1, "maybe"),
        (["--port", "0", "--template", "nowhere.yaml"], 1, "nowhere.yaml"),
    ],
)
def test_what_it_does_not_take_is_told_in_one_line(arguments: list[str], code: int, names: str) -> None:
    given, output = refused(*arguments)
    assert given == code
    assert re.fullmatch("local: .*\n", output)
    assert names in output


def test_what_it_prints_works(server: LocalServer) -> None:
    server.wait_until(lambda: server.log().count("curl ") == 2)
    printed = server.log()
    fields, read = re.findall(r"curl .*", printed)
    address = re.search("'(.+)'", fields)
    assert address
    assert "PatientName" in requests.get(address[1]).json()["allowedFields"]
    key, file, address_ = re.fullmatch(
        r"curl -H 'Authorization: ApiKey (\S+)' -F file=@(\S+) -F return_format=png (\S+)", read
    ).groups()  # type: ignore[union-attr]
    with (ROOT / file).open("rb") as content:
        answer = requests.post(
            address_, headers={"Authorization": f"ApiKey {key}"}, files={"file": content}, data={"return_format": "png"}
        )
    assert len(answer.json()["Images"]) == 1
    account = {name: server.facts[name] for name in ("email", "password")}
    assert f"  {account['email']}\n" in printed
    assert f"  {account['password']}\n" in printed
    assert requests.post(f"{server.url}/api/token/", json=account).status_code == 200


def test_workers_are_given_as_text(start_server: Callable[..., LocalServer]) -> None:
    assert "api_key" in start_server(Workers=2).facts


@pytest.fixture
def small_template(tmp_path: Path) -> str:
    return str(shutil.copytree(SMALL_API, tmp_path / "api") / "template.yaml")


@contextlib.contextmanager
def at_signals(disposition: signal.Handlers) -> Iterator[None]:
    """Programs that a test starts begin with this disposition of signals, whatever a shell or `nohup` has set."""
    before = {number: signal.signal(number, disposition) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@pytest.mark.parametrize("how", SIGNALS)
def test_a_signal_ends_it_and_all_that_runs(tmp_path: Path, small_template: str, how: signal.Signals) -> None:
    with at_signals(signal.SIG_DFL):
        started = LocalServer(tmp_path, "--template", small_template)
    hang(started)
    assert started.end(how) == 0
    assert "Traceback" not in started.log()


def test_nohup_keeps_it_when_the_terminal_hangs_up(tmp_path: Path, small_template: str) -> None:
    with at_signals(signal.SIG_IGN):
        started = LocalServer(tmp_path, "--template", small_template)
    started.process.send_signal(signal.SIGHUP)
    assert requests.get(f"{started.url}/edited").status_code == 200
    assert started.end(signal.SIGTERM) == 0


@pytest.mark.parametrize("signals", PAIRS)
def test_a_second_signal_ends_it_too(tmp_path: Path, small_template: str, signals: Sequence[signal.Signals]) -> None:
    with at_signals(signal.SIG_DFL):
        started = LocalServer(tmp_path, "--template", small_template)
    hang(started)
    for _ in range(10):
        for number in signals:
            started.process.send_signal(number)
            time.sleep(0.001)
    assert started.wait() == 0
    assert "Traceback" not in started.log()


@pytest.mark.parametrize("signals", PAIRS)
def test_two_signals_while_it_starts(signals: Sequence[signal.Signals]) -> None:
    with at_signals(signal.SIG_DFL):
        starting = Program(*LOCAL, "--port", "0")
    starting.wait_until(lambda: any(children(starting.process.pid)))
    for number in signals:
        starting.process.send_signal(number)
    assert starting.wait() == 0
    assert "Traceback" not in starting.log()


@pytest.mark.parametrize("seconds", [0.3, 0.8, 1.3])
def test_ctrl_c_while_it_starts_ends_it_and_frees_the_port(seconds: float) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with at_signals(signal.SIG_DFL):
        starting = Program(*LOCAL, "--port", port, own_group=True)
    time.sleep(seconds)
    os.killpg(starting.process.pid, signal.SIGINT)  # as the terminal does
    assert starting.wait() in (0, -signal.SIGINT)  # on a busy machine, Python may not have begun to take signals
    socket.create_server(("127.0.0.1", port)).close()


def test_a_start_that_fails_late_ends(tmp_path: Path) -> None:
    code, output = refused("--port", "0", "--ready-file", str(tmp_path / "nowhere" / "ready.json"), prints=True)
    assert code == 1
    assert "FileNotFoundError" in output


@pytest.mark.parametrize("signals", [[signal.SIGTERM], [signal.SIGINT, signal.SIGINT]])
def test_make_run_ends_with_its_process_group(signals: Sequence[signal.Signals]) -> None:
    # The Python of the tests, already set up.
    environment = ("--old-file=.venv/.up-to-date", f"BIN={Path(sys.executable).parent}")
    with at_signals(signal.SIG_DFL):
        made = Program("make", "run", "PORT=0", *environment, stdin=subprocess.DEVNULL, own_group=True)
    made.wait_until(lambda: "The API answers" in made.log())
    for number in signals:
        # `make` passes SIGTERM on, so the server gets it twice.
        os.killpg(made.process.pid, number)
        time.sleep(0.005)
    made.wait()
    assert "Traceback" not in made.log()


def test_a_closed_terminal_ends_it_and_all_that_runs(tmp_path: Path, small_template: str) -> None:
    outer, inner = pty.openpty()
    started = LocalServer(tmp_path, "--template", small_template, terminal=inner)
    os.close(inner)
    hang(started)
    os.close(outer)  # nothing sends SIGHUP, as this is not the session's terminal
    assert started.wait() == 0
    assert "Traceback" not in started.log()


def test_workers_do_not_outlive_a_killed_server(tmp_path: Path, small_template: str) -> None:
    started = LocalServer(tmp_path, "--template", small_template)
    hang(started)
    started.kill()


def hang(server: LocalServer) -> None:
    """A server with one idle worker and others at work."""
    assert requests.get(f"{server.url}/edited").status_code == 200
    ways = ("hang", "hang_deaf", "hang_with_a_child")
    for do in ways:
        threading.Thread(target=ask_in_vain, args=(f"{server.url}/probe?do={do}",)).start()
    server.wait_until(lambda: server.log().count("hanging") == len(ways))


def ask_in_vain(url: str) -> None:
    # The server may end before or during its answer.
    with contextlib.suppress(requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
        requests.get(url)
