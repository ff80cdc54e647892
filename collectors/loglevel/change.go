package loglevel

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/waylight/waylight/collectors/tunnel"
	"github.com/waylight/waylight/mesh"
)

// Actions, as the audit line and the metrics name them.
const (
	ActionSet    = "set"
	ActionReset  = "reset"
	ActionReturn = "return" // the time was over
)

// Order is what somebody wants of a ztunnel's level.
type Order struct {
	Node string
	Pod  mesh.Ref
	// Change is what to log beside the default; the zero one is a reset.
	Change mesh.LogChange
	// For is how long, between mesh.LogChangeShortest and LogChangeLongest.
	For time.Duration
	// Seen is the filter that the person saw before; empty for one who did not
	// look.
	Seen string
	// From is where the order came from, for the audit line.
	From string
}

// Errors of Change beside those of the tunnel.
var (
	ErrNotAllowed = errors.New("this Waylight was started without --allow-log-level")
	ErrMoved      = errors.New("the log level was changed by somebody else in the meantime")
)

// changeLimit is how long a change may take, once it was begun. Who asked for
// it may leave: half a change would be no better.
const changeLimit = 3 * patience

// Change sets a level or resets it, and answers the level as it is then. Who
// asked, what for and what came of it goes to the log.
func (k *Keeper) Change(ctx context.Context, o Order) (level *mesh.ZtunnelLogLevel, err error) {
	switch {
	case !k.Allowed:
		return nil, ErrNotAllowed
	case !o.Change.IsZero() && (o.For < mesh.LogChangeShortest || o.For > mesh.LogChangeLongest):
		return nil, fmt.Errorf("%s is not between %s and %s", o.For, mesh.LogChangeShortest, mesh.LogChangeLongest)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), changeLimit)
	defer cancel()
	leave, err := k.enter(ctx, o.Node, o.Pod)
	if err != nil {
		return nil, err
	}
	defer leave()
	line := audit{action: ActionSet, node: o.Node, pod: o.Pod, change: o.Change, user: k.who(ctx), from: o.From}
	if o.Change.IsZero() {
		line.action = ActionReset
	}
	defer func() { k.write(ctx, line, err) }()
	answer, err := k.Caller.LogLevel(ctx, o.Pod)
	if err != nil {
		return nil, err
	}
	line.before = answer.Filter
	if o.Seen != "" && o.Seen != answer.Filter.String() {
		k.keep(o.Node, o.Pod, answer)
		return nil, ErrMoved
	}
	level, err = k.carryOut(ctx, o, &line, answer.Clock)
	return level, err
}

// carryOut makes the change; clock is the proxy's.
func (k *Keeper) carryOut(ctx context.Context, o Order, line *audit, clock time.Time) (*mesh.ZtunnelLogLevel, error) {
	if o.Change.IsZero() {
		answer, err := k.Caller.ResetLogLevel(ctx, o.Pod)
		if err != nil {
			return nil, k.lookSoon(o, err)
		}
		line.after = answer.Filter
		return k.keep(o.Node, o.Pod, answer), nil
	}
	now := time.Now().UTC()
	if clock.IsZero() {
		clock = now
	}
	marker := time.Unix(clock.Add(o.For).Unix(), 0).UTC()
	line.until = onOurClock(marker, clock, now)
	k.note(o, change{user: line.user, at: now, marker: marker})
	answer, err := k.Caller.SetLogLevel(ctx, o.Pod, o.Change, marker)
	if err != nil {
		return nil, k.lookSoon(o, err)
	}
	line.after = answer.Filter
	level := k.keep(o.Node, o.Pod, answer)
	if has, ok := answer.Filter.Until(); !ok || !has.Equal(marker) {
		return nil, fmt.Errorf("the ztunnel answers that its level is %s, which is not what was asked for", answer.Filter)
	}
	return level, nil
}

// note keeps who makes a change, also of one whose answer is lost.
func (k *Keeper) note(o Order, c change) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if z := k.known[o.Pod]; z != nil {
		z.made = c
	}
}

// lookSoon has a ztunnel looked at whose answer to a change was lost: it may
// have been made.
func (k *Keeper) lookSoon(o Order, err error) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if z := k.known[o.Pod]; z != nil {
		z.due = time.Now().Add(tryAgain)
		k.signal()
	}
	return err
}

// takeBack resets a level whose time is over. It is the caller's turn, and the
// level was read just now: who sets one anew from elsewhere in this very moment
// loses it, since ztunnel knows no condition.
func (k *Keeper) takeBack(ctx context.Context, node string, pod mesh.Ref, was *mesh.ZtunnelLogLevel) (err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	line := audit{action: ActionReturn, node: node, pod: pod, before: was.Filter, until: was.Until, user: was.By}
	defer func() { k.write(ctx, line, err) }()
	answer, err := k.Caller.ResetLogLevel(ctx, pod)
	if err != nil {
		k.fail(pod, err)
		return err
	}
	line.after = answer.Filter
	k.keep(node, pod, answer)
	return nil
}

// audit is what is to be known of a change later.
type audit struct {
	action        string
	node          string
	pod           mesh.Ref
	change        mesh.LogChange
	user, from    string
	until         time.Time
	before, after mesh.LogFilter
}

// write logs a change, done or not, and counts it.
func (k *Keeper) write(ctx context.Context, a audit, err error) {
	if k.Observe != nil {
		k.Observe(a.action, err)
	}
	if k.Log == nil {
		return
	}
	attributes := []any{
		"action", a.action, "user", cmp.Or(a.user, "unknown"), "node", a.node, "pod", a.pod.NamespacedName(),
		"directives", a.change.String(), "before", a.before.String(), "after", a.after.String(),
	}
	if a.from != "" {
		attributes = append(attributes, "from", a.from)
	}
	if !a.until.IsZero() {
		attributes = append(attributes, "until", a.until.Format(time.RFC3339))
	}
	if err != nil {
		k.Log.WarnContext(ctx, "Log level not changed", append(attributes, "result", resultOf(err), "err", err)...)
		return
	}
	k.Log.InfoContext(ctx, "Log level changed", append(attributes, "result", "done")...)
}

// resultOf tells a change that was not made from one of which nothing is known.
func resultOf(err error) string {
	if failed, ok := errors.AsType[*tunnel.Error](err); ok && failed.Reason == tunnel.TimedOut {
		return "unknown"
	}
	return "failed"
}

// userLimit is how long the API server may take to say who Waylight is.
const userLimit = 3 * time.Second

// who is the Kubernetes user of this Waylight, empty if that cannot be known.
// It does not change, so it is asked for until it was answered once.
func (k *Keeper) who(ctx context.Context) string {
	k.mu.Lock()
	known := k.user
	k.mu.Unlock()
	if known != "" || k.User == nil {
		return known
	}
	ctx, cancel := context.WithTimeout(ctx, userLimit)
	defer cancel()
	user, err := k.User(ctx)
	if err != nil {
		return ""
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.user = user
	return user
}
