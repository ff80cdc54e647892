package prom_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/collectors/prom"
	"github.com/waylight/waylight/mesh"
)

var at = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

func decode(t *testing.T, text string) *mesh.Scrape {
	t.Helper()
	s, err := prom.Decode(strings.NewReader(text), at)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestBothFormatsReadTheSame(t *testing.T) {
	text := "# HELP istio_requests_total Requests.\n# TYPE istio_requests_total counter\n" +
		`istio_requests_total{reporter="waypoint",response_code="200"} 12` + "\n" +
		`istio_requests_total{response_code="403",reporter="waypoint",} 3 1395066363000` + "\n" +
		"# TYPE envoy_server_uptime gauge\nenvoy_server_uptime{} 7\nenvoy_cluster_upstream_rq{a=\"b\"} 1\n"
	open := "# TYPE istio_requests counter\n# UNIT istio_requests things\n" +
		`istio_requests_total{reporter="waypoint",response_code="200"} 12.0 # {trace_id="a b"} 0.67 1.5` + "\n" +
		`istio_requests_total{reporter="waypoint",response_code="403"} 3 1395066363.000` + "\n" +
		`istio_requests_created{reporter="waypoint"} 1395066363.000` + "\nenvoy_server_uptime 7\n# EOF\nistio_requests_total 99\n"
	want := &mesh.Scrape{At: at, Others: 1, Series: []mesh.Series{
		{Name: "envoy_server_uptime", Value: 7},
		{Name: "istio_requests_total", Labels: mesh.Labels{{Name: "reporter", Value: "waypoint"}, {Name: "response_code", Value: "200"}}, Value: 12},
		{Name: "istio_requests_total", Labels: mesh.Labels{{Name: "reporter", Value: "waypoint"}, {Name: "response_code", Value: "403"}}, Value: 3},
	}}
	for name, in := range map[string]string{"Prometheus text": text, "OpenMetrics": open, "with the line ends of another system": strings.ReplaceAll(text, "\n", "\r\n")} {
		if diff := cmp.Diff(want, decode(t, in)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestLabelsHoldAnyText(t *testing.T) {
	s := decode(t, `istio_requests_total{destination_service="a\"},b{\\c\nd",source_app="",x="é#"} 1`+"\n"+
		"istio_requests_total{source_app=\"\xff\"} 2\nistio_requests_total { source_app = \"spaced\" , } 3\n")
	got := s.Named("istio_requests_total")
	if s.Skipped > 0 || len(got) != 3 {
		t.Fatalf("%+v", s)
	}
	if v := got[0].Labels.Get("destination_service"); v != "a\"},b{\\c\nd" || got[0].Labels.Get("x") != "é#" || got[0].Labels.Get("none") != "" {
		t.Errorf("%q", v)
	}
	if got[1].Labels.Get("source_app") != "\uFFFD" || got[2].Labels.Get("source_app") != "spaced" {
		t.Errorf("%+v", got[1:])
	}
}

func TestAnOddLineCostsThatLine(t *testing.T) {
	for words, line := range map[string]string{
		"no number":                   `istio_requests_total{a="b"}`,
		"a word":                      `istio_requests_total{a="b"} many`,
		"not a number, said so":       `istio_requests_total{a="b"} NaN`,
		"without end":                 `istio_requests_total{a="b"} +Inf`,
		"more than a time behind it":  `istio_requests_total{a="b"} 1 2 3`,
		"a time that is none":         `istio_requests_total{a="b"} 1 noon`,
		"labels without end":          `istio_requests_total{a="b 1`,
		"a label without a value":     `istio_requests_total{a} 1`,
		"a value without quotes":      `istio_requests_total{a=b} 1`,
		"no comma between":            `istio_requests_total{a="b"c="d"} 1`,
		"a label twice":               `istio_requests_total{a="b",a="c"} 1`,
		"a label's name that is none": `istio_requests_total{0a="b"} 1`,
		"more labels than any":        `istio_requests_total{` + strings.Repeat(`a="b",`, 100) + `} 1`,
		"the same series again":       `istio_requests_total{reporter="waypoint"} 9`,
		"a line longer than any":      `istio_requests_total{a="` + strings.Repeat("x", 1<<20) + `"} 1`,
		"markup":                      `<html>`,
		"a name in quotes (UTF-8)":    `{"istio_requests_total"} 1`,
		"bytes that are no text":      "\x00\xff\x1b[31m 1",
	} {
		s := decode(t, "istio_requests_total{reporter=\"waypoint\"} 5\n"+line+"\nistio_build{tag=\"1\"} 1\n")
		if len(s.Series) != 2 || s.Skipped != 1 || s.FirstSkipped == "" || len(s.FirstSkipped) > 300 || s.Series[1].Value != 5 {
			t.Errorf("%s: %d series, %d skipped: %.300s", words, len(s.Series), s.Skipped, s.FirstSkipped)
		}
	}
}

func TestAnAnswerThatBreaksOffDoesNotLoseDigits(t *testing.T) {
	s := decode(t, "istio_build{tag=\"1\"} 1\nistio_requests_total{a=\"b\"} 12")
	if len(s.Series) != 1 || s.Skipped != 1 || !strings.Contains(s.FirstSkipped, "breaks off") {
		t.Errorf("12 may be the beginning of 123: %+v", s)
	}
	if s := decode(t, "istio_build{tag=\"1\"} 1\n# EOF"); s.Skipped > 0 {
		t.Errorf("that is its end: %+v", s)
	}
	broken := errors.New("cut")
	if _, err := prom.Decode(io.MultiReader(strings.NewReader("istio_build 1\n"), failing{broken}), at); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestWhatHoldsNoMetricsIsNoneOfZero(t *testing.T) {
	for _, in := range []string{"", "\n\n", "<html><body>404</body></html>\n", "# TYPE a counter\n", "Invalid HTTP method\n"} {
		if s, err := prom.Decode(strings.NewReader(in), at); !errors.Is(err, prom.ErrNotMetrics) {
			t.Errorf("%q: %+v, %v", in, s, err)
		}
	}
}

// endless repeats a text, at most so often.
type endless struct {
	text string
	left int
	rest string
}

func (e *endless) Read(p []byte) (int, error) {
	if e.rest == "" {
		if e.left == 0 {
			return 0, io.EOF
		}
		e.left--
		e.rest = e.text
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

func TestAnAnswerWithoutEndIsRefused(t *testing.T) {
	for words, text := range map[string]string{"of one line": strings.Repeat("a", 1<<16), "of lines that nobody wants": "other{a=\"b\"} 1\n" + strings.Repeat("\n", 1<<16), "of nothing": "#\n" + strings.Repeat(" ", 1<<16)} {
		if _, err := prom.Decode(&endless{text: text, left: math.MaxInt}, at); !errors.Is(err, prom.ErrTooLarge) {
			t.Errorf("%s: %v", words, err)
		}
	}
}

func TestSeriesBeyondEveryBoundAreCounted(t *testing.T) {
	var text bytes.Buffer
	value := strings.Repeat("x", 30_000)
	for i := range 4000 {
		text.WriteString(`istio_requests_total{i="` + string(rune('a'+i%26)) + strings.Repeat("y", i/26) + value + "\"} 1\n")
	}
	s, err := prom.Decode(&text, at)
	if err != nil || s.Dropped == 0 || len(s.Series)+s.Dropped != 4000 || len(s.Series) > 1200 {
		t.Errorf("%d kept, %d dropped, %v", len(s.Series), s.Dropped, err)
	}
}

func TestSeriesWithTheSameLabelsShareThem(t *testing.T) {
	const labels = `{reporter="source",source_workload="web",destination_workload="orders"}`
	s := decode(t, "istio_tcp_connections_opened_total"+labels+" 1\nistio_tcp_connections_closed_total"+labels+" 1\n")
	if len(s.Series) != 2 || &s.Series[0].Labels[0] != &s.Series[1].Labels[0] {
		t.Errorf("%+v", s.Series)
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"istio_requests_total{a=\"b\",c=\"d\\n\"} 1 2 # {x=\"y\"} 1\n# EOF\n", "istio_build 1e300\n", "istio_requests_total{a=\"\\", "{", "a{b=\"c\"}1\n", "\xff 1\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		s, err := prom.Decode(bytes.NewReader(in), at)
		if err != nil {
			return
		}
		lines := bytes.Count(in, []byte("\n")) + 1
		if len(s.Series)+s.Others+s.Skipped+s.Dropped > lines {
			t.Errorf("%d series of %d lines", len(s.Series), lines)
		}
		for _, one := range s.Series {
			if math.IsNaN(one.Value) || math.IsInf(one.Value, 0) || len(s.Named(one.Name)) == 0 {
				t.Errorf("%+v", one)
			}
			for _, l := range one.Labels {
				if one.Labels.Get(l.Name) != l.Value {
					t.Errorf("%+v: %s", one, l.Name)
				}
			}
		}
	})
}
