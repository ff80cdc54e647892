package traffic

import (
	"hash/maphash"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/waylight/waylight/mesh"
)

// forgetAfter is after how many scrapes without it a series is forgotten. One
// that comes back later is taken for a new one, which counts from zero.
const forgetAfter = 20

// Meter follows the counters of one proxy from scrape to scrape. It is for one
// goroutine. The zero value is not usable; call NewMeter.
type Meter struct {
	window   time.Duration
	counters map[identity]counter
	steps    []step
	// scrapes counts readings; last is when the newest was made, and whole
	// whether it had every series.
	scrapes int
	last    time.Time
	whole   bool
	up      float64 // how long the proxy runs, in seconds; -1 where it does not say
	gauges  gauges
	// failures tells that the proxy counts failed connections: since 1.29, as it
	// counts open sockets (istio.md A.10).
	failures bool
}

// NewMeter makes a meter that remembers what happened within a window; zero is
// for ever.
func NewMeter(window time.Duration) *Meter {
	return &Meter{window: window, counters: make(map[identity]counter), up: -1, gauges: noGauges}
}

// counter is a series as it was last seen. Its labels are not kept: most
// counters of a mesh stand still.
type counter struct {
	value float64
	seen  int // the number of the scrape
}

// step is what happened between two scrapes.
type step struct {
	from, to  time.Time
	grown     []growth
	restarted bool
}

// growth is by how much a counter grew.
type growth struct {
	name   string
	labels mesh.Labels
	by     float64
}

// gauges are numbers of the newest scrape; negative where the proxy has none.
type gauges struct{ sockets, connections float64 }

var noGauges = gauges{-1, -1}

// Add takes the next scrape. One that is not newer than the last says nothing:
// no time has passed, or a clock went back.
func (m *Meter) Add(s *mesh.Scrape) {
	if m.scrapes > 0 && !s.At.After(m.last) {
		return
	}
	readings := readingsOf(s)
	first := m.scrapes == 0
	next := step{from: m.last, to: s.At, restarted: !first && m.restarted(uptimeOf(s), readings)}
	m.scrapes++
	for _, r := range readings {
		if by := m.advance(r, next.restarted); by > 0 && !first {
			next.grown = append(next.grown, growth{r.Name, r.Labels, by})
		}
	}
	m.last, m.whole = s.At, s.Skipped+s.Dropped == 0
	m.up, m.gauges = uptimeOf(s), gaugesOf(s)
	m.failures = m.gauges.sockets >= 0 || len(s.Named(Failed)) > 0
	if !first {
		m.steps = append(m.steps, next)
	}
	m.prune()
}

// reading is a counter in a scrape.
type reading struct {
	id identity
	*mesh.Series
}

// readingsOf lists the counters of a scrape.
func readingsOf(s *mesh.Scrape) []reading {
	out := make([]reading, 0, len(s.Series))
	for i := range s.Series {
		if one := &s.Series[i]; isCounter(one.Name) {
			out = append(out, reading{identify(one), one})
		}
	}
	return out
}

// advance notes the value of a series and answers by how much it grew. A series
// that was not there before began at zero, unless the scrape before was
// incomplete: then it may have been there.
func (m *Meter) advance(r reading, restarted bool) float64 {
	before, known := m.counters[r.id]
	m.counters[r.id] = counter{r.Value, m.scrapes}
	switch {
	case !known && !m.whole && !restarted:
		return 0
	case !known || restarted || r.Value < before.value:
		return r.Value
	}
	return r.Value - before.value
}

// restarted tells that counters began anew since the last scrape: the proxy
// says so by its uptime, or most of what had a value is less now. A single
// series that fell is one the proxy had let go of.
func (m *Meter) restarted(up float64, readings []reading) bool {
	if up >= 0 && m.up >= 0 {
		return up < m.up
	}
	had, fell := 0, 0
	for _, r := range readings {
		if c, ok := m.counters[r.id]; ok && c.value > 0 {
			had++
			if r.Value < c.value {
				fell++
			}
		}
	}
	return fell*2 > had
}

// prune lets go of steps that ended before the window, all but the newest, and
// of series that have been away for long.
func (m *Meter) prune() {
	if m.window <= 0 {
		return
	}
	begin := m.last.Add(-m.window)
	old := 0
	for old < len(m.steps)-1 && m.steps[old].from.Before(begin) {
		old++
	}
	m.steps = slices.Delete(m.steps, 0, old)
	maps.DeleteFunc(m.counters, func(_ identity, c counter) bool { return m.scrapes-c.seen > forgetAfter })
}

// Scrapes is how many readings there were.
func (m *Meter) Scrapes() int { return m.scrapes }

// Last is when the newest reading was made.
func (m *Meter) Last() time.Time { return m.last }

// Window is the time that the steps cover together.
func (m *Meter) Window() time.Duration {
	if len(m.steps) == 0 {
		return 0
	}
	return m.last.Sub(m.steps[0].from)
}

// isCounter tells a counter by its name, as OpenMetrics demands it.
func isCounter(name string) bool {
	return strings.HasSuffix(name, "_total") || strings.HasSuffix(name, "_bucket")
}

// identity tells series apart in 16 bytes, where their labels take a thousand.
type identity [2]uint64

// seeds of identities; with 128 bits and seeds nobody knows no two are ever the
// same.
var seeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}

func identify(s *mesh.Series) (id identity) {
	for i, seed := range seeds {
		var h maphash.Hash
		h.SetSeed(seed)
		writeName(&h, s.Name)
		for _, l := range s.Labels {
			writeName(&h, l.Name)
			writeName(&h, l.Value)
		}
		id[i] = h.Sum64()
	}
	return id
}

// writeName writes a text and its end, which no text of a proxy holds.
func writeName(h *maphash.Hash, text string) {
	_, _ = h.WriteString(text) // never fails
	_ = h.WriteByte(0)
}

func uptimeOf(s *mesh.Scrape) float64 { return gauge(s, uptime) }

func gaugesOf(s *mesh.Scrape) gauges {
	return gauges{sockets: gauge(s, SocketsOpen), connections: gauge(s, TotalConnections)}
}

// gauge adds the series of a name; -1 where there is none.
func gauge(s *mesh.Scrape, name string) float64 {
	found := s.Named(name)
	if len(found) == 0 {
		return -1
	}
	sum := 0.0
	for i := range found {
		sum += math.Max(found[i].Value, 0)
	}
	return sum
}
