package logline

import (
	"strings"

	"github.com/waylight/waylight/mesh"
)

// Explain says what a decoded line means in an ambient mesh: of a connection
// (istio.md A.12), of a request (E), or one of the diagnostic lines of ztunnel,
// istio-cni, istiod and the agents beside Envoys (A.12, D). A line nobody has
// words for gets none: its zero Text says so.
func Explain(l *mesh.LogLine) mesh.LogExplanation {
	var x mesh.LogExplanation
	switch {
	case l.Connection != nil:
		x = explainConnection(l.Connection)
	case l.Request != nil:
		x = explainRequest(l.Request)
	default:
		x = explainPlain(l)
	}
	x.Text = capital(x.Text)
	return x
}

// capital writes the first word of a sentence with a capital, unless it is a
// name.
func capital(text string) string {
	for _, word := range [...]string{"pod ", "the ", "waypoint ", "a client", "account ", "an unknown"} {
		if strings.HasPrefix(text, word) {
			return strings.ToUpper(text[:1]) + text[1:]
		}
	}
	return text
}

// peerName is a pod as "namespace/pod", or its address where ztunnel does not
// know it, or whose account it proved to be.
func peerName(p *mesh.LogPeer) string {
	switch {
	case p.Workload != "" && p.Namespace != "":
		return p.Namespace + "/" + p.Workload
	case p.Workload != "":
		return p.Workload
	case p.Identity != "":
		return account(p.Identity)
	case p.Addr != "":
		return p.Addr
	}
	return "an unknown peer"
}

// account is a SPIFFE identity as people speak of it: "account web of shop".
func account(identity string) string {
	_, path, ok := strings.Cut(identity, "/ns/")
	namespace, name, ok2 := strings.Cut(path, "/sa/")
	if !ok || !ok2 {
		return identity
	}
	return "account " + name + " of " + namespace
}

// host and port are the two halves of "ip:port" or "[ip]:port"; without a port
// all is the host.
func host(addr string) string {
	if i := strings.LastIndexByte(addr, ':'); i >= 0 {
		return strings.Trim(addr[:i], "[]")
	}
	return addr
}

func port(addr string) string {
	if i := strings.LastIndexByte(addr, ':'); i >= 0 {
		return addr[i+1:]
	}
	return ""
}

// hbonePort is where ztunnels and waypoints take tunnels.
const hbonePort = "15008"

// between is what stands between two texts, empty if they are not both there.
func between(text, from, to string) string {
	_, rest, ok := strings.Cut(text, from)
	if !ok {
		return ""
	}
	found, _, ok := strings.Cut(rest, to)
	if !ok {
		return ""
	}
	return found
}
