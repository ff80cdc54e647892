package text

import (
	"fmt"
	"strings"
	"time"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
)

// closing says what was found, what was checked and what could not be, in one
// paragraph: a quiet report proves only as much as it looked at.
func closing(r *analysis.Report) string {
	parts := []string{found(r) + within(r) + ".", fmt.Sprintf("%d of %d checks ran over %s, %s.", r.Ran, r.Checks, extent(r.Snap), moment(r))}
	if held := heldBack(r); held != "" {
		return strings.Join(append(parts, held), " ")
	}
	return strings.Join(append(parts, "Nothing was held back."), " ")
}

// found counts by severity: "1 critical, 2 warnings".
func found(r *analysis.Report) string {
	var parts []string
	for _, s := range []analysis.Severity{analysis.Critical, analysis.Error, analysis.Warning, analysis.Info} {
		n := r.Count(s)
		switch {
		case n == 0:
		case n > 1 && (s == analysis.Error || s == analysis.Warning):
			parts = append(parts, fmt.Sprintf("%d %ss", n, s))
		default:
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
	}
	if len(parts) == 0 {
		return "No findings"
	}
	return strings.Join(parts, ", ")
}

// within says what a report was limited to, and how much that and mutes hide.
func within(r *analysis.Report) string {
	s := ""
	if len(r.Limit) > 0 {
		s = " in " + clean(strings.Join(r.Limit, ", "))
	}
	if len(r.Limit) > 0 && r.Hidden > 0 {
		s += fmt.Sprintf(", and %d elsewhere", r.Hidden)
	}
	if r.Muted > 0 {
		s += fmt.Sprintf(", and %d muted", r.Muted)
	}
	return s
}

func extent(s *mesh.Snapshot) string {
	pods, namespaces := 0, 0
	for _, sh := range s.Shards {
		if !s.InScope(sh.Namespace) {
			continue
		}
		namespaces++
		for _, w := range sh.Workloads {
			if w.Kind == "Pod" {
				pods++
			}
		}
	}
	if s.Cluster.Origin == mesh.OriginManifests {
		return plural(namespaces, "namespace") // whose pods are only assumed
	}
	name := ""
	if s.Cluster.Name != "" {
		name = clean(s.Cluster.Name) + ": "
	}
	counted := plural(pods, "pod")
	if !s.Sources.Kind(mesh.ResourcePods).State.Readable() {
		counted = "an unknown number of pods"
	}
	return fmt.Sprintf("%s%s and %s", name, plural(namespaces, "namespace"), counted)
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func moment(r *analysis.Report) string {
	at := r.At.UTC().Format(time.DateTime) + " UTC"
	switch r.Snap.Cluster.Origin {
	case mesh.OriginRecorded:
		return "as recorded " + at
	case mesh.OriginDemo:
		return "the demo, as recorded " + at
	case mesh.OriginManifests:
		return "as written"
	}
	return "as of " + at
}

// heldBack names the checks that did not judge, by reason; those that judged
// less come after them.
func heldBack(r *analysis.Report) string {
	var parts []string
	if not := heldBackBy(r, false); not != "" {
		parts = append(parts, "Not judged: "+not+".")
	}
	if less := heldBackBy(r, true); less != "" {
		parts = append(parts, "Judged in part: "+less+".")
	}
	return strings.Join(parts, " ")
}

// heldBackBy groups codes under the source that is missing, in the report's
// order.
func heldBackBy(r *analysis.Report, partly bool) string {
	var reasons []string
	codes := make(map[string][]string)
	for _, h := range r.HeldBack {
		if h.Partly != partly {
			continue
		}
		reason := fmt.Sprintf("%s %s: %s", clean(h.Source), h.State, strings.TrimSuffix(clean(h.Detail), "."))
		if codes[reason] == nil {
			reasons = append(reasons, reason)
		}
		codes[reason] = append(codes[reason], h.Code)
	}
	for i, reason := range reasons {
		reasons[i] = strings.Join(codes[reason], ", ") + " (" + reason + ")"
	}
	return strings.Join(reasons, "; ")
}
