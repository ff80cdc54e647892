#!/usr/bin/env bash
# Installs Debian packages where that is possible without asking: on Debian and its relatives, as root. A mirror that does
# not answer is asked again, and another installation that runs is waited for.
set -euo pipefail

if ! command -v apt-get > /dev/null || [ "$(id -u)" != 0 ]; then exit 1; fi

export DEBIAN_FRONTEND=noninteractive
for pause in 5 20 60 0; do
	echo "installing $*" >&2
	# Lists that cannot be fetched now may be there from before.
	apt-get update -qq >&2 || true
	if apt-get install -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@" >&2; then exit 0; fi
	sleep "$pause"
done
exit 1
