package analysis

import (
	"encoding/json"
	"io"

	"github.com/waylight/waylight/mesh"
)

// DocumentFormat names the contract of Document. Fields may be added to it,
// none is changed or taken away.
const DocumentFormat = "waylight.findings/v1"

// Document is a report as other programs read it: `waylight check -o json`
// and GET /api/v1/findings. Lists are [] when empty and never null; times are
// RFC3339 in UTC, or empty where there is none.
type Document struct {
	Format  string           `json:"format"`
	At      string           `json:"at"`
	Sources []DocumentSource `json:"sources"`
	Checks  DocumentChecks   `json:"checks"`
	// Limit are the namespaces the findings are limited to, [] for all.
	Limit    []string  `json:"limit"`
	Findings []Finding `json:"findings"`
}

// DocumentSource is the state of one source of evidence.
type DocumentSource struct {
	Name   string           `json:"name"`
	State  mesh.SourceState `json:"state"`
	Detail string           `json:"detail"`
	AsOf   string           `json:"asOf"`
}

// DocumentChecks says what was checked and what could not be: without it an
// empty list of findings would prove nothing.
type DocumentChecks struct {
	Total    int                `json:"total"`
	Ran      int                `json:"ran"`
	HeldBack []DocumentHeldBack `json:"heldBack"`
}

// DocumentHeldBack is a check that did not judge, or not everything.
type DocumentHeldBack struct {
	Code   string           `json:"code"`
	Source string           `json:"source"`
	State  mesh.SourceState `json:"state"`
	Detail string           `json:"detail"`
	Partly bool             `json:"partly"`
}

// NewDocument puts a report into the form of the contract.
func NewDocument(r *Report) Document {
	d := Document{Format: DocumentFormat, At: timeText(r.At), Sources: []DocumentSource{}, Findings: append([]Finding{}, r.Findings...)}
	d.Limit = append([]string{}, r.Limit...)
	d.Checks = DocumentChecks{Total: r.Checks, Ran: r.Ran, HeldBack: []DocumentHeldBack{}}
	for _, s := range r.Snap.Sources {
		d.Sources = append(d.Sources, DocumentSource{Name: s.Name, State: s.State, Detail: s.Detail, AsOf: timeText(s.AsOf)})
	}
	for _, h := range r.HeldBack {
		d.Checks.HeldBack = append(d.Checks.HeldBack, DocumentHeldBack(h))
	}
	return d
}

// WriteJSON writes a report as a Document. The same report gives the same
// bytes. The error is the writer's.
func WriteJSON(w io.Writer, r *Report) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(NewDocument(r))
}
