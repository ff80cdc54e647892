package views

import "github.com/waylight/waylight/mesh"

// ZtunnelRead is how it went to read a ztunnel's dump for a page.
type ZtunnelRead struct {
	// Dump is nil where it could not be read; Failure then says why.
	Dump    *mesh.ZtunnelDump
	Failure ReadFailure
	// Detail is the missing right where the failure is ReadForbidden, else the
	// error in one line; may be empty.
	Detail string
}

// State is the read in the words of sources.
func (r ZtunnelRead) State() mesh.SourceState {
	switch {
	case r.Dump == nil:
		return r.Failure.state()
	case r.Dump.Skipped > 0:
		return mesh.SourcePartial
	}
	return mesh.SourceOK
}

// Words says in a sentence why there is no dump, or what it lacks; empty where
// it is whole. For a missing right it is the right, as for every source.
func (r ZtunnelRead) Words() string {
	if r.Dump != nil {
		return skippedWords(r.Dump)
	}
	return ztunnelFailures.sentence(r.Failure, r.Detail)
}

func (r ZtunnelRead) unread() *DumpUnread {
	return ztunnelFailures.unread(r.Failure, r.Detail, "This ztunnel")
}

var ztunnelFailures = failureWords{
	ReadUnwired:   {"Proxies are not read here", "This Waylight has no way to ask ztunnels. What they hold is unknown, not absent."},
	ReadAbsent:    {"There is no ztunnel to read", "Pods on this node cannot be in the mesh while that is so."},
	ReadTimedOut:  {"The ztunnel did not answer in time", "A dump is as large as the mesh. Waylight goes on reading it for the next who asks; try again in some seconds."},
	ReadMalformed: {"The ztunnel's answer could not be decoded", "Nothing of it is shown, because half a dump looks like a small mesh."},
	ReadFailed:    {"The ztunnel could not be read", "What it holds is unknown, not absent."},
}

// skippedWords says that entries of a dump could not be decoded; empty for none.
func skippedWords(d *mesh.ZtunnelDump) string {
	if d.Skipped == 0 {
		return ""
	}
	return plural(d.Skipped, "entry", "entries") + " of the dump could not be decoded and cannot be shown; the first: " + cellText(d.FirstSkipped)
}
