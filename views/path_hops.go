package views

import (
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// PathHop is one hop of the list.
type PathHop struct {
	Number string
	Kind   string // in words
	Where  ObjectLink
	Node   string
	State  path.State
	// Word is what it does: "passes", "refuses".
	Word  string
	Class string
	Code  CodeLink
	Basis path.Basis
	// Identity is whom it sees as the caller, SeenAs what to know about that;
	// both may be empty.
	Identity, SeenAs string
	Transport        string
	DecidedBy        ObjectLink
	Explain          string
	Contradiction    string
	Evidence         []ui.Evidence
	Commands         []string
	Proof            PathProof
}

// PathProof is the newest line of a log that proves a hop; Words are empty for
// none.
type PathProof struct {
	Words string // when, who wrote it, what it says
	// Lines counts all that do, "12 lines"; URL leads to the newest.
	Lines string
	URL   templ.SafeURL
}

// hopBuilder makes hops of one explanation.
type hopBuilder struct {
	snap   *mesh.Snapshot
	query  Query
	client string // the identity the call starts with
}

// clientIdentity is the first identity anybody sees, which is the client's own.
func clientIdentity(e *path.Explanation) string {
	for i := range e.Hops {
		if id := e.Hops[i].Identity; id != "" {
			return id
		}
	}
	return ""
}

func (b hopBuilder) hops(list []path.Hop, first int) []PathHop {
	out := make([]PathHop, 0, len(list))
	for i := range list {
		out = append(out, b.hop(&list[i], first+i))
	}
	return out
}

func (b hopBuilder) hop(h *path.Hop, n int) PathHop {
	l := b.query.Links()
	out := PathHop{
		Number: number(n), Kind: hopWords(h.Kind), Where: ObjectLink{Name: h.Name, URL: l.Object(b.snap, h.Ref)}, Node: h.Node,
		State: hopState(h.Result), Word: resultWord(h), Class: string(h.Result), Basis: h.Basis,
		Identity: h.Identity, Transport: transportWords(h.Transport), Explain: h.Explain, Contradiction: h.Contradiction,
		Evidence: b.evidence(h.Evidence), Commands: h.Commands,
	}
	if h.Kind == path.HopSourceZtunnel && h.Node != "" {
		out.Where.URL = l.Ztunnel(h.Node, "", "")
	}
	if h.Kind == path.HopDestinationZtunnel && h.Node != "" {
		out.Where.URL = l.Ztunnel(h.Node, "", "")
	}
	if h.Code != "" {
		out.Code = catalogued(h.Code, l)
	}
	if h.Proof != nil {
		out.Proof, out.Evidence = newPathProof(l, h), out.Evidence[1:]
	}
	if !h.DecidedBy.IsZero() {
		out.DecidedBy = NewObjectLink(b.snap, b.query, h.DecidedBy)
	}
	switch {
	case h.Kind == path.HopClient || h.Kind == path.HopBackend || h.Result == path.HopSkipped:
	case h.Identity == "":
		out.SeenAs = "nobody: the call carries no identity"
	case b.client != "" && h.Identity != b.client:
		out.SeenAs = "not the client, who is " + b.client
	}
	return out
}

// newPathProof quotes the newest line, which is also the first evidence.
func newPathProof(l Links, h *path.Hop) PathProof {
	newest := h.Proof.Newest
	return PathProof{
		Words: newest.Time.UTC().Format(time.TimeOnly) + " " + newest.From.Pod.Name + " " + h.Evidence[0].Text,
		Lines: plural(h.Proof.Lines, "line"), URL: l.LogLine(newest),
	}
}

func (b hopBuilder) evidence(list []path.Evidence) []ui.Evidence {
	same := make([]analysis.Evidence, 0, len(list))
	for _, e := range list {
		same = append(same, analysis.Evidence{Source: e.Source, Object: e.Object, Field: e.Field, Text: e.Text, Time: e.Time})
	}
	return evidence(b.snap, b.query, same)
}

func (b hopBuilder) branch(p *path.Branch, i, first int) PathBranch {
	return PathBranch{
		ID: ui.ID("branch", number(i), p.Label), Label: p.Label, Weight: percent(p.Weight), Verdict: p.Verdict,
		Code: catalogued(p.Code, b.query.Links()), Summary: p.Summary, Outcome: p.Outcome.Text, Hops: b.hops(p.Hops, first), FirstHopNumber: first,
	}
}

// hopWords is a kind of hop in words.
func hopWords(k path.HopKind) string {
	if k == path.HopDNS {
		return "DNS"
	}
	return strings.ReplaceAll(string(k), "-", " ")
}

// hopState is how a result looks.
func hopState(r path.HopResult) path.State {
	switch r {
	case path.HopPass:
		return path.StateOK
	case path.HopDeny, path.HopFail:
		return path.StateBad
	case path.HopSkipped:
		return path.StateBypassed
	}
	return path.StateUnknown
}

// resultWord is what a hop does with the call.
func resultWord(h *path.Hop) string {
	switch h.Result {
	case path.HopPass:
		return passWords[h.Kind]
	case path.HopDeny:
		return "refuses"
	case path.HopFail:
		return "fails"
	case path.HopSkipped:
		return "not passed"
	}
	return "not known"
}

var passWords = map[path.HopKind]string{
	path.HopClient:             "calls",
	path.HopDNS:                "resolves",
	path.HopSidecar:            "passes it on",
	path.HopSourceZtunnel:      "passes it on",
	path.HopIngressGateway:     "passes it on",
	path.HopWaypoint:           "passes it on",
	path.HopDestinationZtunnel: "lets it in",
	path.HopBackend:            "answers",
}
