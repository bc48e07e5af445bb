"""Multipart forms (RFC 7578): the text fields and files of a request."""

import re
from dataclasses import dataclass, field

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser, parse_options_header

import tally
from problems import Invalid, UnsupportedMediaType
from web.body import body_bytes, media_type

MAX_PARTS = 1000
MAX_TEXT_BYTES = 1_000_000
FILE_TYPES = ("application/dicom", "application/zip")  # of a body that is the file itself


@dataclass(frozen=True)
class File:
    """An uploaded file: the name that the client gave, and its bytes."""

    name: str
    content: bytes


@dataclass
class Form:
    """What a form holds: text fields by name, and files by name in the order they came."""

    texts: dict[str, str] = field(default_factory=dict)
    files: dict[str, list[File]] = field(default_factory=dict)

    def one_file(self, name: str, what: str) -> File:
        """The single file called `name`; `what` says in the error what to send."""
        files = self.files.get(name, [])
        if len(files) != 1:
            why = "Send this file once only." if files else f"This file is required: {what}."
            if name in self.texts:
                why = "Send this as a file, with a file name, not as a text field."
            raise Invalid(f"The form needs one file called {name}: {what}.", fields={name: why})
        return files[0]

    def refuse_others(self, *, texts: tuple[str, ...] | None, files: tuple[str, ...]) -> None:
        """Raises Invalid naming every field that the endpoint does not take, so that no mistyped field is ignored."""
        why = f"This field does not take a file: send the file as {' or '.join(files)}."
        fields = {name: why for name in self.files if name not in files}
        if texts is not None:
            for name in self.texts:
                if name not in texts:
                    fields[name] = "There is no such field here. Fields: " + ", ".join(files + texts) + "."
        if fields:
            raise Invalid(
                "The form has fields that this endpoint does not take: " + _quoted(fields) + ".", fields=fields
            )


@tally.stage("Form")
def read_file_form(event: APIGatewayProxyEvent, file: str) -> Form:
    """A form, or the file called `file` as the body with the form's text fields in the query. Raises as `read_form`."""
    if media_type(event) not in FILE_TYPES:
        return _form(event)
    texts = {}
    for name, values in event.resolved_query_string_parameters.items():
        if len(values) > 1:
            raise Invalid(f"The query has {name!r} twice: send it once.", fields={name: "Send this once."})
        texts[name] = values[0].strip()
    return Form(texts, {file: [File("", body_bytes(event))]})


@tally.stage("Form")
def read_form(event: APIGatewayProxyEvent) -> Form:
    """Parses the body. Raises UnsupportedMediaType if it is no multipart form, Invalid if it is a broken one."""
    return _form(event)


def _form(event: APIGatewayProxyEvent) -> Form:
    if media_type(event) != "multipart/form-data":
        raise UnsupportedMediaType("Send the body as a form, with Content-Type: multipart/form-data.")
    if in_address := event.resolved_query_string_parameters:
        raise Invalid(
            "Options in the address are not looked at: send them as fields of the form.",
            fields=dict.fromkeys(in_address, "Send this as a field of the form."),
        )
    body = body_bytes(event)
    form = Form()
    try:
        with PushMultipartParser(_boundary(event, body), max_segment_count=MAX_PARTS, strict=True) as parser:
            part: MultipartSegment | None = None
            chunks: list[bytes | bytearray] = []
            for piece in [*parser.parse(body), *parser.parse(b"")]:
                if isinstance(piece, MultipartSegment):
                    part, chunks = piece, []
                elif piece:
                    chunks.append(piece)
                elif part is not None:
                    _add(form, part, b"".join(chunks))
                    part = None
    except ParserLimitReached:
        raise Invalid(f"The form is too long: send at most {MAX_PARTS} parts, with headers of at most 4 KB.") from None
    except MultipartError:
        why = "check its boundaries, and that each part has a Content-Disposition with a name"
        raise Invalid(f"The form is not valid multipart/form-data: {why}.") from None
    return form


def _boundary(event: APIGatewayProxyEvent, body: bytes) -> bytes:
    _, options = parse_options_header(event.headers["Content-Type"])
    boundary: str = options.get("boundary", "")
    if boundary:
        return boundary.encode(errors="replace")
    # The example of docs/usage-guide.md leaves the parameter out; the first line of the body then says it.
    if found := re.match(rb"(?:\r?\n)*--([^\r\n]{1,70})\r\n", body):
        return found[1]
    raise Invalid("The form has no boundary: say it in Content-Type: multipart/form-data; boundary=….")


def _add(form: Form, part: MultipartSegment, content: bytes) -> None:
    name = part.name
    if not name:
        raise Invalid("A part of the form has no name: say it in its Content-Disposition.")
    if (part.content_type or "").startswith("multipart/"):
        why = "Send its text as it is: curl does so with --form-string, and makes a form of a text that begins with (."
        raise Invalid(f"The field {name!r} is a form within the form. {why}", fields={name: why})
    if part.filename is not None:
        form.files.setdefault(name, []).append(File(part.filename, content))
        return
    if name in form.texts:
        raise Invalid(f"The form has the field {name!r} twice: send it once.", fields={name: "Send this field once."})
    if len(content) > MAX_TEXT_BYTES:
        raise Invalid(f"The field {name!r} is too long.", fields={name: "This field is longer than a megabyte."})
    try:
        form.texts[name] = content.decode().strip()
    except UnicodeDecodeError:
        why = "Send a text in UTF-8, and a file with a filename in its Content-Disposition."
        raise Invalid(f"The field {name!r} has no filename and is not UTF-8 text. {why}", fields={name: why}) from None


def _quoted(names: dict[str, str]) -> str:
    return ", ".join(repr(name) for name in names)
