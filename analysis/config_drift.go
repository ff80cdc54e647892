package analysis

import (
	"fmt"
	"slices"
	"time"

	"github.com/waylight/waylight/mesh"
)

var configDrift = Check{
	Code: "CONFIG_DRIFT", Severity: Error, Class: Unprotected,
	Subject: "Node for its ztunnel, Pod for a waypoint",
	Title:   "A proxy works by something else than the API says",
	Explanation: "What the proxy has in its memory is not what follows from the objects in the API: a Service without its waypoint, a pod it takes for uncaptured, a policy it has not. It acts by what it has. " +
		"Usually it is cut off from istiod or istiod lags; where neither is so, the evidence belongs into a report to Istio.",
	Fires: "The dump of a ztunnel disagrees with the objects: the waypoint of a Service, the protocol, status or policies of a workload, the rules of a policy, an endpoint; a workload, Service or policy that is missing or too much. " +
		"Or it has other Services or policies than most nodes had over the same minute. The dump of a waypoint disagrees: listeners, routes, clusters, endpoints, policies, issuers of tokens, its certificate.",
	Silent: "The object changed in the last 60 s; the workload belongs to another cluster; its namespace is not watched or left out by discoverySelectors; an EnvoyFilter can have made the difference; the dump was not read.",
	Doubt:  "The dump and the objects are not of the same instant.",
	Needs:  []string{mesh.ResourcePods},
	Uses: []string{
		readZtunnels, readWaypoints, mesh.ResourceServices, mesh.ResourceServiceEntries, mesh.ResourceWorkloadEntries, mesh.ResourceEndpointSlices,
		mesh.ResourceGateways, mesh.ResourceNamespaces, mesh.ResourceAuthorizationPolicies, mesh.ResourcePeerAuthentications,
		mesh.ResourceRequestAuthentications, mesh.ResourceVirtualServices, mesh.ResourceHTTPRoutes, mesh.ResourceDestinationRules, mesh.ResourceEnvoyFilters,
	},
	// A proxy that is cut off, refuses, or lags differs for that reason.
	ConsequenceOf: []string{"XDS_DISCONNECTED", "XDS_REJECTED", "XDS_NOT_SYNCED"},
	Mesh:          judgeDrift,
}

func judgeDrift(in *Input) []Finding {
	var out []Finding
	p := in.shared.proxies()
	odd := oddNodes(p.ztunnels)
	for _, z := range p.ztunnels {
		if z.DifferenceCount == 0 && len(odd[z.Node]) == 0 {
			continue
		}
		f := drifted(z.source(), z.Pod, z.At, z.Differences, z.DifferenceCount)
		f.Subject = mesh.Ref{Kind: "Node", Name: z.Node}
		f.Summary = fmt.Sprintf("The ztunnel of node %s works by something else than the API says, in %s.", z.Node, points(z.DifferenceCount))
		if z.DifferenceCount == 0 {
			f.Summary = fmt.Sprintf("The ztunnel of node %s works by something else than those of most nodes.", z.Node)
		}
		for _, o := range odd[z.Node] {
			f.Evidence = append(f.Evidence, saidEvidence(z.source(), z.Pod, o.part, "other than on "+listWords(o.agree)+", which agree", z.At))
		}
		f.Fix = f.Fix.logsOf(in, z.Pod)
		out = append(out, f)
	}
	for _, w := range p.waypoints {
		if w.DifferenceCount > 0 {
			f := drifted(w.source(), w.Pod, w.At, w.Differences, w.DifferenceCount)
			f.Subject = w.Workload.Ref()
			f.Summary = fmt.Sprintf("%s works by something else than the API says, in %s.", whichProxy(w.Workload), points(w.DifferenceCount))
			f.Fix = f.Fix.logsOf(in, w.Pod)
			out = append(out, f)
		}
	}
	return out
}

func points(n int) string {
	if n == 1 {
		return "1 point"
	}
	return fmt.Sprintf("%d points", n)
}

func drifted(source string, proxy mesh.Ref, at time.Time, list []mesh.Difference, count int) Finding {
	f := Finding{Detail: "It acts by what it has: calls go by other policies, waypoints or endpoints than were declared."}
	if !slices.ContainsFunc(list, func(d mesh.Difference) bool { return d.Expected != "" }) {
		f.Class = Risk // it only has too much
	}
	for _, d := range list[:min(len(list), shownAtMost)] {
		f.Affects = append(f.Affects, d.Object)
		f.Evidence = append(f.Evidence, saidEvidence(source, d.Object, d.Field, fmt.Sprintf("%s by the API, %s in the proxy", orNothing(d.Expected), orNothing(d.Found)), at))
	}
	if more := count - len(f.Evidence); more > 0 { // all are counted, few are kept
		f.Evidence = append(f.Evidence, saidEvidence(source, proxy, "", fmt.Sprintf("and %d more", more), at))
	}
	f.Fix = advise("See first whether the proxy is connected and istiod healthy: the difference goes by itself then. Restarting the proxy makes it read everything anew; it cuts the connections that go through it.").
		read("get", "pods", "-A", "-l", "app=istiod", "-o", "wide")
	return f
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}
