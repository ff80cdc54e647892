package traffic

import (
	"reflect"
	"sync"
	"time"

	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/mesh"
)

// staleFor is how long what a Prometheus counted stands while it does not
// answer and nobody else counts.
const staleFor = 5 * time.Minute

// Choice decides whose traffic a snapshot has: that of a Prometheus where it
// answers and knows the mesh, else that of scrapes. It is safe for concurrent
// use.
type Choice struct {
	Sink collectors.Sink
	Now  func() time.Time

	mu         sync.Mutex
	prometheus *mesh.Traffic // of its last answer
	answering  bool
	scrapes    *mesh.Traffic
	shown      *mesh.Traffic
}

// Prometheus takes what a Prometheus counted, nil while it does not answer.
func (c *Choice) Prometheus(t *mesh.Traffic) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answering = t != nil
	if t != nil {
		c.prometheus = t
	}
	c.show()
}

// Scrapes takes what the difference of scrapes counted.
func (c *Choice) Scrapes(t *mesh.Traffic) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.scrapes = t
	c.show()
}

// NeedsScrapes tells that no Prometheus counts.
func (c *Choice) NeedsScrapes() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.answering || !knowsMesh(c.prometheus)
}

// knowsMesh tells that there is anything of the mesh in what a Prometheus says.
// One that scrapes no proxy says nothing of any.
func knowsMesh(t *mesh.Traffic) bool {
	return t != nil && len(t.Requests)+len(t.Connections)+len(t.Proxies) > 0
}

// show puts the better of the two into the snapshot, if it says anything new;
// mu is held.
func (c *Choice) show() {
	best := c.best()
	switch {
	case best == nil && c.shown != nil:
		c.Sink.Apply(nil, []mesh.Ref{c.shown.Ref()})
	case best != nil && !same(best, c.shown):
		c.Sink.Apply([]mesh.Object{best}, nil)
	default:
		return
	}
	c.shown = best
}

func (c *Choice) best() *mesh.Traffic {
	switch {
	case c.answering && (knowsMesh(c.prometheus) || c.scrapes == nil):
		return c.prometheus
	case c.answering: // it has nothing of the mesh, and that is worth knowing
		counted := *c.scrapes
		counted.NoRequestsAtAll = c.prometheus.NoRequestsAtAll
		return &counted
	case c.scrapes != nil:
		return c.scrapes
	case c.prometheus != nil && c.Now().Sub(c.prometheus.At) <= staleFor:
		return c.prometheus
	}
	return nil
}

// restate is after how long silence is said again.
const restate = 2 * time.Minute

// same tells that nothing but a little time has passed.
func same(a, b *mesh.Traffic) bool {
	if b == nil || b.Source != a.Source || len(a.Requests)+len(a.Connections) > 0 || a.At.Sub(b.At) >= restate {
		return false
	}
	x, y := *a, *b
	x.At, y.At = time.Time{}, time.Time{}
	return reflect.DeepEqual(x, y)
}
