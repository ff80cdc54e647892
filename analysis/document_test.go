package analysis_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func document(t *testing.T, r *analysis.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := analysis.WriteJSON(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDocumentKeepsTheContract(t *testing.T) {
	var d map[string]any
	r := assess(mt.Namespace("shop", mt.UseWaypoint("wayponit")), mt.Service("shop", "orders"), mt.Waypoint("shop", "waypoint"), mt.Forbidden(mesh.ResourceNodes), mt.ProxiesRead())
	if err := json.Unmarshal([]byte(document(t, r)), &d); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]any{
		"format": "waylight.findings/v1", "at": "2026-11-23T08:00:00Z",
		"sources.2.name": "kubernetes", "sources.2.state": "ok", "sources.2.detail": "", "sources.2.asOf": "2026-11-23T08:00:00Z",
		"findings.0.code": "WAYPOINT_NOT_FOUND", "findings.0.severity": "critical", "findings.0.class": "unprotected",
		"findings.0.subject.kind": "Namespace", "findings.0.subject.namespace": "", "findings.0.subject.name": "shop",
		"findings.0.evidence.0.source": "kubernetes", "findings.0.evidence.0.object.name": "shop",
		"findings.0.evidence.0.field": "metadata.labels[istio.io/use-waypoint]", "findings.0.evidence.0.text": "wayponit", "findings.0.evidence.0.time": "",
		"findings.0.affects.0.kind": "Service", "findings.0.affects.0.namespace": "shop", "findings.0.affects.0.name": "orders",
		"findings.0.fix.commands.0": "kubectl -n shop get gateways.gateway.networking.k8s.io", "findings.0.fix.mutates": true,
		"findings.0.docs": "/checks#WAYPOINT_NOT_FOUND", "findings.0.causedBy": nil,
		"checks.heldBack.0.source": "kubernetes/nodes", "checks.heldBack.0.partly": true,
	} {
		if got := at(d, path); got != want {
			t.Errorf("%s = %v, want %v", path, got, want)
		}
	}
}

// at follows a path of keys and indexes through decoded JSON; nil where it
// leads nowhere.
func at(v any, path string) any {
	for key := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[key]
		case []any:
			i := int(key[0] - '0')
			if i >= len(x) {
				return nil
			}
			v = x[i]
		}
	}
	return v
}

func TestDocumentNamesACauseOnAConsequenceOnly(t *testing.T) {
	text := document(t, assess(mt.Namespace("shop", mt.Ambient), mt.Node("node-a", mt.CNI(mt.NotReady)), mt.Pod("shop", "web", mt.OnNode("node-a"), mt.RedirectionPending)))
	if n := strings.Count(text, `"causedBy"`); n != 1 {
		t.Errorf("%d findings have causedBy, want the consequence alone:\n%s", n, text)
	}
}

func TestDocumentShowsNoNull(t *testing.T) {
	for name, r := range map[string]*analysis.Report{"an empty mesh": assess(), "trouble": troubled(), "limited": troubled().In("nowhere")} {
		if text := document(t, r); strings.Contains(text, "null") {
			t.Errorf("%s: null in\n%s", name, text)
		}
	}
}

func TestDocumentIsTheSameForTheSameMesh(t *testing.T) {
	first := document(t, troubled())
	for range 5 {
		if again := document(t, troubled()); again != first {
			t.Fatalf("two runs differ:\n%s\n%s", first, again)
		}
	}
}
