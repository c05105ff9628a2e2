"""The OpenAPI document as clients need it: problems as they are sent, an example of each answer.

FastAPI documents its own error shape and no example of a response. Both are put right here, from
the models: an example is built of the examples that the fields have.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.kernel.refusal import CommonRefusal, Refusal
from app.platform.calls import KEY_HEADER
from app.platform.problems import PROBLEM_JSON, Problem, status_of
from app.platform.receipts import ProblemWithReceipt

Json = dict[str, Any]

_JSON = "application/json"
_FRAMEWORK_ERRORS = ("HTTPValidationError", "ValidationError")
_FRAMEWORK_SCHEMAS = {f"#/components/schemas/{name}" for name in _FRAMEWORK_ERRORS}
_PROBLEM_SCHEMAS = _FRAMEWORK_SCHEMAS | {f"#/components/schemas/{Problem.__name__}"}
_SHOWN = {
    status_of(refusal): refusal
    for refusal in (
        CommonRefusal.KEY_MISSING,
        CommonRefusal.UNAUTHENTICATED,
        CommonRefusal.FORBIDDEN,
        CommonRefusal.NOT_FOUND,
        CommonRefusal.ID_TAKEN,
        CommonRefusal.TOO_LARGE,
        CommonRefusal.INVALID_REQUEST,
        CommonRefusal.TOO_MANY_ATTEMPTS,
        CommonRefusal.BUSY,
    )
}
"""The refusal by which the document shows a problem of each status."""


def install(app: FastAPI) -> None:
    """Let the app describe itself by `describe`, once."""

    def openapi() -> Json:
        if app.openapi_schema is None:
            app.openapi_schema = describe(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def describe(app: FastAPI) -> Json:
    """The OpenAPI 3.1 document of the app."""
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    schemas: Json = document.setdefault("components", {}).setdefault("schemas", {})
    for name in _FRAMEWORK_ERRORS:
        schemas.pop(name, None)
    for model in (Problem, ProblemWithReceipt):
        schema = model.model_json_schema(
            ref_template="#/components/schemas/{model}", mode="serialization"
        )
        schemas |= schema.pop("$defs", {}) | {model.__name__: schema}
    for operation in operations(document):
        for parameter in operation.get("parameters", ()):
            # Optional to the framework, so that its absence gets a problem of its own.
            if parameter["name"] == KEY_HEADER:
                parameter["required"] = True
                parameter["schema"] = parameter["schema"]["anyOf"][0] | {
                    "examples": parameter["schema"]["examples"]
                }
        for status, response in operation["responses"].items():
            ((type_, media),) = response["content"].items()
            if not _PROBLEM_SCHEMAS.isdisjoint(_references(media["schema"])):
                response["content"] = _problem(_SHOWN[int(status)], media["schema"], schemas)
            elif type_ == _JSON:
                media["example"] = example(media["schema"], schemas)
    _whole_numbers(document)
    return document


def _whole_numbers(part: Any) -> None:
    # FastAPI writes the bounds of integers as floats; nothing here is one.
    for key, value in part.items() if isinstance(part, dict) else enumerate(part):
        if isinstance(value, float):
            part[key] = int(value)
        elif isinstance(value, dict | list):
            _whole_numbers(value)


def operations(document: Json) -> Iterator[Json]:
    """Every operation of the document."""
    for path in document["paths"].values():
        yield from path.values()


def _references(schema: Json) -> set[str]:
    """What the schema refers to, itself or by its alternatives."""
    return {option["$ref"] for option in schema.get("anyOf", [schema]) if "$ref" in option}


def _problem(refusal: Refusal, schema: Json, schemas: Json) -> Json:
    shown = Problem.of(refusal, "0199f0c2-7b1e-7a3c-8d55-2f6b8f2f9a10").model_dump()
    if _FRAMEWORK_SCHEMAS.isdisjoint(_references(schema)):
        shown = example(schema, schemas) | shown
    else:
        schema = {"$ref": "#/components/schemas/Problem"}
    return {PROBLEM_JSON: {"schema": schema, "example": shown}}


def example(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    """A value of the schema: its own example, or one put together of its parts' examples."""
    if "$ref" in schema:
        return example(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas)
    for word in ("examples", "enum"):
        if schema.get(word):
            return schema[word][0]
    if "const" in schema:
        return schema["const"]
    if "anyOf" in schema:
        return example(schema["anyOf"][0], schemas)
    return _OF_TYPE[schema["type"]](schema, schemas)


def _object(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Json:
    if "properties" not in schema:
        return {"key": example(schema["additionalProperties"], schemas)}
    return {name: example(member, schemas) for name, member in schema["properties"].items()}


def _string(schema: Mapping[str, Any], _schemas: Mapping[str, Any]) -> str:
    # Days and texts without an example of their own; a pattern always comes with one.
    return "2026-04-13" if schema.get("format") == "date" else "text"


_OF_TYPE: dict[str, Callable[[Mapping[str, Any], Mapping[str, Any]], Any]] = {
    "object": _object,
    "array": lambda schema, schemas: [example(schema["items"], schemas)],
    "string": _string,
    "integer": lambda schema, _: schema.get("minimum", 1),
    "boolean": lambda _schema, _: True,
}
