"""Creates the template's tables, buckets, queues and secrets in the local AWS."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import boto3

from local import fork_server
from local.aws_names import Names

Properties = Mapping[str, Any]

TABLE_SETTINGS = ("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes", "ProvisionedThroughput")
QUEUE_SETTINGS = ("DelaySeconds", "MessageRetentionPeriod", "VisibilityTimeout")


def make_in_a_process(resources: Mapping[str, Mapping[str, Any]], names: Mapping[str, Names]) -> None:
    """`make`, in a process that ends with the server."""
    fork_server.follow_the_server()
    make(resources, names)


client: Callable[[str], Any] = cache(boto3.client)


def make(resources: Mapping[str, Mapping[str, Any]], names: Mapping[str, Names]) -> None:
    """Creates them in the current AWS. `resources` are the template's, with `names` in place of references.

    It uses plain calls, as moto's CloudFormation takes two seconds to load and supports neither secrets nor time to
    live. A bucket's policy is left out: moto ignores its conditions, so "TLS only" would refuse every request.
    """
    made = {_logical_id(resource): resource for resource in resources.values() if _logical_id(resource) in names}
    for name, resource in made.items():
        properties = resource.get("Properties", {})
        match resource["Type"]:
            case "AWS::DynamoDB::Table":
                _make_table(names[name]["Ref"], properties)
            case "AWS::SQS::Queue":
                settings = {key: str(properties[key]) for key in QUEUE_SETTINGS if key in properties}
                client("sqs").create_queue(QueueName=names[name]["QueueName"], Attributes=settings)
            case "AWS::S3::Bucket":
                client("s3").create_bucket(Bucket=names[name]["Ref"])
            case "AWS::SecretsManager::Secret":
                secrets = client("secretsmanager")
                value = secrets.get_random_password(**properties["GenerateSecretString"])["RandomPassword"]
                secrets.create_secret(Name=name, SecretString=value)
    for name, resource in made.items():
        _connect(names[name], resource.get("Properties", {}))


def _logical_id(resource: Mapping[str, Any]) -> str:
    # SAM CLI calls a resource by what it puts in place of references to it.
    return str(resource["Metadata"]["SamResourceId"])


def _make_table(name: str, properties: Properties) -> None:
    dynamodb = client("dynamodb")
    dynamodb.create_table(TableName=name, **{key: properties[key] for key in TABLE_SETTINGS if key in properties})
    if time_to_live := properties.get("TimeToLiveSpecification"):
        dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=time_to_live)


def _connect(own: Names, properties: Properties) -> None:
    """Sets the properties that refer to other resources, which exist now."""
    if redrive := properties.get("RedrivePolicy"):
        client("sqs").set_queue_attributes(QueueUrl=own["Ref"], Attributes={"RedrivePolicy": json.dumps(redrive)})
    if notification := properties.get("NotificationConfiguration"):
        queues = [_queue_notification(given) for given in notification["QueueConfigurations"]]
        client("s3").put_bucket_notification_configuration(
            Bucket=own["Ref"], NotificationConfiguration={"QueueConfigurations": queues}
        )


def _queue_notification(given: Properties) -> dict[str, Any]:
    """What CloudFormation makes of it for S3."""
    rules = given.get("Filter", {}).get("S3Key", {}).get("Rules", [])
    return {"QueueArn": given["Queue"], "Events": [given["Event"]], "Filter": {"Key": {"FilterRules": rules}}}
