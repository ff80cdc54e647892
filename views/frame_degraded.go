package views

import (
	"slices"
	"strings"
	"time"

	"github.com/waylight/waylight/mesh"
)

// degraded is a source that cannot be relied on, and what follows.
type degraded struct {
	Name, Word, Detail string
	Since              time.Time
	// Lost says what cannot be known because of it.
	Lost string
}

// degraded lists the sources a reader must know about. One that is absent is
// not installed, which is knowledge, and one that is starting says so itself
// in place of the page. While the API server does not answer, that its kinds are
// old is the same news forty times, and would bury the reason.
func (f Frame) degraded() []degraded {
	var out []degraded
	for _, s := range f.Sources {
		if f.followsOutage(s) {
			continue
		}
		if word := degradedWord(s.State); word != "" {
			out = append(out, degraded{
				Name: s.Name, Word: word, Detail: s.Detail, Since: sinceOf(s),
				Lost: f.lost(s.Name),
			})
		}
	}
	return out
}

// followsOutage tells that a kind is not current because Kubernetes as a whole
// is not.
func (f Frame) followsOutage(s mesh.SourceStatus) bool {
	kubernetes, _ := f.Sources.Find(mesh.KubernetesSource)
	unreached := s.State == mesh.SourceStale || s.State == mesh.SourceDown
	return kubernetes.State == mesh.SourceDown && unreached && strings.HasPrefix(s.Name, mesh.KubernetesSource+"/")
}

// lost says what cannot be known because of a source, and how many checks it
// keeps from judging.
func (f Frame) lost(source string) string {
	var codes []string
	for _, h := range f.heldBack {
		if h.Source == source && !slices.Contains(codes, h.Code) {
			codes = append(codes, h.Code)
		}
	}
	text := lostWithout(source)
	if source == mesh.KubernetesSource && f.Live() && f.AsOf.IsZero() {
		text = "Nothing was read yet, so nothing is known."
	}
	if len(codes) > 0 {
		text += " " + plural(len(codes), "check") + " held back."
	}
	return strings.TrimSpace(text)
}

// degradedWord is the state in words, empty for states that are fine.
func degradedWord(s mesh.SourceState) string {
	switch s {
	case mesh.SourceOK, mesh.SourceAbsent, mesh.SourceStarting:
		return ""
	case mesh.SourceForbidden:
		return "may not be read"
	case mesh.SourceDown:
		return "does not answer"
	case mesh.SourceStale:
		return "is stale"
	case mesh.SourcePartial:
		return "was read in part"
	}
	return "is in an unknown state"
}

// sinceOf is since when the state is what it is; for a stale source the last
// moment it was current tells more.
func sinceOf(s mesh.SourceStatus) time.Time {
	if s.State == mesh.SourceStale && !s.AsOf.IsZero() {
		return s.AsOf
	}
	return s.Since
}

// starting tells that nothing was read yet: every list is empty for that
// reason and for no other.
func (f Frame) starting() bool {
	k, ok := f.Sources.Find(mesh.KubernetesSource)
	return ok && k.State == mesh.SourceStarting
}

// lostWithout says in one sentence what is unknown without a source (design.md
// section 3).
func lostWithout(source string) string {
	kind, rest, _ := strings.Cut(source, "/")
	switch {
	case kind == mesh.KubernetesSource && rest != "":
		return "Whatever depends on " + resourceWord(rest) + " is undetermined."
	case kind == mesh.KubernetesSource:
		return "Nothing newer than the last complete read is known."
	case kind == "ztunnel":
		return "Paths through this node are expected only; drift, certificates and live connections are unknown."
	case kind == "envoy":
		return "Routes and clusters are shown as declared, not as loaded."
	case kind == "istiod":
		return "Sync state and rejections are unknown."
	case kind == "prometheus":
		return "Rates and splits are not known from Prometheus."
	case kind == "logs":
		return "There are no logs of it."
	}
	return ""
}

// resourceWord is the plain plural of "<resource>.<group>".
func resourceWord(resource string) string {
	word, _, _ := strings.Cut(resource, ".")
	return word
}
