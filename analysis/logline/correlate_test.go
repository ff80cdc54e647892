package logline_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/analysis/logline"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// call are the lines of one group. Failed is the one that says why it failed,
// nil if none does: the deepest on its way that knows a reason, else the deepest
// that failed; of two as deep the later, which is the last try.
type call struct {
	ID     string
	Lines  []*mesh.LogLine
	Failed *mesh.LogLine
	Means  mesh.LogExplanation
}

func callOf(id string, lines []*mesh.LogLine) call {
	out := call{ID: id, Lines: lines}
	deepest := -1
	for _, l := range lines {
		x := logline.Explain(l)
		at := depth(l)
		if !x.Elsewhere {
			at += 10
		}
		if x.Code != "" && (at > deepest || at == deepest && l.Time.After(out.Failed.Time)) {
			deepest, out.Failed, out.Means = at, l, x
		}
	}
	return out
}

// depth is how far on its way a call is where a line was written.
func depth(l *mesh.LogLine) int {
	switch {
	case l.Connection != nil && l.Connection.Direction == "inbound":
		return 3
	case l.Request != nil && l.Request.UpstreamCluster == "connect_originate":
		return 2
	case l.Request != nil:
		return 1
	}
	return 0
}

// correlated adds lines in their order and gives the group each is in at last.
func correlated(lines []*mesh.LogLine) map[*mesh.LogLine]call {
	c := logline.NewCorrelator()
	into := map[string]string{}
	of := map[*mesh.LogLine]string{}
	for _, l := range lines {
		p := c.Add(l)
		of[l] = p.Group
		for _, gone := range p.Merged {
			into[gone] = p.Group
		}
	}
	out := map[*mesh.LogLine]call{}
	for _, l := range lines {
		id := of[l]
		for into[id] != "" {
			id = into[id]
		}
		if found := c.Lines(id); found != nil {
			out[l] = callOf(id, found)
		}
	}
	return out
}

// arrivals are orders in which the lines of a recording can reach a reader.
var arrivals = map[string]func(*mesh.LogLine) time.Duration{
	"as they were recorded": func(*mesh.LogLine) time.Duration { return 0 },
	"with an Envoy that writes its log once a second": func(l *mesh.LogLine) time.Duration {
		if l.Request != nil {
			return time.Second
		}
		return 0
	},
	"with a node whose clock is slow": func(l *mesh.LogLine) time.Duration {
		if strings.HasPrefix(l.From.Pod.Name, "ztunnel-qb") {
			return -5 * time.Millisecond
		}
		return 0
	},
	"with a node whose clock is fast": func(l *mesh.LogLine) time.Duration {
		if strings.HasPrefix(l.From.Pod.Name, "ztunnel-qb") {
			return 5 * time.Millisecond
		}
		return 0
	},
}

func TestTheDenialIsFoundFromEveryLineOfItsCall(t *testing.T) {
	for _, recording := range meshtest.Recordings() {
		for name, late := range arrivals {
			t.Run(recording+" "+name, func(t *testing.T) {
				lines := arrived(recordedLines(t, recording), late)
				groups := correlated(lines)
				for _, l := range lines {
					if x := logline.Explain(l); !x.Elsewhere {
						continue
					}
					g := groups[l]
					if g.Failed == nil || g.Means.Elsewhere {
						t.Errorf("no line knows the reason of: %s", l.Raw)
					} else if g.Means.Code != mesh.CodeNoneAllowed || g.Failed.Connection == nil || g.Failed.Connection.Direction != "inbound" {
						t.Errorf("%s is no denial at the destination, found from: %s", g.Failed.Raw, l.Raw)
					}
				}
			})
		}
	}
}

func arrived(lines []*mesh.LogLine, late func(*mesh.LogLine) time.Duration) []*mesh.LogLine {
	for _, l := range lines {
		l.Time = l.Time.Add(late(l))
	}
	slices.SortStableFunc(lines, func(a, b *mesh.LogLine) int { return a.Time.Compare(b.Time) })
	return lines
}

// Every client of the recordings makes one call a connection, so that a group
// with two of anything would be two calls.
func TestAGroupIsOneCall(t *testing.T) {
	for _, recording := range meshtest.Recordings() {
		t.Run(recording, func(t *testing.T) {
			lines := recordedLines(t, recording)
			outbound, waypoint := 0, 0
			for l, g := range correlated(lines) {
				var clients, requests, pods int
				for _, m := range g.Lines {
					switch {
					case m.Request != nil && m.Request.Method != "":
						requests++
					case m.Connection != nil && m.Connection.Direction == "outbound":
						clients++
					case m.Connection != nil:
						pods++
					}
				}
				if clients > 1 || requests > 1 || pods > 1 {
					t.Errorf("group %s has %d clients, %d requests, %d pods", g.ID, clients, requests, pods)
				}
				if l.Connection != nil && l.Connection.Error == "" && l.Connection.Direction == "outbound" && strings.Contains(l.Connection.Destination.Identity, "/sa/waypoint") {
					outbound++
					waypoint += requests
				}
			}
			if outbound != waypoint {
				t.Errorf("%d connections to a waypoint have %d requests there", outbound, waypoint)
			}
		})
	}
}
