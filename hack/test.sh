#!/usr/bin/env bash
# Everything `make test` checks after `make generate`, cheapest first. Fuzz targets run on their seeds, as part of go test.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$*"; }

step "generated files"
hack/check-generated.sh

step "go vet"
go vet ./...
(cd e2e && go vet ./...) # a module of its own

step "lint"
go tool -modfile=tools/go.mod golangci-lint run ./...

step "programs that tests need"
if ! not_run=$(hack/ensure-tools.sh); then
	echo "$not_run"
	exit 1
fi

# The race detector needs cgo, which Go switches off by itself where there is no C compiler.
race=()
if [ "$(go env CGO_ENABLED)" = 1 ]; then race=(-race); fi

# A test that is killed cleans nothing up.
TMPDIR=$(mktemp -d)
export TMPDIR
trap 'rm -rf "$TMPDIR" || true' EXIT

step "go test ${race[*]}"
go test "${race[@]}" -timeout 30m ./...

if [ -n "$not_run" ]; then
	step "not run on this machine"
	echo "$not_run"
fi
