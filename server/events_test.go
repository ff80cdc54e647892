package server

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
)

func reportOf(revision uint64) *analysis.Report {
	snap := mesh.NewSnapshot(mesh.Content{Revision: revision, At: time.Unix(1000, 0)})
	return analysis.Assess(analysis.Input{Snap: snap, Now: snap.At})
}

func TestEventStreamTellsTheRevisionAtOnceAndEachNewOne(t *testing.T) {
	s := New(Config{})
	s.Publish("", reportOf(7))
	web := httptest.NewServer(s.Handler())
	defer web.Close()
	res, err := http.Get(web.URL + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	if got := nextData(lines); got != `{"revision":7}` {
		t.Fatalf("first event %q", got)
	}
	s.Publish("", reportOf(8))
	if got := nextData(lines); got != `{"revision":8}` {
		t.Fatalf("second event %q", got)
	}
	s.Close()
	if nextData(lines) != "" {
		t.Error("the stream goes on after the server closed")
	}
}

func TestStreamsBeyondTheLimitAreRefusedInWords(t *testing.T) {
	s := New(Config{})
	s.streams.Store(maxStreams)
	r := httptest.NewRequest(http.MethodGet, "/events", nil)
	r.Host = "localhost"
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "Too many open streams") {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
	if n := s.streams.Load(); n != maxStreams {
		t.Errorf("%d streams counted after the refusal", n)
	}
}

// nextData returns the data of the next event, empty at the stream's end.
func nextData(lines *bufio.Scanner) string {
	for lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			return data
		}
	}
	return ""
}
