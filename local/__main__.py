"""`python -m local`: starts the local server, and tells how to try it."""

import argparse
import gc
import logging
import os
import socket
import sys
import time
import traceback
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from local import aws_endpoint, aws_process, fork_server, signals

if TYPE_CHECKING:
    from local.runner import Runner

TEMPLATE = Path(__file__).parent.parent / "template.yaml"


def main() -> None:
    options = _options()
    logging.basicConfig(format="%(message)s", level=logging.ERROR)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # which serves moto, too
    signals.handle(_leave)
    listening = _listen(options.port)
    aws_listening = socket.create_server(("127.0.0.1", 0))
    aws_url = "http://{}:{}".format(*aws_listening.getsockname())
    aws_endpoint.use(aws_url)
    aws_process.start(aws_listening, [listening])
    fork_server.start()

    # These take a second to load, and a taken port should be reported at once.
    from local import ready, server, stack

    try:
        served = server.Server(options.template, dict(options.parameters), listening, aws_url)
    except stack.Unusable as problem:
        sys.exit(f"local: {problem}")
    end = partial(_end, served.runner)
    signals.handle(end)
    try:
        served.start()
        ready.tell(f"http://localhost:{listening.getsockname()[1]}", options.ready_file)
    except Exception:
        traceback.print_exc()
        served.runner.kill()
        os._exit(1)  # otherwise multiprocessing would wait for the workers
    gc.freeze()  # loaded modules are no garbage, and searching them takes 0.1 s
    # Requests, from now on.
    logging.getLogger("local").setLevel(logging.DEBUG if options.verbose else logging.INFO)
    _wait_for_the_terminal_to_close()
    end()


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"local: {message}\n")  # one line, without the usage


def _options() -> argparse.Namespace:
    parser = Parser(prog="local", description="Serves the template's API on localhost.")
    parser.add_argument("--port", type=_port, default=8080, help="8080 unless given; 0 takes a free one")
    parser.add_argument("--template", type=Path, default=TEMPLATE)
    parser.add_argument(
        "--parameter", dest="parameters", metavar="NAME=VALUE", type=_parameter, action="append", default=[]
    )
    parser.add_argument("--ready-file", metavar="PATH", type=Path, help="written as JSON when the server is ready")
    parser.add_argument("--verbose", action="store_true", help="show all that functions log, also while all goes well")
    return parser.parse_args()


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give a number from 0 to 65535")
    return int(text)


def _parameter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=VALUE")
    return name, value


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        sys.exit(
            f"local: port {port} can't be used ({os.strerror(error.errno or 0)}): give another, PORT=8081 make run"
        )


def _wait_for_the_terminal_to_close() -> None:
    """Waits until the terminal closes, if there is one. A terminal that runs `make` itself notifies only `make`."""
    had_terminal = os.isatty(0)
    while os.isatty(0) == had_terminal:
        time.sleep(0.5)


def _end(runner: "Runner") -> None:
    """Ends everything. A second signal, from `make` or an impatient person, ends it at once."""
    # Set before waiting, as the handler of a second signal runs meanwhile.
    signals.handle(partial(_end_at_once, runner))
    runner.close()
    _leave()


def _end_at_once(runner: "Runner") -> None:
    runner.kill()
    _leave()


def _leave() -> None:
    os._exit(0)  # at once: threads that serve or wait have nothing to save


if __name__ == "__main__":
    main()
