package kube

import (
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/waylight/waylight/mesh"
)

// keptAnnotations are the annotations Waylight has a use for, by name or, with
// a slash at the end, by prefix. All others stay out of memory: they can be
// long (last-applied-configuration holds the whole object) and can hold what
// nobody meant to show on a dashboard. That is why sidecar.istio.io, whose
// keys take volumes and environments, is not let in as a whole.
var keptAnnotations = []string{
	"istio.io/",
	"ambient.istio.io/",
	"networking.istio.io/",
	"traffic.istio.io/",
	"topology.istio.io/",
	"gateway.istio.io/",
	"gateway.networking.k8s.io/",
	"sidecar.istio.io/inject",
	"sidecar.istio.io/status",
	"sidecar.istio.io/proxyCPU",
	"sidecar.istio.io/proxyCPULimit",
	"sidecar.istio.io/proxyMemory",
	"sidecar.istio.io/proxyMemoryLimit",
	"inject.istio.io/templates",
	"service.istio.io/",
}

// Longest texts that are kept; what is longer is cut and says so. They are far
// beyond what components write in normal operation.
const (
	maxAnnotation = 2 << 10
	maxMessage    = 4 << 10
	maxEnv        = 4 << 10
)

// metaOf translates an object's metadata. kind is the Kubernetes kind, group
// its API group.
func metaOf(group, kind string, o metav1.Object) mesh.Meta {
	m := mesh.Meta{
		Kind:        refKind(group, kind),
		Namespace:   share(o.GetNamespace()),
		Name:        o.GetName(),
		UID:         string(o.GetUID()),
		Labels:      shareMap(o.GetLabels()),
		Annotations: annotationsOf(o.GetAnnotations()),
		Created:     utc(o.GetCreationTimestamp()),
		Generation:  o.GetGeneration(),
		Owner:       ownerOf(o),
	}
	if at := o.GetDeletionTimestamp(); at != nil {
		m.Deleting = at.UTC()
	}
	m.SpecChange, m.StatusChange = changesOf(o.GetManagedFields())
	return m
}

// refKind tells Istio's Gateway from the Gateway API's, the only two kinds
// Waylight reads that share a name.
func refKind(group, kind string) string {
	if kind == "Gateway" && group == groupIstioNetworking {
		return "IstioGateway"
	}
	return share(kind)
}

const (
	groupIstioNetworking = "networking.istio.io"
	groupIstioExtensions = "extensions.istio.io"
)

func annotationsOf(all map[string]string) map[string]string {
	var out map[string]string
	for k, v := range all {
		if !annotationKept(k) {
			continue
		}
		if out == nil {
			out = make(map[string]string)
		}
		out[share(k)] = share(bounded(v, maxAnnotation))
	}
	return out
}

func annotationKept(key string) bool {
	for _, kept := range keptAnnotations {
		if key == kept || strings.HasSuffix(kept, "/") && strings.HasPrefix(key, kept) {
			return true
		}
	}
	return false
}

// ownerOf is the controlling owner. Owners live in the object's namespace;
// only a Node, which owns its static pods, has none.
func ownerOf(o metav1.Object) mesh.Ref {
	for _, r := range o.GetOwnerReferences() {
		if r.Controller == nil || !*r.Controller {
			continue
		}
		owner := mesh.Ref{Kind: refKind(groupOf(r.APIVersion), r.Kind), Namespace: share(o.GetNamespace()), Name: share(r.Name)}
		if r.Kind == "Node" {
			owner.Namespace = ""
		}
		return owner
	}
	return mesh.Ref{}
}

// groupOf is the group of an apiVersion; empty for the core group.
func groupOf(apiVersion string) string {
	group, _, ok := strings.Cut(apiVersion, "/")
	if !ok {
		return ""
	}
	return group
}

// changesOf finds the newest writers of the object and of its status. When two
// wrote within one second, the resolution of the API server, the later entry
// counts.
func changesOf(entries []metav1.ManagedFieldsEntry) (spec, status mesh.Change) {
	for i := range entries {
		e := &entries[i]
		if e.Time == nil {
			continue
		}
		newest := &spec
		if aboutStatus(e) {
			newest = &status
		}
		if !e.Time.Time.Before(newest.Time) {
			*newest = mesh.Change{Manager: share(e.Manager), Time: e.Time.UTC()}
		}
	}
	return spec, status
}

// aboutStatus tells that an entry speaks of nothing but the status. Kinds
// without a status subresource have it among their other fields; the API
// server writes those in alphabetical order, so that status comes first only
// when it is alone.
func aboutStatus(e *metav1.ManagedFieldsEntry) bool {
	return e.Subresource == "status" || e.FieldsV1 != nil && strings.HasPrefix(e.FieldsV1.GetRawString(), `{"f:status":`)
}
