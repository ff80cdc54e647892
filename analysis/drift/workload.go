package drift

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// labelTunnel says that a pod speaks HBONE by itself (istio.md C.6).
const labelTunnel = "networking.istio.io/tunnel"

// Kinds of workloads as their UIDs have them, behind the cluster (istio.md A.5).
const (
	podUID   = "//Pod/"
	entryUID = "/networking.istio.io/WorkloadEntry/"
	hostUID  = "/networking.istio.io/ServiceEntry/"
)

func (c *comparison) compareWorkloads() {
	pods, entries, hosts := c.cluster+podUID, c.cluster+entryUID, c.cluster+hostUID
	found := make(map[mesh.Ref]bool, len(c.dump.Workloads))
	inline := make(map[string]bool)
	for _, w := range c.dump.Workloads {
		if w.ClusterID != c.cluster {
			continue
		}
		if ref, ok := workloadRef(w.UID, pods, "Pod"); ok {
			found[ref] = true
			c.comparePod(ref, w)
		} else if ref, ok := workloadRef(w.UID, entries, "WorkloadEntry"); ok {
			found[ref] = true
			c.compareEntry(ref, w)
		} else if at, ok := strings.CutPrefix(w.UID, hosts); ok {
			inline[at] = true
			c.compareInline(at, w)
		}
	}
	if complete(c.dump) {
		c.missingWorkloads(found)
		c.missingInline(inline)
	}
}

// workloadRef reads NAMESPACE/NAME behind a prefix.
func workloadRef(uid, prefix, kind string) (mesh.Ref, bool) {
	rest, ok := strings.CutPrefix(uid, prefix)
	namespace, name, _ := strings.Cut(rest, "/")
	return mesh.Ref{Kind: kind, Namespace: namespace, Name: name}, ok
}

func (c *comparison) missingWorkloads(found map[mesh.Ref]bool) {
	for _, sh := range c.snap.Shards {
		if !c.reaches(sh.Namespace) {
			continue
		}
		ns := c.settled(c.namespace(sh.Namespace))
		for _, w := range sh.Workloads {
			if ref := w.Ref(); !found[ref] && c.sent(w) {
				c.miss(ref, FieldWorkload, c.uid(w), ns && c.steady(w))
			}
		}
	}
}

func (c *comparison) uid(w *mesh.Workload) string {
	if w.Kind == "WorkloadEntry" {
		return c.cluster + entryUID + w.Namespace + "/" + w.Name
	}
	return c.cluster + podUID + w.Namespace + "/" + w.Name
}

// sent tells that istiod must have told of a workload: a pod with an address
// that runs, or is about to, or a WorkloadEntry with an address for whichever
// istiod.
func (c *comparison) sent(w *mesh.Workload) bool {
	if w.Kind == "WorkloadEntry" {
		return len(w.IPs) > 0 && isAddress(w.IPs[0]) && w.Labels[mesh.LabelRevision] == ""
	}
	return w.Kind == "Pod" && len(w.IPs) > 0 && (w.Phase == "Running" || w.Phase == "Pending")
}

// steady tells that a workload and its conditions have been as they are for a
// while.
func (c *comparison) steady(w *mesh.Workload) bool {
	for i := range w.Conditions {
		if w.Conditions[i].Since.After(c.before) {
			return false
		}
	}
	return c.settled(&w.Meta)
}

func (c *comparison) comparePod(ref mesh.Ref, w *mesh.ZtunnelWorkload) {
	if !c.reaches(ref.Namespace) || !c.readable(mesh.ResourcePods, ref.Namespace) {
		return
	}
	pod := c.snap.Workload(ref.Namespace, ref.Name)
	if pod == nil || pod.Kind != "Pod" {
		c.differ(ref, FieldWorkload, "", w.UID)
		return
	}
	ns := c.namespace(pod.Namespace)
	if protocol := protocolOf(pod); protocol != "" {
		c.judge(ref, "protocol", protocol, w.Protocol, &pod.Meta, ns)
	}
	if pod.Captured() {
		c.compareWaypoint(&pod.Meta, c.snap.WorkloadBinding(pod), w.Waypoint)
	}
	c.compareStatus(pod, w)
	c.compareAttached(pod, w.Policies)
}

// Statuses of a workload as ztunnel writes them.
const (
	statusHealthy   = "Healthy"
	statusUnhealthy = "Unhealthy"
)

// compareStatus compares whether calls are sent to a pod at all.
func (c *comparison) compareStatus(pod *mesh.Workload, w *mesh.ZtunnelWorkload) {
	expected := statusUnhealthy
	if pod.Ready {
		expected = statusHealthy
	}
	switch {
	case w.Status == expected || w.Status != statusHealthy && w.Status != statusUnhealthy || pod.Phase != "Running":
	case c.steady(pod):
		c.differ(pod.Ref(), "status", expected, w.Status)
	default:
		c.skip(pod.Ref())
	}
}

