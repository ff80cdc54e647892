package views

import (
	"fmt"
	"strings"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// podFacts is a workload with what a filter can ask of it.
type podFacts struct {
	report    *analysis.Report
	snap      *mesh.Snapshot
	w         *mesh.Workload
	owner     mesh.Ref
	enrolment mesh.Enrolment
}

func (p *podFacts) fields(key string) ([]string, bool) {
	w := p.w
	switch key {
	case "":
		return append([]string{w.Namespace + "/" + w.Name, p.owner.Name, w.Node}, w.IPs...), true
	case "ns":
		return []string{w.Namespace}, true
	case "name":
		return []string{w.Name}, true
	case "owner":
		return []string{p.owner.Name}, true
	case "kind":
		return []string{p.owner.Kind, w.Kind}, true
	case "node":
		return []string{orWord(w.Node, "none")}, true
	case "account":
		return []string{orWord(w.ServiceAccount, "default")}, true
	case "ip":
		return w.IPs, true
	case "asked":
		return []string{string(p.enrolment.AskedFor)}, true
	case "claimed":
		return []string{string(p.enrolment.Claimed)}, true
	case "exempt":
		return []string{orWord(string(p.enrolment.Exempt), "none")}, true
	case "finding":
		return newFindingsCell(p.report.About(w.Ref())).filterWords(), true
	}
	return nil, false
}

func (p *podFacts) account() string { return "sa/" + orWord(p.w.ServiceAccount, "default") }

// outWords says why a pod is not captured; empty for one that is, or that ran
// to its end.
func outWords(e mesh.Enrolment) string {
	if words := exemptionWords(e.Exempt); words != "" {
		return words
	}
	switch {
	case e.Exempt == mesh.ExemptFinished || e.Claimed == mesh.FactYes:
		return ""
	case e.Claimed == mesh.FactPending:
		return outPending
	case e.AskedFor == mesh.FactYes:
		return outMissed
	case e.AskedFor == mesh.FactUnknown:
		return "not captured; whether it is asked for is unknown"
	}
	return "nothing asks for it"
}

// The reasons for being out that are bad news.
const (
	outPending = "redirected, but no ztunnel has taken it: its traffic fails"
	outMissed  = "asked for, and not captured"
)

// outTone colours them; being out for another reason is a choice.
func outTone(reason string) ui.Tone {
	switch reason {
	case outPending:
		return ui.ToneBad
	case outMissed:
		return ui.ToneWarn
	}
	return ui.ToneNone
}

// exemptionWords says why istio-cni leaves a pod alone whatever its labels
// say; empty where it does not, or where it does not matter.
func exemptionWords(e mesh.Exemption) string {
	switch e {
	case mesh.ExemptHostNetwork:
		return "host network: never captured, has no identity of its own"
	case mesh.ExemptSidecar:
		return "has a sidecar, which wins over ambient"
	case mesh.ExemptNamespace:
		return "istio-cni leaves its namespace out"
	case mesh.ExemptGateway:
		return "it is a gateway's proxy, which speaks HBONE itself"
	case mesh.ExemptNotPod:
		return "not a pod: nothing can redirect it"
	}
	return ""
}

// podReady is the pod's own readiness. Nobody checks a WorkloadEntry; it takes
// calls all the same and counts as ready.
func podReady(w *mesh.Workload) mesh.Fact {
	return mesh.FactOf(w.Kind != "Pod" || (w.Ready && w.Running()))
}

// podTrouble says why a pod is not ready, as its containers tell; empty for a
// ready or finished one.
func podTrouble(w *mesh.Workload) string {
	if w.Kind != "Pod" || w.Ready || w.Phase == "Succeeded" {
		return ""
	}
	for i := range w.Containers {
		c := &w.Containers[i]
		if c.Waiting != "" {
			return c.Name + ": " + c.Waiting
		}
		if !c.Ready && c.LastExit != nil {
			return c.Name + ": " + exitWords(c.LastExit)
		}
	}
	parts := []string{strings.ToLower(orWord(w.Phase, "phase unknown"))}
	if w.Reason != "" {
		parts = append(parts, w.Reason)
	}
	if w.Phase == "Running" {
		parts[0] = "running, not ready"
	}
	return strings.Join(parts, ", ")
}

// exitWords says how a container's last run ended.
func exitWords(e *mesh.ContainerExit) string {
	return fmt.Sprintf("last exit %s, code %d", orWord(e.Reason, "without a reason"), e.ExitCode)
}
