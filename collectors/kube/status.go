package kube

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/mesh"
)

// board knows the state of the connection and of every reading, and reports
// what follows from it for the API as a whole and for each kind. It reports
// while it is locked, so that reports arrive in the order of what happened.
type board struct {
	sink   collectors.Sink
	log    *slog.Logger
	server string

	mu         sync.Mutex
	link       linkState
	discovered bool   // what is served is known
	obstacle   string // why it is not
	synced     bool   // every kind that is served and permitted was read once
	kinds      []*kindState
	overall    mesh.SourceStatus // as last reported
}

// linkState is the connection as the board knows it.
type linkState struct {
	probed bool
	down   string // why there is no connection; empty while there is one
	asOf   time.Time
}

// kindState is one kind: absent, or read in one scope or several.
type kindState struct {
	kind     Kind
	absent   bool
	readings []*reading
	reported mesh.SourceStatus
}

func newBoard(sink collectors.Sink, log *slog.Logger, server string, kinds []Kind) *board {
	b := &board{sink: sink, log: log, server: server}
	for _, k := range kinds {
		b.kinds = append(b.kinds, &kindState{kind: k})
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.publish()
	return b
}

// disconnected notes that the API server cannot be used, and why. Everything
// read so far stays as it is and is stale.
func (b *board) disconnected(why string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.link.probed, b.link.down = true, why
	b.publish()
}

// connected notes that the API server answered at that moment, and that so far
// every open watch was current.
func (b *board) connected(at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.link = linkState{probed: true, asOf: at}
	for _, k := range b.kinds {
		for _, r := range k.readings {
			if r.current() {
				r.asOf = at
			}
		}
	}
	b.publish()
}

// begin starts the reading of a kind in a namespace, or in all if it is empty.
func (b *board) begin(k Kind, namespace string) *reading {
	b.mu.Lock()
	defer b.mu.Unlock()
	state := b.state(k)
	state.absent = false
	r := &reading{board: b, of: state, namespace: namespace}
	state.readings = append(state.readings, r)
	b.publishKind(state)
	return r
}

// end forgets the readings of a kind, which is not served any more or about to
// be read in another version.
func (b *board) end(k Kind) {
	b.mu.Lock()
	defer b.mu.Unlock()
	state := b.state(k)
	state.readings = nil
	b.publishKind(state)
}

// absent notes that a kind is not served.
func (b *board) absent(k Kind) {
	b.mu.Lock()
	defer b.mu.Unlock()
	state := b.state(k)
	state.absent = true
	b.publishKind(state)
	b.publishOverall()
}

// known notes that it is known which kinds are served.
func (b *board) known() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.discovered, b.obstacle = true, ""
	b.publishOverall()
}

// unknown notes why it cannot be found out which kinds are served.
func (b *board) unknown(why string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.obstacle = why
	b.publishOverall()
}

// isSynced tells whether everything that can be read was read once.
func (b *board) isSynced() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.synced
}

// isCurrent tells whether a kind is read completely at this time.
func (b *board) isCurrent(resource string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.ContainsFunc(b.kinds, func(k *kindState) bool {
		return k.kind.Resource == resource && k.reported.State == mesh.SourceOK
	})
}

func (b *board) state(k Kind) *kindState {
	i := slices.IndexFunc(b.kinds, func(s *kindState) bool { return s.kind.Resource == k.Resource })
	return b.kinds[i]
}

func (b *board) publish() {
	for _, k := range b.kinds {
		b.publishKind(k)
	}
	b.publishOverall()
}

func (b *board) publishKind(k *kindState) {
	next := k.status(b.link)
	next.Name = mesh.KubernetesSource + "/" + k.kind.Resource
	if next == k.reported {
		return
	}
	b.logChange(k.reported, next, k.level(b.link, next.State))
	k.reported = next
	b.sink.Report(next)
}

func (b *board) publishOverall() {
	next := b.overallStatus()
	next.Name, next.AsOf = mesh.KubernetesSource, b.link.asOf
	if next == b.overall {
		return
	}
	b.logChange(b.overall, next, overallLevel(next.State))
	b.overall = next
	b.sink.Report(next)
}

// overallStatus is that of the connection once everything was read. What a
// kind lacks is said by the kind alone, unless nothing can be read at all.
func (b *board) overallStatus() mesh.SourceStatus {
	read, forbidden, total := b.count()
	b.synced = b.synced || (b.discovered && read == total)
	switch {
	case !b.link.probed:
		return mesh.SourceStatus{State: mesh.SourceStarting, Detail: "connecting to " + b.server}
	case b.link.down != "":
		return mesh.SourceStatus{State: mesh.SourceDown, Detail: b.link.down}
	case !b.synced && b.obstacle != "":
		return mesh.SourceStatus{State: mesh.SourceStarting, Detail: b.obstacle}
	case !b.synced:
		return mesh.SourceStatus{State: mesh.SourceStarting, Detail: fmt.Sprintf("%d of %d kinds read", read, total)}
	case forbidden == total && total > 0:
		return mesh.SourceStatus{State: mesh.SourceForbidden, Detail: b.firstMissing()}
	}
	return mesh.SourceStatus{State: mesh.SourceOK}
}

// count tells of the kinds that are served how many are through with their
// first list, whatever came of it, and how many of those are forbidden.
func (b *board) count() (read, forbidden, total int) {
	for _, k := range b.kinds {
		if k.absent {
			continue
		}
		total++
		if k.settled() {
			read++
		}
		if k.reported.State == mesh.SourceForbidden {
			forbidden++
		}
	}
	return read, forbidden, total
}

func (b *board) firstMissing() string {
	for _, k := range b.kinds {
		if k.reported.State == mesh.SourceForbidden {
			return k.reported.Detail + ", and every other kind"
		}
	}
	return ""
}

// logChange writes a line when a state is entered; a newer time is no news, and
// another reason for the same state is little.
func (b *board) logChange(old, next mesh.SourceStatus, level slog.Level) {
	switch {
	case old.State != next.State:
	case old.Detail == next.Detail:
		return
	default:
		level = slog.LevelDebug
	}
	b.log.Log(context.Background(), level, "source changed", "source", next.Name, "state", string(next.State), "detail", next.Detail)
}

func overallLevel(state mesh.SourceState) slog.Level {
	if state == mesh.SourceDown || state == mesh.SourceForbidden {
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

// level is how much a new state of one kind matters in the log. A start, an
// outage and its end concern all kinds alike and are said once, of the API.
func (k *kindState) level(l linkState, next mesh.SourceState) slog.Level {
	switch next {
	case mesh.SourceForbidden, mesh.SourcePartial:
		return slog.LevelWarn
	case mesh.SourceDown, mesh.SourceStale:
		if l.down == "" && slices.ContainsFunc(k.readings, func(r *reading) bool { return r.fault != "" && r.answered }) {
			return slog.LevelWarn
		}
	case mesh.SourceOK:
		if k.reported.State == mesh.SourceForbidden || k.reported.State == mesh.SourcePartial {
			return slog.LevelInfo
		}
	}
	return slog.LevelDebug
}
