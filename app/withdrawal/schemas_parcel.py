"""The wire of parcels."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field, JsonValue
from pydantic_core import PydanticCustomError

from app.kernel.degrees import DEGREES_PATTERN, InvalidDegreesError, degrees
from app.platform.wire import AmountOut, In, Out
from app.withdrawal import rules_parcel

EXAMPLE: list[JsonValue] = [
    ["111.2150000", "28.3700000"],
    ["111.2151500", "28.3700000"],
    ["111.2151500", "28.3701105"],
    ["111.2150000", "28.3701105"],
    ["111.2150000", "28.3700000"],
]


def _degrees(value: object) -> int:
    try:
        return degrees(value)
    except InvalidDegreesError:
        raise PydanticCustomError(
            "degrees", "send degrees as a string with seven places, such as 111.2100000"
        ) from None


DegreesIn = Annotated[
    int,
    BeforeValidator(_degrees, json_schema_input_type=str),
    Field(json_schema_extra={"pattern": f"^{DEGREES_PATTERN}$"}),
]
Position = Annotated[list[DegreesIn], Field(min_length=2, max_length=2)]


class ParcelIn(In):
    """The outline of a homestead, as it was surveyed."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"ring": EXAMPLE}]})

    ring: Annotated[
        list[Position],
        Field(
            min_length=rules_parcel.CORNERS_MIN + 1,
            max_length=rules_parcel.CORNERS_MAX + 1,
            description="[longitude, latitude] in CGCS2000 degrees; the first position again at"
            " the end. Borders may touch others, ground may not be shared.",
            examples=[EXAMPLE],
        ),
    ]

    @property
    def positions(self) -> tuple[rules_parcel.Point, ...]:
        """The ring in units of 0.0000001 degree."""
        return tuple((longitude, latitude) for longitude, latitude in self.ring)


class ParcelOut(Out):
    """The outline of a homestead: against the clock, from its western corner on."""

    crs: Literal["EPSG:4490"] = Field(examples=["EPSG:4490"], description="CGCS2000, degrees.")
    ring: list[tuple[str, str]] = Field(
        examples=[EXAMPLE], description="[longitude, latitude]; the last position is the first."
    )
    area_m2: AmountOut = Field(description="Of the outline, on the ellipsoid.")
    hash: str = Field(
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
        description="SHA-256 of the canonical JSON of `crs` and `ring`; the log holds it.",
    )

    @classmethod
    def of(cls, parcel: rules_parcel.Parcel) -> "ParcelOut":
        """Show an outline."""
        return cls(crs="EPSG:4490", ring=list(parcel.closed), area_m2=parcel.area, hash=parcel.hash)
