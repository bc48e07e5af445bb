"""The command line's arguments."""

import argparse
import os
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import shtab

from dicom_api import commands, rewriting
from dicom_api.base import LOCAL

OUT = "where to write; what is there already is left out"
EXIT_CODES = """\
Exit codes: 0 all went well; 1 something failed, which standard error tells; 2 what was given is wrong;
130 interrupted by Ctrl-C. Several files go on after one that fails."""


def parse(given: Sequence[str] | None) -> argparse.Namespace:
    """Parses the arguments; exits with 2 if they are wrong. `command` is called with a Client and the result."""
    parser = argparse.ArgumentParser(
        prog="dicom-api",
        description="Reads, makes, de-identifies and converts DICOM files by the DICOM API.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    shtab.add_argument_to(parser, "--print-completion", help="prints the shell's completion: bash, zsh or tcsh")
    parser.add_argument("--version", action="version", version=f"dicom-api {version('dicom-api-client')}")
    kinds = parser.add_subparsers(metavar="COMMAND", required=True)
    everywhere = _everywhere()
    _read(kinds.add_parser("read", parents=[everywhere], help="DICOM files' metadata and pictures"))
    _generate(kinds.add_parser("generate", parents=[everywhere], help="a DICOM file of pictures"))
    _deidentify(kinds.add_parser("deidentify", parents=[everywhere], help="DICOM files without who the patient is"))
    _convert(
        kinds.add_parser("convert", parents=[everywhere], help="DICOM files in another transfer syntax, or edited")
    )
    _uploads(kinds.add_parser("uploads", parents=[everywhere], help="your staged uploads of the last 24 hours"))
    activity = kinds.add_parser("activity", parents=[everywhere], help="what you used this month")
    activity.add_argument("--month", metavar="YYYY-MM", help="an earlier month")
    activity.set_defaults(command=commands.activity)
    options = parser.parse_args(given)
    if not options.key:
        parser.error("give your API key with --key, or in the environment variable DICOM_API_KEY")
    return options


def _everywhere() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(add_help=False)
    key = "your API key; else $DICOM_API_KEY, where other users of the machine don't see it"
    parser.add_argument("--key", default=os.environ.get("DICOM_API_KEY"), help=key)
    parser.add_argument("--url", help=f"where the API is; else $DICOM_API_URL, or {LOCAL}")
    parser.add_argument("--json", action="store_true", help="prints one line of JSON for each file or thing")
    return parser


def _read(parser: argparse.ArgumentParser) -> None:
    files = parser.add_argument("files", metavar="FILE", nargs="+", help="files of any size, zips, folders or globs")
    files.complete = shtab.FILE  # type: ignore[attr-defined] # shtab reads it there
    save = "for the pictures: 0001.png is frame 1. Several files have a folder each, and those there are left out"
    parser.add_argument("--save", metavar="FOLDER", type=Path, help=save)
    parser.add_argument("--jobs", metavar="N", type=_count, default=4, help="files at the same time (4)")
    parser.add_argument("--format", dest="return_format", choices=["png", "jpeg", "gif", "webp"], default="png")
    parser.add_argument("--fields", help="only these, with whole values: PatientName,StudyDate")
    parser.add_argument("--frames", help="only these: 1,4-7")
    parser.add_argument("--window", help="centre,width and maybe function; write --window=-600,1500 with the =")
    parser.add_argument("--viewport", help="columns,rows that the pictures are to fit inside")
    parser.add_argument("--quality", help="of jpeg: 1 to 100")
    parser.add_argument("--overlays", action="store_const", const="true", help="draws the file's overlays in")
    parser.add_argument("--animation", action="store_const", const="true", help="one gif or webp of all frames")
    parser.add_argument("--no-images", dest="images", action="store_const", const="false", help="metadata only")
    parser.set_defaults(command=commands.read)


def _generate(parser: argparse.ArgumentParser) -> None:
    files = parser.add_argument(
        "files", metavar="PICTURE", nargs="+", type=_file, help="PNGs or JPEGs; each is a frame"
    )
    files.complete = shtab.FILE  # type: ignore[attr-defined] # shtab reads it there
    _pairs(parser, "--set", "KEYWORD=VALUE", "PatientName=Doe^Jane; once for each attribute", "attributes")
    parser.add_argument("--compression", help="none (the default), jpeg, jpeg-ls, htj2k or rle")
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, required=True, help="the DICOM file to write")
    parser.set_defaults(command=commands.generate)


