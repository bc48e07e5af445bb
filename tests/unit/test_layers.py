"""The layers hold each package once, and everything that the code calls."""

import importlib.util
import re
import shutil
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import botocore.loaders
import botocore.session
import pytest
from botocore.config import Config

ROOT = Path(__file__).parents[2]
SOURCES = [path.read_text() for folder in ("functions", "shared") for path in (ROOT / folder).rglob("*.py")]


@pytest.fixture
def trim() -> ModuleType:
    spec = importlib.util.spec_from_file_location("trim", ROOT / "layers" / "trim.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def packages(group: str) -> set[str]:
    """A group's packages in uv.lock, with all of their dependencies."""
    lock = {package["name"]: package for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}
    to_do = [dependency["name"] for dependency in lock["dicom-api"]["dev-dependencies"][group]]
    found: set[str] = set()
    while to_do:
        if (name := to_do.pop()) not in found:
            found.add(name)
            to_do += [dependency["name"] for dependency in lock[name].get("dependencies", [])]
    return found


def test_no_package_is_in_both_layers() -> None:
    assert "botocore" in packages("core")
    assert not packages("core") & packages("imaging")


def test_services_that_the_code_calls_are_kept(trim: ModuleType) -> None:
    called = {name for text in SOURCES for name in re.findall(r'(?:boto3\.|create_)client\(\s*"([\w-]+)"', text)}
    assert "s3" in called
    assert called <= trim.SERVICES


def test_utilities_that_the_code_imports_are_kept(trim: ModuleType) -> None:
    imported = {name for text in SOURCES for name in re.findall(r"aws_lambda_powertools\.utilities\.(\w+)", text)}
    assert "batch" in imported
    assert imported <= trim.UTILITIES


def test_codecs_that_the_code_calls_are_kept(trim: ModuleType) -> None:
    called = {name for text in SOURCES for name in re.findall(r"imagecodecs\.(\w+)_(?:de|en)code", text)}
    assert "jpeg8" in called
    in_imcd = {"packbits"}  # the module of small codecs
    assert {f"_{name}" for name in called - in_imcd} <= trim.IMAGECODECS


def test_what_is_left_finds_what_it_links(trim: ModuleType, tmp_path: Path) -> None:
    files = {
        "imagecodecs/_jpeg8.abi3.so": "libjpeg-1a2b.so.8",
        "imagecodecs/_webp.abi3.so": "libwebp-3c4d.so.7",
        "imagecodecs.libs/libjpeg-1a2b.so.8": "libz-5e6f.so",
        "imagecodecs.libs/libz-5e6f.so": "",
        "imagecodecs.libs/libwebp-3c4d.so.7": "libsharpyuv-7a8b.so",
        "imagecodecs.libs/libsharpyuv-7a8b.so": "",
        "numpy/linalg/_umath.so": "libopenblas-9c0d.so",
        "numpy.libs/libopenblas-9c0d.so": "",
        "numpy/tests/test_it.py": "",
        "aws_lambda_powertools/utilities/serialization.py": "",
        "aws_lambda_powertools/utilities/batch/base.py": "",
        "aws_lambda_powertools/utilities/kafka/consumer.py": "",
        "orjson-3.0.dist-info/METADATA": "",
        "orjson-3.0.dist-info/RECORD": "",
        "botocore/data/s3/2006-03-01/waiters-2.json": "",
        "botocore/data/ec2/2016-11-15/service-2.json.gz": "",
        "botocore/data/partitions.json": "",
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    trim.trim(tmp_path)
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()} == {
        "imagecodecs/_jpeg8.abi3.so",
        "imagecodecs.libs/libjpeg-1a2b.so.8",
        "imagecodecs.libs/libz-5e6f.so",
        "numpy/linalg/_umath.so",
        "numpy.libs/libopenblas-9c0d.so",
        "aws_lambda_powertools/utilities/serialization.py",
        "aws_lambda_powertools/utilities/batch/base.py",
        "orjson-3.0.dist-info/METADATA",
        "botocore/data/s3/2006-03-01/waiters-2.json",
        "botocore/data/partitions.json",
    }


def test_what_is_left_of_botocore_makes_the_same_clients(trim: ModuleType, tmp_path: Path) -> None:
    whole = Path(botocore.__file__).parent / "data"
    left = tmp_path / "botocore" / "data"
    shutil.copytree(whole, left, ignore=other_services)
    trim.trim(tmp_path)
    assert (left / "endpoints.json").stat().st_size < 40_000
    described = {path.parents[1].name: path.stat().st_size for path in left.rglob("service-2.*")}
    assert described.keys() == trim.SERVICES
    assert max(described.values()) < 300_000
    for service in trim.SERVICES:
        assert shapes(left, service) == shapes(whole, service)
        for region in ("us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"):
            assert endpoint(left, service, region) == endpoint(whole, service, region)
    assert signed(left) == signed(whole) == "https://staging.s3.eu-central-1.amazonaws.com/answers/1"


def other_services(folder: str, names: list[str]) -> list[str]:
    data = Path(folder)
    kept = ("dynamodb", "s3", "secretsmanager", "sqs")
    return [name for name in names if data.name == "data" and (data / name).is_dir() and name not in kept]


def session(data: Path) -> botocore.session.Session:
    made = botocore.session.Session()
    loader = botocore.loaders.Loader(extra_search_paths=[str(data)], include_default_search_paths=False)
    made.register_component("data_loader", loader)
    return made


def endpoint(data: Path, service: str, region: str) -> str:
    client = session(data).create_client(service, region, aws_access_key_id="a", aws_secret_access_key="b")
    return str(client.meta.endpoint_url)


def shapes(data: Path, service: str) -> dict[str, Any]:
    """The parts of a botocore model that requests and answers depend on: shapes, their members, and operations."""
    model = session(data).get_service_model(service)
    described = {name: model.shape_for(name) for name in model.shape_names}
    return {
        name: (shape.type_name, shape.serialization, shape.metadata, list(getattr(shape, "members", {})))
        for name, shape in described.items()
    } | {name: model.operation_model(name).http for name in model.operation_names}


def signed(data: Path) -> str:
    """The host of a presigned URL, by botocore's endpoint rules."""
    config = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})  # as staging.objects has it
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
    client = session(data).create_client("s3", "eu-central-1", config=config, **keys)
    url: str = client.generate_presigned_url("get_object", Params={"Bucket": "staging", "Key": "answers/1"})
    return url.partition("?")[0]
