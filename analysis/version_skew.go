package analysis

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/waylight/waylight/mesh"
)

// rolloutTime is how long a rollout may take before a mixture of versions
// stands.
const rolloutTime = 10 * time.Minute

var versionSkew = Check{
	Code: "VERSION_SKEW", Severity: Warning, Class: Risk,
	Subject: "Mesh",
	Title:   "Parts of the mesh are more than one minor release apart",
	Explanation: "istiod, ztunnel, istio-cni and waypoints are tested together at most one minor release apart. Beyond that a part can lack what another relies on: an older ztunnel sees a policy's new field as empty, " +
		"and refuses what should pass, or lets pass what should be refused. Upgrade istiod first, then istio-cni, then ztunnel; waypoints follow istiod. While a rollout is under way this is info.",
	Fires:  "The oldest and the newest minor release among running pods of istiod, ztunnel, istio-cni and waypoints differ by more than one. A version is what the proxy says, else its image's tag, else the label app.kubernetes.io/version.",
	Silent: "Versions that name no release (latest, a development build, an image by digest) are unknown and take no part.",
	Doubt:  "The tag of an image can say something else than what is in it.",
	Needs:  []string{mesh.ResourcePods},
	Mesh:   judgeVersionSkew,
}

// versionCount are the pods of one component that run one version.
type versionCount struct {
	component string
	found
	pods int
}

func judgeVersionSkew(in *Input) []Finding {
	var table []versionCount
	rollout := false
	for _, c := range in.shared.components() {
		table = append(table, in.count(c)...)
		rollout = rollout || c.rollingOut(in.Now)
	}
	if len(table) == 0 {
		return nil
	}
	byMinor := func(a, b versionCount) int { return cmp.Compare(a.minor, b.minor) }
	oldest, newest := slices.MinFunc(table, byMinor), slices.MaxFunc(table, byMinor)
	if newest.minor-oldest.minor <= 1 {
		return nil
	}
	return []Finding{skewed(table, oldest, newest, rollout)}
}

// count lists a component's versions, oldest first.
func (in *Input) count(c component) []versionCount {
	var out []versionCount
	for _, p := range c.pods {
		v, known := c.versionOf(in, p)
		if !known {
			continue
		}
		i := slices.IndexFunc(out, func(o versionCount) bool { return o.text == v.text })
		if i < 0 {
			i = len(out)
			out = append(out, versionCount{component: c.name, found: v})
		}
		out[i].pods++
	}
	slices.SortStableFunc(out, func(a, b versionCount) int { return cmp.Or(cmp.Compare(a.minor, b.minor), cmp.Compare(a.text, b.text)) })
	return out
}

// rollingOut tells that pods of one Deployment or DaemonSet come from several
// templates and the newest is young.
func (c component) rollingOut(now time.Time) bool {
	templates := make(map[mesh.Ref]string)
	mixed, young := false, false
	for _, p := range c.pods {
		owner := mesh.Ref{Kind: c.name, Namespace: p.Namespace, Name: p.GatewayName()}
		template := c.templateOf(p)
		mixed = mixed || templates[owner] != "" && templates[owner] != template
		templates[owner] = template
		young = young || now.Sub(p.Created) < rolloutTime
	}
	return mixed && young
}

// templateOf tells pods of different templates apart: by their ReplicaSet, and
// those of a DaemonSet by their image.
func (c component) templateOf(p *mesh.Workload) string {
	for i := range p.Containers {
		if p.Containers[i].Name == c.container {
			return p.Owner.Name + " " + p.Containers[i].Image
		}
	}
	return p.Owner.Name
}

func skewed(table []versionCount, oldest, newest versionCount, rollout bool) Finding {
	f := Finding{Subject: mesh.MeshRef}
	f.Summary = fmt.Sprintf("%s runs 1.%d and %s 1.%d: that is %d minor releases apart.", capital(oldest.component), oldest.minor, newest.component, newest.minor, newest.minor-oldest.minor)
	f.Detail = "Such a mixture is tested by nobody: what one part sends, another can misread, policies included."
	for _, v := range table {
		e := v.evidence
		e.Text += " (" + v.component + ", " + countPods(v.pods) + " with " + strconv.Quote(v.text) + ")"
		f.Evidence = append(f.Evidence, e)
		if v.minor == oldest.minor {
			f.Affects = append(f.Affects, v.evidence.Object)
		}
	}
	f.Evidence = shorten(f.Evidence)
	if rollout {
		f.Severity = Info
		f.Detail += " A rollout is under way, which may end it."
	}
	f.Fix = advise("Upgrade what is behind, one minor release at a time: istiod, then istio-cni, then ztunnel node by node. A ztunnel that restarts cuts the connections of its node's pods.").
		read("get", "deployments", "-A", "-l", "app=istiod", "-o", "wide").
		read("get", "pods", "-A", "-l", "app=ztunnel", "-o", "wide").
		read("get", "pods", "-A", "-l", "k8s-app=istio-cni-node", "-o", "wide").
		read("get", "pods", "-A", "-l", mesh.LabelGatewayName, "-o", "wide")
	return f
}
