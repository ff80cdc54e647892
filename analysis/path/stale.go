package path

import (
	"slices"

	"github.com/waylight/waylight/mesh"
)

// Codes of findings about proxies that have something else in memory than the
// API declares.
const (
	codeDrift        = "CONFIG_DRIFT"
	codeDisconnected = "XDS_DISCONNECTED"
)

// staleCode is why a proxy has something else than the API declares: it is cut
// off from istiod and goes on with what it last had, or it drifts.
func (q *question) staleCode(proxy mesh.Ref) string {
	if q.cutOff(proxy) {
		return codeDisconnected
	}
	return codeDrift
}

// cutOff tells that no istiod lists a proxy, and that every ready one was
// asked: each lists its own clients only (istio.md H).
func (q *question) cutOff(proxy mesh.Ref) bool {
	said := q.snap.SyncEvidences()
	for _, answer := range said {
		if answer.Skipped > 0 || slices.ContainsFunc(answer.Proxies, func(p mesh.ProxySync) bool { return p.Proxy == proxy }) {
			return false
		}
	}
	for _, sh := range q.snap.Shards {
		for _, w := range sh.Workloads {
			if w.Labels["app"] == "istiod" && w.Running() && w.Ready && q.snap.SyncEvidence(w.Name) == nil {
				return false
			}
		}
	}
	return len(said) > 0
}
