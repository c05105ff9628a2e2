// Checks signatures and inclusion proofs of published logs with npm's @sigstore/verify:
//
//     node sigstore.cjs FOLDER...
//
// One line of JSON per folder says {folder, error}, with an empty error for a good one. Sigstore
// knows no tiles, entries, growth or witnesses, so those are not seen here.
"use strict";

const { createHash, createPublicKey } = require("node:crypto");
const { readFileSync, readdirSync, existsSync } = require("node:fs");
const { join } = require("node:path");
const { verifyCheckpoint } = require("@sigstore/verify/dist/tlog/checkpoint");
const { verifyMerkleInclusion } = require("@sigstore/verify/dist/tlog/merkle");

const SPKI = Buffer.from("302a300506032b6570032100", "hex");

function logOf(folder) {
  const [name, , ...key] = readFileSync(join(folder, "vkey"), "utf8").trim().split("+");
  const data = Buffer.from(key.join("+"), "base64");
  const id = createHash("sha256").update(`${name}\n`).update(data).digest();
  const spki = Buffer.concat([SPKI, data.subarray(1)]);
  return {
    baseURL: name,
    logID: id,
    publicKey: createPublicKey({ key: spki, format: "der", type: "spki" }),
  };
}

function entryOf(proof, body) {
  const gap = proof.indexOf("\n\n");
  const lines = proof.slice(0, gap).split("\n");
  const at = lines.findIndex((line) => line.startsWith("index "));
  return {
    canonicalizedBody: body,
    inclusionProof: {
      logIndex: lines[at].slice("index ".length),
      hashes: lines.slice(at + 1).map((line) => Buffer.from(line, "base64")),
      checkpoint: { envelope: proof.slice(gap + 2) },
    },
  };
}

function check(folder) {
  const logs = [logOf(folder)];
  const envelope = readFileSync(join(folder, "checkpoint"), "utf8");
  verifyCheckpoint({ inclusionProof: { checkpoint: { envelope } } }, logs);
  const proofs = join(folder, "proof");
  for (const name of existsSync(proofs) ? readdirSync(proofs) : []) {
    if (name.endsWith(".entry")) continue;
    const body = readFileSync(join(proofs, `${name}.entry`));
    const entry = entryOf(readFileSync(join(proofs, name), "utf8"), body);
    verifyMerkleInclusion(entry, verifyCheckpoint(entry, logs));
  }
}

for (const folder of process.argv.slice(2)) {
  let error = "";
  try {
    check(folder);
  } catch (failure) {
    error = `${failure.name}: ${failure.message}`;
  }
  console.log(JSON.stringify({ folder, error }));
}
