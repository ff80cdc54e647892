package views

import (
	"maps"
	"slices"

	"github.com/waylight/waylight/mesh"
)

// EnvoyRead is how it went to read what a replica of a waypoint has loaded.
type EnvoyRead struct {
	// Pod is the replica that was to be read; zero where there is none.
	Pod mesh.Ref
	// Dump is nil where it could not be read; Failure then says why.
	Dump    *mesh.EnvoyDump
	Failure ReadFailure
	// Detail is the missing right where the failure is ReadForbidden, else the
	// error in one line; may be empty.
	Detail string
}

// State is the read in the words of sources.
func (r EnvoyRead) State() mesh.SourceState {
	switch {
	case r.Dump == nil:
		return r.Failure.state()
	case len(r.Dump.Skipped) > 0:
		return mesh.SourcePartial
	}
	return mesh.SourceOK
}

// Words says in a sentence why there is no dump, or what it lacks; empty where
// it is whole. For a missing right it is the right, as for every source.
func (r EnvoyRead) Words() string {
	switch {
	case r.Dump == nil:
		return envoyFailures.sentence(r.Failure, r.Detail)
	case len(r.Dump.Skipped) == 0:
		return ""
	}
	return "Not decoded: " + some(skippedParts(r.Dump), cellValues) + "."
}

func (r EnvoyRead) unread() *DumpUnread {
	return envoyFailures.unread(r.Failure, r.Detail, "This waypoint's Envoy")
}

var envoyFailures = failureWords{
	ReadUnwired:   {"Proxies are not read here", "This Waylight has no way to ask waypoints. What they have loaded is unknown, not absent."},
	ReadAbsent:    {"There is no proxy to read", "Nothing of this waypoint is loaded anywhere Waylight knows of."},
	ReadTimedOut:  {"The waypoint's Envoy did not answer in time", "Waylight goes on reading it for the next who asks; try again in some seconds."},
	ReadMalformed: {"The Envoy's answer could not be decoded", "Nothing of it is shown, because half a configuration looks like a small one."},
	ReadFailed:    {"The waypoint's Envoy could not be read", "What it has loaded is unknown, not absent."},
}

// skippedParts says what of a dump could not be decoded, and how often.
func skippedParts(d *mesh.EnvoyDump) []string {
	var out []string
	for _, reason := range slices.Sorted(maps.Keys(d.Skipped)) {
		words := cellText(reason)
		if n := d.Skipped[reason]; n > 1 {
			words += " (" + number(n) + " times)"
		}
		out = append(out, words)
	}
	return out
}
