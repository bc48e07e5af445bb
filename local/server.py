"""Combines the parts of the local server: the functions, the resources in the local AWS, and the gateway."""

import pickle
import socket
import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from local import aws_endpoint, demo, environment, fork_server, resources, stack
from local.runner import Runner


class Server:
    """The API of the template at `path`, on a socket that listens already. `runner` runs its functions.

    `given` are parameters of the template. Raises stack.Unusable.
    """

    def __init__(self, path: Path, given: Mapping[str, str], listening: socket.socket, aws_url: str) -> None:
        path = path.resolve()
        self._stack = stack.load(path, given)
        self._listening = listening
        library = path.parent / "shared"
        variables = partial(environment.variables, aws_endpoint.environment(aws_url), library)
        self.runner = Runner(self._stack.functions, library, variables)

    def start(self) -> None:
        """Until then no worker and no thread runs."""
        self.runner.warm({self._stack.routes[path] for path in demo.PATHS if path in self._stack.routes})
        making = fork_server.CONTEXT.Process(
            target=resources.make_in_a_process, args=(self._stack.resources, self._stack.names)
        )
        making.start()

        # SAM CLI takes two seconds to import, in which the workers load and the resources are made.
        from local import http_server, pump
        from local.gateway import Gateway

        port = self._listening.getsockname()[1]
        api = pickle.loads(self._stack.api)  # noqa: S301
        gateway = Gateway(api, self.runner, self._stack.gateway_responses, port)
        making.join()
        if making.exitcode:
            raise RuntimeError("The template's resources could not be made: see above.")
        for source in self._stack.sources:
            pump.start(source, self.runner.invoke)
        server = http_server.serve(gateway.app, self._listening)
        threading.Thread(target=server.serve_forever, daemon=True).start()
