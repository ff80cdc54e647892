package server

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views"
)

// addressesOfNothing name objects that no mesh of these tests has. Those below
// /api and /ws answer JSON, the others pages.
var addressesOfNothing = []string{
	"/services/shop/none", "/services/shop/none/routes", "/workloads/shop/none", "/workloads/shop/none/callees",
	"/nodes/none", "/ztunnels/none", "/ztunnels/none/services", "/ztunnels/none/loglevel",
	"/waypoints/shop/none", "/waypoints/shop/none/routes", "/gateways/shop/none",
	"/policies/authorizationpolicy/shop/none", "/policies/peerauthentication/shop/none", "/policies/requestauthentication/shop/none",
	"/path?from=shop/none&to=shop/none:80", "/path?from=outside&to=shop/none:80", "/path?from=ingress:shop/none&to=shop/none:80",
	"/path?from=shop/deployment/none&to=shop/none:80", "/logs?from=shop/none&to=shop/none:80", "/logs?service=shop/none",
	"/api/v1/services/shop/none", "/api/v1/services/shop/none/callers", "/api/v1/services/shop/none/chart", "/api/v1/services/shop/none/denials",
	"/api/v1/services/shop/none/endpoints", "/api/v1/services/shop/none/findings", "/api/v1/services/shop/none/rates",
	"/api/v1/workloads/shop/none", "/api/v1/workloads/shop/none/callees", "/api/v1/nodes/none", "/api/v1/path?from=shop/none&to=shop/none:80",
	"/api/v1/ztunnels/none", "/api/v1/ztunnels/none/services", "/api/v1/ztunnels/none/loglevel",
	"/api/v1/waypoints/shop/none", "/api/v1/waypoints/shop/none/sync", "/ws/logs?service=shop/none",
}

// ofNodes tells addresses of what lies in no namespace.
func ofNodes(address string) bool {
	return strings.Contains(address, "/nodes/") || strings.Contains(address, "/ztunnels/")
}

// isQuestion tells addresses that ask something, which makes no sense where there
// is nothing of what they name.
func isQuestion(address string) bool { return strings.Contains(address, "?") }

func TestThatThereIsNothingIsSaidOnlyWhereThatIsKnown(t *testing.T) {
	whole := func(state mesh.SourceState, detail string) meshtest.Part {
		return meshtest.Source(mesh.KubernetesSource, state, detail)
	}
	for _, tt := range []struct {
		name   string
		mesh   meshtest.Part
		status int
		retry  string
		box    string // the state that a page shows
		says   string
		state  mesh.SourceState
	}{
		{"while everything is being read", whole(mesh.SourceStarting, "3 of 30 kinds read"), 503, retryStarting, ".state-starting", "are still being read", mesh.SourceStarting},
		{"while the cluster has never answered", whole(mesh.SourceDown, "connection refused"), 503, retryFailing, ".state-down", "connection refused", mesh.SourceDown},
		{"while the cluster does not answer any more", whole(mesh.SourceStale, "connection refused"), 503, retryFailing, ".state-stale", "2026-11-23 08:00:00 UTC", mesh.SourceStale},
		{"while objects cannot be decoded", whole(mesh.SourcePartial, "1 object could not be read"), 503, retryFailing, ".state-stale", "1 object could not be read", mesh.SourcePartial},
		{"without the right to look", whole(mesh.SourceForbidden, "list services in all namespaces"), 403, "", ".state-forbidden", "list services in all namespaces", mesh.SourceForbidden},
		{"in a recording that holds no objects", meshtest.Parts(meshtest.Cluster(mesh.ClusterInfo{Origin: mesh.OriginRecorded}), whole(mesh.SourceDown, "not in the bundle")), 503, "", ".state-down", "not in the bundle", mesh.SourceDown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serverOf(meshtest.Mesh(meshtest.Bare(), tt.mesh))
			for _, address := range addressesOfNothing {
				w := get(t, s, address)
				if w.Code != tt.status || w.Header().Get("Retry-After") != tt.retry {
					t.Errorf("%s answers %d, Retry-After %q; want %d, %q", address, w.Code, w.Header().Get("Retry-After"), tt.status, tt.retry)
				}
				says := answerOfNothing(t, address, w.Body.Bytes(), tt.box, tt.state)
				if !strings.Contains(says, "Nobody knows whether there is a") || !strings.Contains(says, tt.says) && isAPIPath(address) {
					t.Errorf("%s says %q, want %q", address, says, tt.says)
				}
				if strings.Contains(says, "There is no ") {
					t.Errorf("%s claims an absence: %s", address, says)
				}
			}
		})
	}
}

