package server

import (
	"context"
	"errors"
	"sync"
	"time"

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
	dumps := read.Dumps
	nodes, waypoints := involved.Nodes, involved.Waypoints
	all := len(nodes) + len(waypoints)
	// Waypoints are few and decide most.
	waypoints = waypoints[:min(len(waypoints), maxPathProxies/2)]
	nodes = nodes[:min(len(nodes), maxPathProxies-len(waypoints))]
	seen := &views.PathSeen{
		Ztunnels: make(map[string]*mesh.ZtunnelDump), Envoys: make(map[mesh.Ref]*mesh.EnvoyDump),
		Proxies: make([]views.PathProxy, len(nodes)+len(waypoints)), More: all - len(nodes) - len(waypoints),
	}
	var mu sync.Mutex // guards the maps
	var reads sync.WaitGroup
	for i, node := range nodes {
		reads.Go(func() {
			p := views.PathProxy{Source: "ztunnel/" + node, Failure: views.ReadUnwired}
			if dumps != nil {
				d, err := dumps.Ztunnel(ctx, node, "", fresh)
				if p.Failure, p.Detail = readFailure(err, d == nil); d != nil {
					p.At = d.At
					mu.Lock()
					seen.Ztunnels[node] = d
					mu.Unlock()
				}
			}
			seen.Proxies[i] = p
		})
	}
	for i, pod := range waypoints {
		reads.Go(func() {
			p := views.PathProxy{Source: "envoy/" + pod.NamespacedName(), Failure: views.ReadUnwired}
			if dumps != nil {
				d, err := dumps.Envoy(ctx, pod, fresh)
				if p.Failure, p.Detail = readFailure(err, d == nil); d != nil {
					p.At = d.At
					mu.Lock()
					seen.Envoys[pod] = d
					mu.Unlock()
				}
			}
			seen.Proxies[len(nodes)+i] = p
		})
	}
	if read.Logs != nil {
		reads.Go(func() { seen.Logs = readPathLogs(ctx, snap, read.Logs, since, nodes, waypoints) })
	}
	reads.Wait()
	return seen
}

// pathLogsWithin is how long the logs of a path are read at most: they prove
// what is known without them.
const pathLogsWithin = 2 * time.Second

// readPathLogs reads the newest lines of proxies, by source.
func readPathLogs(ctx context.Context, snap *mesh.Snapshot, logs Logs, since time.Time, nodes []string, waypoints []mesh.Ref) map[mesh.LogSource][]*mesh.LogLine {
	ctx, cancel := context.WithTimeout(ctx, pathLogsWithin)
	defer cancel()
	var targets []mesh.LogTarget
	for _, node := range nodes {
		targets = append(targets, snap.LogTargets(mesh.ZtunnelLogs(node))...)
	}
	for _, pod := range waypoints {
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
	out := make(map[mesh.LogSource][]*mesh.LogLine)
	for _, e := range logs.Recent(ctx, targets, since) {
		if e.Line != nil {
			out[e.Line.From.Source] = append(out[e.Line.From.Source], e.Line)
		}
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
func asBadRequest(err error) error {
	if bad, ok := errors.AsType[*path.BadRequestError](err); ok {
		return badRequest("%s", bad.Text)
	}
	return err
}
