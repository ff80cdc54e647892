package analysis

import (
	"time"

	"github.com/waylight/waylight/mesh"
)

// Input is what a check may look at: one snapshot, and the moment it is judged
// at. Ages count from Now, which is the recording's own time for a bundle.
type Input struct {
	Snap *mesh.Snapshot
	Now  time.Time

	// missed collects what a running check could not see.
	missed []HeldBack
	// shared is what several checks of a run ask for, memory what this run and
	// those before found out about each namespace.
	shared shared
	memory *memory
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
	// check is held back, and the kinds of proxies ("ztunnel/*", "counters/*") of
	// which it judges those that were read: without any it is held back too.
	Needs []string
	// NeedsAll holds the check back when only some of the proxies in Needs were
	// read: it concludes from what none of them says.
	NeedsAll bool
	// Uses lists the resources that widen what it sees; without one the check
	// runs, and the report says that it judged less.
	Uses []string
	// ConsequenceOf lists codes whose findings explain this one where they
	// cover what it is about: a finding is folded under the first of them that
	// has its subject, or everything it affects, as subject or in its affects.
	ConsequenceOf []string
	// AboutToo lists what else a finding is about that has an object as subject
	// or in its affects, for causes that speak of that; nil for nothing.
	AboutToo func(*Input, mesh.Ref) []mesh.Ref
	// Manifests says whether the check can judge objects nobody applied yet.
	Manifests Manifests
	// Namespace judges one namespace; it is skipped for namespaces whose Needs
	// are not readable.
	Namespace func(*Input, *mesh.Shard) []Finding
	// Sight is how far Namespace looks.
	Sight Sight
	// Mesh judges the mesh as a whole.
	Mesh func(*Input) []Finding
}

// HeldBack says that a check did not judge, or not all there is, because
// something could not be seen.
type HeldBack struct {
	Code string
	// Source is the source's name, or WaylightSource where the check itself
	// failed.
	Source string
	State  mesh.SourceState
	Detail string
	// Partly is true where the check ran and only missed something.
	Partly bool
}

// WaylightSource stands for Waylight's own part in a HeldBack: a check that
// failed on data it did not expect.
const WaylightSource = "waylight"
