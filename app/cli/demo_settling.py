"""The last chapter of the story of `hrt nodes`: the money that the two provinces owe is paid."""

from base64 import b64encode

from app.cli.demo_bank import Booked, notification
from app.cli.demo_desk import Document, Scene
from app.cli.demo_places import AWAY, HOME
from app.kernel.ids import NODE

STATED = "/v1/stated-obligations"
ACCOUNTS = {HOME: "5001040160000500000", AWAY: "3301040160000330000"}
BANKS = {HOME: "102653000021", AWAY: "102331000018"}
NAMES = {HOME: "重庆市财政局", AWAY: "浙江省财政厅"}


async def settle(scene: Scene) -> None:
    """Each side has stated its entry; window, statement, two signatures, two payments."""
    await _agree(scene)
    await scene.wait(hours=1)
    statement = await _sign(scene)
    await scene.wait(days=1)
    await _pay(scene, statement)


async def _agree(scene: Scene) -> None:
    """Terms, accounts, and what both sides have stated alike."""
    terms = {"id": "terms", "netting": "gross"}
    await scene.ministry.must("ministry", NODE, "/v1/clearing-terms", terms)
    second = {"terms": "terms"}
    await scene.ministry.must("ministry", NODE, "/v1/clearing-terms-approvals", second, "b")
    for desk, province in ((scene.home, HOME), (scene.away, AWAY)):
        account = {"id": f"bank-{province}", "province": province, "name": NAMES[province]}
        account |= {"account": ACCOUNTS[province], "bank": BANKS[province]}
        await desk.must("fund_centre", province, "/v1/bank-accounts", account)
        approval = {"account": account["id"]}
        await desk.must("fund_centre", province, "/v1/bank-account-approvals", approval, "b")
    await scene.calm()
    for kind in ("account", "sale"):
        await scene.ministry.item(STATED, kind=kind, state="agreed")
    await scene.tell(
        "部里两人批准逐笔结算;两省各自登记收付账户。两笔应付款(账户余额、成交应付)双方各自申报,部节点核对一致。",
        "Two people of the ministry approve settlement, debt by debt; each province registers its"
        " account. Both debts are stated by both sides, and agree.",
        scene.ministry.office("/clearing/statements"),
    )


async def _sign(scene: Scene) -> Document:
    """The ministry closes a window over its own log; an officer of each province signs."""
    await scene.ministry.published()
    window = await scene.ministry.must(
        "ministry", NODE, "/v1/settlement-windows", {"terms": "terms"}
    )
    statement = await scene.ministry.item("/v1/settlement-statements", window=window["number"])
    id_ = statement["id"]
    for desk in (scene.home, scene.away):
        await desk.item("/v1/settlement-statements", id=id_)
    await scene.tell(
        f"部里按其日志区间 [{window['first']}, {window['end']}) 关闭结算窗口,结算单 {id_} 送达两省;"
        "两省节点凭自己的账重新算出同一份。",
        f"The ministry closes a window over [{window['first']}, {window['end']}) of its log."
        f" Statement {id_} goes to both provinces; their nodes make the same one from their own"
        " books.",
        scene.home.office(f"/clearing/statements/{id_}"),
    )
    signed = {"statement": id_, "hash": statement["hash"]}
    for desk, province in ((scene.home, HOME), (scene.away, AWAY)):
        await desk.must("province", province, "/v1/statement-approvals", signed)
    await scene.calm()
    for desk in (scene.home, scene.away):
        for payer in (HOME, AWAY):
            await desk.item("/v1/payment-instructions", payer=payer)
    await scene.tell(
        "两省各由一名经办人签署同一份结算单,付款指令随之产生。",
        "An officer of each province signs the same statement; the payments follow from it.",
        scene.away.office(f"/clearing/statements/{id_}"),
    )
    return statement


async def _pay(scene: Scene, statement: Document) -> None:
    """The file for the payer's bank, and the one from the payee's, which alone ends a debt."""
    for payer, payee, to in ((AWAY, HOME, scene.home), (HOME, AWAY, scene.away)):
        instruction = await to.item("/v1/payment-instructions", payer=payer)
        id_, amount = instruction["id"], instruction["amount_cny"]
        source = scene.away if payer == AWAY else scene.home
        path = f"/v1/payment-instructions/{id_}/file"
        pain = await source.file("province", payer, path)
        booked = Booked(f"R{payer}", id_, amount, ACCOUNTS[payer])
        content = notification(ACCOUNTS[payee], booked, scene.now)
        evidence = {"id": f"camt-{payer}", "content": b64encode(content).decode()}
        taken = await to.must("fund_centre", payee, "/v1/bank-evidence", evidence)
        outcome = taken["entries"][0]["outcome"]
        await scene.tell(
            f"{NAMES[payer]}把付款文件 pain.001({len(pain)} 字节)交开户行,付 {amount} 元;"
            f"{NAMES[payee]}收到银行的 camt.054,核对结果 {outcome}。",
            f"The payer hands pain.001 ({len(pain)} bytes) to its bank, for {amount} yuan. The"
            f" payee's bank tells of it in camt.054: {outcome}.",
            to.office("/clearing/bank"),
        )
    await scene.calm()
    for desk in (scene.home, scene.away):
        for payer in (HOME, AWAY):
            await desk.item("/v1/payment-instructions", payer=payer, state="confirmed")
    owed = [len(await desk.market.list("/v1/positions")) for desk in (scene.home, scene.away)]
    await scene.tell(
        f"两省账上互不相欠(剩余 {sum(owed)} 笔),结算单 {statement['id']} 结清。",
        f"Nobody owes anything any more ({sum(owed)} dues left in both books): statement"
        f" {statement['id']} is settled.",
        scene.home.office("/province/positions"),
        scene.away.office("/province/positions"),
    )
