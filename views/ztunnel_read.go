package views

import (
	"github.com/waylight/waylight/mesh"
)

// ZtunnelRead is how it went to read a ztunnel's dump for a page.
type ZtunnelRead struct {
	// Dump is nil where it could not be read; Failure then says why.
	Dump    *mesh.ZtunnelDump
	Failure ReadFailure
	// Detail is the missing right where the failure is ReadForbidden, else the
	// error in one line; may be empty.
	Detail string
}

// ReadFailure is a reason for which a proxy was not read.
type ReadFailure string

// The reasons.
const (
	ReadUnwired   ReadFailure = "off"       // this Waylight reads no proxies
	ReadForbidden ReadFailure = "forbidden" // a right is missing
	ReadAbsent    ReadFailure = "absent"    // there is no such ztunnel
	ReadTimedOut  ReadFailure = "timeout"   // it did not answer in time
	ReadMalformed ReadFailure = "malformed" // its answer is no dump
	ReadFailed    ReadFailure = "failed"    // anything else
)

// State is the failure in the words of sources.
func (r ZtunnelRead) State() mesh.SourceState {
	switch {
	case r.Dump != nil && r.Dump.Skipped > 0:
		return mesh.SourcePartial
	case r.Dump != nil:
		return mesh.SourceOK
	}
	switch r.Failure {
	case ReadForbidden:
		return mesh.SourceForbidden
	case ReadAbsent, ReadUnwired:
		return mesh.SourceAbsent
	}
	return mesh.SourceDown
}

// Words says in a sentence why there is no dump; empty where there is one. For
// a missing right it is the right, as for every source.
func (r ZtunnelRead) Words() string {
	switch {
	case r.Dump != nil:
		return skippedWords(r.Dump)
	case r.Failure == ReadForbidden:
		return cellText(r.Detail)
	}
	title, text := r.explain()
	if r.Detail != "" {
		return title + ": " + cellText(r.Detail)
	}
	return title + ". " + text
}

// explain is a title for the failure and what it means.
func (r ZtunnelRead) explain() (title, text string) {
	switch r.Failure {
	case ReadUnwired:
		return "Proxies are not read here", "This Waylight has no way to ask ztunnels. What they hold is unknown, not absent."
	case ReadAbsent:
		return "There is no ztunnel to read", "Pods on this node cannot be in the mesh while that is so."
	case ReadTimedOut:
		return "The ztunnel did not answer in time", "A dump is as large as the mesh. Waylight goes on reading it for the next who asks; try again in some seconds."
	case ReadMalformed:
		return "The ztunnel's answer could not be decoded", "Nothing of it is shown, because half a dump looks like a small mesh."
	}
	return "The ztunnel could not be read", "What it holds is unknown, not absent."
}

// skippedWords says that entries of a dump could not be decoded; empty for none.
func skippedWords(d *mesh.ZtunnelDump) string {
	if d.Skipped == 0 {
		return ""
	}
	return plural(d.Skipped, "entry", "entries") + " of the dump could not be decoded and cannot be shown; the first: " + cellText(d.FirstSkipped)
}