func isAPIPath(address string) bool {
	return strings.HasPrefix(address, "/api/") || strings.HasPrefix(address, "/ws/")
}

// answerOfNothing is what an answer says, with its source or its state held to
// what they must be.
func answerOfNothing(t *testing.T, address string, body []byte, box string, state mesh.SourceState) string {
	t.Helper()
	if isAPIPath(address) {
		var e apiError
		if err := json.Unmarshal(body, &e); err != nil || e.Source == nil || e.Source.State != state {
			t.Errorf("%s answers %s (%v), want the source to be %s", address, body, err, state)
		}
		return e.Error.Message
	}
	main := documentOf(t, body).Find("main")
	if box != "" && main.Find(box).Length() == 0 {
		t.Errorf("%s shows no %s", address, box)
	}
	return main.Text()
}

func TestANamespaceThatIsNotWatchedMayHoldAnything(t *testing.T) {
	s := serverOf(meshtest.Mesh(meshtest.Scope("billing", "istio-system"), meshtest.Namespace("billing")))
	for _, address := range addressesOfNothing {
		w, want := get(t, s, address), http.StatusForbidden
		if ofNodes(address) {
			want = http.StatusNotFound // they are read whole, whatever is watched
		}
		if w.Code != want {
			t.Errorf("%s answers %d, want %d", address, w.Code, want)
		}
		if want == http.StatusNotFound {
			continue
		}
		if says := answerOfNothing(t, address, w.Body.Bytes(), "", mesh.SourcePartial); !strings.Contains(says, "namespace shop is not watched") {
			t.Errorf("%s says %q", address, says)
		}
	}
}

func TestWhatIsKnownNotToExistIsNotFound(t *testing.T) {
	snap := meshtest.Mesh(shop("waypoint"))
	for name, s := range map[string]*Server{"live": serverOf(snap), "recorded": serverOf(meshtest.Mesh(shop("waypoint"), meshtest.Cluster(mesh.ClusterInfo{Origin: mesh.OriginRecorded})))} {
		for _, address := range addressesOfNothing {
			want := http.StatusNotFound
			if isQuestion(address) {
				want = http.StatusBadRequest
			}
			w := get(t, s, address)
			if w.Code != want || w.Header().Get("Retry-After") != "" || strings.Contains(w.Body.String(), "Nobody knows") {
				t.Errorf("%s: %s answers %d: %.300s", name, address, w.Code, w.Body)
			}
		}
	}
}

func TestOneKindThatMayNotBeReadLeavesTheOthersKnown(t *testing.T) {
	s := serverOf(meshtest.Mesh(shop("waypoint"), meshtest.Forbidden(mesh.ResourceServiceEntries)))
	for address, want := range map[string]int{
		"/services/shop/none": 403, "/api/v1/services/shop/none/endpoints": 404, "/workloads/shop/none": 404, "/services/shop/orders": 200,
	} {
		if w := get(t, s, address); w.Code != want {
			t.Errorf("%s answers %d, want %d", address, w.Code, want)
		}
	}
	body := get(t, s, "/services/shop/none").Body.String()
	for _, want := range []string{"list serviceentries.networking.istio.io in all namespaces", "deploy/rbac/view.yaml"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not say %s", want)
		}
	}
}

// An answer about one snapshot that says it is of the next one would never be
// renewed: the browser would believe that it shows the newest.
func TestAnAnswerSaysOfWhichSnapshotItIs(t *testing.T) {
	s := startLive(t, meshtest.Source(mesh.KubernetesSource, mesh.SourceStarting, ""))
	err := aWorkload.absent(s.worlds[""].report.Load(), "shop", "none")
	s.publish(shop("waypoint"))
	page := s.page(func(http.ResponseWriter, *http.Request) error { return err })
	w := record(t, page, "/workloads/shop/none")
	if got := w.Header().Get(views.HeaderRevision); got != "1" || w.Code != http.StatusServiceUnavailable {
		t.Errorf("it says revision %q with status %d", got, w.Code)
	}
}

// serverOf shows one mesh.
func serverOf(snap *mesh.Snapshot) *Server {
	s := New(Config{Version: "test", Logs: func(string) Logs { return newFakeLogs() }})
	s.Publish("", analysis.Assess(analysis.Input{Snap: snap, Now: snap.At}))
	return s
}
