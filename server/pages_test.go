package server

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views"
)

// get asks the server's handler, as a browser on this machine would.
func get(t *testing.T, s *Server, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	return record(t, s.Handler(), path, headers...)
}

func record(t *testing.T, h http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Host = "localhost:7780"
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func document(t *testing.T, w *httptest.ResponseRecorder) *goquery.Document {
	t.Helper()
	return documentOf(t, w.Body.Bytes())
}

func documentOf(t *testing.T, body []byte) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestEveryPageBeforeAnythingWasRead(t *testing.T) {
	s := New(Config{})
	for _, path := range []string{"/", "/services", "/workloads", "/nodes", "/waypoints", "/policies", "/gateways", "/checks", "/sources", "/search"} {
		w := get(t, s, path)
		if w.Code != http.StatusOK {
			t.Errorf("%s answered %d", path, w.Code)
		}
		if n := document(t, w).Find("main h1").Length(); n != 1 {
			t.Errorf("%s has %d main headings", path, n)
		}
	}
}

func TestWhatDoesNotExistIsAPageThatSaysSo(t *testing.T) {
	s := startLive(t, shop("waypoint"))
	for _, path := range []string{"/nowhere", "/services/shop/none", "/services/none/orders", "/workloads/shop/none", "/nodes/none", "/waypoints/shop/none"} {
		w := get(t, s.Server, path)
		if w.Code != http.StatusNotFound {
			t.Errorf("%s answered %d", path, w.Code)
		}
		if n := document(t, w).Find("nav a").Length(); n == 0 {
			t.Errorf("%s leads nowhere", path)
		}
	}
}

func TestErrorsOfTheAPIAreJSON(t *testing.T) {
	s := startLive(t, shop("waypoint"))
	for _, path := range []string{"/api/v1/nothing", "/api/v1/services/shop/none"} {
		w := get(t, s.Server, path)
		var e apiError
		if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil || w.Code != http.StatusNotFound || e.Error.Message == "" {
			t.Errorf("%s answered %d %s (%v)", path, w.Code, w.Body, err)
		}
	}
}

func TestHTMXGetsTheContentAlone(t *testing.T) {
	s := startLive(t, shop("waypoint"))
	whole := get(t, s.Server, "/services").Body.String()
	part := get(t, s.Server, "/services", "HX-Request", "true", "HX-Request-Type", "partial")
	if !strings.HasPrefix(whole, "<!doctype html>") && !strings.HasPrefix(whole, "<!DOCTYPE html>") {
		t.Error("a plain request does not get a document")
	}
	if body := part.Body.String(); strings.Contains(body, "<html") || !strings.Contains(body, "orders") {
		t.Errorf("htmx gets %.200s", body)
	}
	restored := get(t, s.Server, "/services", "HX-Request", "true", "HX-History-Restore-Request", "true").Body.String()
	if !strings.Contains(restored, "<html") {
		t.Error("a page restored from history is no document")
	}
}

func TestUnchangedContentIsNotSentAgain(t *testing.T) {
	s := startLive(t, shop("waypoint"))
	ask := func(tag string) *httptest.ResponseRecorder {
		return get(t, s.Server, "/waypoints", "HX-Request", "true", "If-None-Match", tag)
	}
	tag := ask("").Header().Get("ETag")
	// A change elsewhere makes a new snapshot and leaves this page as it is.
	s.publish(shop("waypoint"))
	again := ask(tag)
	if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("after a change elsewhere: %d with %d bytes", again.Code, again.Body.Len())
	}
	if got := again.Header().Get(views.HeaderRevision); got != "2" {
		t.Errorf("the 304 says revision %q", got)
	}
	s.publish(shop("waypoint"), meshtest.Waypoint("shop", "second"))
	if changed := ask(tag); changed.Code != http.StatusOK || !strings.Contains(changed.Body.String(), "second") {
		t.Errorf("after a change of this page: %d", changed.Code)
	}
}

func TestDemoIsChosenByALinkAndStays(t *testing.T) {
	s := New(Config{Worlds: []string{"one", "two"}})
	s.Publish("one", reportOf(1))
	s.Publish("two", reportOf(2))
	w := get(t, s, "/services?demo=two&ns=shop")
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/services?ns=shop" {
		t.Fatalf("answered %d, Location %q", w.Code, w.Header().Get("Location"))
	}
	cookie := w.Header().Get("Set-Cookie")
	name, _, _ := strings.Cut(cookie, ";")
	if got := get(t, s, "/services", "Cookie", name).Header().Get(views.HeaderRevision); got != "2" {
		t.Errorf("revision %q is shown after choosing the second", got)
	}
	if got := get(t, s, "/services", "Cookie", worldCookie+"=none").Header().Get(views.HeaderRevision); got != "1" {
		t.Errorf("revision %q is shown for a demo that does not exist", got)
	}
	if w := get(t, s, "//evil.example/?demo=two"); strings.HasPrefix(w.Header().Get("Location"), "//") {
		t.Errorf("the browser is sent to %s", w.Header().Get("Location"))
	}
}

func TestMetricsCountFindings(t *testing.T) {
	s := startLive(t, shop("waypiont"))
	body := get(t, s.Server, "/metrics").Body.String()
	if !strings.Contains(body, `waylight_findings{code="WAYPOINT_NOT_FOUND",severity="critical"} 1`) {
		t.Errorf("no finding in the metrics:\n%s", body)
	}
}

func TestReadyOnceTheMeshWasRead(t *testing.T) {
	s := startLive(t, shop("waypoint"))
	if w := get(t, s.Server, "/readyz"); w.Code != http.StatusOK {
		t.Errorf("readyz answered %d", w.Code)
	}
}
