"""The local AWS as functions see it: the names of the template's resources, and the variables that lead to it."""

import os
from collections.abc import Callable, Mapping
from typing import Any

REGION = "us-east-1"
ACCOUNT = "123456789012"
KEY_ID = "local"
SECRET_KEY = "local"  # noqa: S105

Names = dict[str, str]  # what Ref and GetAtt give

NAMES: dict[str, Callable[[str], Names]] = {
    "AWS::DynamoDB::Table": lambda name: {"Ref": name, "Arn": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}"},
    # S3 takes no capitals.
    "AWS::S3::Bucket": lambda name: {"Ref": name.lower(), "Arn": f"arn:aws:s3:::{name.lower()}"},
    "AWS::SQS::Queue": lambda name: {
        # No more than a name: AWS_ENDPOINT_URL leads the way.
        "Ref": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}",
        "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}",
        "QueueName": name,
    },
    # Without the six random characters that AWS appends: both ways lead to the secret.
    "AWS::SecretsManager::Secret": lambda name: {"Ref": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}"},
}


def names(resources: Mapping[str, Mapping[str, Any]]) -> dict[str, Names]:
    """The names of the tables, buckets, queues and secrets among the template's `resources`."""
    return {name: NAMES[resource["Type"]](name) for name, resource in resources.items() if resource["Type"] in NAMES}


def environment(url: str) -> dict[str, str]:
    """The variables by which an AWS SDK uses the AWS at `url`, and no other."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "no_proxy": "*",
    }


def use(url: str) -> None:
    """Turns this process to the AWS at `url`, away from any that the user has set up."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(environment(url))
