"""What a deployed stack is made of."""

import boto3


def resource(stack: str, name: str) -> str:
    """What the resource `name` of the template is called in AWS. Raises ClientError without such a stack or name."""
    described = boto3.client("cloudformation").describe_stack_resource(StackName=stack, LogicalResourceId=name)
    return described["StackResourceDetail"]["PhysicalResourceId"]
