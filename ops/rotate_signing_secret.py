"""Puts a new key in place for signing tokens: `python -m ops.rotate_signing_secret --stack NAME`.

Starts what the schedule does each month (functions/rotate_signing_secret). Nobody is logged out, as the key before
stays valid, and a second rotation within a day is refused: docs/security.md says how to do without. Uses the AWS
profile and region of the environment.
"""

import argparse
import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from ops import stack


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m ops.rotate_signing_secret", description="Rotate the signing key.")
    parser.add_argument("--stack", required=True, help="the stack's name in CloudFormation")
    arguments = parser.parse_args()
    try:
        boto3.client("secretsmanager").rotate_secret(SecretId=stack.output(arguments.stack, "SigningSecret"))
    except (BotoCoreError, ClientError) as error:
        sys.exit(str(error))
    sys.stdout.write("The rotation is on its way: a new key signs tokens within five minutes.\n")


if __name__ == "__main__":
    main()
