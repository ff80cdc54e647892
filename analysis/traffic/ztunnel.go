package traffic

import "github.com/waylight/waylight/mesh"

// Ztunnel is how busy the ztunnel of a node is. Numbers are negative where
// they are not known; rates are per minute.
type Ztunnel struct {
	Pod  mesh.Ref
	Node string
	// Connections are those it opened or took, Failures those that ended with a
	// flag, the ones a policy refused among them.
	Connections, Failures float64
	// SocketsOpen is of the last reading.
	SocketsOpen float64
	// XDSTerminations are ends of its link to istiod in the window other than
	// orderly ones, DNSFailures lookups that failed upstream.
	XDSTerminations, DNSFailures float64
	Restarted                    bool
	// Unread says why its counters are not known; empty where they are.
	Unread string
}

// ZtunnelOf tells how busy a ztunnel's pod is.
func (c *Counts) ZtunnelOf(pod *mesh.Workload) Ztunnel {
	z := Ztunnel{Pod: pod.Ref(), Node: pod.Node, Connections: -1, Failures: -1, SocketsOpen: -1, XDSTerminations: -1, DNSFailures: -1}
	p := c.Proxy(pod.Ref())
	if p == nil {
		for _, g := range c.Gaps([]*mesh.Workload{pod}) {
			z.Unread = g.Reason
		}
		return z
	}
	z.Connections, z.Failures = perMinute(p.Opened, p), perMinute(p.Failed, p)
	z.SocketsOpen, z.DNSFailures, z.Restarted = p.SocketsOpen, p.DNSFailures, p.Restarted
	if p.XDSTerminations != nil {
		z.XDSTerminations = 0
		for _, n := range p.XDSTerminations {
			z.XDSTerminations += n
		}
	}
	return z
}

// perMinute keeps what is not known.
func perMinute(count float64, p *mesh.ProxyTraffic) float64 {
	if count < 0 || p.Window <= 0 {
		return -1
	}
	return count / p.Window.Minutes()
}
