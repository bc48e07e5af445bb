"""Objects written piece by piece, from bytes and from other objects."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from staging import objects
from staging.object_writer import MIN_PART_BYTES, PART_BYTES, ObjectWriter
from tests.integration.template import physical_name

pytestmark = pytest.mark.usefixtures("aws")

BUCKET = physical_name("StagingBucket")
LARGE, SMALL = MIN_PART_BYTES + 1_000_000, MIN_PART_BYTES - 1_000_000


def filled(size: int, seed: int) -> bytes:
    """Bytes without repetitions."""
    return b"".join(b"%15x-" % (seed << 32 | at) for at in range(size // 16 + 1))[:size]


def stored(key: str) -> bytes:
    return bytes(boto3.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read())


@pytest.fixture
def requests(aws: None) -> Iterator[list[tuple[str, Any]]]:  # noqa: ARG001
    """Records S3's operations from now on, with their arguments."""
    seen: list[tuple[str, Any]] = []

    def record(params: dict[str, Any], model: Any, **_: Any) -> None:
        seen.append((model.name, params))

    events = objects.client().meta.events
    events.register("provide-client-params.s3", record)
    yield seen
    events.unregister("provide-client-params.s3", record)


@pytest.mark.parametrize(
    "sizes",
    [
        [],
        [0],
        [10],
        [PART_BYTES - 1, 1],
        [PART_BYTES - 1, 1, 1],
        [PART_BYTES * 2 + 5],
        [1, PART_BYTES * 3, 7, MIN_PART_BYTES],
    ],
)
def test_bytes_as_they_come(sizes: list[int]) -> None:
    contents = [filled(size, number) for number, size in enumerate(sizes)]
    with ObjectWriter("work/a", ContentType="application/json") as writer:
        for content in contents:
            writer.write(content)
    assert writer.size == sum(sizes)
    assert stored("work/a") == b"".join(contents)
    assert boto3.client("s3").head_object(Bucket=BUCKET, Key="work/a")["ContentType"] == "application/json"


@pytest.mark.parametrize(
    "pieces",
    [
        [LARGE],
        [b"[", LARGE, b"]"],
        [b"[", SMALL, b",", SMALL, b",", LARGE, b",", LARGE, b"]"],
        [LARGE, LARGE, SMALL],
        [b"[", 2 * LARGE, b",", 2 * LARGE, b"]"],
        [b"x" * SMALL, LARGE, b"x" * LARGE, LARGE],
        [b"[", 0, b",", 5, b"]"],
        [SMALL, MIN_PART_BYTES, 1],
    ],
)
def test_objects_between_bytes(pieces: list[bytes | int]) -> None:
    expected = []
    for number, piece in enumerate(pieces):
        content = filled(piece, number) if isinstance(piece, int) else piece
        if isinstance(piece, int):
            objects.write(f"work/{number}", content)
        expected.append(content)
    with ObjectWriter("results/a") as writer:
        for number, piece in enumerate(pieces):
            if isinstance(piece, int):
                writer.copy(f"work/{number}", piece)
            else:
                writer.write(piece)
    assert stored("results/a") == b"".join(expected)
    assert writer.size == sum(map(len, expected))


def test_a_large_object_is_copied_by_s3(requests: list[tuple[str, Any]]) -> None:
    objects.write("work/0", filled(3 * PART_BYTES, 0))
    with ObjectWriter("results/a") as writer:
        writer.write(b"[")
        writer.copy("work/0", 3 * PART_BYTES)
    names = [name for name, _ in requests]
    assert names.count("UploadPartCopy") == 1
    (fetched,) = (params for name, params in requests if name == "GetObject")
    assert fetched["Range"] == f"bytes=0-{MIN_PART_BYTES - 2}"


def test_what_fails_leaves_nothing() -> None:
    def break_down() -> None:
        with ObjectWriter("work/a") as writer:
            writer.write(b"x" * PART_BYTES)
            raise EOFError

    with pytest.raises(EOFError):
        break_down()
    assert "Contents" not in boto3.client("s3").list_objects_v2(Bucket=BUCKET)


@pytest.mark.parametrize("size", [10, PART_BYTES + 10])
def test_only_new_leaves_what_is_there(size: int) -> None:
    for number in range(2):
        with ObjectWriter("results/a", only_new=True) as writer:
            writer.write(filled(size, number))
    assert stored("results/a") == filled(size, 0)


@pytest.mark.parametrize("size", [10, PART_BYTES + 10])
def test_else_the_last_one_counts(size: int) -> None:
    for number in range(2):
        with ObjectWriter("work/a") as writer:
            writer.write(filled(size, number))
    assert stored("work/a") == filled(size, 1)


def test_what_s3_refuses_otherwise_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAGING_BUCKET", "no-such-bucket")
    with pytest.raises(objects.ClientError), ObjectWriter("results/a", only_new=True) as writer:
        writer.write(b"1")


def test_no_more_than_a_part_is_held() -> None:
    with ObjectWriter("work/a") as writer:
        for number in range(4):
            writer.write(filled(PART_BYTES - 1, number))
            assert len(writer._buffer) < PART_BYTES
