package analysis

import (
	"time"

	"github.com/waylight/waylight/mesh"
)

// Report is everything the checks have to say about one snapshot.
type Report struct {
	At   time.Time
	Snap *mesh.Snapshot
	// Findings are sorted by severity, code and subject; (code, subject) is
	// unique. The same input gives the same list.
	Findings []Finding
	// HeldBack are the checks that could not judge, by code and source.
	HeldBack []HeldBack
	// Ran is how many checks of the catalogue judged at least something.
	Ran int

	bySubject map[mesh.Ref][]int
}
