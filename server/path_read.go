package server

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/logline"
	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views"
)

// maxPathProxies is how many proxies one question reads. A call of one pod to
// a service meets a handful; an account that runs everywhere meets all, and
// their dumps together are larger than what they would add.
const maxPathProxies = 16

// PathReaders read what proxies have in memory and what they wrote lately; nil
// where that is not read.
type PathReaders struct {
	Dumps Dumps
	Logs  Logs
}

// ReadPath reads the proxies that know about a call in a snapshot, all at once
// and for no longer than ctx, and says of each how it went. Lines count as late
// as since. fresh asks the proxies themselves and not what is kept of them.
func ReadPath(ctx context.Context, snap *mesh.Snapshot, read PathReaders, since time.Time, involved path.Proxies, fresh bool) *views.PathSeen {
	asked := nearest(involved)
	nodes, waypoints := asked.Nodes, asked.Waypoints
	r := pathReading{dumps: read.Dumps, fresh: fresh, seen: &views.PathSeen{
		Ztunnels: make(map[string]*mesh.ZtunnelDump), Envoys: make(map[mesh.Ref]*mesh.EnvoyDump),
		Proxies: make([]views.PathProxy, len(nodes)+len(waypoints)),
		More:    len(involved.Nodes) + len(involved.Waypoints) - len(nodes) - len(waypoints),
	}}
	var reads sync.WaitGroup
	for i, node := range nodes {
		reads.Go(func() { r.seen.Proxies[i] = r.ztunnel(ctx, node) })
	}
	for i, pod := range waypoints {
		reads.Go(func() { r.seen.Proxies[len(nodes)+i] = r.envoy(ctx, pod) })
	}
	if read.Logs != nil {
		reads.Go(func() { r.logs(ctx, read.Logs, pathLogTargets(snap, asked), since) })
	}
	reads.Wait()
	return r.seen
}

// nearest are the proxies that are asked: the waypoints, which are few and
// decide most, before nodes.
func nearest(p path.Proxies) path.Proxies {
	p.Waypoints = p.Waypoints[:min(len(p.Waypoints), maxPathProxies/2)]
	p.Nodes = p.Nodes[:min(len(p.Nodes), maxPathProxies-len(p.Waypoints))]
	return p
}

// pathReading reads the proxies of one path side by side.
type pathReading struct {
	dumps Dumps // nil where dumps are not read
	fresh bool
	mu    sync.Mutex // guards the maps of seen
	seen  *views.PathSeen
}

func (r *pathReading) ztunnel(ctx context.Context, node string) views.PathProxy {
	p := views.PathProxy{Source: "ztunnel/" + node, Failure: views.ReadUnwired}
	if r.dumps == nil {
		return p
	}
	d, err := r.dumps.Ztunnel(ctx, node, "", r.fresh)
	p.Failure, p.Detail = readFailure(err, d == nil)
	if d != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		p.At, r.seen.Ztunnels[node] = d.At, d
	}
	return p
}

func (r *pathReading) envoy(ctx context.Context, pod mesh.Ref) views.PathProxy {
	p := views.PathProxy{Source: "envoy/" + pod.NamespacedName(), Failure: views.ReadUnwired}
	if r.dumps == nil {
		return p
	}
	d, err := r.dumps.Envoy(ctx, pod, r.fresh)
	p.Failure, p.Detail = readFailure(err, d == nil)
	if d != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		p.At, r.seen.Envoys[pod] = d.At, d
	}
	return p
}

// pathLogsWithin is how long the logs of a path are read at most: they prove
// what is known without them.
const pathLogsWithin = 2 * time.Second

// pathLogTargets are the containers whose logs tell of a path.
func pathLogTargets(snap *mesh.Snapshot, asked path.Proxies) []mesh.LogTarget {
	var targets []mesh.LogTarget
	for _, node := range asked.Nodes {
		targets = append(targets, snap.LogTargets(mesh.ZtunnelLogs(node))...)
	}
	for _, pod := range asked.Waypoints {
		w := snap.Workload(pod.Namespace, pod.Name)
		if w == nil {
			continue
		}
		for _, t := range snap.LogTargets(mesh.WaypointLogs(w.Namespace, w.GatewayName())) {
			if t.Pod == pod {
				targets = append(targets, t)
			}
		}
	}
	return targets
}

// logs reads the newest lines of containers, and says of which it could not.
func (r *pathReading) logs(ctx context.Context, logs Logs, targets []mesh.LogTarget, since time.Time) {
	ctx, cancel := context.WithTimeout(ctx, pathLogsWithin)
	defer cancel()
	r.seen.Logs = make(map[mesh.LogSource][]*mesh.LogLine)
	for _, e := range logs.Recent(ctx, targets, since) {
		switch {
		case e.Line != nil:
			r.seen.Logs[e.Line.From.Source] = append(r.seen.Logs[e.Line.From.Source], e.Line)
		case e.State != nil && unreadState(e.State):
			r.seen.LogsUnread = append(r.seen.LogsUnread, unreadLog(e.State.From, e.State))
		case e.Gap != nil:
			r.seen.LogsUnread = append(r.seen.LogsUnread, shortLog(e.Gap))
		}
	}
}

// shortLog is a log of which lines are left out.
func shortLog(g *mesh.LogGap) views.UnreadLog {
	out := views.UnreadLog{Name: g.From.Name(), Source: g.From.Source, Phase: mesh.LogFollowing, Detail: "some lines are left out"}
	if g.Dropped > 0 {
		out.Detail = fmt.Sprintf("%d lines are left out", g.Dropped)
	}
	return out
}

// PathLogsSince is how far back the logs of a path are read: some minutes from
// now, in a recording from its moment.
func PathLogsSince(snap *mesh.Snapshot, now time.Time) time.Time {
	if origin := snap.Cluster.Origin; origin == mesh.OriginRecorded || origin == mesh.OriginDemo {
		now = snap.At
	}
	return now.Add(-logline.DefaultWindow)
}

// readFailure is empty for an answer.
func readFailure(err error, none bool) (views.ReadFailure, string) {
	if err == nil && !none {
		return "", ""
	}
	return unread(err)
}

// asBadRequest gives what is wrong with a call the status of a bad request.
func asBadRequest(report *analysis.Report, err error) error {
	bad, ok := errors.AsType[*path.BadRequestError](err)
	switch {
	case !ok:
		return err
	case bad.Unread != nil:
		return &absentError{report: report, text: bad.Text, unread: bad.Unread}
	}
	return badRequest("%s", bad.Text)
}
