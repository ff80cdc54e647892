package analysis

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/waylight/waylight/mesh"
)

// Mute is somebody's word that a finding is known and need not be shown until
// a moment. There is none without an end.
type Mute struct {
	Cause

	Until  time.Time
	Reason string // may be empty
}

// muteTime is how ends of mutes are written; RFC 3339 is read too.
const muteTime = "2006-01-02T15:04Z07:00"

// String is a mute as URLs hold it: CODE:Kind/namespace/name@2026-11-23T10:00Z.
func (m Mute) String() string {
	return m.Code + ":" + refText(m.Subject) + "@" + m.Until.UTC().Format(muteTime)
}

func refText(r mesh.Ref) string { return r.Kind + "/" + r.Namespace + "/" + r.Name }

// ParseMute reads what String writes. The error says what is wrong with it.
func ParseMute(s string) (Mute, error) {
	code, rest, _ := strings.Cut(s, ":")
	at := strings.LastIndex(rest, "@")
	if code == "" || at < 0 {
		return Mute{}, fmt.Errorf("%q is not CODE:Kind/namespace/name@end", s)
	}
	return newMute(code, rest[:at], rest[at+1:])
}

func newMute(code, subject, until string) (Mute, error) {
	parts := strings.SplitN(subject, "/", 3)
	if len(parts) != 3 || parts[0] == "" {
		return Mute{}, fmt.Errorf("the subject %q is not Kind/namespace/name; of a Node it is Node//name", subject)
	}
	end, err := time.Parse(muteTime, until)
	if err != nil {
		end, err = time.Parse(time.RFC3339, until)
	}
	if err != nil {
		return Mute{}, fmt.Errorf("the end %q is no time such as 2026-11-23T10:00Z", until)
	}
	return Mute{Cause: Cause{Code: code, Subject: mesh.Ref{Kind: parts[0], Namespace: parts[1], Name: parts[2]}}, Until: end}, nil
}

// ReadMutes reads a file of mutes, one on a line: code, subject, end and the
// reason, parted by blanks. Empty lines and what follows # at the start of one
// are left out. The error names the first line that is none.
func ReadMutes(r io.Reader) ([]Mute, error) {
	var out []Mute
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		words := strings.Fields(lines.Text())
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		if len(words) < 3 {
			return nil, fmt.Errorf("line %d is not: code, Kind/namespace/name, end, reason", n)
		}
		m, err := newMute(words[0], words[1], words[2])
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		m.Reason = strings.Join(words[3:], " ")
		out = append(out, m)
	}
	return out, lines.Err()
}

// MutedGroup is a cause that somebody muted.
type MutedGroup struct {
	Group
	// Mutes are those of its members; it comes back when the first ends.
	Mutes []Mute
}

// Until is when the group comes back.
func (m *MutedGroup) Until() time.Time {
	return slices.MinFunc(m.Mutes, func(a, b Mute) int { return a.Until.Compare(b.Until) }).Until
}

// Muting is what mutes do to a report.
type Muting struct {
	// Kept is the report without the groups that are muted as a whole, and
	// what follows from them. A group with one member that is not muted stays.
	Kept  *Report
	Muted []MutedGroup
	// Over are mutes that have ended.
	Over []Mute
}

// Mute applies mutes as of the report's moment.
func (r *Report) Mute(mutes []Mute) Muting {
	out := Muting{Kept: r}
	inForce := make(map[Cause]Mute)
	for _, m := range mutes {
		if !m.Until.After(r.At) {
			out.Over = append(out.Over, m)
		} else if have, ok := inForce[m.Cause]; !ok || m.Until.After(have.Until) {
			inForce[m.Cause] = m
		}
	}
	if len(inForce) == 0 {
		return out
	}
	gone := make(map[Cause]bool)
	for _, g := range r.Causes() {
		if list, all := mutesOf(&g, inForce); all {
			out.Muted = append(out.Muted, MutedGroup{Group: g, Mutes: list})
			g.each(func(f *Finding) { gone[f.Key()] = true })
		}
	}
	if len(gone) > 0 {
		out.Kept = r.without(gone)
	}
	return out
}

// mutesOf tells whether all members of a group are muted.
func mutesOf(g *Group, inForce map[Cause]Mute) ([]Mute, bool) {
	var list []Mute
	for _, f := range g.Members() {
		m, ok := inForce[f.Key()]
		if !ok {
			return nil, false
		}
		list = append(list, m)
	}
	return list, true
}

// each visits members and consequences.
func (g *Group) each(visit func(*Finding)) {
	for _, f := range g.Members() {
		visit(f)
	}
	for i := range g.Consequences {
		visit(&g.Consequences[i])
	}
}

func (r *Report) without(gone map[Cause]bool) *Report {
	out := *r
	out.Findings = slices.DeleteFunc(slices.Clone(r.Findings), func(f Finding) bool { return gone[f.Key()] })
	out.Muted += len(r.Findings) - len(out.Findings)
	out.index()
	return &out
}
