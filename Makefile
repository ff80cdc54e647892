# What can be done here. `make` alone lists it.
# Tools come from go.mod and tools/go.mod at the versions pinned there; nothing has to be installed but Go, Node.js and make.

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
TASK    := go tool -modfile=tools/go.mod task --taskfile templ.yaml
LINT    := go tool -modfile=tools/go.mod golangci-lint

.DEFAULT_GOAL := help
.PHONY: help run dev build generate test e2e bench lint fmt clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build and start the dashboard: on the current kubeconfig, or on the embedded demo (ARGS="--bundle x.tar.gz")
	bin/waylight $(ARGS)

dev: ## the same from source on http://127.0.0.1:7780, reloading after every change
	$(TASK) dev -- $(ARGS)

build: generate ## write bin/waylight
	go build -trimpath -ldflags "-X main.version=$(VERSION)" -o bin/waylight ./cmd/waylight

generate: ## Go code from the templates, browser assets from npm; runs only what changed
	@$(TASK) --silent generate

test: generate ## everything that needs no cluster: generated files, vet, lint, unit, race and browser tests
	hack/test.sh

e2e: build ## tests against a real API server and istiod, started on this machine
	e2e/run.sh

bench: generate ## all benchmarks
	go test -bench=. -run='^$$' ./...

lint: generate ## golangci-lint; the import table of docs/architecture.md is part of it
	$(LINT) run ./...

# Not `templ fmt`: it moves white space between inline elements, which changes the words on the page.
fmt: ## format Go
	$(LINT) fmt ./...

clean: ## remove what was built, fetched and fingerprinted
	rm -rf bin node_modules .task
	find static/dist -type f ! -name .gitkeep -delete
