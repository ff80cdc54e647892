package analysis

import (
	"time"

	"github.com/waylight/waylight/mesh"
)

// Input is what a check may look at.
type Input struct {
	Snap *mesh.Snapshot
	Now  time.Time
}

// Check is one entry of the catalogue: what is said of it on /checks, and how
// it is found. Exactly one of Namespace and Mesh is set.
type Check struct {
	Code     string
	Severity Severity // the usual one; a finding may be milder or graver as Explanation says
	Class    Class
	// Subject says in words what the finding is attached to.
	Subject string
	Title   string
	// Explanation tells a tired reader what it means and what to do.
	Explanation string
	// Fires and Silent say when it speaks and when it must not.
	Fires, Silent string
	// Doubt says how it could be wrong.
	Doubt string
	// Needs lists the Kubernetes resources (mesh.Resource…) without which the
	// check is held back.
	Needs []string
	// Namespace judges one namespace; it is skipped for namespaces whose Needs
	// are not readable.
	Namespace func(*Input, *mesh.Shard) []Finding
	// Mesh judges the mesh as a whole.
	Mesh func(*Input) []Finding
}

// HeldBack says that a check did not run because of a missing source.
type HeldBack struct {
	Code   string
	Source string // the source's name
	State  mesh.SourceState
	Detail string
}
