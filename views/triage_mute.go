package views

import (
	"slices"
	"time"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
)

// MutedList is what somebody has seen and wants out of the way, and what became
// of mutes that no longer hold.
type MutedList struct {
	// Line counts what is muted; empty for nothing.
	Line string
	Rows []MutedRow
	// Over are mutes that have ended, and what the address holds that is none.
	Over []OverMute
}

// MutedRow is one muted cause.
type MutedRow struct {
	ID       string
	Severity analysis.Severity
	Code     CodeLink
	Subjects []ObjectLink
	Summary  string
	Until    time.Time
	Reason   string
	// Undo is the page without this mute; empty for one from the file, which
	// no address lifts.
	Undo templ.SafeURL
}

// OverMute is a mute that does not hold.
type OverMute struct {
	Text   string
	Code   CodeLink
	Object ObjectLink
	// Ended is zero for what is no mute.
	Ended time.Time
	// Still tells that the finding is there and listed again.
	Still  bool
	Forget templ.SafeURL
}

// MuteChoice is an end that a card offers.
type MuteChoice struct {
	Label string
	Until time.Time
	URL   templ.SafeURL
}

// muted applies the mutes of the file and of the address to the report in scope.
func muted(r *analysis.Report, q Query) analysis.Muting {
	return scoped(r, q).Mute(slices.Concat(r.Mutes, q.Mutes))
}

func newMutedList(r *analysis.Report, q Query, m analysis.Muting) MutedList {
	var out MutedList
	for i := range m.Muted {
		out.Rows = append(out.Rows, newMutedRow(r, q, &m.Muted[i]))
	}
	if n := len(out.Rows); n > 0 {
		out.Line = plural(n, "cause or risk is muted", "causes and risks are muted")
	}
	for _, x := range m.Over {
		over := OverMute{Code: catalogued(x.Code, q.Links()), Object: NewObjectLink(r.Snap, q, x.Subject), Ended: x.Until, Still: r.Find(x.Cause) != nil}
		if slices.Contains(q.Mutes, x) {
			over.Forget = q.withoutMutes([]analysis.Mute{x})
		}
		out.Over = append(out.Over, over)
	}
	for _, text := range q.OddMutes {
		out.Over = append(out.Over, OverMute{Text: text, Forget: q.withoutMutes(nil)})
	}
	return out
}

func newMutedRow(r *analysis.Report, q Query, g *analysis.MutedGroup) MutedRow {
	row := MutedRow{
		ID: "muted-" + findingID(&g.Cause), Severity: g.Severity, Summary: g.Cause.Summary,
		Code: CodeLink{Code: g.Cause.Code, URL: q.Links().Check(g.Cause.Code)}, Until: g.Until(),
	}
	for _, s := range g.Subjects() {
		row.Subjects = append(row.Subjects, NewObjectLink(r.Snap, q, s))
	}
	fromURL := true
	for _, m := range g.Mutes {
		if row.Reason == "" {
			row.Reason = m.Reason
		}
		fromURL = fromURL && slices.Contains(q.Mutes, m)
	}
	if fromURL {
		row.Undo = q.withoutMutes(g.Mutes)
	}
	return row
}

// withoutMutes is triage with some mutes lifted; what is no mute goes with any.
func (q Query) withoutMutes(gone []analysis.Mute) templ.SafeURL {
	q.Mutes = slices.DeleteFunc(slices.Clone(q.Mutes), func(m analysis.Mute) bool { return slices.Contains(gone, m) })
	return withQuery(string(PageTriage), q.params())
}

// mutedAtOnce bounds how many findings a link mutes: addresses have an end. A
// file has none.
const mutedAtOnce = 20

// muteChoices are pages on which a group is muted for a while. Ends are whole
// hours, so that a page does not change each minute because of them.
func muteChoices(q Query, g *analysis.Group, now time.Time) []MuteChoice {
	if len(g.Also) >= mutedAtOnce {
		return nil
	}
	var out []MuteChoice
	hour := now.UTC().Truncate(time.Hour).Add(time.Hour)
	for _, c := range []struct {
		label string
		more  time.Duration
	}{{"for an hour", time.Hour}, {"for 8 hours", 8 * time.Hour}, {"for a day", 24 * time.Hour}, {"for a week", 7 * 24 * time.Hour}} {
		with, until := q, hour.Add(c.more)
		with.Mutes = slices.Clone(q.Mutes)
		for _, f := range g.Members() {
			with.Mutes = append(with.Mutes, analysis.Mute{Cause: f.Key(), Until: until})
		}
		out = append(out, MuteChoice{Label: c.label, Until: until, URL: withQuery(string(PageTriage), with.params())})
	}
	return out
}
