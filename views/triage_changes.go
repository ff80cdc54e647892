package views

import (
	"cmp"
	"slices"
	"time"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
)

// ChangeList is what changed lately, newest first.
type ChangeList struct {
	// Unknown says why nothing is known of changes; empty where something is.
	Unknown string
	Rows    []ChangeRow
	// More counts changes that are not shown.
	More int
}

// ChangeRow is one change.
type ChangeRow struct {
	ID     string
	Time   time.Time
	Object ObjectLink
	// Did says what happened: "created", "changed", "restarted 3 times".
	Did string
	// By is who wrote it, from managedFields; empty where nobody is named.
	By string
}

const (
	changeWindow = time.Hour
	changesShown = 12
	// together is how close a creation and the first write lie: a tool applies
	// an object in one go, and status and defaults follow.
	together = 5 * time.Second
)

// change is a change before it is prepared for print.
type change struct {
	at  time.Time
	ref mesh.Ref
	did string
	by  string
}

func newChangeList(r *analysis.Report, q Query) ChangeList {
	c := collector{now: r.At, since: r.At.Add(-changeWindow)}
	for _, n := range r.Snap.Nodes {
		c.conditions(n.Ref(), n.Created, n.Conditions)
	}
	for _, sh := range r.Snap.Shards {
		if q.InScope(sh.Namespace) {
			c.shard(sh)
		}
	}
	slices.SortFunc(c.found, func(a, b change) int {
		return cmp.Or(b.at.Compare(a.at), a.ref.Compare(b.ref), cmp.Compare(a.did, b.did))
	})
	var out ChangeList
	if k := r.Snap.Sources.Kind(""); k.AsOf.IsZero() && len(c.found) == 0 && r.Snap.Cluster.Origin == mesh.OriginLive {
		out.Unknown = "Nothing was read yet: " + orWord(k.Detail, "the Kubernetes API is being read")
	}
	if len(c.found) > changesShown {
		out.More = len(c.found) - changesShown
		c.found = c.found[:changesShown]
	}
	for _, ch := range c.found {
		out.Rows = append(out.Rows, ChangeRow{
			ID: changeID(ch), Time: ch.at, Object: NewObjectLink(r.Snap, q, ch.ref), Did: ch.did, By: ch.by,
		})
	}
	return out
}

// collector gathers the changes between since and now.
type collector struct {
	now, since time.Time
	found      []change
}

func (c *collector) recent(t time.Time) bool { return t.After(c.since) && !t.After(c.now) }

func (c *collector) note(at time.Time, ref mesh.Ref, did, by string) {
	if c.recent(at) {
		c.found = append(c.found, change{at, ref, did, by})
	}
}

// shard looks at the kinds that decide what happens to traffic.
func (c *collector) shard(sh *mesh.Shard) {
	if sh.Info != nil {
		c.object(&sh.Info.Meta)
	}
	objects(c, sh.Controllers)
	objects(c, sh.Services)
	objects(c, sh.ServiceEntries)
	objects(c, sh.Gateways)
	objects(c, sh.IstioGateways)
	objects(c, sh.Routes)
	objects(c, sh.DestinationRules)
	objects(c, sh.Authorizations)
	objects(c, sh.PeerAuths)
	objects(c, sh.RequestAuths)
	objects(c, sh.Telemetries)
	objects(c, sh.EnvoyFilters)
	objects(c, sh.WasmPlugins)
	objects(c, sh.TrafficExtensions)
	objects(c, sh.NetworkPolicies)
	objects(c, sh.MeshConfigs)
	objects(c, sh.CNIConfigs)
	for _, g := range sh.Gateways {
		c.conditions(g.Ref(), g.Created, g.Conditions)
	}
	for _, s := range sh.Services {
		c.conditions(s.Ref(), s.Created, s.Conditions)
	}
	c.restarts(sh.Workloads)
}

func objects[T mesh.Object](c *collector, list []T) {
	for _, o := range list {
		c.object(o.Metadata())
	}
}

// object notes the newest write of an object, or its creation. A ReplicaSet is
// noted as the rollout it stands for, one Jobs or their owners make is not: the
// owner is what somebody changed.
func (c *collector) object(m *mesh.Meta) {
	switch {
	case m.Kind == "ReplicaSet" && m.Owner.Kind == "Deployment":
		c.note(m.Created, m.Owner, "rolled out", "")
		return
	case !m.Owner.IsZero():
		return
	case !m.Deleting.IsZero():
		c.note(m.Deleting, m.Ref(), "is being deleted", "")
		return
	}
	at := m.ChangedAt()
	did := "changed"
	if at.Sub(m.Created) < together {
		did = "created"
	}
	c.note(at, m.Ref(), did, m.SpecChange.Manager)
}

// conditions notes conditions that turned. Those of a new object turned with
// its creation, which is noted already.
func (c *collector) conditions(ref mesh.Ref, created time.Time, list mesh.Conditions) {
	if c.recent(created) {
		return
	}
	for _, cond := range list {
		did := cond.Type + " became " + string(cond.Status)
		if cond.Reason != "" {
			did += " (" + cond.Reason + ")"
		}
		c.note(cond.Since, ref, did, "")
	}
}

// restarts notes containers that came back, once for each pod.
func (c *collector) restarts(pods []*mesh.Workload) {
	for _, w := range pods {
		for i := range w.Containers {
			exit := w.Containers[i].LastExit
			if exit == nil || !c.recent(exit.At) {
				continue
			}
			did := "container " + w.Containers[i].Name + " restarted"
			if exit.Reason != "" {
				did += " (" + exit.Reason + ")"
			}
			c.note(exit.At, w.Ref(), did, "")
			break
		}
	}
}
