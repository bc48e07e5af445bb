"""The secret of a job that rewrites files: the caller's key, or a random one.

It is an object of its own, which is encrypted, and deleted when the job is over. It is in no table and no message.
"""

from staging import objects
from staging.jobs import Job


def store(job: Job, secret: str) -> None:
    objects.write(f"keys/{job.id}", secret.encode())


def read(job: Job) -> str:
    return objects.read(f"keys/{job.id}").decode()
