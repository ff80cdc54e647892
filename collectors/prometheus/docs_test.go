package prometheus

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/metrics.md anew")

const document = "../../docs/metrics.md"

// TestTheDocumentHasEveryQuery holds docs/metrics.md to the queries that are
// asked.
func TestTheDocumentHasEveryQuery(t *testing.T) {
	var b strings.Builder
	b.WriteString("# What Prometheus is asked\n\nWritten by `go test ./collectors/prometheus -update`. `$window` is `--window`; `$rate` is how long a point of a chart looks back, two minutes or the time between\n" +
		"points; `$host` is the host of the service, as `destination_service` has it. Nothing else is asked.\n")
	section := func(title, words string) { fmt.Fprintf(&b, "\n## %s\n\n%s\n", title, words) }
	query := func(name, promQL string) { fmt.Fprintf(&b, "\n%s:\n\n```promql\n%s\n```\n", name, promQL) }
	section("Of the whole mesh", "Every `--rates-every`. Requests are never added over reporters: up to three proxies count the same one.")
	query("scrapes", Scrapes)
	query("proxies that are read twice", Twins)
	for _, q := range proxyQueries {
		query(q.name, q.promQL)
	}
	query("lost links to istiod", ProxyTerminations)
	query("restarts", ProxyRestarts)
	for _, q := range flowQueries {
		query(q.name, q.promQL)
	}
	query("any requests of waypoints", AnyWaypointRequests)
	section("Where proxies are read twice", "Sums are then of each pod's highest reading, for instance:")
	query("connections by proxy", once(ProxyOpened, podLabels))
	section("To choose among several that were found", "One without an answer does not know the mesh.")
	query("any connections", AnyConnections)
	section("Charts of a service", "When somebody looks, shared by all who look.")
	for _, name := range ChartNames() {
		query(name, charts[name].promQL)
	}
	section("To be copied from pages", "They answer what pages take from the flows of the whole mesh, and are not asked themselves.")
	for _, q := range serviceQueries {
		query(q.Name, q.PromQL)
	}
	for _, q := range slices.Concat(waypointQueries, ztunnelQueries) {
		if !strings.Contains(b.String(), q.PromQL) {
			t.Errorf("%s is asked for on pages and stands nowhere above", q.Name)
		}
	}
	if *update {
		if err := os.WriteFile(document, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if has, err := os.ReadFile(document); err != nil || string(has) != b.String() {
		t.Errorf("docs/metrics.md is not of these queries (%v): go test ./collectors/prometheus -update", err)
	}
}
