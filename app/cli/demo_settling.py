"""The last chapter of the story of `hrt nodes`: the money that the two provinces owe is paid."""

from app.cli.demo_desk import Scene


async def settle(scene: Scene) -> None:
    """Say that it waits: each keeps what is due in its own books, and none can pay around them."""
    await scene.tell(
        "节点之间的资金结算(窗口、结算单、双方确认、付款、银行回单)在本版本中尚未提供;应收应付留在两省账上。",
        "Paying what is due between nodes (window, statement, both approvals, payment, the bank's"
        " file) is not available in this version; it stays in both provinces' books.",
        scene.home.office("/province/positions"),
        scene.away.office("/province/positions"),
    )
