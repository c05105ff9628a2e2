"""The log over HTTP, as C2SP tlog-tiles and beside them what people and tools ask for."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from app.kernel.refusal import CommonRefusal, Rejected
from app.platform import calls
from app.platform.db import Database
from app.transparency import read, store, tiles
from app.transparency.fields import FormatError
from app.transparency.keys import Keys
from app.transparency.notes import vkey

Public = Annotated[Database, Depends(calls.database)]
INDEX_MAX = 2**53 - 1
Index = Annotated[int, Path(ge=0, le=INDEX_MAX, examples=[0])]
Old = Annotated[int, Query(ge=0, le=INDEX_MAX, examples=[0], description="The size you know.")]

_TEXT = "text/plain; charset=utf-8"
_IMMUTABLE = {"Cache-Control": "public, max-age=31536000, immutable"}
_FRESH = {"Cache-Control": "no-store"}


class _Text(Response):
    media_type = _TEXT


class _Bytes(Response):
    media_type = "application/octet-stream"


def _missing(field: str) -> Rejected:
    return Rejected(CommonRefusal.NOT_FOUND, field)


def keys_of(request: Request) -> Keys:
    """The node's keys."""
    keys = request.app.state.keys
    assert isinstance(keys, Keys)
    return keys


NodeKeys = Annotated[Keys, Depends(keys_of)]


def tree_of(request: Request) -> str:
    """The tree that an address is of."""
    return store.SM3 if request.url.path.startswith("/log-sm3/") else store.SHA256


Tree = Annotated[str, Depends(tree_of)]


async def get_checkpoint(db: Public, tree: Tree) -> Response:
    """A C2SP checkpoint: origin, size, root, the log's signature, witnesses' cosignatures."""
    async with db.read() as reader:
        shown = await store.last_publication(reader, tree)
    if shown is None:
        raise _missing("checkpoint")
    return _Text(shown.note, headers=_FRESH)


async def get_tile(
    db: Public,
    tree: Tree,
    path: Annotated[str, Path(examples=["0/000.p/1", "entries/000.p/1"])],
) -> Response:
    """C2SP tlog-tiles: `<level>/<n>[.p/<width>]` or `entries/<n>[.p/<width>]`."""
    try:
        level, n, width = tiles.parse_tile_path(f"tile/{path}")
    except FormatError as error:
        raise _missing("path") from error
    async with db.read() as reader:
        found = await read.tile(reader, tree, level, n, width)
    if found is None:
        raise _missing("path")
    return _Bytes(found, headers=_IMMUTABLE)


async def get_proof(db: Public, tree: Tree, index: Index) -> Response:
    """A C2SP tlog-proof against the newest published checkpoint."""
    async with db.read() as reader:
        proof = await read.prove_index(reader, index, tree)
    if proof is None:
        raise _missing("index")
    return _Text(proof.encode(), headers=_FRESH)


async def get_consistency(db: Public, tree: Tree, old: Old) -> Response:
    """A body for a C2SP witness: old size, hashes, the newest published checkpoint."""
    async with db.read() as reader:
        proof = await read.prove_growth(reader, old, tree)
    if proof is None:
        raise _missing("old")
    return _Text(proof.encode(), headers=_FRESH)


async def get_vkey(db: Public, tree: Tree) -> Response:
    """A C2SP verifier key. Compare it with one from elsewhere: who serves it could lie."""
    async with db.read() as reader:
        heads = await store.heads(reader)
    if tree not in heads:
        raise _missing("vkey")
    return _Text(heads[tree].vkey + "\n", headers=_FRESH)


_TREE = (
    # path, operation, summary, handler
    ("/checkpoint", "getCheckpoint", "The newest published checkpoint", get_checkpoint),
    ("/tile/{path:path}", "getTile", "A tile of the tree, or a bundle of entries", get_tile),
    ("/proof/{index}", "getInclusionProof", "The proof that an entry is in the log", get_proof),
    (
        "/consistency",
        "getConsistencyProof",
        "The proof that the log continues what you have seen",
        get_consistency,
    ),
    ("/vkey", "getLogKey", "The key that signs checkpoints", get_vkey),
)


def _tree_router(prefix: str, name: str) -> APIRouter:
    made = APIRouter(prefix=prefix, tags=["log"])
    for path, operation, summary, handler in _TREE:
        made.add_api_route(
            path,
            handler,
            operation_id=operation + name,
            summary=summary,
            response_class=_Bytes if handler is get_tile else _Text,
            responses=calls.READ_PROBLEMS,
        )
    return made


router = _tree_router("/log", "")


@router.get(
    "/receipts-vkey",
    operation_id="getReceiptsKey",
    summary="The key that signs receipts",
    response_class=_Text,
)
async def get_receipts_vkey(keys: NodeKeys) -> Response:
    """A C2SP verifier key."""
    return _Text(vkey(keys.receipts) + "\n", headers=_FRESH)


@router.get(
    "/policy",
    operation_id="getLogPolicy",
    summary="The log and the witnesses that its checkpoints need",
    response_class=_Text,
)
async def get_policy(request: Request, keys: NodeKeys) -> Response:
    """A C2SP tlog-policy file; `quorum none` where no witness is asked."""
    policy = request.app.state.settings.log_policy_file
    if policy is None:
        return _Text(f"log {vkey(keys.log)}\n\nquorum none\n", headers=_FRESH)
    return _Text(policy.read_text(encoding="utf-8"), headers=_FRESH)


sm3_router = _tree_router("/log-sm3", "OfSecondTree")
