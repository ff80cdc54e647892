#!/usr/bin/env bash
# Runs the end-to-end tests: installs what they need from the operating system where that is possible, builds the programs
# and runs `go test`. Arguments go to `go test`, and `large` stands for "only the large mesh, which measures".
set -euo pipefail
cd "$(dirname "$0")"

# What the tests need is looked for under the names Debian and others give it; the package is Debian's.
need() { # package, program...
	local package=$1 program
	shift
	for program in "$@"; do
		command -v "$program" >/dev/null && return
	done
	if ! ../hack/apt-install.sh "$package"; then
		echo "$package is not installed: tests that need it are skipped (in CI they fail)" >&2
	fi
}
need etcd-server etcd
need python3-pip pip3 pip
need prometheus prometheus
need chromium chromium chromium-browser google-chrome

./build.sh

if [ "${1:-}" = large ]; then
	shift
	set -- -run '^TestLargeMesh$' "$@"
fi
# What processes wrote stays where a test failed; nothing else does, also when the tests are interrupted.
TMPDIR=$(mktemp -d)
export TMPDIR
leave() {
	if [ $? = 1 ]; then
		echo "what processes of failed tests wrote is in $TMPDIR" >&2
	else
		rm -rf "$TMPDIR" || true
	fi
}
trap leave EXIT

# -v shows what was measured and what was skipped, and why.
go test -v -count=1 -timeout 45m "$@" ./...
