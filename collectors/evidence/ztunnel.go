package evidence

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// FromZtunnel is what a snapshot keeps of a ztunnel's dump, with what came of
// comparing it. It shares no large parts with the dump.
func FromZtunnel(d *mesh.ZtunnelDump, compared mesh.Comparison, digest mesh.ZtunnelDigest) *mesh.ZtunnelEvidence {
	e := &mesh.ZtunnelEvidence{
		Meta:            mesh.Meta{Kind: mesh.KindZtunnelEvidence, Name: d.Node},
		Pod:             d.Pod,
		At:              d.At,
		Version:         d.Version,
		Workloads:       len(d.Workloads),
		Services:        len(d.Services),
		Policies:        len(d.Policies),
		Certificates:    d.Certificates,
		AdmitsWaypoints: slices.ContainsFunc(d.Policies, admitsWaypoint),
		Comparison:      bounded(compared),
		Digest:          digest,
		Skipped:         d.Skipped,
		FirstSkipped:    d.FirstSkipped,
	}
	if !d.LocalKnown {
		return e
	}
	e.Local = make(map[string]string, len(d.Local))
	e.Connections = make(map[string]int)
	for i := range d.Local {
		local := &d.Local[i]
		e.Local[local.PodUID] = local.State
		if n := len(local.Inbound) + len(local.Outbound); n > 0 {
			e.Connections[local.PodUID] = n
		}
	}
	return e
}

// admitsWaypoint tells the policies that istiod makes for waypoints.
func admitsWaypoint(p mesh.ZtunnelPolicy) bool {
	return strings.HasPrefix(p.Name, mesh.WaypointPolicyPrefix)
}

// ztunnelStatus is the state of a ztunnel that was read: partial where entries
// of its dump could not be decoded.
func ztunnelStatus(d *mesh.ZtunnelDump) mesh.SourceStatus {
	s := mesh.SourceStatus{Name: ztunnelSource(d.Node), State: mesh.SourceOK, AsOf: d.At}
	if d.Skipped > 0 {
		s.State = mesh.SourcePartial
		s.Detail = fmt.Sprintf("Of its config_dump %s could not be read, the first because: %s.", entries(d.Skipped), plain(d.FirstSkipped))
	}
	return s
}

func entries(n int) string {
	if n == 1 {
		return "one entry"
	}
	return fmt.Sprintf("%d entries", n)
}

func ztunnelSource(node string) string { return kindZtunnel + "/" + node }
