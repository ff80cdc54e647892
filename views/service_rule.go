package views

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
)

// RuleCard is one routing rule in the order in which the waypoint tries it.
type RuleCard struct {
	Order  string // "1" for the rule tried first
	Object ObjectLink
	// Number is the place in its object, Name its own name; Name may be empty.
	Number, Name string
	// Match are conditions that must all hold; empty for every request.
	Match []string
	// Dead says why no request gets here; empty where some can.
	Dead     string
	Backends []BackendLine
	Mirrors  []BackendLine
	Does     []RuleFact
}

// BackendLine is where a rule sends a part of the requests.
type BackendLine struct {
	Object  ObjectLink
	Subset  string
	Port    string
	Weight  string // as written
	Percent string // of the rule's requests
}

// RuleFact is one thing a rule sets.
type RuleFact struct{ Label, Text string }

func newRuleCard(s *mesh.Snapshot, q Query, r path.Rule, order int) RuleCard {
	c := RuleCard{
		Order: number(order), Object: NewObjectLink(s, q, r.Route.Ref()), Number: number(r.Number), Name: r.Spec.Name,
		Match: matchWords(r.Match), Does: ruleFacts(r.Spec),
	}
	var total int32
	for _, b := range r.Spec.Backends {
		total += b.Weight
	}
	for _, b := range r.Spec.Backends {
		c.Backends = append(c.Backends, newBackendLine(s, q, r.Route, b, weightShare(b.Weight, total, len(r.Spec.Backends))))
	}
	for _, m := range r.Spec.Mirrors {
		line := newBackendLine(s, q, r.Route, m, percent(m.Percent))
		line.Weight = ""
		c.Mirrors = append(c.Mirrors, line)
	}
	return c
}

// weightShare is a weight in percent. Weights that are all zero mean that a
// single VirtualService destination has none written and gets everything.
func weightShare(weight, total int32, backends int) string {
	switch {
	case total > 0:
		return percent(100 * float64(weight) / float64(total))
	case backends == 1:
		return percent(100)
	}
	return percent(0)
}

func newBackendLine(s *mesh.Snapshot, q Query, r *mesh.Route, b mesh.Backend, share string) BackendLine {
	line := BackendLine{Subset: b.Subset, Percent: share, Object: ObjectLink{Name: b.Host}}
	if ref := backendRef(r.Namespace, b); !ref.IsZero() {
		line.Object = NewObjectLink(s, q, ref)
		if s.Lookup(ref) == nil {
			line.Object.URL = ""
		}
	}
	if b.Port != 0 {
		line.Port = strconv.Itoa(int(b.Port))
	}
	if b.Weight != 0 {
		line.Weight = strconv.Itoa(int(b.Weight))
	}
	return line
}

// backendRef is the Service behind a backend; zero for a host outside the
// cluster domain. Istio completes only names without a dot.
func backendRef(namespace string, b mesh.Backend) mesh.Ref {
	if !b.Ref.IsZero() {
		return b.Ref
	}
	name, dotted := strings.CutSuffix(b.Host, ".svc."+mesh.DefaultClusterDomain)
	if dotted {
		name, namespace, _ = strings.Cut(name, ".")
	} else if strings.ContainsAny(b.Host, ".*") || b.Host == "" {
		return mesh.Ref{}
	}
	return mesh.Ref{Kind: "Service", Namespace: namespace, Name: name}
}

// ruleFacts lists what a rule does besides choosing a backend.
func ruleFacts(r *mesh.RouteRule) []RuleFact {
	var out []RuleFact
	add := func(label, text string) {
		if text != "" {
			out = append(out, RuleFact{label, text})
		}
	}
	add("redirect", redirectWords(r.Redirect))
	add("rewrite", rewriteWords(r.Rewrite))
	if r.DirectResponse != 0 {
		add("answers itself", fmt.Sprintf("HTTP %d, without asking a backend", r.DirectResponse))
	}
	add("timeout", durationWords(r.Timeout))
	add("timeout per try", durationWords(r.BackendTimeout))
	add("retries", retryWords(r.Retry))
	add("injected fault", faultWords(r.Fault))
	add("headers", strings.Join(r.HeaderChanges, "; "))
	add("filters", strings.Join(r.Filters, ", "))
	if !r.Delegate.IsZero() {
		add("delegates to", r.Delegate.NamespacedName())
	}
	return out
}

func redirectWords(r *mesh.Redirect) string {
	if r == nil {
		return ""
	}
	parts := []string{}
	if r.Status != 0 {
		parts = append(parts, fmt.Sprintf("HTTP %d", r.Status))
	}
	if r.Scheme != "" {
		parts = append(parts, "to scheme "+r.Scheme)
	}
	if r.Host != "" {
		parts = append(parts, "to host "+r.Host)
	}
	if r.Port != 0 {
		parts = append(parts, fmt.Sprintf("to port %d", r.Port))
	}
	if r.Path != "" {
		parts = append(parts, pathWords(r.Path, r.PrefixPath))
	}
	if len(parts) == 0 {
		return "to the same address"
	}
	return strings.Join(parts, ", ")
}

func rewriteWords(r *mesh.Rewrite) string {
	if r == nil {
		return ""
	}
	var parts []string
	if r.Host != "" {
		parts = append(parts, "host becomes "+r.Host)
	}
	if r.Path != "" {
		parts = append(parts, pathWords(r.Path, r.PrefixPath))
	}
	return strings.Join(parts, ", ")
}

func pathWords(to string, prefixOnly bool) string {
	if prefixOnly {
		return "matched prefix of the path becomes " + to
	}
	return "path becomes " + to
}

// durationWords prints a length of time exactly as declared; empty if not set.
func durationWords(d *time.Duration) string {
	switch {
	case d == nil:
		return ""
	case *d == 0:
		return "none (0s)"
	}
	return d.String()
}

func retryWords(r *mesh.Retry) string {
	if r == nil {
		return ""
	}
	if r.Attempts == 0 {
		return "none"
	}
	text := plural(int(r.Attempts), "retry", "retries")
	if r.On != "" {
		text += " on " + r.On
	}
	if r.PerTryTimeout != nil {
		text += ", " + r.PerTryTimeout.String() + " per try"
	}
	if r.Backoff != nil {
		text += ", " + r.Backoff.String() + " between tries"
	}
	return text
}

// faultWords say what is injected. The fault filter stands before the router,
// so timeouts and retries of the route do not act on it (istio.md C.5).
func faultWords(f *mesh.Fault) string {
	if f == nil {
		return ""
	}
	var parts []string
	if f.Delay != nil {
		parts = append(parts, percent(f.DelayPercent)+" of requests wait "+f.Delay.String())
	}
	if f.AbortStatus != 0 {
		parts = append(parts, fmt.Sprintf("%s of requests get HTTP %d", percent(f.AbortPercent), f.AbortStatus))
	}
	if f.AbortGRPC != "" {
		parts = append(parts, percent(f.AbortPercent)+" of requests get gRPC status "+f.AbortGRPC)
	}
	return strings.Join(parts, ", ")
}
