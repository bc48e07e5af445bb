"""The resources of a deployed stack."""

import boto3


def resource(stack: str, name: str) -> str:
    """The name in AWS of the template's resource `name`. Raises ClientError if there is no such stack or resource."""
    described = boto3.client("cloudformation").describe_stack_resource(StackName=stack, LogicalResourceId=name)
    return described["StackResourceDetail"]["PhysicalResourceId"]