def _deidentify(parser: argparse.ArgumentParser) -> None:
    _several(parser)
    results = parser.add_mutually_exclusive_group(required=True)
    results.add_argument("--out", metavar="FOLDER", type=Path, help=OUT)
    results.add_argument("--report", action="store_true", help="only prints what would be done")
    key = "a file with your key; it is made if there is none. Without it each run has a key of its own"
    parser.add_argument("--key-file", metavar="FILE", type=Path, help=key)
    parser.add_argument("--option", dest="options", metavar="NAME", action="append", help="of PS3.15: retain-uids, ...")
    parser.add_argument("--keep", metavar="KEYWORD", action="append", help="keeps an attribute as it is")
    parser.add_argument("--remove", metavar="KEYWORD", action="append", help="removes an attribute")
    _pairs(parser, "--replace", "KEYWORD=VALUE", "PatientID=TRIAL-7; once for each attribute")
    region = "pixels to blank, from the top left; once for each region"
    parser.add_argument("--region", dest="regions", metavar="X,Y,W,H", type=_region, action="append", help=region)
    parser.add_argument("--ultrasound", action="store_true", help="blanks what is around the ultrasound")
    parser.add_argument("--date-shift", metavar="DAYS", type=int, help="moves dates by so many days")
    parser.add_argument(
        "--keep-names", action="store_true", help="keeps the files' names, which may tell the patient's"
    )
    parser.set_defaults(command=rewriting.deidentify)


def _convert(parser: argparse.ArgumentParser) -> None:
    _several(parser)
    parser.add_argument("--out", metavar="FOLDER", type=Path, required=True, help=OUT)
    parser.add_argument("--to", dest="transfer_syntax", metavar="NAME", help="explicit, jpeg-ls, htj2k, ... or a UID")
    parser.add_argument("--lossy", action="store_true", help="allows loss")
    parser.add_argument("--quality", metavar="N", type=_count, help="with --lossy: 1 to 100")
    parser.add_argument("--ratio", metavar="N", type=float, help="with --lossy: how many times smaller")
    _pairs(parser, "--set", "PATH=VALUE", "PatientName=Doe^Jane; once for each attribute")
    parser.add_argument("--remove", metavar="PATH", action="append", help="removes an attribute")
    parser.add_argument("--uids", choices=["keep", "new"], help="new: gives files UIDs of their own")
    parser.set_defaults(command=rewriting.convert)


def _several(parser: argparse.ArgumentParser) -> None:
    """Arguments of what makes a file of each file."""
    files = parser.add_argument("files", metavar="FILE", nargs="+", help="files of any size, zips, folders or globs")
    files.complete = shtab.FILE  # type: ignore[attr-defined] # shtab reads it there
    parser.add_argument("--jobs", metavar="N", type=_count, default=4, help="files at the same time (4)")


def _pairs(parser: argparse.ArgumentParser, option: str, form: str, help_: str, dest: str | None = None) -> None:
    dest = dest or option.strip("-")
    parser.add_argument(option, dest=dest, metavar=form, help=help_, type=_attribute, action="append", default=[])


def _region(text: str) -> tuple[int, ...]:
    parts = text.split(",")
    if len(parts) != 4 or not all(part.strip().isdecimal() for part in parts):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form X,Y,W,H")
    return tuple(map(int, parts))


def _uploads(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", nargs="?", help="only this one, and how far it is")
    parser.add_argument("--delete", action="store_true", help="deletes it")
    parser.set_defaults(command=commands.uploads)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1")
    return int(text)


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
