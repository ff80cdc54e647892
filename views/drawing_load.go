package views

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/analysis/traffic"
	"github.com/waylight/waylight/mesh"
)

// uncounted is said of a leg, of several that lead to or from the same card,
// whose own part no metric tells.
const uncounted = "how much of it goes here is not counted"

// plainPart is the part that is drawn as wide as a leg without any.
const plainPart = 100 * (legPlain - legThin) / legThick

// loadDrawing writes what was counted on the nodes and legs of a drawing, and
// returns what the legend has to say about it.
func loadDrawing(g *path.Graph, a *traffic.Along, t *mesh.Traffic) []LegendItem {
	if a.Why != "" {
		return []LegendItem{{Text: "rates are not known: " + a.Why}}
	}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		l := a.Node(n.ID)
		n.Load = path.Load{Words: loadWords(l), Lines: loadLines(l)}
	}
	loadVersions(g, &a.Split)
	unit := loadLegs(g, a)
	return loadLegend(g, a, t, unit)
}

// loadVersions puts the observed share beside the declared one, on cards and
// legs.
func loadVersions(g *path.Graph, s *traffic.Split) {
	if !s.Known || s.Sample == 0 || len(s.Versions) < 2 {
		return
	}
	for i := range s.Versions {
		v := &s.Versions[i]
		j := slices.IndexFunc(g.Nodes, func(n path.Node) bool { return n.ID == v.ID })
		if j < 0 {
			continue
		}
		n, seen := &g.Nodes[j], "seen "+percentText(v.Observed)
		n.Load.Lines = append([]string{fmt.Sprintf("%s of %d", seen, s.Sample)}, n.Load.Lines...)
		n.Load.Words = fmt.Sprintf("%s of %d requests, between %s and %s with 95 %% confidence; %s", seen, s.Sample, percentText(v.Low), percentText(v.High), n.Load.Words)
		if v.Drifts && n.State == path.StateOK {
			n.State, n.Code = path.StateWarn, "SPLIT_DRIFT"
		}
		for k := range g.Legs {
			if l := &g.Legs[k]; l.To == v.ID && v.Share >= 0 {
				l.Label = seen
			}
		}
	}
}

// loadLegs gives each leg its words and its width, and returns what widths are
// of: requests, where any leg has them, else connections, or nothing.
func loadLegs(g *path.Graph, a *traffic.Along) (unit string) {
	busiest := 0.0
	for _, try := range []string{"requests", "connections"} {
		for i := range g.Legs {
			if rate, ok := rateOf(a.Leg(g.Legs[i].From, g.Legs[i].To), try); ok {
				busiest, unit = max(busiest, rate), try
			}
		}
		if unit != "" {
			break
		}
	}
	for i := range g.Legs {
		l := &g.Legs[i]
		load := a.Leg(l.From, l.To)
		rate, ok := rateOf(load, unit)
		l.Load = path.Load{Words: orWord(loadWords(load), uncounted), Part: plainPart}
		if ok {
			l.Load.Part = 100 * rate / max(busiest, rate, 1e-9)
		}
		if l.Label == "" && ok && rate > 0 && entersService(g, l) {
			l.Label = amount(rate) + "/s"
		}
	}
	return unit
}

// entersService tells the legs that lead to the waypoint, or to the version
// where there is none: their rate is what the service gets.
func entersService(g *path.Graph, l *path.Leg) bool {
	i := slices.IndexFunc(g.Nodes, func(n path.Node) bool { return n.ID == l.To })
	return i >= 0 && (g.Nodes[i].Stage == path.StageWaypoint || g.Nodes[i].Stage == path.StageVersion)
}

func rateOf(l traffic.Load, unit string) (float64, bool) {
	switch {
	case unit == "requests" && l.Requests != nil:
		return l.Requests.PerSecond, true
	case unit == "connections" && l.Connections != nil:
		return l.Connections.PerSecond, true
	}
	return 0, false
}

// loadLines is a load in short, for a card; none where it is not known.
func loadLines(l traffic.Load) []string {
	switch r, x := l.Requests, l.Connections; {
	case r != nil && r.Count > 0:
		share, _ := r.ErrorShare()
		return withFailures(amount(r.PerSecond)+" requests/s", share)
	case r != nil && (x == nil || x.All() == 0):
		return []string{noTraffic}
	case r != nil:
		return []string{"no requests"}
	case x != nil && x.All() > 0:
		share, _ := x.FailedShare()
		return withFailures(amount(x.PerSecond)+" connections/s", share)
	case x != nil:
		return []string{noTraffic}
	}
	return nil
}

// withFailures adds a line to a rate where some of it failed.
func withFailures(rate string, share float64) []string {
	if share <= 0 {
		return []string{rate}
	}
	return []string{rate, percentText(share) + " failed"}
}

// loadWords is a load in full: rates, samples, what failed, how long it took.
// It is empty where nothing is known.
func loadWords(l traffic.Load) string {
	var parts []string
	if l.Requests != nil {
		parts = append(parts, requestsWords(l.Requests))
	}
	if l.Connections != nil {
		parts = append(parts, connectionsWords(l.Connections))
	}
	return strings.Join(parts, "; ")
}

func requestsWords(r *traffic.Requests) string {
	if r.Count == 0 {
		return "no requests"
	}
	parts := []string{fmt.Sprintf("%s requests/s, %s in the window", amount(r.PerSecond), amount(r.Count)), "none failed"}
	if share, ok := r.ErrorShare(); ok && share > 0 {
		parts[1] = percentText(share) + " failed"
	}
	for _, q := range []struct {
		name    string
		latency *traffic.Latency
	}{{"p50", r.P50}, {"p90", r.P90}, {"p99", r.P99}} {
		if q.latency != nil {
			parts = append(parts, q.name+" "+latencyText(q.latency))
		}
	}
	return strings.Join(parts, ", ")
}

func connectionsWords(x *traffic.Connections) string {
	if x.All() == 0 {
		return "no connections"
	}
	parts := []string{fmt.Sprintf("%s connections/s, %s in the window", amount(x.PerSecond), amount(x.All())), "none failed"}
	if share, ok := x.FailedShare(); ok && share > 0 {
		parts[1] = percentText(share) + " failed"
	}
	if x.Denied > 0 {
		parts = append(parts, amount(x.Denied)+" refused by a policy")
	}
	if share, ok := x.MTLSShare(); ok {
		parts = append(parts, percentText(share)+" under mTLS")
	}
	return strings.Join(parts, ", ")
}

// loadLegend says what widths and shares are of, who counted, and what is not
// judged.
func loadLegend(g *path.Graph, a *traffic.Along, t *mesh.Traffic, unit string) []LegendItem {
	if unit == "" {
		return []LegendItem{{Text: "rates are not known: the proxies on this path were not counted"}}
	}
	texts := []string{"width follows " + unit + " per second, counted " + countedNote(t)}
	if slices.ContainsFunc(g.Legs, func(l path.Leg) bool { return l.Load.Words == uncounted }) {
		texts = append(texts, "thin where no metric tells a line's part")
	}
	if a.Split.Known && a.Split.Sample > 0 && len(a.Split.Versions) > 1 {
		texts = append(texts, "shares on lines are seen, the declared ones stand on the cards")
		if a.Split.Unjudged != "" {
			texts = append(texts, "not held against each other: "+a.Split.Unjudged)
		}
	}
	if a.AllPorts {
		texts = append(texts, "numbers are of all ports together")
	}
	out := make([]LegendItem, 0, len(texts))
	for _, text := range texts {
		out = append(out, LegendItem{Text: printable(text)})
	}
	return out
}
