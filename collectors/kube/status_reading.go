package kube

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/waylight/waylight/mesh"
)

// maxNamed is how many names a detail lists.
const maxNamed = 3

// notInstalled is the detail of an absent kind.
const notInstalled = "not installed in the cluster"

// reading is one kind in one scope. Its fields belong to the board's lock.
type reading struct {
	board     *board
	of        *kindState
	namespace string // empty for all namespaces, and for what has none

	open    bool // a watch is established
	synced  bool // what the sink holds was complete at some time
	settled bool // an answer was had, good or bad
	// missing is the verb of the right that lacks; empty if none does.
	missing  string
	denials  int
	fault    string // why the newest request failed
	answered bool   // the fault is the API server's answer about this kind
	gone     bool   // the API server does not know the kind
	broken   int    // objects that could not be read
	reason   string // of the first of them
	asOf     time.Time
}

// watching notes an established watch. One that starts with the objects
// themselves makes the reading current only when they are complete.
func (r *reading) watching(initial bool) {
	r.board.mu.Lock()
	defer r.board.mu.Unlock()
	r.open = true
	if !initial {
		r.recovered()
	}
}

// ended notes that the watch is over, which may be nothing but its time.
func (r *reading) ended() {
	r.board.mu.Lock()
	defer r.board.mu.Unlock()
	r.open = false
}

// replaced notes that the sink holds everything there was at this moment. A
// plain list makes the reading current only together with the watch after it.
func (r *reading) replaced(broken int, reason string) {
	r.board.mu.Lock()
	defer r.board.mu.Unlock()
	r.synced = true
	r.broken, r.reason = broken, reason
	if r.open {
		r.recovered()
	}
}

// recovered clears what went wrong; the board is locked.
func (r *reading) recovered() {
	r.settled = true
	r.missing, r.denials, r.fault, r.gone = "", 0, "", false
	r.asOf = time.Now()
	r.publish()
}

// counted notes how many objects could not be read.
func (r *reading) counted(broken int, reason string) {
	r.board.mu.Lock()
	defer r.board.mu.Unlock()
	if r.broken == broken && r.reason == reason {
		return
	}
	r.broken, r.reason = broken, reason
	r.publish()
}

// failed notes that a request failed. An error of the way to the server is no
// answer about this kind.
func (r *reading) failed(why string, answered bool) {
	r.board.mu.Lock()
	defer r.board.mu.Unlock()
	r.open = false
	r.fault, r.answered = why, answered
	if answered {
		r.settled, r.missing, r.denials = true, "", 0
	}
	r.publish()
}

// vanished notes that the API server does not know the kind: its definition
// was deleted, or the version is not served any more; discovery tells which. It
// answers whether that is news.
func (r *reading) vanished() bool {
	r.board.mu.Lock()
	defer r.board.mu.Unlock()
	news := !r.gone
	r.gone, r.open, r.synced, r.settled = true, false, false, true
	r.broken, r.reason = 0, ""
	r.publish()
	return news
}

// denied notes that a right is missing and tells whether that is certain. What
// could be read before is given up only when it is denied twice: an API server
// that starts denies everything until it has read its roles.
func (r *reading) denied(verb string) (certain bool) {
	r.board.mu.Lock()
	defer r.board.mu.Unlock()
	r.open = false
	r.denials++
	if r.synced && r.denials < 2 {
		r.fault, r.answered = "not permitted any more: "+right(verb, r.of.kind, r.namespace), false
		r.publish()
		return false
	}
	r.synced, r.settled, r.missing, r.fault = false, true, verb, ""
	r.broken, r.reason = 0, ""
	r.publish()
	return true
}

func (r *reading) publish() {
	r.board.publishKind(r.of)
	r.board.publishOverall()
}

func (r *reading) current() bool { return r.open && r.synced && r.fault == "" && r.missing == "" }

// status is the reading's own, without its scope in the detail.
func (r *reading) status(l linkState) (mesh.SourceState, string) {
	switch {
	case r.gone:
		return mesh.SourceAbsent, notInstalled
	case r.missing != "":
		return mesh.SourceForbidden, r.missing
	case !r.synced && l.down != "":
		return mesh.SourceDown, l.down
	case !r.synced && r.fault != "":
		return mesh.SourceDown, r.fault
	case !r.synced:
		return mesh.SourceStarting, ""
	case l.down != "":
		return mesh.SourceStale, l.down
	case r.fault != "":
		return mesh.SourceStale, r.fault
	case r.broken > 0:
		return mesh.SourcePartial, fmt.Sprintf("%s could not be read, first %s", objects(r.broken), r.reason)
	}
	return mesh.SourceOK, ""
}

func objects(n int) string {
	if n == 1 {
		return "1 object"
	}
	return fmt.Sprintf("%d objects", n)
}

// worst orders states: a kind is what the worst of its namespaces is.
var worst = []mesh.SourceState{
	mesh.SourceForbidden, mesh.SourceDown, mesh.SourceStarting, mesh.SourcePartial, mesh.SourceStale, mesh.SourceAbsent, mesh.SourceOK,
}

// settled tells whether the first list of every scope had an answer.
func (k *kindState) settled() bool {
	return len(k.readings) > 0 && !slices.ContainsFunc(k.readings, func(r *reading) bool { return !r.settled })
}

func (k *kindState) status(l linkState) mesh.SourceStatus {
	if k.absent {
		return mesh.SourceStatus{State: mesh.SourceAbsent, Detail: notInstalled, AsOf: l.asOf}
	}
	if len(k.readings) == 0 {
		return unread(l)
	}
	var out mesh.SourceStatus
	for _, state := range worst {
		same := k.readingsIn(state, l)
		if len(same) == 0 {
			continue
		}
		out.State, out.Detail = state, k.detail(state, same, l)
		break
	}
	out.AsOf = k.readings[0].asOf
	for _, r := range k.readings[1:] {
		if r.asOf.Before(out.AsOf) {
			out.AsOf = r.asOf
		}
	}
	return out
}

// unread is the state of a kind of which it is not known whether it is served.
func unread(l linkState) mesh.SourceStatus {
	if l.down != "" {
		return mesh.SourceStatus{State: mesh.SourceDown, Detail: l.down}
	}
	return mesh.SourceStatus{State: mesh.SourceStarting}
}

func (k *kindState) readingsIn(state mesh.SourceState, l linkState) []*reading {
	var out []*reading
	for _, r := range k.readings {
		if s, _ := r.status(l); s == state {
			out = append(out, r)
		}
	}
	return out
}

// detail speaks of all readings that are in the worst state, and says where
// they are if there are several scopes.
func (k *kindState) detail(state mesh.SourceState, same []*reading, l linkState) string {
	_, detail := same[0].status(l)
	var names []string
	for _, r := range same {
		if _, d := r.status(l); d == detail {
			names = append(names, r.namespace)
		}
	}
	switch {
	case state == mesh.SourceForbidden:
		return right(detail, k.kind, names...)
	case detail == "" || detail == l.down || state == mesh.SourceAbsent || names[0] == "":
		return detail
	}
	return fmt.Sprintf("in %s: %s", listed(names), detail)
}

// right writes a right as "verb resource in namespace".
func right(verb string, k Kind, namespaces ...string) string {
	where := "in all namespaces"
	switch {
	case namespaces[0] != "":
		where = "in " + listed(namespaces)
	case !k.Namespaced:
		where = "at the cluster scope"
	}
	return fmt.Sprintf("%s %s %s", verb, k.Resource, where)
}

func listed(names []string) string {
	if len(names) <= maxNamed {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:maxNamed], ", "), len(names)-maxNamed)
}
