"""Combines the parts of the local server: the runner, the local AWS and the gateway."""

import socket
import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from local import aws_endpoint, aws_names, demo, environment, template
from local.runner import Runner


class Server:
    """The API of the template at `path`, on a socket that listens already. `runner` runs its functions.

    `given` are parameters of the template. Raises template.Unusable.
    """

    def __init__(self, path: Path, given: Mapping[str, str], listening: socket.socket) -> None:
        path = path.resolve()
        parameters = template.parameters(path, given)
        self._names = aws_names.names(template.read(path, parameters).resources)
        self._aws_listening = socket.create_server(("127.0.0.1", 0))
        aws_url = "http://{}:{}".format(*self._aws_listening.getsockname())
        aws_endpoint.use(aws_url)

        self._listening = listening
        self._stack = template.read(path, {**parameters, **self._names})
        library = path.parent / "shared"
        variables = partial(environment.variables, aws_endpoint.environment(aws_url), library)
        self.runner = Runner(template.functions(self._stack), library, variables)

    def start(self) -> None:
        """Until then no process and no thread runs."""
        api = template.api(self._stack)
        self.runner.warm({route.function_name for route in api.routes if route.path in demo.PATHS})

        # These take a second to import, in which the workers load.
        from local import http_server, moto_server, pump, resources
        from local.gateway import Gateway

        moto_server.serve(self._aws_listening)
        resources.make(self._stack.resources, self._names)
        for source in template.sources(self._stack, self._names):
            pump.start(source, self.runner.invoke)
        port = self._listening.getsockname()[1]
        gateway = Gateway(api, self.runner, template.gateway_responses(self._stack), port)
        server = http_server.serve(gateway.app, self._listening)
        threading.Thread(target=server.serve_forever, daemon=True).start()
