package analysis

import (
	"fmt"
	"time"

	"github.com/waylight/waylight/mesh"
)

var xdsDisconnected = Check{
	Code: "XDS_DISCONNECTED", Severity: Critical, Class: Unprotected,
	Subject: "Pod of ztunnel or of a waypoint",
	Title:   "A proxy is not connected to any istiod",
	Explanation: "A proxy without istiod keeps serving what it last had. Calls pass as they did, but it learns nothing new: pods that came since are unknown to it, calls go to pods that are gone, " +
		"and policies and waypoints that were added since are not in effect. Look at why it cannot reach istiod.",
	Fires:  "No istiod lists the proxy in its debug/syncz, and every ready istiod was read. Or istiod has a Deployment in the cluster, and none of its pods runs.",
	Silent: "One istiod was not read, or started or is stopping less than 60 s ago, when proxies move; no istiod was found (a control plane outside the cluster), or one runs and is not ready; the proxy is not ready or younger than 60 s.",
	Doubt:  "Proxies reconnect from time to time, and two istiods are not read in the same instant.",
	Needs:  []string{mesh.ResourcePods, readIstiods}, NeedsAll: true,
	Mesh: judgeDisconnected,
}

func judgeDisconnected(in *Input) []Finding {
	istiods := in.shared.proxies().istiods
	if len(istiods) == 0 {
		return in.allDown()
	}
	if !in.istiodsStand(istiods) {
		return nil
	}
	connected := make(map[mesh.Ref]bool)
	for _, i := range istiods {
		for _, p := range i.Proxies {
			connected[p.Proxy] = true
		}
	}
	var out []Finding
	for _, w := range in.ownProxies() {
		if !connected[w.Ref()] && istiods[0].At.Sub(w.Created) >= settlingTime {
			out = append(out, disconnected(in, w, istiods))
		}
	}
	return out
}

// istiodsStand tells that no istiod has come or is going, which makes proxies
// move between the readings, and that all that was read could be decoded.
func (in *Input) istiodsStand(istiods []istiodSaid) bool {
	for _, i := range istiods {
		if i.Skipped > 0 {
			return false
		}
	}
	for _, sh := range in.Snap.Shards {
		for _, w := range sh.PartsOfMesh() {
			if isIstiod(w) && !w.Finished() && (!w.Deleting.IsZero() || in.Now.Sub(lastStart(w)) < settlingTime) {
				return false
			}
		}
	}
	return true
}

// lastStart is when a pod was made or one of its containers started last.
func lastStart(w *mesh.Workload) time.Time {
	at := w.Created
	for i := range w.Containers {
		if w.Containers[i].StartedAt.After(at) {
			at = w.Containers[i].StartedAt
		}
	}
	return at
}

func disconnected(in *Input, w *mesh.Workload, istiods []istiodSaid) Finding {
	f := Finding{
		Subject: w.Ref(), Affects: in.dependsOn(w),
		Summary: whichProxy(w) + " is not connected to istiod.",
		Detail:  "It keeps serving what it last had: calls pass as before, but pods, policies and waypoints that changed since are not known to it.",
	}
	for _, i := range istiods {
		f.Evidence = append(f.Evidence, saidEvidence(i.source(), w.Ref(), "debug/syncz", fmt.Sprintf("not among the %d proxies connected to this istiod", len(i.Proxies)), i.At))
	}
	f.Evidence = shorten(f.Evidence)
	f.Fix = advise("Look for connection errors in the proxy's log, and at NetworkPolicies and Services between it and istiod's port 15012. It connects by itself once that works; restarting it before loses what it still has.").logsOf(in, w.Ref())
	return f
}
