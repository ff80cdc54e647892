package server

import (
	"net/http"

	"github.com/waylight/waylight/mesh"
)

// handleHealthz says that the process serves. It is exempt from the host check
// and tells nothing else.
func handleHealthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n"))
}

// handleReadyz says that the first lists were read. It stays ready when a
// source fails later: pages then say so, which is better than no page.
func (s *Server) handleReadyz(w http.ResponseWriter, _ *http.Request) {
	for _, world := range s.worlds {
		if !everRead(world.report.Load().Snap) {
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n"))
}

// everRead tells whether a snapshot holds a mesh: a recording always does, a
// live one from the first complete read on. Before a cluster has been reached
// nothing is known, not even that it is a live one.
func everRead(snap *mesh.Snapshot) bool {
	switch snap.Cluster.Origin {
	case mesh.OriginRecorded, mesh.OriginDemo:
		return snap.Revision > 0
	}
	kubernetes, ok := snap.Sources.Find(mesh.KubernetesSource)
	return ok && kubernetes.State != mesh.SourceStarting && !kubernetes.AsOf.IsZero()
}
