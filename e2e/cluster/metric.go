package cluster

import (
	"strconv"
	"strings"
	"testing"
)

// Metric adds up one of the API server's own counters over all its label sets.
func (c *Cluster) Metric(t testing.TB, name string) float64 {
	t.Helper()
	text, err := c.Kube.Discovery().RESTClient().Get().AbsPath("/metrics").DoRaw(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	total := 0.0
	for line := range strings.Lines(string(text)) {
		series, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if base, _, _ := strings.Cut(series, "{"); base != name {
			continue
		}
		if n, err := strconv.ParseFloat(value, 64); err == nil {
			total += n
		}
	}
	return total
}
