package loglevel

import (
	"context"
	"errors"
	"time"

	"github.com/waylight/waylight/collectors/tunnel"
	"github.com/waylight/waylight/mesh"
)

// enter waits until nobody else asks a ztunnel. What it answers is to be called
// when done.
func (k *Keeper) enter(ctx context.Context, node string, pod mesh.Ref) (leave func(), err error) {
	k.mu.Lock()
	if k.known == nil {
		k.known = make(map[mesh.Ref]*ztunnel)
	}
	z := k.known[pod]
	if z == nil {
		z = &ztunnel{node: node, turn: make(chan struct{}, 1)}
		k.known[pod] = z
	}
	k.mu.Unlock()
	select {
	case z.turn <- struct{}{}:
		return func() { <-z.turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// look reads a level and takes it back if its time is over.
func (k *Keeper) look(ctx context.Context, node string, pod mesh.Ref) error {
	leave, err := k.enter(ctx, node, pod)
	if err != nil {
		return err
	}
	defer leave()
	level, err := k.read(ctx, node, pod)
	if err != nil {
		return err
	}
	if k.Allowed && over(level) {
		return k.takeBack(ctx, node, pod, level)
	}
	return nil
}

// over tells that the time of a level is over.
func over(l *mesh.ZtunnelLogLevel) bool { return !l.Until.IsZero() && !l.Until.After(l.At) }

// Read asks a ztunnel for its level now. Where the tunnel fails the error is a
// *tunnel.Error.
func (k *Keeper) Read(ctx context.Context, node string, pod mesh.Ref) (*mesh.ZtunnelLogLevel, error) {
	leave, err := k.enter(ctx, node, pod)
	if err != nil {
		return nil, err
	}
	defer leave()
	return k.read(ctx, node, pod)
}

// read asks for a level and keeps it; it is the caller's turn.
func (k *Keeper) read(ctx context.Context, node string, pod mesh.Ref) (*mesh.ZtunnelLogLevel, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	answer, err := k.Caller.LogLevel(ctx, pod)
	if err != nil {
		k.fail(pod, err)
		return nil, err
	}
	return k.keep(node, pod, answer), nil
}

// keep remembers a level, and shows it if it is that of the node's ztunnel.
func (k *Keeper) keep(node string, pod mesh.Ref, answer tunnel.LogLevel) *mesh.ZtunnelLogLevel {
	ready := k.isReady(node, pod)
	k.mu.Lock()
	defer k.mu.Unlock()
	now := time.Now().UTC()
	level := &mesh.ZtunnelLogLevel{
		Meta: mesh.Meta{Kind: mesh.KindZtunnelLogLevel, Name: node}, Pod: pod, At: now, Filter: answer.Filter,
	}
	marker, marked := answer.Filter.Until()
	if marked {
		level.Until = onOurClock(marker, answer.Clock, now)
	}
	z := k.known[pod]
	if z == nil { // it is gone
		return level
	}
	if marked && z.made.marker.Equal(marker) {
		level.By, level.ChangedAt = z.made.user, z.made.at
	}
	same := z.shown && z.level.Filter.String() == level.Filter.String()
	z.level, z.due = level, level.Until
	switch {
	case same:
		z.fresh = true
	case ready && k.sink != nil:
		k.sink.Apply([]mesh.Object{level}, nil)
		z.shown = true
	}
	k.signal()
	return level
}

// isReady tells whether a pod is the ztunnel that a node's evidence is of.
func (k *Keeper) isReady(node string, pod mesh.Ref) bool {
	snap := k.Snapshot()
	if snap == nil {
		return false
	}
	ready := mesh.ReadyPod(snap.Ztunnels(node))
	return ready != nil && ready.Ref() == pod
}

// onOurClock is a moment by the proxy's clock as one by ours. All who look at
// the same ztunnel measure by its clock, so that a Waylight whose own clock is
// ahead does not cut short what another has set.
func onOurClock(moment, theirNow, now time.Time) time.Time {
	if theirNow.IsZero() {
		return moment
	}
	return now.Add(moment.Sub(theirNow)).Truncate(time.Second)
}

// signal lets keepTimes look what is due next; mu is held.
func (k *Keeper) signal() {
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// fail notes that a ztunnel did not answer. What it said before stands for a
// while, and what was due stays due.
func (k *Keeper) fail(pod mesh.Ref, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	z := k.known[pod]
	if z == nil {
		return
	}
	now := time.Now()
	failed, unanswered := errors.AsType[*tunnel.Error](err)
	gone := unanswered && (failed.Reason == tunnel.NoPod || failed.Reason == tunnel.Forbidden)
	if gone || z.level != nil && now.Sub(z.level.At) > staleFor {
		k.drop(z)
	}
	if !z.due.IsZero() && !z.due.After(now) {
		z.due = now.Add(tryAgain)
	}
	k.signal()
}
