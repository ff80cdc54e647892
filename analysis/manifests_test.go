package analysis_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// written is the mesh of parts as manifests have it.
func written(complete bool, parts ...mt.Part) *analysis.Report {
	state := mesh.SourcePartial
	if complete {
		state = mesh.SourceOK
	}
	s := mt.Mesh(append(parts, mt.Source(mesh.KubernetesSource, state, "Only manifests were read."))...)
	s.Cluster.Origin = mesh.OriginManifests
	return analysis.Assess(analysis.Input{Snap: s, Now: s.At})
}

func TestManifestsAreJudgedByWhatTheySay(t *testing.T) {
	missing := mt.Parts(mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("nowhere")), mt.Deployment("shop", "web"), mt.Service("shop", "web"))
	conflict := mt.Namespace("shop", mt.Ambient, mt.Label("istio-injection", "enabled"))
	for _, tt := range []struct {
		name     string
		complete bool
		part     mt.Part
		code     string
		speaks   bool
	}{
		{"what objects say to each other", false, conflict, "NAMESPACE_INJECTION_CONFLICT", true},
		{"what is missing may be elsewhere", false, missing, "WAYPOINT_NOT_FOUND", false},
		{"what is missing from the whole mesh does not exist", true, missing, "WAYPOINT_NOT_FOUND", true},
		{"what only a cluster says", true, missing, "SERVICE_NO_ENDPOINTS", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := written(tt.complete, tt.part)
			held := slices.ContainsFunc(r.HeldBack, func(h analysis.HeldBack) bool { return h.Code == tt.code && !h.Partly && h.Detail != "" })
			if spoke := len(withCode(r, tt.code)) > 0; spoke != tt.speaks || held == tt.speaks {
				t.Errorf("%s spoke: %t, held back: %t", tt.code, spoke, held)
			}
		})
	}
}

// TestNothingOnManifestsRestsOnACluster holds the catalogue to it: a check that
// asks proxies, or for pods' endpoints, cannot judge what nobody applied.
func TestNothingOnManifestsRestsOnACluster(t *testing.T) {
	for _, c := range analysis.Checks() {
		if c.Manifests == analysis.NotOnManifests {
			continue
		}
		for _, need := range c.Needs {
			if strings.HasSuffix(need, "/*") || need == mesh.ResourceEndpointSlices || need == mesh.ResourceNodes {
				t.Errorf("%s judges manifests and needs %s", c.Code, need)
			}
		}
	}
}
