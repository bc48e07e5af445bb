"""`make sam-local`: the API by `sam local start-api`, which runs the built functions in containers of Lambda's image.

They use the local AWS, too, and get its queue's messages by `sam local start-lambda`. What this writes is in
.aws-sam/local: a template whose functions find that AWS, and an event for each function with the demo account's
credentials, for `sam local invoke`.
"""

import argparse
import contextlib
import ipaddress
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import requests
from docker.errors import DockerException, ImageNotFound
from samcli.commands._utils.template import get_template_data, move_template
from samcli.lib.providers.provider import Stack
from samcli.lib.providers.sam_function_provider import SamFunctionProvider
from samcli.local.docker.container_client import ContainerClient
from samcli.local.docker.exceptions import ContainerNotReachableException
from samcli.local.docker.lambda_image import LambdaImage, Runtime
from samcli.local.docker.utils import get_validated_container_client

from events import build as events
from local import aws_endpoint, aws_names, aws_process, pump, ready, resources, signals, template
from local.stack import Source
from local.worker import FunctionFailed

BUILT = Path(__file__).parents[1] / ".aws-sam" / "build" / "template.yaml"
FOLDER = BUILT.parents[1] / "local"
END_SECONDS = 60
INVOKE = """\
One function, with an event (profile, read, ...: see events/):

  {sam} local invoke ReadFunction --template {folder}/template.yaml --event {folder}/events/read.json

"""


def main() -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # which serves the local AWS
    parser = argparse.ArgumentParser(prog="sam-local", description="Other options are for sam local start-api.")
    parser.add_argument("--port", type=int, default=8080)
    options, for_sam = parser.parse_known_args()
    try:
        socket.create_server(("127.0.0.1", options.port)).close()
    except OSError as error:
        why = os.strerror(error.errno or 0)
        sys.exit(f"sam-local: port {options.port} can't be used ({why}): give another, PORT=8081 make sam-local.")
    try:
        docker = get_validated_container_client()
    except ContainerNotReachableException:
        sys.exit("sam-local: Docker does not answer: start it, or use make run, which needs none.")
    content = get_template_data(str(BUILT))
    # The architecture that the layers were built for, whatever the default is.
    architecture = content["Resources"]["CoreLayer"]["Metadata"]["BuildArchitecture"]
    content["Parameters"]["Architecture"]["Default"] = architecture
    stack = template.read(BUILT, {"Architecture": architecture})
    _get_image(docker, stack)
    signals.handle(sys.exit)
    sources = _start_aws(docker, stack.resources, content)
    with _sam("start-api", options.port, for_sam) as sam, _sam("start-lambda", port := _free_port(), []):
        for source in sources:
            # One at a time, as SAM CLI would start more containers, which takes longer than the work.
            pump.start(source, partial(_invoke, port), at_once=1)
        url = f"http://localhost:{options.port}"
        # At the first request SAM CLI builds an image with the layers, which may take long.
        requests.get(f"{url}/api/dicom-format/required-field-type/")  # noqa: S113
        ready.tell(url, FOLDER / "ready.json")
        _write_events(url)
        sys.exit(sam.wait())


def _get_image(docker: ContainerClient, stack: Stack) -> None:
    function = next(SamFunctionProvider([stack]).get_all())
    name = Runtime.get_image_name_tag(function.runtime, function.architecture)
    image = f"{LambdaImage._INVOKE_REPO_PREFIX}/{name}"
    try:
        docker.images.get(image)
    except ImageNotFound:
        sys.stderr.write(f"Pulling {image}, this once.\n")
        try:
            docker.images.pull(image)
        except DockerException as problem:
            sys.exit(f"sam-local: {image} can't be pulled ({problem}): try again, or use make run, which needs none.")


def _start_aws(docker: ContainerClient, built: dict[str, Any], content: dict[str, Any]) -> list[Source]:
    """Serves the local AWS where containers reach it, and writes the template that leads functions to it.

    `built`: resources of the built template; `content`: that template as it stands. Gives the queues with a function.
    """
    listening, name = _listen(docker)
    host, port = listening.getsockname()
    aws_endpoint.use(f"http://{host}:{port}")
    aws_process.start(listening)
    names = aws_names.names(built)
    stack = template.read(BUILT, names)
    resources.make(stack.resources, names)

    # Only variables that the template declares could be given with --env-vars, and those of the endpoint must not be
    # in the template that is deployed.
    for function in template.functions(stack):
        variables = function.environment | aws_endpoint.environment(f"http://{name}:{port}")
        content["Resources"][function.name]["Properties"]["Environment"] = {"Variables": variables}
    move_template(str(BUILT), str(FOLDER / "template.yaml"), content)
    return template.sources(stack, names)


def _listen(docker: ContainerClient) -> tuple[socket.socket, str]:
    """A socket that is reachable from containers and not from other machines, and its host name in containers."""
    bridge = docker.networks.get("bridge").attrs["IPAM"]["Config"][0]
    address = bridge.get("Gateway") or str(ipaddress.ip_network(bridge["Subnet"])[1])
    try:
        return socket.create_server((address, 0)), address
    except OSError:
        # Docker Desktop runs its network in a virtual machine, which has a name for this one.
        return socket.create_server(("127.0.0.1", 0)), "host.docker.internal"


@contextlib.contextmanager
def _sam(command: str, port: int, more: list[str]) -> "Iterator[subprocess.Popen[bytes]]":
    """Starts `sam local <command>`, and ends it with its containers when this process is told to end."""
    options = ["--template", str(FOLDER / "template.yaml"), "--port", str(port), "--warm-containers", "LAZY"]
    sam = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "samcli", "local", command, *options, "--skip-pull-image", *more],
        env=os.environ | {"SAM_CLI_TELEMETRY": "0"},
        start_new_session=True,  # Ctrl-C in the terminal reaches it once, from here
    )
    try:
        while sam.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.1)
        else:
            sys.exit(f"sam-local: sam local {command} has ended, see above.")
        yield sam
    finally:
        signals.handle(lambda: None)  # a second one, as `make` sends it, would leave containers behind
        sys.stderr.write("sam-local: removing the containers, some seconds for each.\n")
        sam.send_signal(signal.SIGINT)
        try:
            sam.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(sam.pid, signal.SIGKILL)


def _invoke(port: int, name: str, event: bytes, seconds: float) -> bytes:
    """The answer of the function `name`, by the API that Lambda has for it. Raises FunctionFailed."""
    url = f"http://127.0.0.1:{port}/2015-03-31/functions/{name}/invocations"
    try:
        answer = requests.post(url, event, timeout=seconds)
    except requests.RequestException as problem:
        raise FunctionFailed from problem
    if answer.status_code != 200 or "X-Amz-Function-Error" in answer.headers:
        raise FunctionFailed
    return answer.content


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def _write_events(url: str) -> None:
    facts = json.loads((FOLDER / "ready.json").read_text())
    if "api_key" not in facts:
        return
    account = {name: facts[name] for name in ("email", "password")}
    tokens = requests.post(f"{url}/api/token/", json=account, timeout=60).json()
    events.write(FOLDER / "events", events.Caller(**account, **tokens, api_key=facts["api_key"]))
    sys.stdout.write(INVOKE.format(sam=Path(sys.executable).with_name("sam"), folder=FOLDER))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
