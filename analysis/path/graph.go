// Package path follows one call, or all calls of a service, hop by hop through
// the mesh: who handles it, under which identity, what each hop decides.
package path

import "github.com/waylight/waylight/mesh"

// Verdict is what becomes of a call.
type Verdict string

// The verdicts (design 4.3).
const (
	Reachable    Verdict = "Reachable"
	Unreachable  Verdict = "Unreachable"
	Ambiguous    Verdict = "Ambiguous"    // branches differ
	Undetermined Verdict = "Undetermined" // something needed is unknown
)

// Basis is what a statement rests on.
type Basis string

// The bases.
const (
	Expected Basis = "expected" // computed from objects, statuses, annotations
	Seen     Basis = "seen"     // a proxy's own configuration confirms it
	Proven   Basis = "proven"   // a log line or counter shows it
)

// Stage is a column of the drawn path, in drawing order.
type Stage int

// The stages.
const (
	StageCaller Stage = iota
	StageSource
	StageWaypoint
	StageVersion
	StageDestination
	StageBackend
)

// State is how a node or leg of the drawing stands.
type State string

// The states.
const (
	StateOK         State = "ok"
	StateBad        State = "bad"         // it refuses or breaks the call
	StateWarn       State = "warn"        // it works, with something to know
	StateBypassed   State = "bypassed"    // drawn beside the line: the call does not pass it
	StateNotReached State = "not-reached" // an earlier hop ends the call
	StateUnknown    State = "unknown"
)

// Transport is how a leg is carried.
type Transport string

// The transports.
const (
	HBONE     Transport = "hbone"     // mTLS tunnel
	Plaintext Transport = "plaintext" // in the clear
	Local     Transport = "local"     // within one pod or node, never on the wire
)

// Node is one thing on the drawn path.
type Node struct {
	ID    string // stable and unique within the graph
	Stage Stage
	State State
	// Title is the name; Lines are further short facts ("2 of 2 ready, Programmed").
	Title string
	Lines []string
	// Notes stand under the card: how it is bound, whom it sees as the caller.
	Notes []string
	// Code of the finding or hop code that explains a State other than ok.
	Code string
	// Ref is the object behind it, zero for a group.
	Ref   mesh.Ref
	Basis Basis
	// Seen is where and when, under the basis Seen.
	Seen Sighting
	// Explain is one full sentence for a screen reader and the ordered list.
	Explain string
	// Principals are the identities a card of callers stands for, as policies
	// write them; those outside the mesh have none.
	Principals []string
	// Load is what was counted of it.
	Load Load
}

// Load is what was counted of a node or leg, for whoever draws it: nothing in
// this package counts. The zero value is that nothing is known.
type Load struct {
	// Words say it in full, Lines in short for a card.
	Words string
	Lines []string
	// Part is how busy a leg is, in percent of the busiest one of the drawing, and
	// meaningless without Words.
	Part float64
}

// Leg joins two nodes.
type Leg struct {
	From, To  string // node IDs
	Transport Transport
	State     State
	// Share is the part of the traffic in percent; -1 where not declared.
	Share float64
	Label string
	Load  Load
}

// Graph is the drawn request path of one port of a Service or ServiceEntry:
// how the next call would go.
type Graph struct {
	Service mesh.Ref
	Port    mesh.ServicePort
	Host    string
	Verdict Verdict
	Code    string
	// Summary is the verdict in one sentence; Outcome what the client sees.
	Summary string
	Outcome string
	Nodes   []Node
	Legs    []Leg
	// Remarks are what a reader must know beside the drawing: a bypassed
	// waypoint, L7 policy not applied, what is unknown.
	Remarks []Remark
	// Policies by hop, in the order a call meets them.
	Policies []HopPolicy

	callers []Caller
}

// Callers is what path.Callers lists of the same port, where the drawing took
// finding them; nil where it did not.
func (g *Graph) Callers() []Caller { return g.callers }

// Remark is a sentence beside the drawing.
type Remark struct {
	State State
	Code  string
	Text  string
}

// HopPolicy is one policy where it is enforced.
type HopPolicy struct {
	Stage  Stage
	Policy mesh.Ref
	Action string
	// Effect says in words what it does there.
	Effect string
	State  State
}
