"""The national report, as the mirrors stand."""

from dataclasses import dataclass

from app.kernel.ids import NODE
from app.platform.db import Reader
from app.reconciliation import rules_report, store, store_mirror
from app.reconciliation.close_round import Hosts, compare_borders, hosts_of
from app.reconciliation.open_round import own_log
from app.reconciliation.rules_mirror import IN
from app.reconciliation.rules_report import National
from app.reconciliation.store import Round


@dataclass(frozen=True, slots=True)
class Report:
    """The figures, the round whose positions they are at, and those positions."""

    round: Round | None
    sizes: dict[str, int]
    national: National


async def read_report(reader: Reader) -> Report:
    """Add up all mirrored logs, each at the position of the last round that named one."""
    last = await store.last_round(reader)
    parts = [] if last is None else await store.list_parts(reader, [last.number])
    hosts = hosts_of(await own_log(reader), parts)
    borders = await compare_borders(reader, hosts, 0 if last is None else last.size)
    crossed = [
        one
        for log, one in await store_mirror.list_crossed(reader)
        if hosts.log_of(one.receiver if one.side == IN else one.giver) == log
    ]
    national = National(
        tuple(await _provinces(reader, hosts)),
        tuple(rules_report.conversion_rows(crossed)),
        tuple(rules_report.debt_rows(borders.debts, borders.balances, borders.transit)),
        tuple(borders.transit),
    )
    return Report(last, await store_mirror.list_sizes(reader), national)


async def _provinces(reader: Reader, hosts: Hosts) -> list[rules_report.ProvinceRow]:
    flows = {
        (one.province, one.entry, one.source, one.target): one.amount
        for one in await store_mirror.list_flows(reader)
        if hosts.log_of(one.province) == one.log
    }
    kinds: dict[str, dict[str, int]] = {}
    for (log, province, kind), balance in (await store_mirror.sum_kinds(reader)).items():
        if province != NODE and hosts.log_of(province) == log:
            kinds.setdefault(province, {})[kind] = balance
    return [
        rules_report.province_row(province, hosts.log_of(province), flows, kinds[province])
        for province in sorted(kinds)
    ]
