#!/usr/bin/env bash
# Builds Gate and takes one release of a small shop through its gate: see README.md.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --locked --quiet -p gate-cli -p gate-server
gate=target/debug/gate demo=target/demo
mkdir -p $demo/keys
[ -f $demo/keys/gate.pem ] || $gate keys new $demo/keys/gate.pem > $demo/keys/gate.pub
[ -f $demo/keys/ledger.pem ] ||
  $gate keys new --ledger gate.example/shop $demo/keys/ledger.pem > $demo/keys/ledger.vkey

exec $gate promote oci:fixtures/good-release_allow/image \
  --config fixtures/gate.yaml --environment production \
  --attestation-output $demo/good-release.sigstore.json \
  --receipt-output $demo/good-release.receipt.json
