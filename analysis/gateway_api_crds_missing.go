package analysis

import (
	"fmt"
	"slices"

	"github.com/waylight/waylight/mesh"
)

var gatewayAPICRDsMissing = Check{
	Code: "GATEWAY_API_CRDS_MISSING", Severity: Critical, Class: Unprotected,
	Subject: "mesh",
	Title:   "Waypoints are asked for, and the Gateway API is not installed",
	Explanation: "A waypoint is a Gateway of the Gateway API, which Kubernetes does not bring along: its CustomResourceDefinitions have to be installed. Without them there can be no waypoint, and a use-waypoint label does nothing: " +
		"calls go direct, without L7 policies and routes (fail-open).",
	Fires:  "Something has the label istio.io/use-waypoint, and the API server has no resource gateways.gateway.networking.k8s.io.",
	Silent: "Whether the resource exists could not be read; every such label says none.",
	Doubt:  "istiod notices a CustomResourceDefinition that is installed later without a restart.",
	Needs:  []string{mesh.ResourceNamespaces}, Uses: []string{mesh.ResourceServices, mesh.ResourceServiceEntries, mesh.ResourcePods},
	Mesh: func(in *Input) []Finding {
		if !in.gatewayAPIMissing() {
			return nil
		}
		var asking []*mesh.Meta
		for _, sh := range in.Snap.Shards {
			asking = append(asking, namingWaypoints(sh)...)
		}
		if len(asking) == 0 {
			return nil
		}
		return []Finding{withoutGatewayAPI(in, asking)}
	},
}

// gatewayAPIMissing tells that the resource is known not to exist: the API
// server has none of that name, or there is no definition of it among others.
func (in *Input) gatewayAPIMissing() bool {
	if in.Snap.Sources.Kind(mesh.ResourceGateways).State == mesh.SourceAbsent {
		return true
	}
	return len(in.Snap.CRDs) > 0 && in.Snap.Readable(mesh.ResourceCRDs, "") &&
		!slices.ContainsFunc(in.Snap.CRDs, func(c *mesh.CustomResourceDefinition) bool { return c.Name == mesh.ResourceGateways })
}

// namingWaypoints lists what names a waypoint in a namespace.
func namingWaypoints(sh *mesh.Shard) []*mesh.Meta {
	var out []*mesh.Meta
	add := func(m *mesh.Meta) {
		if v, ok := m.Labels[mesh.LabelUseWaypoint]; ok && v != mesh.WaypointNone {
			out = append(out, m)
		}
	}
	if sh.Info != nil {
		add(&sh.Info.Meta)
	}
	for _, o := range sh.Services {
		add(&o.Meta)
	}
	for _, o := range sh.ServiceEntries {
		add(&o.Meta)
	}
	for _, o := range sh.Workloads {
		if !o.Finished() {
			add(&o.Meta)
		}
	}
	return out
}

func withoutGatewayAPI(in *Input, asking []*mesh.Meta) Finding {
	f := Finding{
		Subject: mesh.MeshRef,
		Summary: fmt.Sprintf("%d objects name a waypoint, and the Gateway API is not installed.", len(asking)),
		Detail:  "There can be no waypoint: calls go direct, and L7 policies and routes that live at waypoints are not applied (fail-open).",
	}
	if len(asking) == 1 {
		f.Summary = asking[0].Ref().String() + " names a waypoint, and the Gateway API is not installed."
	}
	for i, m := range asking {
		f.Affects = append(f.Affects, m.Ref())
		if i < namedAtMost {
			f.Evidence = append(f.Evidence, labelEvidence(m, mesh.LabelUseWaypoint))
		}
	}
	st := in.Snap.Sources.Kind(mesh.ResourceGateways)
	f.Evidence = append(f.Evidence, Evidence{Source: st.Name, Object: mesh.Ref{Kind: "CustomResourceDefinition", Name: mesh.ResourceGateways}, Field: "spec", Text: "not installed"})
	f.Fix = advise("Install the standard channel of the Gateway API in the release your Istio asks for, then the waypoints. Policies and routes at waypoints act from then on, and may refuse calls that pass now.").
		read("api-resources", "--api-group=gateway.networking.k8s.io").
		read("get", "crd", mesh.ResourceGateways)
	return f
}
