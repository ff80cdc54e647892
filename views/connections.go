package views

import (
	"strings"

	"github.com/waylight/waylight/mesh"
)

// ConnectedCell says which istiod a proxy gets its configuration from.
type ConnectedCell struct {
	Fact mesh.Fact
	// Istiod is the pod; Why is the reason where that is not known.
	Istiod string
	Why    string
	// Trouble is a rejection, or that something sent was not taken.
	Trouble string
}

// proxyConnections are what istiods say of proxies.
type proxyConnections struct {
	byPod map[mesh.Ref]*mesh.ProxyConnection
	// unread says why a proxy that no istiod names may be connected all the
	// same; empty where every istiod was read.
	unread string
}

func newProxyConnections(s *mesh.Snapshot) *proxyConnections {
	return &proxyConnections{byPod: connectionsByPod(s.SyncEvidences()), unread: unreadIstiod(s)}
}

// connectionsByPod unites what several istiods say.
func connectionsByPod(answers []*mesh.SyncEvidence) map[mesh.Ref]*mesh.ProxyConnection {
	list := mesh.UniteSync(answers)
	out := make(map[mesh.Ref]*mesh.ProxyConnection, len(list))
	for i := range list {
		c := &list[i]
		out[mesh.Ref{Kind: "Pod", Namespace: c.Proxy.Namespace, Name: c.Proxy.Name}] = c
	}
	return out
}

// of is the connection of the first of some pods that has one.
func (c *proxyConnections) of(pods []*mesh.Workload) ConnectedCell {
	for _, p := range pods {
		if one, ok := c.byPod[p.Ref()]; ok {
			return ConnectedCell{Fact: mesh.FactYes, Istiod: cellText(one.Istiod), Trouble: syncTrouble(&one.ProxySync)}
		}
	}
	if c.unread != "" {
		return ConnectedCell{Fact: mesh.FactUnknown, Why: c.unread}
	}
	return ConnectedCell{Fact: mesh.FactNo, Why: "No istiod has it among its proxies."}
}

// unreadIstiod says why not all of istiod was read; empty where it was. One
// istiod of several knows only the proxies that are connected to it.
func unreadIstiod(s *mesh.Snapshot) string {
	if len(s.SyncEvidences()) == 0 {
		return "No istiod was read, and only istiod knows who is connected to it."
	}
	for _, st := range s.Sources {
		if strings.HasPrefix(st.Name, "istiod/") && !st.State.Readable() {
			return st.Name + " was not read: " + orWord(st.Detail, string(st.State))
		}
	}
	for _, e := range s.SyncEvidences() {
		if e.Skipped > 0 {
			return "Of what istiod/" + e.Name + " says not all could be decoded."
		}
	}
	return ""
}

// syncTrouble says what istiod sent and the proxy did not take; empty for
// nothing.
func syncTrouble(p *mesh.ProxySync) string {
	for _, t := range p.Types {
		name := cellText(t.URL[strings.LastIndexByte(t.URL, '.')+1:])
		switch {
		case t.LastError != "":
			return "rejected " + name + ": " + cellText(t.LastError)
		case !t.Synced():
			return "has not taken the newest " + name
		}
	}
	return ""
}
