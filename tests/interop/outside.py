"""Verifiers that are not ours, each asked about folders of published logs.

`verdicts(folders)` gives per folder what each says: an empty string for a good log, else why not.
What they can see differs: `tlogcheck` (Go's sumdb) sees everything, the two of Sigstore signatures
and receipts, pymerkle the tree over the entries at the newest and every remembered size.
"""

import base64
import json
import os
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pymerkle
from sigstore._internal.merkle import verify_merkle_inclusion
from sigstore._internal.rekor.checkpoint import SignedCheckpoint, verify_checkpoint
from sigstore._internal.trust import Keyring
from sigstore.errors import VerificationError
from sigstore_models.common import v1 as common

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
# Where Debian's packages put what they bring; neither stands on PATH.
GO = "/usr/lib/go-1.19/bin/go"
GO_SOURCES = "/usr/share/gocode"
PACKAGES = {"golang-1.19-go": GO, "golang-golang-x-mod-dev": f"{GO_SOURCES}/src/golang.org/x/mod"}
ED25519_SPKI = bytes.fromhex("302a300506032b6570032100")
NAMES = ("go", "npm", "sigstore", "pymerkle")


def build_tlogcheck(folder: Path) -> Path:
    """Compile the Go verifier; its packages are installed first where that is possible."""
    missing = [name for name, place in PACKAGES.items() if not Path(place).exists()]
    if missing:
        subprocess.run(["sh", ROOT / "tools" / "install_system.sh", *missing], check=True)
    program = folder / "tlogcheck"
    settings = {
        "GO111MODULE": "off",
        "GOPATH": GO_SOURCES,
        "GOCACHE": str(folder / "cache"),
        "GOFLAGS": "",
    }
    subprocess.run(
        [GO, "build", "-o", program, "./tlogcheck"],
        cwd=HERE,
        env=os.environ | settings,
        check=True,
    )
    return program


def install_npm() -> None:
    """Install the npm verifier from its lock, once."""
    lock, done = HERE / "package-lock.json", HERE / "node_modules" / ".package-lock.json"
    if not done.exists() or done.stat().st_mtime < lock.stat().st_mtime:
        subprocess.run(["npm", "ci", "--silent"], cwd=HERE, check=True)


def lines_of(*command):
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=True)
    return [json.loads(line)["error"] for line in done.stdout.splitlines()]


def verdicts(folders, tlogcheck: Path):
    """Per folder, {verifier: "" or what it objects to}."""
    names = [str(folder) for folder in folders]
    go = lines_of(tlogcheck, *names)
    npm = lines_of("node", "sigstore.cjs", *names)
    answers = []
    for folder, by_go, by_npm in zip(folders, go, npm, strict=True):
        found = {"go": by_go, "npm": by_npm}
        for name, check in (("sigstore", check_sigstore), ("pymerkle", check_pymerkle)):
            try:
                check(folder)
                found[name] = ""
            except (VerificationError, pymerkle.InvalidProof, OSError, ValueError) as error:
                found[name] = f"{type(error).__name__}: {error}"
        answers.append(found)
    return answers


def check_sigstore(folder):
    """Signatures of all checkpoints and every receipt, as sigstore-python checks Rekor's."""
    _, _, encoded = (folder / "vkey").read_text().strip().split("+", 2)
    public = base64.b64decode(encoded)[1:]
    keyring = Keyring(
        [
            common.PublicKey(
                raw_bytes=base64.b64encode(ED25519_SPKI + public),
                key_details=common.PublicKeyDetails.PKIX_ED25519,
            )
        ]
    )
    identity = bytes.fromhex((folder / "vkey").read_text().split("+")[1])
    note = SignedCheckpoint.from_text((folder / "checkpoint").read_text())
    note.signed_note.verify(keyring, identity)
    for path in kept(folder / "proof"):
        top, _, checkpoint = path.read_text().partition("\n\n")
        lines = top.split("\n")
        at = next(i for i, line in enumerate(lines) if line.startswith("index "))
        tree = SignedCheckpoint.from_text(checkpoint).checkpoint
        proof = SimpleNamespace(
            log_index=int(lines[at].removeprefix("index ")),
            tree_size=tree.log_size,
            root_hash=bytes.fromhex(tree.log_hash),
            hashes=[base64.b64decode(line) for line in lines[at + 1 :]],
            checkpoint=SimpleNamespace(envelope=checkpoint),
        )
        entry = SimpleNamespace(
            _inner=SimpleNamespace(
                inclusion_proof=proof,
                log_id=SimpleNamespace(key_id=identity),
                canonicalized_body=path.with_name(f"{path.name}.entry").read_bytes(),
            )
        )
        verify_checkpoint(keyring, entry)
        verify_merkle_inclusion(entry)


def check_pymerkle(folder):
    """The root over all entries, and over those of each size that somebody remembers."""
    tree = pymerkle.InmemoryTree("sha256")
    for entry in entries_of(folder):
        tree.append_entry(entry)
    for path in (folder / "checkpoint", *kept(folder / "remembered")):
        _, size, root, *_ = path.read_text().split("\n")
        if tree.get_root(int(size)) != base64.b64decode(root):
            raise pymerkle.InvalidProof(f"{path.name}: another root at {size}")


def entries_of(folder):
    """All entries in the folder's bundles, read without the project's help."""
    bundles = {}
    for path in (folder / "tile" / "entries").rglob("*"):
        if path.is_file():
            name = str(path.relative_to(folder / "tile" / "entries"))
            number = int(name.partition(".p/")[0].replace("x", "").replace("/", ""))
            # A folder that grew still has the bundle as it was when it was not full.
            bundles[number] = max(bundles.get(number, b""), path.read_bytes(), key=len)
    for _, data in sorted(bundles.items()):
        at = 0
        while at < len(data):
            end = at + 2 + int.from_bytes(data[at : at + 2], "big")
            yield data[at + 2 : end]
            at = end


def kept(folder):
    found = sorted(folder.iterdir()) if folder.exists() else []
    return [path for path in found if path.suffix != ".entry"]
