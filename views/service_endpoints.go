package views

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// EndpointRow is one address a service sends to.
type EndpointRow struct {
	ID      string
	Target  ObjectLink // the pod; Name is empty for an address without one
	Address string
	Node    ObjectLink
	Ready   mesh.Fact
	// ReadyNote says why it is not ready or what the slice says beside it.
	ReadyNote string
	// Captured is istio-cni's claim; unknown where the pod is not known.
	Captured mesh.Fact
	Version  string
	Zone     string
}

// EndpointsTab lists the endpoints of a service.
type EndpointsTab struct {
	// Unknown says why they are not known; empty where they are.
	Unknown string
	Table   ui.Table
	Rows    []EndpointRow
	Empty   EmptyList
}

func newEndpointsTab(s *mesh.Snapshot, q Query, o mesh.Object) EndpointsTab {
	t := EndpointsTab{}
	switch o := o.(type) {
	case *mesh.Service:
		t.Unknown = unreadable(s, mesh.ResourceEndpointSlices, o.Namespace)
		t.Rows = serviceEndpoints(s, q, o)
		t.Empty = emptyEndpoints(o)
	case *mesh.ServiceEntry:
		t.Rows = declaredEndpoints(o)
		t.Empty = EmptyList{"No endpoints are declared", "They are found by DNS, by label, or each call brings its own address (resolution " + orWord(o.Resolution, "NONE") + ")."}
	}
	t.Table = ui.Table{
		ID: "endpoints", Caption: "Endpoints", Noun: "endpoints", Shown: len(t.Rows), Total: len(t.Rows),
		Columns: []ui.Column{
			{Label: "Pod"},
			{Label: "Address"},
			{Label: "Node"},
			{Label: "Ready"},
			{Label: "Captured", Hint: "claimed by istio-cni's annotation"},
			{Label: "Version", Hint: "the canonical revision, as in Istio's metrics"},
			{Label: "Zone"},
		},
	}
	return t
}

func orWord(s, word string) string {
	if s == "" {
		return word
	}
	return s
}

func emptyEndpoints(svc *mesh.Service) EmptyList {
	switch {
	case svc.Type == "ExternalName":
		return EmptyList{"An ExternalName Service has no endpoints", "Its name is an alias in DNS for " + svc.ExternalName + "."}
	case len(svc.Selector) == 0:
		return EmptyList{"No endpoints", "The Service selects no pods, and nobody has written an EndpointSlice for it."}
	}
	return EmptyList{"No endpoints", "No pod has the labels " + labelWords(svc.Selector) + "."}
}

// serviceEndpoints lists what the slices hold. An address in several of them
// is listed once; ready in one is ready.
func serviceEndpoints(s *mesh.Snapshot, q Query, svc *mesh.Service) []EndpointRow {
	seen := make(map[string]int)
	var out []EndpointRow
	for _, slice := range s.Shard(svc.Namespace).Slices(svc.Name) {
		for i := range slice.Endpoints {
			row := newEndpointRow(s, q, &slice.Endpoints[i])
			at, again := seen[row.Address]
			if again && out[at].Ready == mesh.FactYes {
				continue
			}
			if again {
				out[at] = row
				continue
			}
			seen[row.Address] = len(out)
			out = append(out, row)
		}
	}
	slices.SortStableFunc(out, func(a, b EndpointRow) int {
		return cmp.Or(cmp.Compare(a.Ready, b.Ready), cmp.Compare(a.Target.Name, b.Target.Name))
	})
	return out
}

func newEndpointRow(s *mesh.Snapshot, q Query, e *mesh.Endpoint) EndpointRow {
	row := EndpointRow{
		Address: strings.Join(e.Addresses, ", "), Zone: e.Zone, Ready: mesh.FactOf(e.IsReady()), Captured: mesh.FactUnknown,
		ReadyNote: endpointNote(e), ID: ui.ID("endpoint", strings.Join(e.Addresses, ",")),
	}
	if e.Node != "" {
		row.Node = ObjectLink{Name: e.Node, URL: q.Links().Node(e.Node)}
	}
	if e.Target.Kind != "Pod" {
		return row
	}
	row.Target = ObjectLink{Name: e.Target.Name, URL: q.Links().Object(s, e.Target)}
	if w := s.Workload(e.Target.Namespace, e.Target.Name); w != nil {
		row.Captured, row.Version = s.Enrolment(w).Claimed, w.CanonicalRevision()
		if !e.IsReady() {
			row.ReadyNote = orWord(podTrouble(w), row.ReadyNote)
		}
	}
	return row
}

func endpointNote(e *mesh.Endpoint) string {
	switch {
	case e.Terminating != nil && *e.Terminating && e.Serving != nil && *e.Serving:
		return "terminating, still serving"
	case e.Terminating != nil && *e.Terminating:
		return "terminating"
	}
	return ""
}

func declaredEndpoints(se *mesh.ServiceEntry) []EndpointRow {
	out := make([]EndpointRow, 0, len(se.Endpoints))
	for i, e := range se.Endpoints {
		row := EndpointRow{
			ID: ui.ID("endpoint", strconv.Itoa(i), e.Address), Address: e.Address, Ready: mesh.FactUnknown,
			ReadyNote: "declared; nobody checks it", Captured: mesh.FactUnknown, Version: labelWords(e.Labels), Zone: e.Locality,
		}
		out = append(out, row)
	}
	return out
}
