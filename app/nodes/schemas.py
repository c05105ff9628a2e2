"""How links are shown."""

from datetime import datetime, timedelta

from pydantic import Field

from app.nodes.rules import Link, NodeRole
from app.platform.wire import InstantOut, Out, RegionCode


class LinkOut(Out):
    """The link to one peer. Numbers are those of messages, which each link counts from 1."""

    peer: str = Field(examples=["410000"])
    role: NodeRole = Field(examples=["province"])
    provinces: list[RegionCode] = Field(description="The provinces that the peer hosts.")
    url: str = Field(examples=["https://exchange.henan.example:8443"])
    sent: int = Field(examples=[12], description="The last number given to a message to the peer.")
    acknowledged: int = Field(
        examples=[11], description="All up to this number have its signed answer."
    )
    received: int = Field(examples=[7], description="All up to this number have come from it.")
    highest: int = Field(
        examples=[7],
        description="The last number that came; where it is above `received`, some are missing.",
    )
    backlog: int = Field(examples=[1], description="Messages that wait for its answer.")
    oldest_sent_at: InstantOut | None = Field(
        description="Since when the oldest of them waits.", examples=["2026-04-13T09:00:00+08:00"]
    )
    waiting_seconds: int = Field(examples=[42], description="How long that is.")
    overdue: bool = Field(examples=[False], description="It has waited for more than an hour.")
    refused: int = Field(examples=[0], description="Messages that the peer has refused.")
    quarantined: int = Field(
        examples=[0], description="What came from the peer and did not verify; the newest 200."
    )
    equivocations: int = Field(
        examples=[0], description="Matters of which the peer has signed two different messages."
    )

    @classmethod
    def of(cls, link: Link, now: datetime) -> "LinkOut":
        """As it stands at an instant."""
        return cls(
            peer=link.peer,
            role=link.role,
            provinces=list(link.provinces),
            url=link.url,
            sent=link.sent,
            acknowledged=link.acknowledged,
            received=link.received,
            highest=link.highest,
            backlog=link.backlog,
            oldest_sent_at=link.oldest,
            waiting_seconds=link.waits(now) // timedelta(seconds=1),
            overdue=link.is_overdue(now),
            refused=link.refused,
            quarantined=link.quarantined,
            equivocations=link.equivocations,
        )
