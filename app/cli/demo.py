"""The demo market of `hrt run`: loaded once, through the API, and then served on real time."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import httpx
import typer
import yaml

from app import nodes, transparency
from app.cli.database import DATABASE
from app.cli.demo_evidence import DemoEvidence
from app.cli.demo_people import admit_people, greeting_lines, people_file
from app.cli.demo_requests import DemoRequests
from app.cli.demo_sealed import SealedLots, custodians_folder, forget_custodians
from app.cli.demo_story import HENAN, HUNAN, YUELU, demo_case
from app.cli.replay import first_credential
from app.cli.serving import served
from app.kernel.ids import NODE
from app.platform.db import open_database
from app.platform.migrate import migrate
from app.platform.postgres import PrivateCluster
from app.platform.settings import ClockKind, Settings
from app.replay import Market, parse_case, play_steps

LOGINS = (
    # variable, role, party, what it is for
    ("BIDDER", "bidder", "b1", "竞买人 · bidder b1"),
    ("RIVAL", "bidder", "b2", "竞买人 · bidder b2"),
    ("VILLAGER", "villager", "h1", "农户 · household h1"),
    ("NEIGHBOUR", "villager", "h5", "农户 · household h5"),
    ("BUREAU", "county_clerk", "430923", "县自然资源局 · land bureau of Anhua"),
    ("CITY", "city", YUELU, "流入城市 · city of Yuelu"),
    ("EXCHANGE", "exchange", HUNAN, "农村产权交易中心 · exchange of Hunan"),
    ("FUND", "fund_centre", HUNAN, "复垦票基金管理中心 · fund centre of Hunan"),
    ("HUNAN", "province", HUNAN, "省厅 · province of Hunan"),
    ("HENAN", "province", HENAN, "省厅 · province of Henan"),
    ("MINISTRY", "ministry", NODE, "自然资源部 · ministry"),
    ("SUPERVISOR", "supervisor", NODE, "监督人员 · supervisor, reads everything"),
    ("SYSTEM", "system_admin", NODE, "系统管理员 · system administrator"),
)


def prepare(settings: Settings, cluster: PrivateCluster) -> str:
    """Make, migrate and fill the private database; answers with its address.

    A load that was interrupted never served anybody: what it left is deleted and loaded again.
    """
    loading = settings.home / "demo-loading"
    if loading.exists():
        cluster.drop_database(DATABASE)
        people_file(settings).unlink(missing_ok=True)
        forget_custodians(settings)
        transparency.forget_log(settings)
        nodes.forget_node_keys(settings)
    first = loading.exists() or not _logins(settings).exists()
    if first:
        loading.touch()
    cluster.create_database(DATABASE)
    migrate(cluster.dsn("hrt_owner", DATABASE))
    dsn = cluster.dsn("hrt_app", DATABASE)
    if first:
        typer.echo("正在装入演示市场 · Loading the demo market …")
        logins = asyncio.run(_load(settings, dsn))
        file = _logins(settings)
        file.touch(mode=0o600)
        file.write_text(json.dumps(logins, indent=1), encoding="utf-8")
        loading.unlink()
    admit_people(settings, dsn)
    return dsn


def greeting(settings: Settings) -> str:
    """The addresses, and every demo login as a line for the shell."""
    logins = json.loads(_logins(settings).read_text(encoding="utf-8"))
    base = f"http://{settings.host}:{settings.port}"
    lines = [
        "",
        f"  API            {base}/v1/lots",
        f"  OpenAPI 文档    {base}/docs",
        f"  健康检查        {base}/readyz",
        "",
        f"  网页登录 · Sign in at {base}/",
        "",
        *greeting_lines(settings),
        "",
        "  程序用的登录凭证 · Credentials for programs (paste the lines into a shell):",
        "",
        f"export HRT={base}",
        *(f"export {name}={logins[name]}  # {what}" for name, _, _, what in LOGINS),
        "",
        f"  保管人的密钥 · The custodians' keys for sealed lots: {custodians_folder(settings)}",
        "",
        "  Ctrl-C 停止,数据保留;make reset 清空。 Ctrl-C stops and keeps the data.",
    ]
    return "\n".join(lines)


def forget(settings: Settings) -> None:
    """Delete what is kept beside the database."""
    for file in (_logins(settings), people_file(settings), settings.home / "demo-loading"):
        file.unlink(missing_ok=True)
    forget_custodians(settings)
    transparency.forget_log(settings)
    nodes.forget_node_keys(settings)


def _logins(settings: Settings) -> Path:
    return settings.home / "demo-logins.json"


async def _load(settings: Settings, dsn: str) -> dict[str, str]:
    """Play the story on a simulated clock up to the present; answers with the logins' tokens."""
    db = open_database(settings, dsn)
    async with db.read() as reader:
        now = (await reader.now()).replace(microsecond=0) - timedelta(seconds=1)
    await db.close()
    case = parse_case(yaml.safe_dump(demo_case(now), allow_unicode=True, sort_keys=False))
    simulated = settings.model_copy(update={"clock": ClockKind.SIMULATED, "pool_size": 5})
    async with served(simulated, dsn) as (address, node):
        token = await first_credential(node)
        async with httpx.AsyncClient(base_url=address, timeout=60) as http:
            market = Market(http, token)
            lots = SealedLots(market, custodians_folder(settings), now)
            evidence, requests = DemoEvidence(market), DemoRequests(market)
            async for step, code in play_steps(case, market):
                assert code is None, f"the demo story was refused: {code} for {step}"
                await lots.after(step.at)
                await evidence.after(step.do, step.body)
                await requests.after(step.do, step.body)
            await lots.keep_tokens()
            return {name: await market.token(role, party) for name, role, party, _ in LOGINS}
