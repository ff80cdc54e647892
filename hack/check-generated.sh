#!/usr/bin/env bash
# Says which committed files differ from what their sources give: generated Go code, go.mod and the lock file.
# With CI=true that is a failure. On a desk it is only told, since there the files may be about to be committed.
set -euo pipefail
cd "$(dirname "$0")/.."

derived=('*_templ.go' go.mod go.sum tools/go.mod tools/go.sum package-lock.json)

if ! git rev-parse --is-inside-work-tree > /dev/null 2>&1; then
	echo "not a git checkout: whether generated files are up to date was not checked"
	exit 0
fi

go tool templ generate -path views -log-level warn

stale=$(git status --porcelain -- "${derived[@]}")
if ! go mod tidy -diff > /dev/null; then
	stale+=$'\n go.mod and go.sum are not tidy'
fi
if [ -z "$stale" ]; then exit 0; fi

echo "generated files differ from what is committed; \`make generate\`, \`go mod tidy\` and commit:"
echo "$stale"
[ "${CI:-}" != true ]
