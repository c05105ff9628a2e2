"""The fields of the records of auctions; see `app.audit.schemas`."""

from collections.abc import Sequence

from app.audit.shapes import (
    Check,
    amount,
    base64,
    closed,
    code,
    count,
    digest,
    instant,
    key32,
    line,
    maybe,
    name,
    note,
    nothing,
    one_of,
    region,
    rows,
    seed,
    ticket,
    vkey,
)

TERMS = closed(
    lot=name,
    province=region,
    mode=one_of("ascending", "sealed"),
    sealing=maybe(one_of("none", "lqx-seal/1")),
    tickets_hash=digest,
    area_m2=amount,
    start_price_cny=amount,
    increment_cny=maybe(amount),
    deposit_cny=amount,
    reserve_commitment=maybe(digest),
    opens_at=instant,
    closes_at=instant,
    draw_seed=maybe(seed),
    policy=name,
    extension_seconds=count,
    min_bidders=count,
    sealed_tie=one_of("earliest", "draw"),
    payment_days=count,
    notice_days=count,
    threshold=maybe(count),
    custodians=maybe(rows(name, key32)),
    opening_days=maybe(count),
)

_RESULT: dict[str, Check] = {
    "state": one_of("sold", "unsold", "closed"),
    "winner": maybe(name),
    "price_cny": maybe(amount),
    "valid_bidders": maybe(count),
    "reserve_price_cny": maybe(amount),
    "reserve_salt": maybe(digest),
    "payment_due_at": maybe(instant),
}

AUCTION: dict[str, Sequence[dict[str, Check]]] = {
    "lot.listed": [{"number": count, "hash": digest, "terms": TERMS}],
    "lot.bundle": [{"tickets": rows(ticket, amount, amount, name)}],
    "lot.registered": [{"bidder": name, "paddle_commitment": digest, "bid_key": maybe(vkey)}],
    "bid.placed": [
        {"paddle": count, "number": count, "price_cny": amount, "closes_at": instant},
        {
            "paddle": count,
            "number": count,
            "price_cny": amount,
            "closes_at": instant,
            "by": one_of("maximum"),
        },
        {"paddle": count, "number": count, "commitment": digest},
    ],
    "bid.refused": [
        {"paddle": maybe(count), "code": code, "price_cny": amount},
        {"paddle": maybe(count), "code": code},
        {"paddle": nothing, "code": code, "h": digest},
    ],
    "maximum.set": [{"paddle": count, "commitment": digest}],
    "bid_limit.set": [{"number": count, "commitment": digest, "proposer": maybe(name)}],
    "lot.frozen": [{"closes_at": instant}, {"closes_at": instant, "reason": line}],
    "lot.resumed": [{"closes_at": instant}, {"closes_at": instant, "reason": line}],
    "lot.closed": [_RESULT | {"closed_at": instant, "commits": maybe(digest)}],
    "lot.paddles": [{"paddles": rows(count, name, digest)}],
    "lot.opened": [{"bids": rows(count, count, amount, digest)}],
    "lot.paid": [{"bidder": name, "price": amount}],
    "lot.defaulted": [{"bidder": name, "forfeited": amount}],
    "commit": [{"h": digest}],
    "custodian.registered": [{}],
    "custodian.probed": [
        {"probe": name, "custodian": name, "sealed": base64, "nonce_hash": digest}
    ],
    "custodian.answered": [{"probe": name, "custodian": name, "nonce": key32}],
    "custodian.released": [{"custodian": name, "private_key": key32}],
    "bid.key_published": [{"h": digest, "dek": key32}],
    "bid.opened": [{"h": digest, "note": note, "price_cny": maybe(amount), "void": maybe(code)}],
    "lot.decided": [_RESULT | {"decided_at": instant}],
}
