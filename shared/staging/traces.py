"""A job's objects in the bucket."""

from staging import objects
from staging.jobs import DONE, Job


def erase(job: Job) -> None:
    """Deletes the objects of a job that is over: its secret, the upload, the work on it, and what nobody can fetch."""
    names = [f"keys/{job.id}", f"uploads/{job.id}", f"work/{job.id}/plan.json"]
    for part in range(int(job.parts_total or 0)):
        names += [f"work/{job.id}/{part}", f"work/{job.id}/{part}.json"]
    if job.status != DONE:
        names.append(f"results/{job.id}")
    objects.delete(names)
