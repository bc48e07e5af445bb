"""What a deployed stack is made of."""

import boto3


def output(stack: str, name: str) -> str:
    """The value of the stack's output `name` (template.yaml, Outputs). Raises ClientError without such a stack."""
    described = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}[name]


def resource(stack: str, name: str) -> str:
    """What the resource `name` of the template is called in AWS. Raises ClientError without such a stack or name."""
    described = boto3.client("cloudformation").describe_stack_resource(StackName=stack, LogicalResourceId=name)
    return described["StackResourceDetail"]["PhysicalResourceId"]
