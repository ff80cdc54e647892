package views

import (
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// ReplicaProxy is what is known of the Envoy in one pod of a waypoint.
type ReplicaProxy struct {
	// URL is what it has loaded.
	URL       templ.SafeURL
	Version   string
	Connected ConnectedCell
	// Read is when it was read last, zero for never; Unread says how that stands
	// where it could not be read, in Tone.
	Read   time.Time
	Unread string
	Tone   ui.Tone
	// The rest is there only where it was read. Ejected is how many endpoints
	// outlier detection took out.
	Ejected     string
	Differences string
	Certificate time.Time // when its own expires; zero if not known
	Expired     bool
}

func newReplicaProxy(s *mesh.Snapshot, q Query, w *mesh.Waypoint, pod *mesh.Workload, connections *proxyConnections) ReplicaProxy {
	p := ReplicaProxy{
		URL:       q.Links().WaypointPart(w.Namespace, w.Name, TabListeners, "", pod.Name),
		Connected: connections.of([]*mesh.Workload{pod}), Version: "not said",
	}
	p.Unread, p.Tone = unreadProxy(s, "envoy/"+pod.Namespace+"/"+pod.Name)
	e := s.EnvoyEvidence(pod.Namespace, pod.Name)
	if e == nil {
		p.Unread = orWord(p.Unread, "not read yet")
		return p
	}
	p.take(e)
	return p
}

// unreadProxy says why a proxy's source cannot be relied on; empty where it can.
func unreadProxy(s *mesh.Snapshot, source string) (words string, tone ui.Tone) {
	st, asked := s.Sources.Find(source)
	switch {
	case !asked || st.State.Readable():
		return "", ui.ToneUnknown
	case st.State == mesh.SourceForbidden:
		return "forbidden: " + cellText(st.Detail), ui.ToneWarn
	}
	return strings.TrimSuffix(string(st.State)+": "+cellText(st.Detail), ": "), sourceTone(st.State)
}

// take copies what the proxy said.
func (p *ReplicaProxy) take(e *mesh.EnvoyEvidence) {
	p.Read = e.At
	p.Version = cellText(orWord(e.Version, "not said"))
	ejected := 0
	for _, n := range e.Ejected {
		ejected += n
	}
	if ejected > 0 {
		p.Ejected = plural(ejected, "endpoint") + " ejected"
	}
	if e.DifferenceCount > 0 {
		p.Differences = plural(e.DifferenceCount, "difference") + " from the API"
	}
	for i := range e.Secrets {
		if s := &e.Secrets[i]; s.Identity != "" && len(s.Chain) > 0 {
			p.Certificate = s.Chain[0].NotAfter
			p.Expired = p.Certificate.Before(e.At)
		}
	}
}
