"""The command line's arguments."""

import argparse
import os
import re
from collections.abc import Sequence
from pathlib import Path

from client import commands

LOCAL = "http://localhost:8080"


def parse(given: Sequence[str] | None) -> argparse.Namespace:
    """Exits with 2 if they are wrong. `command` is the function to call with an Api and what this gives."""
    parser = argparse.ArgumentParser(prog="python -m client", description="Reads and makes DICOM files by the API.")
    kinds = parser.add_subparsers(metavar="COMMAND", required=True)
    everywhere = _everywhere()
    _read(kinds.add_parser("read", parents=[everywhere], help="a DICOM file's, or a zip's, metadata and pictures"))
    _generate(kinds.add_parser("generate", parents=[everywhere], help="a DICOM file of a picture"))
    status = kinds.add_parser("status", parents=[everywhere], help="how far the work on an upload is")
    status.add_argument("id", metavar="ID", help="as `read` and `generate` tell it")
    status.set_defaults(command=commands.status)
    options = parser.parse_args(given)
    if not options.key:
        parser.error("give your API key with --key, or in the environment variable DICOM_API_KEY")
    return options


def _everywhere() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--key",
        type=_key,
        default=os.environ.get("DICOM_API_KEY"),
        help="your API key; else $DICOM_API_KEY, where other users of the machine don't see it",
    )
    parser.add_argument(
        "--url",
        type=_url,
        default=os.environ.get("DICOM_API_URL") or LOCAL,
        help=f"where the API is; else $DICOM_API_URL, or {LOCAL}",
    )
    return parser


def _read(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=_file, help="a .dcm or .zip, of any size")
    parser.add_argument("--save", metavar="FOLDER", type=Path, help="for the pictures: 0001.png is frame 1")
    parser.add_argument("--table", action="store_true", help="shows metadata as a table, not as JSON")
    parser.add_argument("--format", dest="return_format", choices=["png", "jpeg", "gif"], default="png")
    parser.add_argument("--fields", help="only these, with whole values: PatientName,StudyDate")
    parser.add_argument("--frames", help="only these: 1,4-7")
    parser.add_argument("--window", help="centre,width and maybe function; write --window=-600,1500 with the =")
    parser.add_argument("--viewport", help="columns,rows that the pictures are to fit inside")
    parser.add_argument("--quality", help="of jpeg: 1 to 100")
    parser.add_argument("--overlays", action="store_const", const="true", help="burns the file's overlays in")
    parser.add_argument("--animation", action="store_const", const="true", help="one gif of all frames")
    parser.set_defaults(command=commands.read)


def _generate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="PICTURE", type=_file, help="a .png, .jpg or .jpeg")
    parser.add_argument(
        "--set",
        dest="attributes",
        metavar="KEYWORD=VALUE",
        type=_attribute,
        action="append",
        default=[],
        help="PatientName=Doe^Jane; once for each attribute",
    )
    parser.add_argument("--compression", help="none (the default), jpeg, jpeg-ls, htj2k or rle")
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, required=True, help="the DICOM file to write")
    parser.set_defaults(command=commands.generate)


def _file(text: str) -> Path:
    path = Path(text)
    try:
        with path.open("rb") as file:
            if not file.read(1):
                raise argparse.ArgumentTypeError(f"{text!r} is empty")
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{text!r} can't be read: {error.strerror}") from None
    return path


def _attribute(text: str) -> tuple[str, str]:
    keyword, equals, value = text.partition("=")
    if not (keyword and equals):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form KEYWORD=VALUE")
    return keyword, value


def _key(text: str) -> str:
    if not re.fullmatch(r"[!-~]+", text):
        raise argparse.ArgumentTypeError("an API key is of letters, digits and a dot")
    return text


def _url(text: str) -> str:
    if not re.fullmatch(r"https?://[^/?#\s]+[^?#\s]*", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no address such as {LOCAL}")
    return text.rstrip("/")
