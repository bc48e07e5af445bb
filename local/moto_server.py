"""The local AWS itself: moto's server, with the template's tables, buckets and secrets in it."""

import functools
import socket
import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import boto3
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def serve(listening: socket.socket) -> None:
    """Serves AWS in a thread, on a socket that listens already."""
    host, port = listening.getsockname()
    server = make_server(
        host, port, _application(), threaded=True, request_handler=MotoRequestHandler, fd=listening.fileno()
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()


def make_resources(resources: Mapping[str, Mapping[str, Any]], names: Mapping[str, Mapping[str, str]]) -> None:
    """Makes the tables, buckets and secrets among the template's `resources`, in the AWS that is in use.

    By plain calls: moto's CloudFormation takes two seconds to load, and knows neither secrets nor time to live.
    A bucket's policy is left out: moto does not look at its conditions, so that "TLS only" would refuse everybody.
    """
    dynamodb, s3, secrets = boto3.client("dynamodb"), boto3.client("s3"), boto3.client("secretsmanager")
    for name, resource in resources.items():
        properties = resource.get("Properties", {})
        match resource["Type"]:
            case "AWS::DynamoDB::Table":
                _make_table(dynamodb, names[name]["Ref"], properties)
            case "AWS::S3::Bucket":
                s3.create_bucket(Bucket=names[name]["Ref"])
            case "AWS::SecretsManager::Secret":
                value = secrets.get_random_password(**properties["GenerateSecretString"])["RandomPassword"]
                secrets.create_secret(Name=name, SecretString=value)


def _make_table(dynamodb: Any, name: str, properties: Mapping[str, Any]) -> None:
    settings = ("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes", "ProvisionedThroughput")
    given = {setting: properties[setting] for setting in settings if setting in properties}
    dynamodb.create_table(TableName=name, **given)
    if time_to_live := properties.get("TimeToLiveSpecification"):
        dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=time_to_live)


class Dispatcher(DomainDispatcherApplication):
    # Without a cache it lists moto's folder for each request, which takes 0.4 ms.
    get_backend_for_host = functools.cache(DomainDispatcherApplication.get_backend_for_host)


def _application() -> "WSGIApplication":
    moto: WSGIApplication = Dispatcher(create_backend_app)
    one_at_a_time = threading.Lock()

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        # DynamoDB's updates are atomic; moto's are not when two threads serve them.
        if environ.get("HTTP_X_AMZ_TARGET", "").startswith("DynamoDB_"):
            with one_at_a_time:
                return moto(environ, start_response)
        return moto(environ, start_response)

    return application
