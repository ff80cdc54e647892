package analysis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis/traffic"
	"github.com/waylight/waylight/mesh"
)

var connectionsFailing = Check{
	Code: "CONNECTIONS_FAILING", Severity: Error, Class: Breaks,
	Subject: "source owner workload, destinations in affects",
	Title:   "Connections of a workload fail",
	Explanation: "ztunnel counts each connection it closes with a flag that says how it ended. Where more than one in a hundred ends otherwise than well, callers see resets and timeouts. " +
		"The flag says which hop to look at first.",
	Fires:  "Over the window ztunnel's counters show flags other than - for more than 1 % of a workload's connections to a destination, and at least 5.",
	Silent: "The flag DENY, by which a policy decided, and CONNECT at the caller where the destination counted as many DENY or was not counted; fewer connections; a ztunnel older than 1.24, which writes no flags.",
	Doubt:  "An application that refuses connections in its own way, as while it restarts, looks like a failure.",
	Needs:  []string{mesh.ResourcePods, countedTraffic},
	Uses:   []string{mesh.ResourceServices},
	ConsequenceOf: []string{
		"CA_TRUSTED_ACCOUNT_MISMATCH", "CERT_UNAVAILABLE", "CERT_EXPIRED", "ZTUNNEL_MISSING_ON_NODE", "CNI_NOT_READY_ON_NODE",
		"NETPOL_BLOCKS_HBONE", "WAYPOINT_NO_ENDPOINTS", "ENROLLED_NOT_IN_ZTUNNEL", "REDIRECTION_STALE", "REDIRECTION_PENDING",
		"SERVICE_NO_ENDPOINTS", "SERVICE_PORT_UNRESOLVED", "XDS_DISCONNECTED", "CONFIG_DRIFT",
	},
	// Causes speak of pods and waypoints, connections are of workloads.
	AboutToo: endObjects,
	Mesh:     judgeFailing,
}

func judgeFailing(in *Input) []Finding {
	bySource := make(map[mesh.Ref][]traffic.Failing)
	for _, e := range in.counts().Failing() {
		bySource[e.Source] = append(bySource[e.Source], e)
	}
	var out []Finding
	for source, edges := range bySource {
		out = append(out, in.failing(source, edges))
	}
	return out
}

func (in *Input) failing(source mesh.Ref, edges []traffic.Failing) Finding {
	f := Finding{Subject: source}
	var said []string
	for _, e := range edges {
		f.Affects = append(f.Affects, called(e)...)
		for _, ended := range e.Ended {
			if ended.Meaning == traffic.ConnectionFlagMeaning(traffic.FlagDenied) {
				continue
			}
			said = append(said, orWord(ended.Meaning, ended.Flag))
			f.Evidence = append(f.Evidence, in.countedEvidence(e.Destination, fmt.Sprintf(`istio_tcp_connections_closed_total{reporter=%q,response_flags=%q}`, e.Reporter, ended.Flag),
				fmt.Sprintf("%.0f of %.0f connections from %s", ended.Count, e.All(), source.NamespacedName())))
		}
	}
	f.Evidence = shorten(f.Evidence)
	slices.Sort(said)
	f.Summary = fmt.Sprintf("Connections from %s to %s fail.", source, names(f.Affects))
	f.Detail = fmt.Sprintf("Callers see resets or timeouts. What ztunnel says of them: %s.", strings.Join(slices.Compact(said), "; "))
	f.Fix = advise("Read what the ztunnels at both ends wrote of these connections: the line of the destination's node has the reason.")
	for _, node := range in.nodesOf(append([]mesh.Ref{source}, destinations(edges)...)) {
		for _, z := range in.Snap.Ztunnels(node) {
			f.Fix = f.Fix.read("-n", z.Namespace, "logs", kubectlName(z.Ref()), "--since=10m")
		}
	}
	f.Fix = f.Fix.get(source)
	return f
}

// called is what the connections of an edge were for: the Services, or the
// workload itself where its pods were addressed.
func called(e traffic.Failing) []mesh.Ref {
	if len(e.Services) > 0 {
		return e.Services
	}
	return []mesh.Ref{e.Destination}
}

func destinations(edges []traffic.Failing) []mesh.Ref {
	var out []mesh.Ref
	for _, e := range edges {
		out = append(out, e.Destination)
	}
	return out
}

// nodesOf are the nodes on which pods of the owners run, by name, at most
// namedAtMost.
func (in *Input) nodesOf(owners []mesh.Ref) []string {
	var out []string
	for _, owner := range owners {
		for _, w := range traffic.OwnedBy(in.Snap, owner) {
			if w.Node != "" {
				out = append(out, w.Node)
			}
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	return out[:min(len(out), namedAtMost)]
}

// endObjects are what causes of failing connections can speak of at one end: the
// pods there, and the waypoint before them.
func endObjects(in *Input, end mesh.Ref) []mesh.Ref {
	pods := in.podsBehind(end)
	if svc := in.Snap.Service(end.Namespace, end.Name); end.Kind == "Service" && svc != nil {
		if b := in.Snap.ServiceBinding(svc); b.Bound() {
			if w := in.Snap.Waypoint(b.Waypoint.Namespace, b.Waypoint.Name); w != nil {
				pods = append(pods, w.Pods...)
			}
		}
	}
	out := refs(pods)
	for _, w := range pods {
		if w.IsWaypoint() {
			out = append(out, mesh.Ref{Kind: "Gateway", Namespace: w.Namespace, Name: w.GatewayName()})
		}
	}
	return out
}

// podsBehind are the pods of an owner or of a Service.
func (in *Input) podsBehind(r mesh.Ref) []*mesh.Workload {
	svc := in.Snap.Service(r.Namespace, r.Name)
	if r.Kind != "Service" || svc == nil {
		return traffic.OwnedBy(in.Snap, r)
	}
	return selectedPods(in.Snap.Shard(svc.Namespace), svc)
}
