package views

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/views/ui"
)

// Names of the URL parameters.
const (
	paramNamespace = "ns"
	paramFilter    = "q"
	paramSort      = "sort"
	paramPort      = "port"
	paramKind      = "kind"
	paramPod       = "pod"
	paramAt        = "at"
	paramMute      = "mute"
	paramRange     = "range"
	paramHistory   = "history"
)

// historyNow as history= makes a page wait for Prometheus: without scripts
// nothing can be added to it later.
const historyNow = "now"

// maxText bounds what is taken from a parameter: a pasted log line fits, a
// pasted file does not.
const maxText = 8 << 10

// Query is what a URL asks for, in typed values. Whatever a URL says, parsing
// gives a usable Query: what is not understood is left at zero or, in Filter,
// kept so that the page can say so.
type Query struct {
	// Namespace is the scope; empty for all.
	Namespace string
	// Text is q as typed, Filter the same parsed.
	Text   string
	Filter Filter
	Sort   Sort
	// Port narrows a service page to one port; 0 for the first.
	Port uint16
	// Kind tells objects of one name apart ("ServiceEntry"); empty for the
	// page's usual kind.
	Kind string
	// Pod is one of several proxies that could answer, as "namespace/name" or
	// by its name alone; empty for the one that is Ready.
	Pod string
	// Span is the time that charts show, empty for the usual one; HistoryNow that
	// the page waits for them.
	Span       Span
	HistoryNow bool
	// At is when a shared link was made; zero for none.
	At time.Time
	// Mutes are findings that somebody has seen and wants out of the way until
	// a moment, from mute=; OddMutes are values that are none.
	Mutes    []analysis.Mute
	OddMutes []string
	// Call are the parameters of one call, as they stand in the address; nil
	// where none is asked about. ParsePathRequest reads them.
	Call url.Values
}

// ParseQuery reads the parameters all pages share.
func ParseQuery(v url.Values) Query {
	q := Query{
		Namespace: bounded(v.Get(paramNamespace)),
		Text:      bounded(v.Get(paramFilter)),
		Sort:      parseSort(bounded(v.Get(paramSort))),
		Kind:      bounded(v.Get(paramKind)),
		Pod:       bounded(v.Get(paramPod)),
	}
	q.Filter = ParseFilter(q.Text)
	if v.Has(paramRange) {
		q.Span, _ = ParseSpan(v.Get(paramRange))
	}
	q.HistoryNow = v.Get(paramHistory) == historyNow
	if n, err := strconv.ParseUint(v.Get(paramPort), 10, 16); err == nil {
		q.Port = uint16(n)
	}
	if t, err := time.Parse(time.RFC3339, v.Get(paramAt)); err == nil {
		q.At = t
	}
	q.parseMutes(v[paramMute])
	for _, name := range callParams {
		for _, value := range v[name] {
			if q.Call == nil {
				q.Call = make(url.Values)
			}
			q.Call.Add(name, bounded(value))
		}
	}
	return q
}

// maxMutes bounds how many findings a URL mutes.
const maxMutes = 100

func (q *Query) parseMutes(values []string) {
	for _, value := range values[:min(len(values), maxMutes)] {
		if m, err := analysis.ParseMute(bounded(value)); err == nil {
			q.Mutes = append(q.Mutes, m)
		} else {
			q.OddMutes = append(q.OddMutes, bounded(value))
		}
	}
	for _, value := range values[min(len(values), maxMutes):] {
		q.OddMutes = append(q.OddMutes, bounded(value))
	}
}

// Links builds addresses that keep this query's scope.
func (q Query) Links() Links { return Links{Namespace: q.Namespace} }

// InScope tells whether a namespace is asked for. What has no namespace always
// is.
func (q Query) InScope(namespace string) bool {
	return q.Namespace == "" || namespace == "" || namespace == q.Namespace
}

// params is the query as parameters again, without at=: it belongs to one link
// and not to those that follow from it.
func (q Query) params() url.Values {
	v := url.Values{}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	set(paramNamespace, q.Namespace)
	set(paramFilter, q.Text)
	set(paramSort, q.Sort.String())
	set(paramKind, q.Kind)
	set(paramPod, q.Pod)
	if q.Span != defaultSpan {
		set(paramRange, string(q.Span))
	}
	if q.HistoryNow {
		set(paramHistory, historyNow)
	}
	if q.Port != 0 {
		set(paramPort, strconv.Itoa(int(q.Port)))
	}
	for _, m := range q.Mutes {
		v.Add(paramMute, m.String())
	}
	for name, values := range q.Call {
		v[name] = slices.Clone(values)
	}
	return v
}

// params lists values by name, for hidden inputs.
func params(v url.Values) []ui.Param {
	var out []ui.Param
	for _, name := range slices.Sorted(maps.Keys(v)) {
		for _, value := range v[name] {
			out = append(out, ui.Param{Name: name, Value: value})
		}
	}
	return out
}

func bounded(s string) string {
	if len(s) > maxText {
		s = s[:maxText]
	}
	return strings.ToValidUTF8(strings.TrimSpace(s), "\uFFFD")
}

// Sort is the order of a list: ?sort=name, or ?sort=-name for descending.
type Sort struct {
	Key  string // empty for the list's own order
	Desc bool
}

func parseSort(s string) Sort {
	key, desc := strings.CutPrefix(s, "-")
	return Sort{Key: key, Desc: desc && key != ""}
}

// String is the value of the parameter.
func (s Sort) String() string {
	if s.Desc {
		return "-" + s.Key
	}
	return s.Key
}

// next is the parameter that a click on the column asks for.
func (s Sort) next(key string) string {
	return Sort{Key: key, Desc: s.Key == key && !s.Desc}.String()
}

func (s Sort) order(key string) ui.SortOrder {
	switch {
	case s.Key != key:
		return ui.SortNone
	case s.Desc:
		return ui.SortDescending
	}
	return ui.SortAscending
}

// SortRows orders rows by the column asked for. Rows that are equal there, and
// all rows when the key is not among by, keep the order they have: give them in
// the list's own order.
func SortRows[T any](rows []T, s Sort, by map[string]func(a, b T) int) {
	compare := by[s.Key]
	if compare == nil {
		return
	}
	slices.SortStableFunc(rows, func(a, b T) int {
		if s.Desc {
			return compare(b, a)
		}
		return compare(a, b)
	})
}

// By compares rows by something ordered.
func By[T any, V cmp.Ordered](of func(T) V) func(a, b T) int {
	return func(a, b T) int { return cmp.Compare(of(a), of(b)) }
}
