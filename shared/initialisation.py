"""What a function does before its first request, and again when Lambda restores it from a snapshot.

With SnapStart (template.yaml), Lambda initialises a function once, when it is deployed, and starts every process of it
from the same snapshot of memory, for weeks. So nothing that is unique, secret or dated is made during initialisation:
ids, keys, salts and the names of objects come from the operating system's random numbers during the request. The
credentials that a client is made with expire, and botocore then fetches new ones.
"""

import os
import random
from collections.abc import Callable
from typing import Any

from snapshot_restore_py import register_after_restore

INITIALISING = "AWS_LAMBDA_INITIALIZATION_TYPE" in os.environ


def make_client(client: Callable[[], Any]) -> None:
    """Calls `client`, which makes a botocore client and keeps it, if Lambda initialises the function now.

    Lambda does that with a whole processor, and then gives the function a share by its memory: 0.29 at 512 MB.
    """
    if INITIALISING:
        # The other end of a connection is gone when a snapshot is restored. The client opens new ones.
        register_after_restore(client().close)


# The SDK's pauses before a retry are random. Without a new seed, all processes of a snapshot would retry at once.
register_after_restore(random.seed)
