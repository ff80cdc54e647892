#!/usr/bin/env bash
# Fetches what builds and tests take from registries. The go command asks once for each module; here a registry that does
# not answer is asked again.
set -euo pipefail
cd "$(dirname "$0")/.."

retry() {
	local pause
	for pause in 5 20 60; do
		if "$@"; then return; fi
		echo "failed, and is tried again: $*" >&2
		sleep "$pause"
	done
	"$@"
}

for module in . tools e2e e2e/apiserver e2e/istiod; do
	retry go -C "$module" mod download
done
retry make --silent generate # which fetches npm's packages
