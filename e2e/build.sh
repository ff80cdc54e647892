#!/usr/bin/env bash
# Builds the programs the end-to-end tests run, into bin/e2e of the project: Waylight itself, and kube-apiserver and istiod
# from their Go modules. The first time takes minutes (two large programs), later runs seconds.
set -euo pipefail
cd "$(dirname "$0")"
out="$PWD/../bin/e2e"
mkdir -p "$out"

build() { # folder of the module, package in it, name
	echo "building $3" >&2
	(cd "$1" && go build -o "$out/$3" "$2")
}
build apiserver . kube-apiserver
build istiod . istiod
build istiod ./render istio-render
if [ -d ../cmd/waylight ]; then build .. ./cmd/waylight waylight; fi
