package path

import (
	"slices"
	"strings"
	"time"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// DocumentFormat names the contract of Document. Fields may be added to it,
// none is changed or taken away.
const DocumentFormat = "waylight.path/v1"

// Document is an explanation as other programs read it: `waylight path -o
// json` and GET /api/v1/path (design 4.3). Lists are [] when empty and never
// null; At is RFC3339 in UTC.
type Document struct {
	Format  string          `json:"format"`
	At      string          `json:"at"`
	Request DocumentRequest `json:"request"`
	DocumentEnd
	Hops     []DocumentHop    `json:"hops"`
	Branches []DocumentBranch `json:"branches"`
}

// DocumentRequest is the call that was asked about, with what was left out
// filled in.
type DocumentRequest struct {
	From    string           `json:"from"`
	To      string           `json:"to"`
	Method  string           `json:"method"`
	Path    string           `json:"path"`
	Headers []DocumentHeader `json:"headers"`
	Token   DocumentToken    `json:"jwt"`
}

// DocumentHeader is one header. Values that are credentials are withheld: a
// document is made to be passed around.
type DocumentHeader struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// DocumentToken is what was said about the token.
type DocumentToken struct {
	State   authz.TokenState    `json:"state"`
	Issuer  string              `json:"issuer"`
	Subject string              `json:"subject"`
	Claims  map[string][]string `json:"claims"`
}

// DocumentEnd is how a call ends.
type DocumentEnd struct {
	Verdict Verdict         `json:"verdict"`
	Code    string          `json:"code"`
	Summary string          `json:"summary"`
	Outcome DocumentOutcome `json:"outcome"`
}

// DocumentOutcome is what the client sees.
type DocumentOutcome struct {
	Kind   OutcomeKind `json:"kind"`
	Status int         `json:"status"`
	Text   string      `json:"text"`
}

// DocumentHop is one hop.
type DocumentHop struct {
	Kind          HopKind            `json:"kind"`
	Name          string             `json:"name"`
	Node          string             `json:"node"`
	Object        mesh.Ref           `json:"object"`
	Transport     Transport          `json:"transport"`
	Identity      string             `json:"identity"`
	Result        HopResult          `json:"result"`
	Code          string             `json:"code"`
	DecidedBy     mesh.Ref           `json:"decidedBy"`
	Explain       string             `json:"explain"`
	Basis         Basis              `json:"basis"`
	Contradiction string             `json:"contradiction"`
	Proof         *DocumentProof     `json:"proof,omitempty"`
	Evidence      []DocumentEvidence `json:"evidence"`
	Commands      []string           `json:"commands"`
}

// DocumentProof is how many lines of logs agree with a hop, and the newest.
type DocumentProof struct {
	Lines  int    `json:"lines"`
	Source string `json:"source"`
	Line   string `json:"line"` // its id
	Time   string `json:"time"`
}

// DocumentEvidence is what a statement rests on, in the form findings have it.
type DocumentEvidence struct {
	Source string   `json:"source"`
	Object mesh.Ref `json:"object"`
	Field  string   `json:"field"`
	Text   string   `json:"text"`
	Time   string   `json:"time"`
}

// DocumentBranch is one of several ways; Weight is percent.
type DocumentBranch struct {
	Label  string  `json:"label"`
	Weight float64 `json:"weight"`
	DocumentEnd
	Hops []DocumentHop `json:"hops"`
}

// NewDocument puts an explanation into the form of the contract. At is the
// moment of the snapshot.
func NewDocument(e *Explanation, at time.Time) Document {
	d := Document{
		Format: DocumentFormat, At: at.UTC().Format(time.RFC3339), Request: documentRequest(e.Request),
		DocumentEnd: documentEnd(e.Verdict, e.Code, e.Summary, e.Outcome), Hops: documentHops(e.Hops), Branches: []DocumentBranch{},
	}
	for i := range e.Branches {
		b := &e.Branches[i]
		d.Branches = append(d.Branches, DocumentBranch{
			Label: b.Label, Weight: b.Weight, DocumentEnd: documentEnd(b.Verdict, b.Code, b.Summary, b.Outcome), Hops: documentHops(b.Hops),
		})
	}
	return d
}

func documentEnd(v Verdict, code, summary string, o Outcome) DocumentEnd {
	return DocumentEnd{Verdict: v, Code: code, Summary: summary, Outcome: DocumentOutcome(o)}
}

func documentHops(hops []Hop) []DocumentHop {
	out := make([]DocumentHop, 0, len(hops))
	for i := range hops {
		h := &hops[i]
		d := DocumentHop{
			Kind: h.Kind, Name: h.Name, Node: h.Node, Object: h.Ref, Transport: h.Transport, Identity: h.Identity, Result: h.Result, Code: h.Code,
			DecidedBy: h.DecidedBy, Explain: h.Explain, Basis: h.Basis, Contradiction: h.Contradiction,
			Evidence: make([]DocumentEvidence, 0, len(h.Evidence)), Commands: append([]string{}, h.Commands...),
		}
		if p := h.Proof; p != nil {
			d.Proof = &DocumentProof{Lines: p.Lines, Source: p.Newest.From.SourceName(), Line: p.Newest.ID, Time: lineTime(p.Newest)}
		}
		for _, e := range h.Evidence {
			d.Evidence = append(d.Evidence, DocumentEvidence(e))
		}
		out = append(out, d)
	}
	return out
}

// withheld stands for the value of a header that is a credential.
const withheld = "(withheld)"

var credentials = []string{"authorization", "cookie", "proxy-authorization", "x-api-key"}

func documentRequest(r Request) DocumentRequest {
	d := DocumentRequest{From: r.From, To: r.To, Method: r.Method, Path: r.Path, Headers: make([]DocumentHeader, 0, len(r.Headers))}
	for _, h := range r.Headers {
		if slices.Contains(credentials, strings.ToLower(h.Name)) {
			h.Value = withheld
		}
		d.Headers = append(d.Headers, DocumentHeader(h))
	}
	d.Token = DocumentToken{State: r.Token.State, Issuer: r.Token.Issuer, Subject: r.Token.Subject, Claims: r.Token.Claims}
	if d.Token.Claims == nil {
		d.Token.Claims = map[string][]string{}
	}
	return d
}
