"""What the template's resources are called in the local AWS."""

from collections.abc import Callable, Mapping
from typing import Any

REGION = "us-east-1"
ACCOUNT = "123456789012"

Names = dict[str, str]  # what Ref and GetAtt give

NAMES: dict[str, Callable[[str], Names]] = {
    "AWS::DynamoDB::Table": lambda name: {"Ref": name, "Arn": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}"},
    # S3 takes no capitals.
    "AWS::S3::Bucket": lambda name: {"Ref": name.lower(), "Arn": f"arn:aws:s3:::{name.lower()}"},
    "AWS::SQS::Queue": lambda name: {
        # Only a name, as requests go to AWS_ENDPOINT_URL.
        "Ref": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}",
        "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}",
        "QueueName": name,
    },
    # Without the six random characters that AWS appends; AWS finds the secret either way.
    "AWS::SecretsManager::Secret": lambda name: {"Ref": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}"},
}


def names(resources: Mapping[str, Mapping[str, Any]]) -> dict[str, Names]:
    """The names of the tables, buckets, queues and secrets among the template's `resources`."""
    return {name: NAMES[resource["Type"]](name) for name, resource in resources.items() if resource["Type"] in NAMES}
