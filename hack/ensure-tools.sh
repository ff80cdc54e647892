#!/usr/bin/env bash
# Makes sure that the programs which tests start are there. What is missing is installed where that is possible without
# asking (Debian and its relatives, as root). What cannot be installed is named on standard output, one line for each kind of
# test that will not run; with CI=true that is a failure, because a test that was not run proves nothing.
set -euo pipefail

missing=0

# need WHAT-IS-NOT-RUN "COMMAND ..." "DEBIAN-PACKAGE ...": one of the commands must exist.
need() {
	local tests=$1 commands=$2 packages=$3
	have $commands && return
	"$(dirname "$0")/apt-install.sh" $packages || true
	have $commands && return
	echo "$tests: none of these programs is installed: $commands"
	missing=1
}

have() {
	local command
	for command in "$@"; do
		if command -v "$command" > /dev/null; then return 0; fi
	done
	return 1
}

need "race detector" "gcc clang cc" "gcc libc6-dev"
# A browser without any font draws nothing, so one comes with it.
need "browser tests" "chromium chromium-browser google-chrome google-chrome-stable chrome headless-shell" \
	"chromium fonts-dejavu-core"

if [ "$missing" = 1 ] && [ "${CI:-}" = true ]; then exit 1; fi
