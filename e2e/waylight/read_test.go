package waylight

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// serving answers a Server that reads one text at every address.
func serving(t *testing.T, text string) *Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) }))
	t.Cleanup(server.Close)
	return &Server{URL: server.URL}
}

func TestPageIsWhatAReaderSees(t *testing.T) {
	s := serving(t, "<title>Way</title><style>p{}</style><script>x()</script><p>one\n  <b>two</b> &lt;three&gt;</p>")
	got, err := s.Page("/")
	if err != nil {
		t.Fatal(err)
	}
	if want := "Way one two <three>"; got != want {
		t.Errorf("Page = %q, want %q", got, want)
	}
}

func TestHistogramAddsUpLabelSets(t *testing.T) {
	s := serving(t, `# TYPE build_seconds histogram
build_seconds_bucket{le="+Inf"} 3
build_seconds_sum{kind="a"} 0.5
build_seconds_sum{kind="b"} 1.5
build_seconds_count{kind="a"} 1
build_seconds_count{kind="b"} 3
build_seconds_summary 9
`)
	got, err := s.Histogram("build_seconds")
	if err != nil {
		t.Fatal(err)
	}
	if want := (Histogram{Count: 4, Sum: 2 * time.Second}); got != want {
		t.Errorf("Histogram = %+v, want %+v", got, want)
	}
	if got.Mean() != 500*time.Millisecond {
		t.Errorf("Mean = %s", got.Mean())
	}
}

func TestRouteTimeIsOfOneRoute(t *testing.T) {
	s := serving(t, `waylight_http_request_duration_seconds_sum{route="/a/{b}",status="200"} 0.25
waylight_http_request_duration_seconds_sum{route="/a",status="200"} 9
waylight_http_request_duration_seconds_count{route="/a/{b}",status="200"} 5
waylight_http_request_duration_seconds_count{route="/a",status="200"} 9
`)
	got, err := s.RouteTime("/a/{b}")
	if want := (Histogram{Count: 5, Sum: 250 * time.Millisecond}); err != nil || got != want {
		t.Errorf("RouteTime = %+v, %v, want %+v", got, err, want)
	}
}

func TestHistogramThatIsNotThere(t *testing.T) {
	if _, err := serving(t, "other_sum 1\n").Histogram("build_seconds"); err == nil {
		t.Error("a missing histogram is no error")
	}
}
