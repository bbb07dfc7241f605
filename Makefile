# Everything that CI does can be done by hand, one target at a time.
.DEFAULT_GOAL := help
GO ?= go

# Packages that do not link Consul: they build in seconds, for any system, and under the
# race detector.
LIGHT = ./timeline/... ./control/... ./load/... ./greeter/... ./resolver/... ./stack/... ./scenarios/... ./view/... ./internal/...

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## bin/devstack (the first build compiles Consul: minutes)
	$(GO) build -trimpath -o bin/devstack ./cmd/devstack

test: ## every test
	$(GO) test ./...

race: ## the race detector, on everything that does not link Consul
	GORACE=atexit_sleep_ms=0 $(GO) test -race $(LIGHT)

lint: ## gofmt, vet, staticcheck
	@test -z "$$(git ls-files '*.go' | xargs gofmt -l)" || { git ls-files '*.go' | xargs gofmt -l; exit 1; }
	$(GO) vet ./...
	$(GO) build -C tools -o ../bin/staticcheck honnef.co/go/tools/cmd/staticcheck
	bin/staticcheck ./...

vuln: ## known vulnerabilities in what we call (asks the vulnerability database)
	$(GO) build -C tools -o ../bin/govulncheck golang.org/x/vuln/cmd/govulncheck
	bin/govulncheck $(LIGHT)

darwin: ## does everything but Consul build for macOS?
	GOOS=darwin GOARCH=arm64 $(GO) build $(LIGHT)

generate: ## protobuf code (needs protoc, protoc-gen-go, protoc-gen-go-grpc)
	$(GO) generate ./greeter

BENCH_FLAGS =
BENCH_JSON = bin/bench-1.json
bench: build ## the speed figures, as a table with ratios (BENCH_FLAGS="-only ready,load": some of it)
	cd bench && $(GO) run ./cmd/bench -devstack ../bin/devstack -json ../$(BENCH_JSON) $(BENCH_FLAGS)

BENCHMARKS = now
benchmarks: ## the Go benchmarks of the hot paths, ten times, to bin/now.txt (BENCHMARKS=before: to bin/before.txt)
	@mkdir -p bin
	$(GO) test ./load ./resolver ./timeline ./view/... -run '^$$' -bench . -skip Pacing -benchtime 100ms -count 10 | tee bin/$(BENCHMARKS).txt

benchstat: ## bin/now.txt beside bin/before.txt
	$(GO) build -C tools -o ../bin/benchstat golang.org/x/perf/cmd/benchstat
	bin/benchstat bin/before.txt bin/now.txt

performance: ## docs/performance.md from bin/bench-*.json, the results of some runs of make bench
	cd bench && $(GO) run ./cmd/performance ../bin/bench-*.json >../bin/performance.md
	cat bench/cmd/performance/page.md bin/performance.md >docs/performance.md

matrix: ## docs/resolver-comparison.md: three resolvers before the same bad Consul
	@mkdir -p bin
	cd bench && $(GO) run ./cmd/matrix 2>../bin/matrix.log >../bin/matrix.md
	cat bench/cmd/matrix/page.md bin/matrix.md >docs/resolver-comparison.md

scenarios: build ## every quick scenario, with verdicts
	bin/devstack test --tier 1

pictures: ## docs/pictures of the dashboard and the terminal, from real runs (needs Chromium)
	DEVSTACK_REQUIRE_BROWSER=1 $(GO) test ./cmd/devstack -run TestPictures -pictures

measure: ## frames, memory and processor time of the views (minutes; needs Chromium and a quiet machine)
	DEVSTACK_REQUIRE_BROWSER=1 $(GO) test ./view/web -run TestMeasure -measure -v -timeout 20m
	DEVSTACK_REQUIRE_BROWSER=1 $(GO) test ./cmd/devstack -run TestMeasureViews -measure -v
	$(GO) test ./timeline ./view/... -run '^$$' -bench .

clean: ## what was built, and the run folders
	rm -rf bin .devstack

.PHONY: help build test race lint vuln darwin generate bench benchmarks benchstat performance matrix scenarios pictures measure clean
