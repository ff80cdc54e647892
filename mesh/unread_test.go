package mesh_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

func TestAbsenceIsTrustedOnlyWhereAKindIsAllKnownNow(t *testing.T) {
	pods, entries := mesh.ResourcePods, mesh.ResourceWorkloadEntries
	in := func(resource string, state mesh.SourceState, detail string) meshtest.Part {
		return meshtest.Source(mesh.KubernetesSource+"/"+resource, state, detail)
	}
	whole := func(state mesh.SourceState, detail string) meshtest.Part {
		return meshtest.Source(mesh.KubernetesSource, state, detail)
	}
	for _, tt := range []struct {
		name      string
		part      meshtest.Part
		namespace string
		resources []string
		want      string // empty where what is not held does not exist
		waiting   bool
	}{
		{"all is read", meshtest.Parts(), "shop", []string{pods, entries}, "", false},
		{"one kind is not installed", in(entries, mesh.SourceAbsent, "not installed"), "shop", []string{pods, entries}, "", false},
		{"one kind has not been read yet", in(pods, mesh.SourceStarting, ""), "shop", []string{pods, entries}, "Pods are still being read", true},
		{"nothing has been read yet", whole(mesh.SourceStarting, "connecting"), "shop", []string{pods}, "Pods are still being read", true},
		{"the server was never reached", whole(mesh.SourceDown, "connection refused"), "shop", []string{pods}, "Pods could not be read, connection refused", true},
		{"what was read is old", in(pods, mesh.SourceStale, "connection refused"), "shop", []string{pods}, "Pods are known as they were at 2026-11-23 08:00:00 UTC only", true},
		{"an object could not be decoded", in(pods, mesh.SourcePartial, "1 object could not be read"), "shop", []string{pods}, "Pods were read in part, 1 object could not be read", true},
		{"a right is missing", meshtest.Forbidden(pods), "shop", []string{pods}, "Pods may not be read, the missing right is list pods in all namespaces", false},
		{"one kind is forbidden and one still read: that may pass first", meshtest.Parts(meshtest.Forbidden(entries), in(pods, mesh.SourceStarting, "")), "shop", []string{entries, pods}, "Pods are still being read", true},
		{"the namespace is not watched", meshtest.Scope("shop", "billing"), "other", []string{pods}, "namespace other is not watched, only shop, billing", false},
		{"the namespace is one of those that are watched", meshtest.Scope("shop", "billing"), "billing", []string{pods}, "", false},
		{"nodes have no namespace, whatever is watched", meshtest.Scope("shop"), "", []string{mesh.ResourceNodes}, "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			why, waiting := "", false
			if u := meshtest.Mesh(tt.part).Unread(tt.namespace, tt.resources...); u != nil {
				why, waiting = u.Why(), u.Waiting()
			}
			if why != tt.want || waiting != tt.waiting {
				t.Errorf("got %q, waiting %t; want %q, waiting %t", why, waiting, tt.want, tt.waiting)
			}
		})
	}
}
