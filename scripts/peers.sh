#!/usr/bin/env bash
# Builds the programs that tests compare Gate with, from the Go module proxy, each once.
# usage: scripts/peers.sh [opa] [rego-oracle] [cosign] [crane] [slsa-verifier] [referrers-registry] [opa-client] [etcd] [kube-apiserver]
# Without names it builds opa and cosign. They land in $GATE_PEERS, by default ~/.cache/gate/peers,
# where tests look for them after PATH. What is there already, or on PATH, is kept.
set -euo pipefail

project=$(cd "$(dirname "$0")/.." && pwd)
peers=${GATE_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/gate/peers}
mkdir -p "$peers"
peers=$(cd "$peers" && pwd)
[ $# -gt 0 ] || set -- opa cosign

opa=v1.22.2
kubernetes=36.3 # the minor and patch of Kubernetes 1.x

need_go() {
  command -v go >/dev/null && return
  echo "peers.sh: $1 is built with Go, and there is no \`go\` on PATH: install Go 1.26 or later" >&2
  exit 2
}

install_module() { # PEER PACKAGE@VERSION: a command that its module lets anybody install
  GOBIN=$peers go install "$2"
}

# A module of our own around one main function, for commands whose modules hold replacements that
# `go install` refuses.
wrap() { # PEER IMPORTS BODY REQUIREMENT...
  local peer=$1 imports=$2 body=$3 source=$peers/src/$1
  shift 3
  mkdir -p "$source"
  cd "$source"
  rm -f go.mod go.sum
  printf 'package main\n\nimport (\n%s)\n\nfunc main() { %s }\n' "$imports" "$body" >main.go
  go mod init "$peer" 2>/dev/null
  for requirement in "$@"; do go mod edit "$requirement"; done
  GOFLAGS="-trimpath -mod=mod" go mod tidy
  GOFLAGS="-trimpath -mod=mod" go build -o "$peers/$peer.part" .
  mv "$peers/$peer.part" "$peers/$peer"
}

kube_apiserver() {
  # Its go.mod replaces each k8s.io library with a folder of its own repository; the published
  # libraries of the same version stand in for them.
  go mod download "k8s.io/kubernetes@v1.$kubernetes"
  local upstream library edits
  upstream=$(go env GOMODCACHE)/k8s.io/kubernetes@v1.$kubernetes/go.mod
  edits=("-go=$(sed -n 's/^go //p' "$upstream")" "-require=k8s.io/kubernetes@v1.$kubernetes")
  for library in $(sed -n 's#.*\(k8s\.io/[a-z-]*\) => \./staging.*#\1#p' "$upstream" | sort -u); do
    edits+=("-replace=$library=$library@v0.$kubernetes")
  done
  wrap kube-apiserver \
    $'\t"os"\n\t"k8s.io/component-base/cli"\n\t"k8s.io/kubernetes/cmd/kube-apiserver/app"\n' \
    'os.Exit(cli.Run(app.NewAPIServerCommand()))' "${edits[@]}"
}

slsa_verifier() {
  # `go install` asks the proxy for the list of versions, which it does not have for this module; a
  # requirement asks for the one version.
  local module=github.com/slsa-framework/slsa-verifier/v2
  mkdir -p "$peers/src/slsa-verifier"
  cd "$peers/src/slsa-verifier"
  rm -f go.mod go.sum
  go mod init slsa-verifier-peer 2>/dev/null
  go mod edit "-require=$module@v2.7.1"
  GOFLAGS="-trimpath -mod=mod" go build -o "$peers/slsa-verifier.part" "$module/cli/slsa-verifier"
  mv "$peers/slsa-verifier.part" "$peers/slsa-verifier"
}

referrers_registry() {
  # go-containerregistry's registry with the list of referrers, which `crane registry serve` has not.
  wrap referrers-registry \
    $'\t"log"\n\t"net/http"\n\t"os"\n\t"github.com/google/go-containerregistry/pkg/registry"\n' \
    'log.Fatal(http.ListenAndServe(os.Args[1], registry.New(registry.WithReferrersSupport(true))))' \
    -require=github.com/google/go-containerregistry@v0.22.1
}

rego_oracle() {
  # A line of JSON for each question, so that thousands of small policies cost one process.
  local source=$peers/src/rego-oracle
  mkdir -p "$source"
  cp "$project/crates/gate-rego/oracle/main.go" "$source/main.go"
  cd "$source"
  rm -f go.mod go.sum
  go mod init rego-oracle 2>/dev/null
  go mod edit "-require=github.com/open-policy-agent/opa@$opa"
  GOFLAGS="-trimpath -mod=mod" go build -o "$peers/rego-oracle.part" .
  mv "$peers/rego-oracle.part" "$peers/rego-oracle"
}

opa_client() {
  # OPA's client library for Node, from the npm registry.
  mkdir -p "$peers/src/opa-client"
  npm install --prefix "$peers/src/opa-client" --no-audit --no-fund --silent @open-policy-agent/opa@2.0.0
  rm -rf "$peers/opa-client"
  mv "$peers/src/opa-client" "$peers/opa-client"
}

build() {
  case $1 in
    opa) install_module opa "github.com/open-policy-agent/opa@$opa" ;;
    rego-oracle) rego_oracle ;;
    cosign) install_module cosign github.com/sigstore/cosign/v3/cmd/cosign@v3.1.3 ;;
    crane) install_module crane github.com/google/go-containerregistry/cmd/crane@v0.22.1 ;;
    slsa-verifier) slsa_verifier ;;
    referrers-registry) referrers_registry ;;
    opa-client) opa_client ;;
    etcd)
      wrap etcd $'\t"os"\n\t"go.etcd.io/etcd/server/v3/etcdmain"\n' 'etcdmain.Main(os.Args)' \
        -require=go.etcd.io/etcd/server/v3@v3.7.3
      ;;
    kube-apiserver) kube_apiserver ;;
  esac
}

for peer in "$@"; do
  case $peer in
    opa | rego-oracle | cosign | crane | slsa-verifier | referrers-registry | opa-client | etcd | kube-apiserver) ;;
    *) echo "peers.sh: there is no recipe for \`$peer\`" >&2; exit 2 ;;
  esac
  if [ -x "$peers/$peer" ]; then
    echo "$peer: $peers/$peer"
  elif found=$(command -v "$peer"); then
    echo "$peer: $found"
  else
    [ "$peer" = opa-client ] || need_go "$peer"
    echo "$peer: building it takes some minutes the first time"
    started=$SECONDS
    (export GOTOOLCHAIN=local GOFLAGS=-trimpath; build "$peer")
    echo "$peer: $peers/$peer, built in $((SECONDS - started)) s"
  fi
done
