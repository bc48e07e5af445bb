"""The environment variables that lead an AWS SDK to the local AWS."""

import os

from local.aws_names import REGION

KEY_ID = "local"
SECRET_KEY = "local"  # noqa: S105


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
