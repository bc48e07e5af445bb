"""GET /api/dicom-format/allowed-fields/: the keywords of the DICOM dictionary, filtered."""

from collections.abc import Callable
from functools import cache

import orjson
import re2
from aws_lambda_powertools.event_handler import Response

import dicom_dictionary
import web.api
from problems import Invalid
from web.public import Document

MAX_FILTER_CHARACTERS = 1000
MAX_PATTERN_BYTES = 24 * 1024  # of the compiled pattern, on which the time of a search depends

api = web.api.rest_api()


@api.get("/api/dicom-format/allowed-fields")
def allowed_fields() -> Response[str]:
    filters = api.current_event.resolved_query_string_parameters
    document = _document(_filtered(filters), kept=False) if filters else _all_fields()
    return document.answer(api.current_event)


@cache
def _all_fields() -> Document:
    return _document(list(dicom_dictionary.table()["types"]), kept=True)


def _document(keywords: list[str], *, kept: bool) -> Document:
    content = orjson.dumps({"allowedFields": keywords, **dicom_dictionary.versions()})
    return Document(content, kept=kept)


def _filtered(filters: dict[str, list[str]]) -> list[str]:
    keywords = list(dicom_dictionary.table()["types"])
    for name, values in filters.items():
        if name not in FILTERS:
            raise Invalid(
                "There is no such filter: use " + ", ".join(FILTERS) + ".", fields={name: "There is no such filter."}
            )
        if len(values) > 1:
            raise Invalid(f"Send {name} once: each filter may be given once.", fields={name: "Send this filter once."})
        (value,) = values
        if len(value) > MAX_FILTER_CHARACTERS:
            raise Invalid(
                f"Shorten {name}: send at most {MAX_FILTER_CHARACTERS} characters.",
                fields={name: f"Send at most {MAX_FILTER_CHARACTERS} characters."},
            )
        keywords = FILTERS[name](keywords, value)
    return keywords


def _matching(keywords: list[str], pattern: str) -> list[str]:
    options = re2.Options()
    options.log_errors = False  # it would write the client's pattern into the log
    try:
        room, options.max_mem = options.max_mem, MAX_PATTERN_BYTES
        re2.compile(pattern, options)
        options.max_mem = room
        # A set tells only whether a pattern matches, and not where, in a fifth of the time.
        matcher = re2.Set.SearchSet(options)
        matcher.Add(pattern)
        matcher.Compile()
    except (re2.error, UnicodeEncodeError):
        why = "Send a regular expression in RE2's syntax, with few and small repetitions."
        raise Invalid(
            "fields__regex is not valid: check its brackets, escapes and repetitions.", fields={"fields__regex": why}
        ) from None
    return [keyword for keyword in keywords if matcher.Match(keyword)]


FILTERS: dict[str, Callable[[list[str], str], list[str]]] = {
    "fields__contains": lambda keywords, part: [keyword for keyword in keywords if part in keyword],
    "fields__startswith": lambda keywords, start: [keyword for keyword in keywords if keyword.startswith(start)],
    "fields__endswith": lambda keywords, end: [keyword for keyword in keywords if keyword.endswith(end)],
    "fields__regex": _matching,
}

handler = web.api.lambda_handler(api)
