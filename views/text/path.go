package text

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/analysis/kubectl"
	"github.com/waylight/waylight/analysis/path"
)

// Path is the explanation of one call with what a text says beside it.
type Path struct {
	*path.Explanation
	// Asked is the call as somebody wrote it, to ask again.
	Asked path.Request
	// At is the moment of the snapshot.
	At time.Time
	// Cluster is its name; may be empty.
	Cluster string
	// Unread are proxies that could not be asked, each with the reason.
	Unread []string
	// Link leads to the page; empty for the command that asks again.
	Link string
}

// verdictMarks are the signs that go with a verdict, as on the pages.
var verdictMarks = map[path.Verdict]string{
	path.Reachable:    "✓",
	path.Unreachable:  "✕",
	path.Ambiguous:    "≈",
	path.Undetermined: "?",
}

// resultMarks are the signs of what a hop does.
var resultMarks = map[path.HopResult]string{
	path.HopPass:    "✓",
	path.HopDeny:    "✕",
	path.HopFail:    "✕",
	path.HopSkipped: "–",
	path.HopUnknown: "?",
}

// PathPlain writes an explanation in at most eight lines, for a terminal that
// breaks long ones itself: a pasted line stays one line.
func PathPlain(w io.Writer, p Path) error {
	var b bytes.Buffer
	line := func(label, s string) {
		if s != "" {
			fmt.Fprintf(&b, "  %-10s%s\n", label, s)
		}
	}
	fmt.Fprintf(&b, "%s  %s  %s\n", strings.TrimSpace(verdictMarks[p.Verdict]+" "+string(p.Verdict)+" "+p.Code), p.call(), p.moment())
	line("why", clean(p.Summary))
	line("client", clean(p.Outcome.Text))
	line("hops", p.route())
	line("branches", p.branches())
	h := p.Deciding()
	if h != nil {
		line("evidence", p.proof(h))
		line("next", next(h))
	}
	line("not read", joined(p.Unread))
	_, err := w.Write(b.Bytes())
	return err
}

// PathMarkdown writes six lines for a chat: verdict, code, hop, evidence with
// its time, command, link.
func PathMarkdown(w io.Writer, p Path) error {
	_, err := io.WriteString(w, p.Markdown())
	return err
}

// Markdown is what PathMarkdown writes.
func (p Path) Markdown() string {
	h := p.Deciding()
	where, evidence, command := "every hop passes the call", "expected, from objects and statuses", "none"
	if h != nil {
		where, evidence = markdownHop(h), escape(p.proof(h))
		if c := next(h); c != "" {
			command = span(c)
		}
	}
	if len(p.Unread) > 0 {
		evidence += "; not read: " + escape(joined(p.Unread))
	}
	cluster := ""
	if p.Cluster != "" {
		cluster = " in " + span(p.Cluster)
	}
	last := "Ask again: " + span(p.Command())
	if p.Link != "" {
		last = "Link · " + p.Link
	}
	return strings.Join([]string{
		fmt.Sprintf("%s **%s** %s%s, %s: %s", verdictMarks[p.Verdict], p.Verdict, span(p.call()), cluster, p.moment(), escape(p.Summary)),
		"Code: " + orNone(p.Code) + " · the client sees: " + escape(p.Outcome.Text),
		"Hop: " + where,
		"Evidence: " + evidence,
		"Next: " + command,
		last,
	}, "\n") + "\n"
}

func markdownHop(h *path.Hop) string {
	s := escape(place(h)) + " " + string(h.Result)
	if !h.DecidedBy.IsZero() {
		s += ", decided by " + span(h.DecidedBy.String())
	}
	if h.Identity != "" {
		s += ", sees the caller as " + span(h.Identity)
	}
	return s + ": " + escape(h.Explain)
}

// Deciding is the hop a reader asks about: the first that ends the call or of
// which that is not known, in the common part and then in the branches, worst
// first; else one that is skipped. It is nil where every hop passes the call.
func (p Path) Deciding() *path.Hop {
	all := make([][]path.Hop, 0, 1+len(p.Branches))
	all = append(all, p.Hops)
	for i := range p.Branches {
		all = append(all, p.Branches[i].Hops)
	}
	for _, results := range [][]path.HopResult{{path.HopDeny, path.HopFail}, {path.HopUnknown}, {path.HopSkipped}} {
		for _, hops := range all {
			if i := slices.IndexFunc(hops, func(h path.Hop) bool { return slices.Contains(results, h.Result) }); i >= 0 {
				return &hops[i]
			}
		}
	}
	return nil
}

