package mesh

import (
	"slices"
	"strings"
	"time"
)

// SourceState is how far a source can be relied on.
type SourceState string

// The states a source can be in.
const (
	SourceStarting  SourceState = "starting"  // not read yet
	SourceOK        SourceState = "ok"        // complete and current
	SourceStale     SourceState = "stale"     // was ok, no longer current
	SourcePartial   SourceState = "partial"   // some of it could not be read
	SourceForbidden SourceState = "forbidden" // a right is missing
	SourceDown      SourceState = "down"      // it does not answer
	SourceAbsent    SourceState = "absent"    // not installed
)

// KubernetesSource is the name of the Kubernetes API as a source. A kind with
// a state of its own is KubernetesSource + "/<resource>.<group>".
const KubernetesSource = "kubernetes"

// SourceStatus is the state of one source of evidence.
type SourceStatus struct {
	Name  string
	State SourceState
	// Detail is a sentence; for forbidden it is the missing right as
	// "verb resource in namespace".
	Detail string
	// AsOf is when the source was last known to be current; zero if never.
	AsOf time.Time
	// Since is when the state was entered; zero if unknown.
	Since time.Time
}

// Readable tells whether what the source says may be judged: everything it
// holds is known, though it may be old.
func (s SourceState) Readable() bool { return s == SourceOK || s == SourceStale }

// Sources is a list of source states sorted by name.
type Sources []SourceStatus

// Find returns the state of a source, and false if it was never asked.
func (ss Sources) Find(name string) (SourceStatus, bool) {
	i, ok := slices.BinarySearchFunc(ss, name, func(s SourceStatus, n string) int { return strings.Compare(s.Name, n) })
	if !ok {
		return SourceStatus{}, false
	}
	return ss[i], true
}

// Kind returns the state of one Kubernetes kind, named "<resource>.<group>"
// ("pods" for the core group): its own source if it has one, else that of the
// Kubernetes API as a whole.
func (ss Sources) Kind(resource string) SourceStatus {
	if s, ok := ss.Find(KubernetesSource + "/" + resource); ok {
		return s
	}
	if s, ok := ss.Find(KubernetesSource); ok {
		return s
	}
	return SourceStatus{Name: KubernetesSource, State: SourceDown, Detail: "The Kubernetes API was not read."}
}
