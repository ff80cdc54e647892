package views

import (
	"github.com/waylight/waylight/mesh"
)

// ReadFailure is a reason for which a proxy was not read.
type ReadFailure string

// The reasons.
const (
	ReadUnwired   ReadFailure = "off"       // this Waylight reads no proxies
	ReadForbidden ReadFailure = "forbidden" // a right is missing
	ReadAbsent    ReadFailure = "absent"    // there is no such proxy
	ReadTimedOut  ReadFailure = "timeout"   // it did not answer in time
	ReadMalformed ReadFailure = "malformed" // its answer cannot be decoded
	ReadFailed    ReadFailure = "failed"    // anything else
)

// state is the failure in the words of sources.
func (f ReadFailure) state() mesh.SourceState {
	switch f {
	case ReadForbidden:
		return mesh.SourceForbidden
	case ReadAbsent, ReadUnwired:
		return mesh.SourceAbsent
	}
	return mesh.SourceDown
}

// DumpUnread says why a dump is not there, and what to do.
type DumpUnread struct {
	Forbidden   bool
	Title, Text string
	// Detail is the missing right where Forbidden, else the error.
	Detail string
	Role   string
}

// failureWords are a title for each failure to read one kind of proxy and what
// it means; those of ReadFailed stand for every other.
type failureWords map[ReadFailure][2]string

func (w failureWords) explain(f ReadFailure) (title, text string) {
	words, ok := w[f]
	if !ok {
		words = w[ReadFailed]
	}
	return words[0], words[1]
}

// unread is what a page says of a failure. proxy names it in a sentence that
// begins with it.
func (w failureWords) unread(f ReadFailure, detail, proxy string) *DumpUnread {
	u := &DumpUnread{Forbidden: f == ReadForbidden, Detail: cellText(detail)}
	u.Title, u.Text = w.explain(f)
	if u.Forbidden {
		u.Title, u.Role = proxy, roleProxies
	}
	return u
}

// sentence says in one why a proxy was not read. For a missing right it is the
// right, as for every source.
func (w failureWords) sentence(f ReadFailure, detail string) string {
	if f == ReadForbidden {
		return cellText(detail)
	}
	title, text := w.explain(f)
	if detail != "" {
		return title + ": " + cellText(detail)
	}
	return title + ". " + text
}
