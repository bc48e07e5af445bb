"""A client of the DICOM API: DICOM files to JSON and pictures, and pictures to DICOM files.

`Client` is for synchronous code and `AsyncClient` for asyncio, with the same methods. All errors are `DicomApiError`.
"""

from dicom_api.answer import Answer
from dicom_api.async_client import AsyncClient
from dicom_api.client import Client
from dicom_api.errors import (
    Conflict,
    DicomApiError,
    Disconnected,
    ForeignAnswer,
    Invalid,
    NotAuthorized,
    NotFound,
    QuotaReached,
    Refused,
    ServerError,
    TooLarge,
    TooManyRequests,
    WorkFailed,
)
from dicom_api.files import File
from dicom_api.options import ConvertOptions, DeidentifyOptions, ReadOptions
from dicom_api.progress import Progress, Step

__all__ = [
    "Answer",
    "AsyncClient",
    "Client",
    "Conflict",
    "ConvertOptions",
    "DeidentifyOptions",
    "DicomApiError",
    "Disconnected",
    "File",
    "ForeignAnswer",
    "Invalid",
    "NotAuthorized",
    "NotFound",
    "Progress",
    "QuotaReached",
    "ReadOptions",
    "Refused",
    "ServerError",
    "Step",
    "TooLarge",
    "TooManyRequests",
    "WorkFailed",
]
