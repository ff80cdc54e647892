package drift

import (
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// labelTunnel says that a pod speaks HBONE by itself (istio.md C.6).
const labelTunnel = "networking.istio.io/tunnel"

func (c *comparison) compareWorkloads() {
	podUID := c.cluster + "//Pod/"
	found := make(map[mesh.Ref]bool, len(c.dump.Workloads))
	for _, w := range c.dump.Workloads {
		name, isPod := strings.CutPrefix(w.UID, podUID)
		if !isPod || w.ClusterID != c.cluster {
			continue
		}
		namespace, name, _ := strings.Cut(name, "/")
		ref := mesh.Ref{Kind: "Pod", Namespace: namespace, Name: name}
		found[ref] = true
		c.compareWorkload(ref, w)
	}
	if !complete(c.dump) {
		return
	}
	for _, sh := range c.snap.Shards {
		if !c.reaches(sh.Namespace) || !c.settled(c.namespace(sh.Namespace)) {
			continue
		}
		for _, pod := range sh.Workloads {
			if c.sent(pod) && !found[pod.Ref()] {
				c.differ(pod.Ref(), FieldWorkload, c.cluster+"//Pod/"+pod.Namespace+"/"+pod.Name, "")
			}
		}
	}
}

// sent tells that istiod must have told of a pod: it has an address and runs,
// or is about to, and has been so for a while.
func (c *comparison) sent(pod *mesh.Workload) bool {
	if pod.Kind != "Pod" || len(pod.IPs) == 0 || (pod.Phase != "Running" && pod.Phase != "Pending") {
		return false
	}
	for i := range pod.Conditions {
		if pod.Conditions[i].Since.After(c.before) {
			return false
		}
	}
	return c.settled(&pod.Meta)
}

func (c *comparison) compareWorkload(ref mesh.Ref, w *mesh.ZtunnelWorkload) {
	if !c.reaches(ref.Namespace) || !c.snap.Readable(mesh.ResourcePods, ref.Namespace) {
		return
	}
	pod := c.snap.Workload(ref.Namespace, ref.Name)
	if pod == nil || pod.Kind != "Pod" {
		c.differ(ref, FieldWorkload, "", w.UID)
		return
	}
	if !c.settled(&pod.Meta, c.namespace(pod.Namespace)) {
		c.skip(ref)
		return
	}
	if protocol := protocolOf(pod); protocol != "" && protocol != w.Protocol {
		c.differ(ref, "protocol", protocol, w.Protocol)
	}
	if pod.Captured() {
		c.compareWaypoint(&pod.Meta, c.snap.WorkloadBinding(pod), w.Waypoint)
	}
	c.compareAttached(pod, w.Policies)
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
	if !c.policiesKnown(pod.Namespace) {
		c.skip(pod.Ref())
		return
	}
	expected, unsure := c.attached(pod)
	for _, name := range expected {
		if !slices.Contains(found, name) {
			c.differ(pod.Ref(), "authorizationPolicies", name, "")
		}
	}
	for _, name := range found {
		if !slices.Contains(expected, name) && !slices.Contains(unsure, name) && !madeForWaypoint(name) {
			c.differ(pod.Ref(), "authorizationPolicies", "", name)
		}
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
