package prometheus_test

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/collectors/prometheus"
	"github.com/waylight/waylight/collectors/traffic"
	"github.com/waylight/waylight/mesh"
)

// written is a recorded answer.
func written(t *testing.T, n int, query, samples string) prometheus.File {
	t.Helper()
	text, err := json.Marshal(map[string]any{
		"query": query, "kind": "instant", "start": "2026-11-23T08:00:00Z", "end": "2026-11-23T08:00:00Z", "step": "",
		"response": json.RawMessage(`{"status":"success","data":{"resultType":"vector","result":[` + samples + `]}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	return holding(fmt.Sprintf("prometheus/%d.json", n), string(text))
}

func holding(path, text string) prometheus.File {
	return prometheus.File{Path: path, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
}

// TestRecordedAnswersTellTheTrafficOfThen records what a Prometheus is asked,
// and asks the recording.
func TestRecordedAnswersTellTheTrafficOfThen(t *testing.T) {
	f := newFake(t)
	f.answers[requests] = vector(t, "reporter=waypoint destination_version=v1 => 310", "reporter=waypoint destination_version=v2 => 190")
	a := ask(t, f.URL, prometheus.Access{})
	if !a.round(t) {
		t.Fatalf("%+v", a.status)
	}
	var files []prometheus.File
	for i, q := range f.queries() {
		query := strings.TrimPrefix(q, "GET /api/v1/query ")
		files = append(files, written(t, i, query, f.answers[query]))
	}
	files = append(files, holding("prometheus/chart.json", `{"query":"up","kind":"range","response":{}}`), holding("prometheus/odd.json", `[`), holding("prometheus/none.json", `{"query":"up"}`))

	got, ranges, problems := prometheus.Recorded(t.Context(), files, traffic.Proxies(a.snap))
	if diff := cmp.Diff(a.taken, got); diff != "" {
		t.Error(diff)
	}
	if ranges != 1 {
		t.Errorf("%d answers for charts", ranges)
	}
	want := []string{"prometheus/odd.json: the answer is no JSON, or breaks off", "prometheus/none.json: it is no answer to an instant query"}
	if diff := cmp.Diff(want, problems); diff != "" || !got.At.Equal(now) || got.Window != 5*time.Minute {
		t.Errorf("%s, at %s over %s", diff, got.At, got.Window)
	}
}

func TestWhatWasNotAskedIsNoZero(t *testing.T) {
	only := []prometheus.File{written(t, 1, requests, "")}
	if got, _, problems := prometheus.Recorded(t.Context(), only, nil); got != nil || len(problems) != 1 {
		t.Errorf("%+v, %q", got, problems)
	}
	if got, _, problems := prometheus.Recorded(t.Context(), nil, nil); got != nil || problems != nil {
		t.Errorf("%+v, %q", got, problems)
	}
}

func FuzzRecorded(f *testing.F) {
	f.Add(`{"query":"count(istio_requests_total{reporter=\"waypoint\"})","kind":"instant","end":"2026-11-23T08:00:00Z","response":{"status":"success","data":{"resultType":"vector","result":[]}}}`)
	f.Add(`{"query":"a[5m]","kind":"instant","response":[]}`)
	f.Fuzz(func(t *testing.T, text string) {
		got, _, _ := prometheus.Recorded(t.Context(), []prometheus.File{holding("prometheus/1.json", text)}, []traffic.Proxy{{Pod: mesh.Ref{Name: "a"}}})
		if got != nil {
			t.Errorf("one answer tells of all flows: %+v", got)
		}
	})
}
