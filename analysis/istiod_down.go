package analysis

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

// allDown speaks of every proxy where no istiod of the cluster runs, so that
// nothing can be connected to one. One that runs and is not ready says nothing:
// connections to it may stand.
func (in *Input) allDown() []Finding {
	evidence := in.istiodsDown()
	if len(evidence) == 0 {
		return nil
	}
	var out []Finding
	for _, w := range in.ownProxies() {
		f := Finding{
			Subject: w.Ref(), Affects: in.dependsOn(w), Evidence: shorten(evidence),
			Summary: whichProxy(w) + " is not connected to istiod: none runs.",
			Detail:  "It keeps serving what it last had: calls pass as before, but pods, policies and waypoints that changed since are not known to it. Certificates are not renewed, and end with their time.",
		}
		f.Fix = advise("Find out why istiod does not run. Proxies connect by themselves once it does; restarting them before loses what they still have.").
			read("get", "pods", "-A", "-l", "app=istiod", "-o", "wide")
		for _, c := range in.Snap.Istiods() {
			f.Fix = f.Fix.read("-n", c.Namespace, "describe", kubectlName(c.Ref())).read("-n", c.Namespace, "logs", kubectlName(c.Ref()), "--previous")
		}
		out = append(out, f)
	}
	return out
}

// istiodsDown shows why no istiod runs; nothing where one does, or may, or the
// control plane is outside the cluster: no Deployment of it is there.
func (in *Input) istiodsDown() []Evidence {
	var pods, deployments []Evidence
	for _, c := range in.Snap.Istiods() {
		if a := c.Conditions.Find("Available"); a != nil && in.Now.Sub(a.Since) < settlingTime {
			return nil
		}
		deployments = append(deployments, fieldEvidence(c.Ref(), "spec.replicas", fmt.Sprintf("%d, and there is no pod", c.Wanted)))
	}
	for _, sh := range in.Snap.Shards {
		for _, w := range sh.PartsOfMesh() {
			if !isIstiod(w) || w.Finished() {
				continue
			}
			if !in.standsStill(w) {
				return nil
			}
			pods = append(pods, podStateEvidence(w))
		}
	}
	if len(pods) > 0 && len(deployments) > 0 {
		return pods
	}
	return deployments
}

// standsStill tells that no container of a pod runs, and that it has been there
// for a while.
func (in *Input) standsStill(w *mesh.Workload) bool {
	if !w.Deleting.IsZero() || in.Now.Sub(w.Created) < settlingTime {
		return false
	}
	for i := range w.Containers {
		if c := &w.Containers[i]; !c.Init && c.Waiting == "" {
			return w.Phase == "Pending"
		}
	}
	return true
}
