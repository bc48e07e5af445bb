"""Puts the local server together: the runner, the local AWS, the gateway."""

import socket
import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from local import aws, demo, environment, template
from local.runner import Runner


def start(path: Path, given: Mapping[str, str], listening: socket.socket) -> Runner:
    """Serves the API of the template at `path` on `listening`, and gives what runs its functions.

    `given` are parameters of the template. Raises template.Unusable.
    """
    path = path.resolve()
    parameters = template.parameters(path, given)
    names = aws.names(template.read(path, parameters).resources)
    aws_listening = socket.create_server(("127.0.0.1", 0))
    aws_url = "http://{}:{}".format(*aws_listening.getsockname())
    aws.use(aws_url)

    stack = template.read(path, {**parameters, **names})
    library = path.parent / "shared"
    variables = partial(environment.variables, aws.environment(aws_url), library)
    runner = Runner(template.functions(stack), library, variables)
    api = template.api(stack)
    runner.warm({route.function_name for route in api.routes if route.path in demo.PATHS})

    # A second goes by with these; the workers load in it.
    from local import http_server, moto_server, pump, resources
    from local.gateway import Gateway

    moto_server.serve(aws_listening)
    resources.make(stack.resources, names)
    for source in template.sources(stack, names):
        pump.start(source, runner.invoke)
    gateway = Gateway(api, runner, template.gateway_responses(stack), listening.getsockname()[1])
    server = http_server.serve(gateway.app, listening)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return runner
