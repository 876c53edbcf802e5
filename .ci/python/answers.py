"""Whether an answer agrees with the SDL, as graphql-core reads it.

The reference implementation executes the sent document over the answer itself: each field's resolver only takes the value
that the answer has under that key. What comes out must be the answer again, key by key in its order. So nullability, lists,
enums, possible types and the merging of fragments are judged by the implementation and by nothing that is written here.
"""

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from graphql import (
    DocumentNode, GraphQLError, GraphQLSchema, build_schema, execute_sync, get_operation_ast, parse, validate,
)
from graphql.execution.values import get_variable_values

# What may stand against a document that the reference implementation finds valid, before anything of it is run ...
LIMITS = {"INVALID", "QUERY_TOO_COMPLEX", "QUERY_TOO_DEEP", "QUERY_TOO_LARGE"}
# ... against one that it refuses ...
REFUSALS = LIMITS | {"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"}
# ... and against one field. Of the contract's codes the others are findings: nothing here is too fast, too slow or signed
# out, and no request has an Idempotency-Key.
FIELD_CODES = {"INVALID", "FORBIDDEN"}

SHAPES = {
    "DateTime": r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{6}Z",
    "Date": r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])",
    "Decimal": r"-?(0|[1-9]\d{0,14})(\.\d{1,6})?",
    "CurrencyCode": r"[A-Z]{3}",
    "ID": r"[\x21-\x7e]+",
}


@dataclass
class Sent:
    """A request: the document, its variables, who sends it, and the root field that it is about."""

    document: str
    variables: dict
    caller: str
    operation: str
    parsed: DocumentNode | None = None
    objections: list = field(default_factory=list)


@dataclass
class Verdict:
    """What came back, in a word for the figures, and what is wrong with it."""

    outcome: str
    findings: list


def load(sdl: str) -> GraphQLSchema:
    """The schema, with scalars that are as strict about an answer as their descriptions are."""
    schema = build_schema(sdl)
    for name, shape in SHAPES.items():
        strictly(schema, name, in_shape(name, shape))
    strictly(schema, "String", of(str))
    strictly(schema, "Boolean", of(bool))
    strictly(schema, "Int", whole)
    if "Float" in schema.type_map:
        strictly(schema, "Float", finite)
    return schema


def strictly(schema: GraphQLSchema, name: str, check: Callable) -> None:
    scalar = schema.type_map[name]
    scalar.serialize = scalar.coerce_output_value = check


def in_shape(name: str, shape: str) -> Callable:
    def check(value: object) -> object:
        if not isinstance(value, str) or not re.fullmatch(shape, value):
            raise GraphQLError(f"{value!r} is no {name}")
        return value

    return check


def of(kind: type) -> Callable:
    def check(value: object) -> object:
        if not isinstance(value, kind):
            raise GraphQLError(f"{value!r} is no {kind.__name__}")
        return value

    return check


def whole(value: object) -> object:
    if type(value) is not int or not -(2**31) <= value < 2**31:
        raise GraphQLError(f"{value!r} is no Int")
    return value


def finite(value: object) -> object:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise GraphQLError(f"{value!r} is no Float")
    return value


def weigh(schema: GraphQLSchema, sent: Sent) -> Sent:
    """Notes what the reference implementation has against a request before it is sent."""
    try:
        sent.parsed = parse(sent.document)
    except GraphQLError as error:
        sent.objections = [error.message]
        return sent
    sent.objections = [error.message for error in validate(schema, sent.parsed)]
    if not sent.objections:
        definitions = get_operation_ast(sent.parsed).variable_definitions or ()
        values = get_variable_values(schema, definitions, sent.variables)
        sent.objections = [error.message for error in values] if isinstance(values, list) else []
    return sent


def judge(schema: GraphQLSchema, sent: Sent, status: int, text: str, see: Callable) -> Verdict:
    """`see` is told every field of the answer: its type, its name, its value and the object around it."""
    if status >= 500:
        return Verdict("failed", [f"status {status}"])
    try:
        body = json.loads(text)
    except ValueError:
        return Verdict("failed", ["the answer is no JSON"])
    findings = list(malformed(body))
    if findings:
        return Verdict("failed", findings)
    codes = [error["extensions"]["code"] for error in body.get("errors", [])]
    if "data" not in body:
        return Verdict("refused", list(wrongly_refused(sent, status, codes)))
    if sent.objections:
        return Verdict("data", [f"graphql-core refuses it ({sent.objections[0]}), and here it has data"])
    findings += [f"the code {code} on a field" for code in codes if code not in FIELD_CODES]
    findings += [f"status {status} with data"] if status != 200 and body["data"] else []
    findings += list(misplaced(body))
    findings += list(contradictions(schema, sent, body["data"], see))
    return Verdict(outcome(body), findings)


def malformed(body: object):
    if not isinstance(body, dict) or not {"data", "errors"} & set(body) or set(body) - {"data", "errors", "extensions"}:
        yield "no answer in GraphQL's form"
        return
    if "errors" in body and not (isinstance(body["errors"], list) and body["errors"]):
        yield "errors that are no list with something in it"
        return
    if body.get("data") is None and not body.get("errors"):
        yield "no data, and no error that says why"
    for error in body.get("errors", []):
        if not isinstance(error.get("message"), str) or not error["message"]:
            yield f"an error without a message: {error}"
        if not isinstance(error.get("extensions", {}).get("code"), str):
            yield f"an error without a code: {error}"


def wrongly_refused(sent: Sent, status: int, codes: list):
    if not 400 <= status < 500:
        yield f"status {status} without data"
    allowed = REFUSALS if sent.objections else LIMITS
    for code in codes:
        if code not in allowed:
            valid = "which graphql-core refuses" if sent.objections else "which graphql-core finds valid"
            yield f"{code} for a document {valid}"


def misplaced(body: dict):
    """An error on a field leaves a null where it says, or above."""
    for error in body.get("errors", []):
        path, value = error.get("path"), body["data"]
        if not path:
            yield f"an error beside data that does not say where: {error['message']}"
            continue
        for step in path:
            if value is None:
                break
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                yield f"an error at {path}, where there is nothing"
                value = None
        if value is not None:
            yield f"an error at {path}, and a value there too"


def contradictions(schema: GraphQLSchema, sent: Sent, data: object, see: Callable):
    if data is None:
        return

    def take(source: dict, info, **_: object) -> object:
        if info.path.key not in source:
            raise GraphQLError("the answer lacks this key")
        value = source[info.path.key]
        see(info.parent_type.name, info.field_name, value, source)
        return value

    def kind(source: dict, *_: object) -> str:
        return source["__typename"]

    result = execute_sync(
        schema, sent.parsed, root_value=data, variable_values=sent.variables, field_resolver=take, type_resolver=kind
    )
    for error in result.errors or []:
        yield f"at {error.path}: {error.message}"
    if not result.errors and json.dumps(result.data) != json.dumps(data):
        yield f"graphql-core would answer {json.dumps(result.data)[:600]}"


def outcome(body: dict) -> str:
    payload = next(iter((body["data"] or {}).values()), None)
    if isinstance(payload, dict) and payload.get("userErrors"):
        return "userErrors"
    if body.get("errors"):
        return "refused"
    return "data"


