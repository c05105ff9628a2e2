"""Field types of the wire: amounts as decimal strings, ids, instants; strict and closed."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    model_validator,
)
from pydantic.functional_validators import ModelWrapValidatorHandler
from pydantic_core import PydanticCustomError

from app.kernel.calendar import wire
from app.kernel.ids import ID_PATTERN, REGION_PATTERN, TICKET_PATTERN
from app.kernel.units import AMOUNT_PATTERN, InvalidAmountError, decimal, hundredths
from app.platform.problems import INVALID_AMOUNT_TYPE


def _amount(value: object) -> int:
    try:
        return hundredths(value)
    except InvalidAmountError:
        raise PydanticCustomError(
            INVALID_AMOUNT_TYPE, "send a decimal string with exactly two places, such as 1234.50"
        ) from None


def _positive_amount(value: object) -> int:
    amount = _amount(value)
    if amount == 0:
        raise PydanticCustomError(INVALID_AMOUNT_TYPE, "must be above 0.00")
    return amount


class _Schema:
    """Shows an integer of hundredths as the decimal string it is on the wire."""

    def __init__(self, example: str, pattern: str = AMOUNT_PATTERN) -> None:
        self.example = example
        self.pattern = pattern

    def __get_pydantic_json_schema__(self, _core: Any, _handler: Any) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{self.pattern}$", "examples": [self.example]}


Money = Annotated[int, BeforeValidator(_amount), _Schema("1234.50")]
"""An amount coming in: fen, zero allowed."""
PositiveMoney = Annotated[int, BeforeValidator(_positive_amount), _Schema("54000.00")]
AreaIn = Annotated[int, BeforeValidator(_positive_amount), _Schema("180.00")]
"""An area coming in: units of 0.01 m², above zero."""
Stock = Annotated[int, BeforeValidator(_amount), _Schema("5000.00")]
"""An area coming in that may be zero."""
AmountOut = Annotated[
    int,
    PlainSerializer(decimal, return_type=str),
    _Schema("1234.50", r"-?(0|[1-9][0-9]*)\.[0-9]{2}"),
]
"""Money or area going out as a decimal string: sums may be longer, and movements negative."""

Id = Annotated[str, Field(pattern=ID_PATTERN, examples=["a1"])]
TicketId = Annotated[str, Field(pattern=TICKET_PATTERN, examples=["t1"])]
RegionCode = Annotated[str, Field(pattern=REGION_PATTERN, examples=["500236"])]
RegionRef = Annotated[str, Field(pattern=ID_PATTERN, examples=["500236"])]
"""A region named in a command: well formed as an id, and then found or not."""
Count = Annotated[int, Field(ge=0, le=2_147_483_647, strict=True)]
Flag = Annotated[bool, Field(strict=True)]
Text = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+$",
        examples=["重庆市"],
    ),
]
"""Free text of one line; control characters and line separators are refused."""


_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})", re.ASCII)
YEARS = range(1970, 9000)
"""Instants outside are refused, so that no term added to one leaves the calendar."""


def _instant(value: object) -> datetime:
    try:
        if isinstance(value, str) and _INSTANT.fullmatch(value):
            instant = datetime.fromisoformat(value)
            if instant.year in YEARS:
                return instant.astimezone(UTC)
    except ValueError:
        pass
    raise PydanticCustomError(
        "instant", "send a time in whole seconds with an offset, such as 2026-04-13T09:00:00+08:00"
    )


InstantIn = Annotated[
    datetime,
    PlainValidator(_instant, json_schema_input_type=str),
    Field(json_schema_extra={"format": "date-time", "examples": ["2026-04-13T09:00:00+08:00"]}),
]
InstantOut = Annotated[
    datetime,
    PlainSerializer(wire, return_type=str),
    Field(examples=["2026-04-13T09:00:00+08:00"]),
]


class In(BaseModel):
    """A request body: strict, closed, and a null field counts as left out."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @model_validator(mode="wrap")
    @classmethod
    def _null_is_missing(cls, value: Any, handler: ModelWrapValidatorHandler["In"]) -> "In":
        if isinstance(value, dict):
            value = {k: v for k, v in value.items() if v is not None}
        return handler(value)


class Out(BaseModel):
    """A response body."""

    model_config = ConfigDict(frozen=True)
