package server

import (
	"context"
	"errors"
	"sync"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views"
)

// maxPathProxies is how many proxies one question reads. A call of one pod to
// a service meets a handful; an account that runs everywhere meets all, and
// their dumps together are larger than what they would add.
const maxPathProxies = 16

// ReadPath reads the proxies that know about a call, all at once and for no
// longer than ctx, and says of each how it went. dumps may be nil, and fresh
// asks the proxies themselves and not what is kept of them.
func ReadPath(ctx context.Context, dumps Dumps, involved path.Proxies, fresh bool) *views.PathSeen {
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
	reads.Wait()
	return seen
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
