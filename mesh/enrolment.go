package mesh

import "slices"

// Enrolment keeps four facts apart that are often taken for one.
type Enrolment struct {
	// AskedFor: the labels select the pod, by istio-cni's own selector.
	AskedFor Fact
	// Claimed: istio-cni wrote the redirection annotation. It is a claim: after
	// a reboot it stays while the rules are gone.
	Claimed Fact
	// Seen: the node's ztunnel has the workload.
	Seen Fact
	// Proven: a connection of it was counted or logged.
	Proven Fact
	// Exempt says why a pod is never captured whatever its labels say; empty
	// for a pod that can be.
	Exempt Exemption
	// AskedBy is the object whose label asks; zero if nothing does.
	AskedBy Ref
}

// Exemption is a reason for which istio-cni leaves a pod alone.
type Exemption string

// The exemptions (istio-cni util/enablement_selector.go; istio.md D).
const (
	ExemptNone        Exemption = ""
	ExemptHostNetwork Exemption = "host-network"
	ExemptSidecar     Exemption = "sidecar"
	ExemptNamespace   Exemption = "excluded-namespace"
	ExemptGateway     Exemption = "gateway" // waypoints and gateways opt out by label
	ExemptFinished    Exemption = "finished"
	ExemptNotPod      Exemption = "not-a-pod"
)

// Enrolment computes the facts of a workload that the API server can tell.
// Seen needs the dump of the node's ztunnel and is unknown until that was read;
// Proven needs its counters.
func (s *Snapshot) Enrolment(w *Workload) Enrolment {
	e := Enrolment{Seen: s.seen(w), Proven: FactUnknown, Exempt: s.exemption(w)}
	e.AskedFor, e.AskedBy = s.askedFor(w)
	e.Claimed = w.Claimed()
	return e
}

// seen asks the dump of the node's ztunnel whether it serves the pod.
func (s *Snapshot) seen(w *Workload) Fact {
	e := s.ZtunnelEvidence(w.Node)
	if e == nil || e.Local == nil || w.Kind != "Pod" {
		return FactUnknown
	}
	state, has := e.Local[w.UID]
	switch {
	case !has && e.At.Before(w.Created):
		return FactUnknown // the dump is older than the pod
	case !has:
		return FactNo
	case state == "Up":
		return FactYes
	}
	return FactPending
}

// Captured tells that istio-cni claims to redirect the pod's traffic, which is
// also what makes istiod tell other ztunnels to use HBONE for it (istio.md
// C.6).
func (w *Workload) Captured() bool { return w.Annotations[AnnotationRedirection] == "enabled" }

// Claimed is what istio-cni's annotation says of the pod's redirection: yes,
// no, or pending, which means that rules are in place and no ztunnel took the
// pod.
func (w *Workload) Claimed() Fact {
	switch w.Annotations[AnnotationRedirection] {
	case "enabled":
		return FactYes
	case "pending":
		return FactPending
	}
	return FactNo
}

func (s *Snapshot) exemption(w *Workload) Exemption {
	switch {
	case w.Kind != "Pod":
		return ExemptNotPod
	case w.Finished():
		return ExemptFinished
	case w.HostNetwork:
		return ExemptHostNetwork
	case w.HasSidecar():
		return ExemptSidecar
	case w.Labels[LabelDataplaneMode] == DataplaneNone && w.GatewayName() != "":
		return ExemptGateway
	case slices.Contains(s.CNIConfig().ExcludeNamespaces, w.Namespace):
		return ExemptNamespace
	}
	return ExemptNone
}

// askedFor applies istio-cni's selectors. Without the Namespace object the
// answer is yes where the pod alone decides, else unknown; with selectors that
// cannot be read it is unknown.
func (s *Snapshot) askedFor(w *Workload) (Fact, Ref) {
	if s.CNIConfig().Malformed != "" {
		return FactUnknown, Ref{}
	}
	labels, known := s.NamespaceLabels(w.Namespace)
	answer := FactNo
	for _, sel := range s.CNIConfig().Selectors {
		if !sel.Pod.Matches(w.Labels) {
			continue
		}
		switch {
		case sel.Namespace.Empty():
			return FactYes, w.Ref()
		case !known:
			answer = FactUnknown
		case sel.Namespace.Matches(labels):
			return FactYes, Ref{Kind: "Namespace", Name: w.Namespace}
		}
	}
	return answer, Ref{}
}
