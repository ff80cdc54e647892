package tunnel

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// withLog has a ztunnel behind the port-forward that keeps a log level.
func withLog(t *testing.T, z *meshtest.ZtunnelLog) *cluster {
	t.Helper()
	c := newCluster(t)
	c.target = func(request string, conn io.ReadWriter) error {
		method, to, _ := strings.Cut(request, " ")
		path, query, _ := strings.Cut(to, "?")
		if path != "15000/logging" {
			return answer(conn, "404 Not Found", "")
		}
		status, body := z.Answer(method, query)
		fmt.Fprintf(conn, "HTTP/1.1 %d %s\r\nDate: Sat, 22 Nov 2025 10:00:00 GMT\r\nContent-Length: %d\r\n\r\n%s", status, http.StatusText(status), len(body), body)
		return nil
	}
	return c
}

func change(t *testing.T, text string) mesh.LogChange {
	t.Helper()
	c, err := mesh.ParseLogChange(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestALogLevelIsReadSetAndReset(t *testing.T) {
	z := &meshtest.ZtunnelLog{}
	c := withLog(t, z)
	p := c.pool(t)
	until := time.Unix(1763806500, 0)
	steps := []struct {
		words string
		do    func() (LogLevel, error)
		want  string
	}{
		{"reading", func() (LogLevel, error) { return p.LogLevel(t.Context(), proxy) }, "hickory_server::server=off,info"},
		{"setting", func() (LogLevel, error) {
			return p.SetLogLevel(t.Context(), proxy, change(t, "access=debug,warn"), until)
		}, "waylight_until_1763806500=off,hickory_server::server=off,access=debug,warn"},
		{"reading what was set", func() (LogLevel, error) { return p.LogLevel(t.Context(), proxy) }, "waylight_until_1763806500=off,hickory_server::server=off,access=debug,warn"},
		{"setting anew, which leaves nothing of before", func() (LogLevel, error) {
			return p.SetLogLevel(t.Context(), proxy, change(t, "ztunnel::xds=trace"), until.Add(time.Minute))
		}, "waylight_until_1763806560=off,hickory_server::server=off,ztunnel::xds=trace,info"},
		{"resetting", func() (LogLevel, error) { return p.ResetLogLevel(t.Context(), proxy) }, "hickory_server::server=off,info"},
	}
	for _, step := range steps {
		got, err := step.do()
		if err != nil || got.Filter.String() != step.want || got.Clock.Unix() != 1763805600 {
			t.Errorf("%s: %v at %v (%v)", step.words, got.Filter, got.Clock, err)
		}
	}
	requests, _ := c.seen()
	want := []string{
		"POST 15000/logging",
		"POST 15000/logging?level=access%3Ddebug%2Cwarn%2Cwaylight_until_1763806500%3Doff&reset=",
		"POST 15000/logging",
		"POST 15000/logging?level=ztunnel%3A%3Axds%3Dtrace%2Cwaylight_until_1763806560%3Doff&reset=",
		"POST 15000/logging?reset=",
	}
	if diff := cmp.Diff(want, requests); diff != "" {
		t.Error(diff)
	}
}

func TestAChangeOfNothingIsNotSent(t *testing.T) {
	z := &meshtest.ZtunnelLog{}
	if _, err := withLog(t, z).pool(t).SetLogLevel(t.Context(), proxy, mesh.LogChange{}, time.Now()); err == nil {
		t.Error("it is sent")
	}
	if _, changes := z.Filter(); changes > 0 {
		t.Errorf("%d changes", changes)
	}
}

func TestAnAnswerThatIsNoLogLevelIsAnError(t *testing.T) {
	for words, body := range map[string]string{
		"nothing": "", "a page": "<html>", "a filter that is none": "current log level is a=b\n",
		"no end": "current log level is " + strings.Repeat("a", 1<<20),
	} {
		c := newCluster(t)
		c.target = func(_ string, conn io.ReadWriter) error { return answer(conn, "200 OK", body) }
		got, err := c.pool(t).LogLevel(t.Context(), proxy)
		if err == nil || len(err.Error()) > 2*maxText || got.Filter != nil {
			t.Errorf("%s: %v, %v", words, got, err)
		}
	}
	c := newCluster(t)
	c.target = func(_ string, conn io.ReadWriter) error {
		return answer(conn, "405 Method Not Allowed", "Invalid HTTP method")
	}
	_, err := c.pool(t).LogLevel(t.Context(), proxy)
	if failed, ok := errors.AsType[*Error](err); !ok || failed.Reason != Failed || !strings.Contains(err.Error(), "405 Method Not Allowed: Invalid HTTP method") {
		t.Errorf("refused: %v", err)
	}
}
