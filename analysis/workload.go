package analysis

import (
	"slices"
	"time"

	"github.com/waylight/waylight/mesh"
)

// settlingTime is how long a new pod may take to be enrolled before that is
// worth a word.
const settlingTime = 60 * time.Second

// settled tells that a pod runs, stays, and is old enough for its enrolment
// to be judged.
func (in *Input) settled(w *mesh.Workload) bool {
	return w.Kind == "Pod" && w.Running() && in.Now.Sub(w.Created) >= settlingTime
}

// enrolmentTouched is the newest change that can have been one of enrolment.
// istio-cni writes its annotation through the status (istio
// cni/pkg/util/podutil.go), where the kubelet writes too, about other things.
func enrolmentTouched(w *mesh.Workload) time.Time {
	at := w.ChangedAt()
	if w.StatusChange.Manager != "kubelet" && w.StatusChange.Time.After(at) {
		return w.StatusChange.Time
	}
	return at
}

// waiting tells a pod that is selected for ambient, could be captured, and is
// not. Most pods of a mesh are captured, and are told apart first.
func (in *Input) waiting(w *mesh.Workload) bool {
	if w.Claimed() != mesh.FactNo {
		return false
	}
	e := in.Snap.Enrolment(w)
	return e.AskedFor == mesh.FactYes && e.Exempt == mesh.ExemptNone
}

// byOwner groups pods by the workload that owns them, in order of owners, so
// that twenty pods of one Deployment make one finding.
func (in *Input) byOwner(pods []*mesh.Workload) []ownedPods {
	var out []ownedPods
	at := make(map[mesh.Ref]int)
	for _, p := range pods {
		owner := in.Snap.ControllerOf(p)
		i, ok := at[owner]
		if !ok {
			i = len(out)
			at[owner], out = i, append(out, ownedPods{Owner: owner})
		}
		out[i].Pods = append(out[i].Pods, p)
	}
	slices.SortFunc(out, func(a, b ownedPods) int { return a.Owner.Compare(b.Owner) })
	return out
}

// perOwner makes one finding for each owner of the workloads of a namespace that
// are in the same trouble.
func (in *Input) perOwner(sh *mesh.Shard, troubled func(*mesh.Workload) bool, tell func(ownedPods) Finding) []Finding {
	var pods []*mesh.Workload
	for _, w := range sh.Workloads {
		if troubled(w) {
			pods = append(pods, w)
		}
	}
	var out []Finding
	for _, o := range in.byOwner(pods) {
		out = append(out, tell(o))
	}
	return out
}

type ownedPods struct {
	Owner mesh.Ref
	Pods  []*mesh.Workload
}

func refs[T mesh.Object](objects []T) []mesh.Ref {
	out := make([]mesh.Ref, 0, len(objects))
	for _, o := range objects {
		out = append(out, o.Ref())
	}
	return out
}

// labelCarrier is what has to be edited to change a label of a workload: the
// owner whose template has it, else the workload itself.
func (in *Input) labelCarrier(w *mesh.Workload, key string) mesh.Ref {
	c, ok := in.Snap.Lookup(in.Snap.ControllerOf(w)).(*mesh.Controller)
	if ok && w.Kind == "Pod" && c.TemplateLabels[key] == w.Labels[key] {
		return c.Ref()
	}
	return w.Ref()
}