// call is "GET shop/web-1 → shop/orders:80 /api".
func (p Path) call() string {
	r := p.Request
	return clean(fmt.Sprintf("%s → %s %s %s", r.From, r.To, cmp.Or(r.Method, "GET"), cmp.Or(r.Path, "/")))
}

func (p Path) moment() string { return "as of " + p.At.UTC().Format("2006-01-02 15:04:05 UTC") }

// route is the hops in one line.
func (p Path) route() string {
	var list []string
	for i := range p.Hops {
		h := &p.Hops[i]
		list = append(list, resultMarks[h.Result]+" "+place(h))
	}
	return strings.Join(list, " → ")
}

// branches is where calls go different ways.
func (p Path) branches() string {
	var list []string
	for i := range p.Branches[:min(len(p.Branches), mostAffected)] {
		b := &p.Branches[i]
		list = append(list, strings.TrimSpace(fmt.Sprintf("%.4g %% %s: %s %s", b.Weight, clean(b.Label), b.Verdict, b.Code)))
	}
	s := strings.Join(list, "; ")
	if more := len(p.Branches) - mostAffected; more > 0 {
		s += fmt.Sprintf("; and %d more", more)
	}
	return s
}

// place is a hop as it is spoken of: "destination ztunnel ztunnel-x on node-b".
func place(h *path.Hop) string {
	s := strings.ReplaceAll(string(h.Kind), "-", " ")
	if h.Name != "" && h.Name != string(h.Kind) {
		s += " " + h.Name
	}
	if h.Node != "" && h.Node != h.Name {
		s += " on " + h.Node
	}
	return clean(s)
}

// proof is what the statement about a hop rests on, the contradiction first.
func (p Path) proof(h *path.Hop) string {
	parts := []string{basis(h)}
	if h.Contradiction != "" {
		parts = append(parts, "contradiction: "+clean(h.Contradiction))
	}
	if len(h.Evidence) > 0 {
		e := h.Evidence[0]
		s := e.Source
		if !e.Object.IsZero() {
			s += ", " + e.Object.String()
		}
		if e.Field != "" {
			s += " " + e.Field
		}
		s += ": " + e.Text
		if e.Time != "" {
			s += " (" + e.Time + ")"
		}
		parts = append(parts, clean(s))
	}
	return strings.Join(parts, "; ")
}

// basis is what a hop rests on: "expected", "proven by 12 lines".
func basis(h *path.Hop) string {
	switch {
	case h.Proof == nil:
		return string(h.Basis)
	case h.Proof.Lines == 1:
		return string(h.Basis) + " by 1 line"
	}
	return fmt.Sprintf("%s by %d lines", h.Basis, h.Proof.Lines)
}

// next is the first command, the one that shows most.
func next(h *path.Hop) string {
	if len(h.Commands) == 0 {
		return ""
	}
	return command(h.Commands[0])
}

func joined(list []string) string {
	return clean(strings.Join(list, "; "))
}

func orNone(code string) string { return cmp.Or(code, "no code") }

// Command asks the same question on a command line.
func (p Path) Command() string {
	r := p.Asked
	words := []string{"waylight path"}
	flag := func(name, value, usual string) {
		if value != "" && value != usual {
			words = append(words, "--"+name+" "+kubectl.Quote(value))
		}
	}
	flag("from", r.From, "")
	flag("to", r.To, "")
	flag("method", r.Method, "GET")
	flag("path", r.Path, "/")
	for _, h := range r.Headers {
		flag("header", h.Name+"="+h.Value, "")
	}
	flag("jwt", string(r.Token.State), string(authz.TokenUnknown))
	flag("jwt-issuer", r.Token.Issuer, "")
	flag("jwt-subject", r.Token.Subject, "")
	for _, name := range slices.Sorted(maps.Keys(r.Token.Claims)) {
		for _, value := range r.Token.Claims[name] {
			flag("jwt-claim", name+"="+value, "")
		}
	}
	return strings.Join(words, " ")
}
