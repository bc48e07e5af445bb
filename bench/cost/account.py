"""An AWS played on this machine, with a developer in it, and events that the built functions take from them."""

import json
import logging
import os
import socket
import sys
from typing import Any

from bench.processes import ROOT
from events import build
from local import aws, environment, moto_server, resources, template

BUILT = ROOT / ".aws-sam/build/template.yaml"
TEMPLATE = ROOT / "template.yaml"
EMAIL, PASSWORD = "bench@example.com", "securepassword123"

Event = dict[str, Any]


class Account:
    """`functions` by the names of their folders; `variables` that each has; `examples`, their events."""

    def __init__(self) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)  # which serves moto
        listening = socket.create_server(("127.0.0.1", 0))
        url = "http://{}:{}".format(*listening.getsockname())
        aws.use(url)
        moto_server.serve(listening)
        parameters = template.parameters(BUILT, {"MonthlyQuota": "1000000000"})
        names = aws.names(template.read(BUILT, parameters).resources)
        stack = template.read(BUILT, parameters | names)
        resources.make(stack.resources, names)
        built = {function.name: function for function in template.functions(stack)}
        source = template.functions(template.read(TEMPLATE, {}))
        self.functions = {function.directory.name: built[function.name] for function in source}
        self.variables = {
            name: environment.variables(aws.environment(url), function.directory, function)
            for name, function in self.functions.items()
        }
        for variables in self.variables.values():
            os.environ |= {name: value for name, value in variables.items() if name.isupper() and name not in KEPT}
        sys.path.insert(0, str(ROOT / "shared"))
        self._user, caller = _developer()
        self.examples = build.events(caller)

    def event(self, function: str) -> Event:
        """The function's example event, which it takes once."""
        return dict(self.examples[function])

    def upload(self, content: bytes, options: dict[str, str]) -> Event:
        """The event of an upload's arrival."""
        from staging import jobs

        job = jobs.create(self._user, jobs.READ, {"file_name": "file.dcm", "options": options})
        s3, bucket, key = resources.client("s3"), os.environ["STAGING_BUCKET"], f"uploads/{job.id}"
        s3.put_object(Bucket=bucket, Key=key, Body=content)
        event: Event = json.loads(json.dumps(self.examples["upload_worker"]))
        told = json.loads(event["Records"][0]["body"])
        told["Records"][0]["s3"]["object"] |= {"key": key, "size": len(content)}
        event["Records"][0]["body"] = json.dumps(told)
        return event

    def clear(self) -> None:
        """Empties the bucket."""
        for key in self.stored():
            resources.client("s3").delete_object(Bucket=os.environ["STAGING_BUCKET"], Key=key)

    def stored(self) -> dict[str, int]:
        """What is in the bucket: bytes by key."""
        listed = resources.client("s3").list_objects_v2(Bucket=os.environ["STAGING_BUCKET"])
        return {stored["Key"]: stored["Size"] for stored in listed.get("Contents", [])}


KEPT = {"PATH", "TMPDIR", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONUNBUFFERED"}


def _developer() -> tuple[str, build.Caller]:
    """The user's id, and what their requests carry."""
    from identity import accounts, api_keys, developers, sessions
    from staging import jobs

    accounts.register(EMAIL, PASSWORD)
    account = accounts.authenticate(EMAIL, PASSWORD, "192.0.2.1")
    user = account.user_id
    developers.create_profile(user, "testing", "Bench")
    api_keys.create(user, "for the event that deletes it")
    key = api_keys.create(user, "key")["key"]
    upload = jobs.create(user, jobs.READ, {"file_name": "file.dcm", "options": {}}).id
    return user, build.Caller(EMAIL, PASSWORD, **sessions.begin(account), api_key=key, upload=upload)
