package prom_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/waylight/waylight/collectors/prom"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// scrapes are the metrics files of every recording, by path.
func scrapes(tb testing.TB) map[string][]byte {
	tb.Helper()
	out := make(map[string][]byte)
	for _, name := range meshtest.Recordings() {
		zipped, err := gzip.NewReader(bytes.NewReader(meshtest.Recording(name)))
		if err != nil {
			tb.Fatal(err)
		}
		for archive := tar.NewReader(zipped); ; {
			entry, err := archive.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				tb.Fatal(err)
			}
			if strings.Contains(entry.Name, "/metrics/") && strings.HasSuffix(entry.Name, ".txt") {
				content, err := io.ReadAll(archive)
				if err != nil {
					tb.Fatal(err)
				}
				out[name+"/"+entry.Name] = content
			}
		}
	}
	if len(out) == 0 {
		tb.Fatal("no recording has metrics")
	}
	return out
}

// TestRecordedMetricsAreReadAsPrometheusReadsThem compares each recorded file,
// series by series, with Prometheus' own reader of the format.
func TestRecordedMetricsAreReadAsPrometheusReadsThem(t *testing.T) {
	for path, content := range scrapes(t) {
		s, err := prom.Decode(bytes.NewReader(content), at)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if s.Skipped+s.Dropped > 0 {
			t.Errorf("%s: %d skipped, the first: %s", path, s.Skipped, s.FirstSkipped)
		}
		if diff := cmp.Diff(byPrometheus(t, content), flat(s)); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
		all := 0
		for line := range bytes.Lines(content) {
			if line[0] != '#' {
				all++
			}
		}
		if len(s.Series)+s.Others != all {
			t.Errorf("%s: %d and %d of %d series", path, len(s.Series), s.Others, all)
		}
	}
}

func flat(s *mesh.Scrape) []string {
	var out []string
	for i := range s.Series {
		one := &s.Series[i]
		m := model.Metric{model.MetricNameLabel: model.LabelValue(one.Name)}
		for _, l := range one.Labels {
			m[model.LabelName(l.Name)] = model.LabelValue(l.Value)
		}
		out = append(out, m.String()+" "+strconv.FormatFloat(one.Value, 'g', -1, 64))
	}
	slices.Sort(out)
	return out
}

// byPrometheus reads the same with the library, and keeps of it the series that
// are kept: those of Istio and some more. The library wants no mark of the end.
func byPrometheus(t *testing.T, content []byte) []string {
	t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range slices.Collect(maps.Values(families)) {
		samples, err := expfmt.ExtractSamples(&expfmt.DecodeOptions{}, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range samples {
			name := string(one.Metric[model.MetricNameLabel])
			if kept(name) {
				out = append(out, one.Metric.String()+" "+strconv.FormatFloat(float64(one.Value), 'g', -1, 64))
			}
		}
	}
	slices.Sort(out)
	return out
}

func kept(name string) bool {
	return strings.HasPrefix(name, "istio_") || strings.HasPrefix(name, "workload_manager_") ||
		slices.Contains([]string{"process_open_fds", "process_max_fds", "envoy_server_total_connections", "envoy_server_memory_allocated", "envoy_server_uptime"}, name)
}

func BenchmarkDecode(b *testing.B) {
	var largest []byte
	for _, content := range scrapes(b) {
		if len(content) > len(largest) {
			largest = content
		}
	}
	b.SetBytes(int64(len(largest)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := prom.Decode(bytes.NewReader(largest), at); err != nil {
			b.Fatal(err)
		}
	}
}
