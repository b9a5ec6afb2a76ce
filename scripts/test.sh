#!/usr/bin/env bash
# Every check and test of the project, with what they need: see README.md.
set -euo pipefail
cd "$(dirname "$0")/.."

need() { # COMMAND PACKAGE: a Debian package, where its command is absent
  command -v "$1" >/dev/null && return
  echo "installing $2"
  sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
  [ -n "${updated:-}" ] || { $sudo apt-get update -q; updated=1; }
  $sudo apt-get install -qy --no-install-recommends "$2"
}
need cc gcc
need git git
need curl curl
need docker-registry docker-registry # a registry without a list of referrers

if ! cargo deny --version >/dev/null 2>&1; then
  cargo install --locked --quiet cargo-deny
fi

# Real peers (cosign, opa, ...) are built once into a cache folder. Without Go their tests say that
# they did not run; where CI is set that is a failure.
export GATE_PEERS="${GATE_PEERS:-$HOME/.cache/gate/peers}"
if command -v go >/dev/null; then
  ./scripts/peers.sh opa rego-oracle cosign slsa-verifier crane referrers-registry
elif [ "${CI:-}" = true ]; then
  echo "CI needs Go to build the peers that the tests compare with" >&2
  exit 1
fi

# OPA's own client library comes from npm. Without it its test says that it did not run.
if ! { command -v npm >/dev/null && ./scripts/peers.sh opa-client; }; then
  echo "no client of OPA: npm is absent or its registry could not be reached" >&2
fi

cargo xtask check
