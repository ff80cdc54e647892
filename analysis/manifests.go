package analysis

import "github.com/waylight/waylight/mesh"

// Manifests says how far a check can be trusted with objects that are only
// written, not applied: nobody gave them a status, and what else there is in
// the cluster is not among them.
type Manifests int

const (
	// NotOnManifests is for checks that rest on what only a cluster says:
	// status, pods as they run, proxies, the order in which objects were made.
	NotOnManifests Manifests = iota
	// OnAllManifests is for checks that speak of what is missing, or that one
	// more object or label could prove wrong: they judge only where the
	// manifests are said to be the whole mesh.
	OnAllManifests
	// OnSomeManifests is for checks that need nothing but the objects they
	// name: what is missing never makes them speak.
	OnSomeManifests
)

// words says it in the catalogue; empty for checks that need a cluster.
func (m Manifests) words() string {
	switch m {
	case OnSomeManifests:
		return "judges any manifests"
	case OnAllManifests:
		return "judges manifests that are said to be complete"
	}
	return ""
}

// heldBackOnManifests decides whether a check judges manifests. unread is what
// the kinds it needs would hold it back for.
func (c *Check) heldBackOnManifests(s *mesh.Snapshot, unread []HeldBack) []HeldBack {
	whole := s.Sources.Kind("")
	held := HeldBack{Code: c.Code, Source: mesh.KubernetesSource, State: mesh.SourcePartial}
	switch {
	case c.Manifests == OnSomeManifests:
		return nil
	case c.Manifests == NotOnManifests:
		held.Detail = "It rests on what manifests do not say: only a cluster does."
	case whole.State.Readable():
		return unread
	default:
		held.Detail = whole.Detail
	}
	return []HeldBack{held}
}
