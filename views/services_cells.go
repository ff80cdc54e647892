package views

import (
	"fmt"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// BindingCell says which waypoint an object's traffic goes through, or why it
// goes through none.
type BindingCell struct {
	State mesh.BindingState
	// Name is the waypoint as seen from the object's namespace; empty for none.
	Name string
	URL  templ.SafeURL
	// Word says what is the matter where the waypoint is not in effect.
	Word string
	Tone ui.Tone
	// Reason is the full sentence, Inherited where the label in effect is.
	Reason    string
	Inherited bool
}

func newBindingCell(s *mesh.Snapshot, l Links, namespace string, b mesh.Binding) BindingCell {
	c := BindingCell{State: b.State, Reason: b.Reason, Inherited: b.Inherited()}
	c.Word, c.Tone = bindingWord(b.State)
	if !b.Waypoint.IsZero() && b.State != mesh.BindingIgnored {
		c.Name = b.Waypoint.Name
		if b.Waypoint.Namespace != namespace {
			c.Name = b.Waypoint.NamespacedName()
		}
		c.URL = l.Object(s, b.Waypoint)
	}
	return c
}

// bindingWord is a state in a table; a bound waypoint needs no word.
func bindingWord(state mesh.BindingState) (string, ui.Tone) {
	switch state {
	case mesh.BindingBound:
		return "", ui.ToneGood
	case mesh.BindingNone:
		return "none", ui.ToneNone
	case mesh.BindingOptedOut:
		return "opted out", ui.ToneNone
	case mesh.BindingIgnored:
		return "never", ui.ToneNone
	case mesh.BindingNotFound:
		return "not found", ui.ToneBad
	case mesh.BindingNotReady:
		return "not ready", ui.ToneBad
	case mesh.BindingDenied:
		return "attachment denied", ui.ToneBad
	case mesh.BindingTrafficType:
		return "wrong traffic type", ui.ToneBad
	}
	return "unknown", ui.ToneUnknown
}

// Failed tells that a waypoint is asked for and not in effect.
func (c BindingCell) Failed() bool { return c.Tone == ui.ToneBad }

// filterWords are what waypoint: matches in a filter.
func (c BindingCell) filterWords() []string {
	words := []string{strings.ReplaceAll(string(c.State), " ", "-")}
	if c.Name != "" {
		words = append(words, c.Name)
	}
	if c.Failed() {
		words = append(words, "failed")
	}
	if c.State == mesh.BindingOptedOut || c.State == mesh.BindingIgnored {
		words = append(words, "none")
	}
	return words
}

// CountCell is a number of ready things out of all, or why it is not known.
type CountCell struct {
	Text    string // "2 of 3"; a word where nothing is counted
	Tone    ui.Tone
	Unknown string // why; empty where it is known
	Ready   int
	Counted bool
}

// newCountCell colours what is short of its target; none at all is bad news
// where some should be.
func newCountCell(ready, all int) CountCell {
	c := CountCell{Text: number(ready) + " of " + number(all), Ready: ready, Counted: true}
	switch {
	case all == 0:
		c.Text, c.Tone = "none", ui.ToneBad
	case ready == 0:
		c.Tone = ui.ToneBad
	case ready < all:
		c.Tone = ui.ToneWarn
	}
	return c
}

func unknownCell(why string) CountCell {
	return CountCell{Unknown: why, Tone: ui.ToneUnknown, Ready: -1}
}

// wordCell stands for things that have no count.
func wordCell(word string) CountCell { return CountCell{Text: word, Ready: -1} }

// FindingsCell counts the findings about an object by severity, worst first.
type FindingsCell struct {
	Counts []SeverityCount
	Worst  int // rank of the worst, 5 for none, for sorting
	Codes  []string
}

// SeverityCount is how many findings have a severity.
type SeverityCount struct {
	Severity analysis.Severity
	Count    string
}

const rankOfNone = 5

func newFindingsCell(list []analysis.Finding) FindingsCell {
	c := FindingsCell{Worst: rankOfNone}
	if len(list) == 0 {
		return c
	}
	for i := range list {
		c.Worst = min(c.Worst, list[i].Severity.Rank())
		if !slices.Contains(c.Codes, list[i].Code) {
			c.Codes = append(c.Codes, list[i].Code)
		}
	}
	for _, s := range []analysis.Severity{analysis.Critical, analysis.Error, analysis.Warning, analysis.Info} {
		n := 0
		for i := range list {
			if list[i].Severity == s {
				n++
			}
		}
		if n > 0 {
			c.Counts = append(c.Counts, SeverityCount{s, number(n)})
		}
	}
	return c
}

// filterWords are what finding: matches: the codes, and each severity.
func (c FindingsCell) filterWords() []string {
	if len(c.Counts) == 0 {
		return []string{"none"}
	}
	words := slices.Clone(c.Codes)
	for _, s := range c.Counts {
		words = append(words, string(s.Severity))
	}
	return words
}

// some joins at most n texts and counts the rest.
func some(list []string, n int) string {
	if len(list) <= n {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:n], ", "), len(list)-n)
}
