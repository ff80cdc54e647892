package logline

import (
	"net/netip"
	"slices"
	"time"
)

// Bounds of what is put together.
const (
	// sameCall is how far apart lines of one call are at most.
	sameCall = 2 * time.Second
	// holdCall is how long a call waits for the lines of other proxies;
	// holdForWaypoint for a waypoint's, whose Envoy writes its access log only
	// every ten seconds when there is little of it.
	holdCall        = 3 * time.Second
	holdForWaypoint = 12 * time.Second
	// settled is after what time a waiting call is shown as it stands.
	settled = time.Second
	// maxOpenCalls bounds how many calls wait, and of how many is remembered that
	// a waypoint sent them on.
	maxOpenCalls = 4096
)

// failedCall is one call that failed, from the lines about it: one of each part.
type failedCall struct {
	arrived time.Time
	leg     leg
	by      [parts]*sighting
	done    bool
	// try tells that a waypoint made it for a call that is counted by itself.
	try bool
}

// attempt tells that the lines are about no call of their own: a tunnel that no
// known call needed, or one of several tries of a waypoint.
func (c *failedCall) attempt() bool {
	return c.try || c.by[partFront] == nil && c.by[partInbound] == nil
}

// reason is the line of whoever knows best why: the nearest to the destination.
func (c *failedCall) reason() *sighting {
	for _, r := range []part{partInbound, partTunnel, partFront} {
		if x := c.by[r]; x != nil && (x.means.Code != "" || c.by[partFront] == nil || r == partFront) {
			return x
		}
	}
	return c.by[partFront]
}

// first is the line of whoever knows best whose call it is.
func (c *failedCall) first() *sighting {
	for _, x := range c.by {
		if x != nil {
			return x
		}
	}
	return nil
}

// at is when the call failed.
func (c *failedCall) at() time.Time { return c.first().at }

func (c *failedCall) source() End { return c.first().source }

func (c *failedCall) destination() End { return c.first().destination }

func (c *failedCall) request() (method, path string) { return c.first().method, c.first().path }

func (c *failedCall) key() groupKey {
	x := c.first()
	return groupKey{x.source.key(), x.destination.key(), c.reason().means.Code, c.decider().Writer}
}

// decider is who decided: whoever wrote the line that gives the reason, unless
// that says itself that it was somebody else.
func (c *failedCall) decider() Decider {
	x := c.reason()
	if x.means.Elsewhere {
		return x.elsewhere
	}
	from := x.line.From
	return Decider{Writer: from.Writer, Node: from.Node, Pod: from.Pod}
}

// hold is how long the call waits.
func (c *failedCall) hold() time.Duration {
	if c.by[partFront] == nil && c.first().source.Waypoint {
		return holdForWaypoint
	}
	return holdCall
}

// complete tells that no other line would say more.
func (c *failedCall) complete() bool {
	return c.leg == leg{} || c.by[partFront] != nil && c.by[partInbound] != nil
}

// openCalls are calls that wait for lines of other proxies.
type openCalls struct {
	byLeg map[leg][]*failedCall
	order []*failedCall // as they came; may hold calls that are done
	// sentOn are the calls that waypoints sent on lately, oldest first.
	sentOn []sentOn
}

// sentOn is when a waypoint's pod tried to serve a call.
type sentOn struct {
	from       netip.Addr
	start, end time.Time
}

func newOpenCalls() openCalls { return openCalls{byLeg: make(map[leg][]*failedCall)} }

// add puts a line to its call and returns the calls that need not wait longer.
func (o *openCalls) add(x *sighting, now time.Time) []*failedCall {
	if (x.leg == leg{}) {
		c := &failedCall{arrived: now}
		c.by[x.part] = x
		return []*failedCall{c}
	}
	o.remember(x)
	for _, c := range o.byLeg[x.leg] {
		if c.by[x.part] == nil && apart(c.at(), x.at) <= sameCall {
			c.by[x.part] = x
			if !c.complete() {
				return nil
			}
			o.finish(c)
			return []*failedCall{c}
		}
	}
	c := &failedCall{arrived: now, leg: x.leg}
	c.by[x.part] = x
	o.byLeg[x.leg] = append(o.byLeg[x.leg], c)
	o.order = append(o.order, c)
	return o.overflow()
}

// remember notes a call that a waypoint sent on.
func (o *openCalls) remember(x *sighting) {
	if x.part != partFront || x.start.IsZero() {
		return
	}
	if len(o.sentOn) >= maxOpenCalls {
		o.sentOn = slices.Delete(o.sentOn, 0, maxOpenCalls/4)
	}
	o.sentOn = append(o.sentOn, sentOn{x.leg.from, x.start, x.at})
}

// isTry tells that a refused connection of a waypoint was one of several that it
// made for one call: the call has its own line, under the last pod tried.
func (o *openCalls) isTry(c *failedCall) bool {
	if c.by[partFront] != nil || c.by[partInbound] == nil || !c.first().source.Waypoint {
		return false
	}
	at := c.at()
	return slices.ContainsFunc(o.sentOn, func(s sentOn) bool {
		return s.from == c.leg.from && !at.Before(s.start.Add(-nearInTime)) && !at.After(s.end.Add(nearInTime))
	})
}

// overflow lets go of the oldest call where too many wait.
func (o *openCalls) overflow() []*failedCall {
	if len(o.order) <= maxOpenCalls {
		return nil
	}
	o.order = slices.DeleteFunc(o.order, func(c *failedCall) bool { return c.done })
	if len(o.order) <= maxOpenCalls {
		return nil
	}
	oldest := o.order[0]
	o.order = o.order[1:]
	o.finish(oldest)
	return []*failedCall{oldest}
}

// finish takes a call out of those that lines are put to.
func (o *openCalls) finish(c *failedCall) {
	c.done, c.try = true, o.isTry(c)
	rest := slices.DeleteFunc(o.byLeg[c.leg], func(x *failedCall) bool { return x == c })
	if len(rest) == 0 {
		delete(o.byLeg, c.leg)
		return
	}
	o.byLeg[c.leg] = rest
}

// take removes the calls that a condition is true of.
func (o *openCalls) take(when func(*failedCall) bool) []*failedCall {
	var out []*failedCall
	o.order = slices.DeleteFunc(o.order, func(c *failedCall) bool {
		switch {
		case c.done:
			return true
		case when(c):
			o.finish(c)
			out = append(out, c)
			return true
		}
		return false
	})
	return out
}

// due takes the calls that have waited long enough.
func (o *openCalls) due(now time.Time) []*failedCall {
	return o.take(func(c *failedCall) bool { return now.Sub(c.arrived) >= c.hold() })
}

func (o *openCalls) takeAll() []*failedCall { return o.take(func(*failedCall) bool { return true }) }

// visible are waiting calls that can be shown as they stand.
func (o *openCalls) visible(now time.Time) []*failedCall {
	var out []*failedCall
	for _, c := range o.order {
		if !c.done && now.Sub(c.arrived) >= settled {
			out = append(out, c)
		}
	}
	return out
}

func apart(a, b time.Time) time.Duration {
	return a.Sub(b).Abs()
}