// compareEntry compares a WorkloadEntry. How it is spoken to depends on the
// network it is in, and is not compared.
func (c *comparison) compareEntry(ref mesh.Ref, w *mesh.ZtunnelWorkload) {
	if !c.reaches(ref.Namespace) || !c.readable(mesh.ResourceWorkloadEntries, ref.Namespace) {
		return
	}
	entry, ok := c.snap.Lookup(ref).(*mesh.Workload)
	if !ok {
		c.differ(ref, FieldWorkload, "", w.UID)
		return
	}
	if len(entry.IPs) > 0 && len(w.IPs) > 0 && isAddress(entry.IPs[0]) {
		c.judge(ref, "address", entry.IPs[0], w.IPs[0], &entry.Meta)
	}
	c.compareWaypoint(&entry.Meta, c.snap.WorkloadBinding(entry), w.Waypoint)
}

// compareInline compares an endpoint that a ServiceEntry has in itself: what is
// behind the prefix is NAMESPACE/NAME/ADDRESS.
func (c *comparison) compareInline(at string, w *mesh.ZtunnelWorkload) {
	namespace, rest, _ := strings.Cut(at, "/")
	name, address, _ := strings.Cut(rest, "/")
	if !c.reaches(namespace) || !c.readable(mesh.ResourceServiceEntries, namespace) {
		return
	}
	ref := mesh.Ref{Kind: "ServiceEntry", Namespace: namespace, Name: name}
	se, ok := c.snap.Lookup(ref).(*mesh.ServiceEntry)
	if !ok {
		c.differ(ref, FieldWorkload, "", w.UID)
		return
	}
	if isAddress(address) && se.Resolution == "STATIC" && !slices.ContainsFunc(se.Endpoints, func(e mesh.ServiceEntryEndpoint) bool { return e.Address == address }) {
		c.judge(ref, FieldWorkload, "", w.UID, &se.Meta)
	}
}

// missingInline finds endpoints of ServiceEntries that ztunnel does not have.
// Only those with addresses are looked at, which every release sends.
func (c *comparison) missingInline(found map[string]bool) {
	for _, sh := range c.snap.Shards {
		if !c.reaches(sh.Namespace) {
			continue
		}
		for _, se := range sh.ServiceEntries {
			if se.Resolution != "STATIC" || se.WorkloadSelector != nil || se.Labels[mesh.LabelRevision] != "" {
				continue
			}
			for _, e := range se.Endpoints {
				if at := se.Namespace + "/" + se.Name + "/" + e.Address; isAddress(e.Address) && !found[at] {
					c.miss(se.Ref(), FieldWorkload, c.cluster+hostUID+at, c.settled(&se.Meta, c.namespace(se.Namespace)))
				}
			}
		}
	}
}

func isAddress(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil
}

// protocolOf is how ztunnels are told to speak to a pod; empty where that
// depends on more than is known: proxies that speak HBONE by themselves.
func protocolOf(pod *mesh.Workload) string {
	switch {
	case pod.Captured():
		return "HBONE"
	case pod.HasSidecar() || pod.GatewayName() != "" || pod.Labels[labelTunnel] != "":
		return ""
	}
	return "TCP"
}

// compareAttached compares the policies attached to a pod by selector, those
// that istiod makes of PeerAuthentications among them.
func (c *comparison) compareAttached(pod *mesh.Workload, found []string) {
	if !c.policiesReadable(pod.Namespace) {
		c.skip(pod.Ref())
		return
	}
	expected, unsure := c.attached(pod)
	settled := c.policiesSettled(pod.Namespace) && c.settled(&pod.Meta, c.namespace(pod.Namespace))
	for _, name := range expected {
		if !slices.Contains(found, name) {
			c.miss(pod.Ref(), "authorizationPolicies", name, settled)
		}
	}
	for _, name := range found {
		if slices.Contains(expected, name) || slices.Contains(unsure, name) || madeForWaypoint(name) {
			continue
		}
		if !settled {
			c.skip(pod.Ref())
			continue
		}
		c.differ(pod.Ref(), "authorizationPolicies", "", name)
	}
}

// attached lists the policies a pod must refer to, and those it may.
func (c *comparison) attached(pod *mesh.Workload) (expected, unsure []string) {
	root := c.snap.RootNamespace()
	for _, p := range authz.ZtunnelPolicies(c.snap, pod) {
		switch name := p.Namespace + "/" + p.Name; {
		case p.Selector == nil: // by namespace, and not listed
		case sending(p) == mesh.FactYes:
			expected = append(expected, name)
		case sending(p) == mesh.FactUnknown:
			unsure = append(unsure, name)
		}
	}
	strict := root + "/" + staticStrict
	mode := authz.PeerModeOf(c.snap, pod)
	switch {
	case len(mode.Exceptions) > 0: // the converted policy says it all; some releases send both
		expected = append(expected, mode.PortsBy.Namespace+"/"+convertedPeer+mode.PortsBy.Name)
		unsure = append(unsure, strict)
	case mode.Strict:
		expected = append(expected, strict)
	}
	return expected, unsure
}
