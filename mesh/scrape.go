package mesh

import (
	"slices"
	"strings"
	"time"
)

// Scrape is what a proxy had counted at one moment, as far as Waylight has a
// use for it (istio.md A.10 and F). Counters count since the proxy started, so
// a rate needs two.
type Scrape struct {
	// At is when it was read.
	At time.Time
	// Series are sorted by name.
	Series []Series
	// Others counts series of families that nothing here is judged by.
	Others int
	// Skipped counts lines that could not be read, and Dropped series that were
	// too many to keep; neither may be taken for zero. FirstSkipped says what
	// was wrong with the first.
	Skipped, Dropped int
	FirstSkipped     string
}

// Series is one number with its labels.
type Series struct {
	// Name is that of the series, not of its family: of a counter it ends in
	// _total, of a histogram in _bucket, _sum or _count.
	Name   string
	Labels Labels
	Value  float64
}

// Labels tell the series of one name apart, sorted by name. Series that have
// the same share them: they must not be changed.
type Labels []Label

// Label is one of them. Proxies write "unknown" for what they do not know.
type Label struct{ Name, Value string }

// Get is the value of a label, empty if it is not there.
func (l Labels) Get(name string) string {
	i, ok := slices.BinarySearchFunc(l, name, func(l Label, name string) int { return strings.Compare(l.Name, name) })
	if !ok {
		return ""
	}
	return l[i].Value
}

// Named lists the series of a name.
func (s *Scrape) Named(name string) []Series {
	start, _ := slices.BinarySearchFunc(s.Series, name, compareSeries)
	end := start
	for end < len(s.Series) && s.Series[end].Name == name {
		end++
	}
	return s.Series[start:end]
}

func compareSeries(s Series, name string) int { return strings.Compare(s.Name, name) }
