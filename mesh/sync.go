package mesh

import (
	"cmp"
	"slices"
	"time"
)

// ProxyConnection is a proxy with the istiod it is connected to.
type ProxyConnection struct {
	ProxySync
	// Istiod is the name of the pod that has the connection, At when it was
	// asked.
	Istiod string
	At     time.Time
	// Also are other istiods that list the proxy: one it has just left, until
	// that one notices.
	Also []string
}

// LastSent is when the proxy was sent anything last; zero if that is not known.
func (p *ProxySync) LastSent() time.Time {
	var last time.Time
	for _, t := range p.Types {
		if t.SentAt.After(last) {
			last = t.SentAt
		}
	}
	return last
}

// Synced tells whether the proxy took everything it was sent.
func (p *ProxySync) Synced() bool {
	return !slices.ContainsFunc(p.Types, func(t TypeSync) bool { return !t.Synced() })
}

// UniteSync joins what several istiods say, by proxy. Each lists its own
// clients only, so a proxy that none of them lists is disconnected, but only if
// every istiod was asked. One that two list is with the one that sent it
// something last (istio.md H).
func UniteSync(answers []*SyncEvidence) []ProxyConnection {
	var all []ProxyConnection
	for _, answer := range answers {
		for _, p := range answer.Proxies {
			all = append(all, ProxyConnection{ProxySync: p, Istiod: answer.Name, At: answer.At})
		}
	}
	slices.SortFunc(all, newestFirst)
	out := all[:0]
	for _, c := range all {
		if n := len(out); n > 0 && out[n-1].Proxy == c.Proxy {
			if last := &out[n-1]; last.Istiod != c.Istiod && !slices.Contains(last.Also, c.Istiod) {
				last.Also = append(last.Also, c.Istiod)
			}
			continue
		}
		out = append(out, c)
	}
	return out
}

// newestFirst orders connections by proxy, and those of one proxy by what was
// sent last, when it was seen, and for good by the istiod's name.
func newestFirst(a, b ProxyConnection) int {
	return cmp.Or(
		a.Proxy.Compare(b.Proxy),
		b.LastSent().Compare(a.LastSent()),
		b.At.Compare(a.At),
		cmp.Compare(a.Istiod, b.Istiod),
	)
}
