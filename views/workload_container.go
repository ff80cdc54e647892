package views

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// ContainerRow is one container of a pod.
type ContainerRow struct {
	Name, Image string
	Init        bool
	Ready       mesh.Fact
	Restarts    string
	Waiting     string // reason and message; empty if it is not waiting
	LastExit    string
	LastExitAt  time.Time
	Requests    string
	Limits      string
	Ports       string
	StartedAt   time.Time
}

func containerRows(w *mesh.Workload) []ContainerRow {
	out := make([]ContainerRow, 0, len(w.Containers))
	for i := range w.Containers {
		c := &w.Containers[i]
		row := ContainerRow{
			Name: c.Name, Image: c.Image, Init: c.Init, Ready: mesh.FactOf(c.Ready), Restarts: strconv.Itoa(int(c.RestartCount)),
			Waiting: c.Waiting, Requests: resourceWords(c.Requests), Limits: resourceWords(c.Limits), StartedAt: c.StartedAt,
		}
		if c.WaitingText != "" {
			row.Waiting += ": " + c.WaitingText
		}
		if c.LastExit != nil {
			row.LastExit, row.LastExitAt = exitWords(c.LastExit), c.LastExit.At
		}
		var ports []string
		for _, p := range c.Ports {
			ports = append(ports, strings.TrimSpace(fmt.Sprintf("%d %s", p.Port, p.Name)))
		}
		row.Ports = strings.Join(ports, ", ")
		out = append(out, row)
	}
	return out
}

// resourceWords prints amounts as Kubernetes users write them; "none" for a
// container without.
func resourceWords(r mesh.Resources) string {
	var parts []string
	if r.MilliCPU > 0 {
		parts = append(parts, cpuWords(r.MilliCPU)+" CPU")
	}
	if r.MemoryBytes > 0 {
		parts = append(parts, memoryWords(r.MemoryBytes))
	}
	return orWord(strings.Join(parts, ", "), "none")
}

func cpuWords(milli int64) string {
	if milli%1000 == 0 {
		return strconv.FormatInt(milli/1000, 10)
	}
	return strconv.FormatInt(milli, 10) + "m"
}

func memoryWords(b int64) string {
	const ki, mi, gi = 1 << 10, 1 << 20, 1 << 30
	switch {
	case b >= gi && b%gi == 0:
		return strconv.FormatInt(b/gi, 10) + " GiB"
	case b >= mi:
		return strconv.FormatInt(b/mi, 10) + " MiB"
	case b >= ki:
		return strconv.FormatInt(b/ki, 10) + " KiB"
	}
	return strconv.FormatInt(b, 10) + " B"
}

// LabelRow is a label or annotation that decides about traffic, and what it
// does.
type LabelRow struct{ Key, Value, Meaning string }

// telling lists the labels and annotations of a workload that matter here.
func telling(w *mesh.Workload) []LabelRow {
	var out []LabelRow
	add := func(from map[string]string, key, meaning string) {
		if v, ok := from[key]; ok {
			out = append(out, LabelRow{key, v, meaning})
		}
	}
	add(w.Labels, mesh.LabelDataplaneMode, "asks for the mesh, or opts out of it")
	add(w.Labels, mesh.LabelUseWaypoint, "waypoint for calls addressed to this pod")
	add(w.Labels, mesh.LabelUseWaypointNamespace, "namespace of that waypoint")
	add(w.Labels, mesh.LabelGatewayName, "this is the proxy of that Gateway")
	add(w.Labels, mesh.LabelCanonicalName, "name in Istio's metrics")
	add(w.Labels, mesh.LabelCanonicalRevision, "version in Istio's metrics")
	add(w.Labels, "app.kubernetes.io/version", "version in Istio's metrics unless a canonical revision is set")
	add(w.Labels, "version", "version in Istio's metrics unless another label says so")
	add(w.Annotations, mesh.AnnotationRedirection, "istio-cni's claim about redirection")
	add(w.Annotations, mesh.AnnotationSidecarStatus, "injection put a sidecar into the pod")
	return out
}

// podConditions judges what Kubernetes says of a pod: what is True is well.
func podConditions(w *mesh.Workload) []ui.Condition {
	out := make([]ui.Condition, 0, len(w.Conditions))
	for _, c := range w.Conditions {
		tone := ui.ToneUnknown
		switch c.Status {
		case mesh.ConditionTrue:
			tone = ui.ToneGood
		case mesh.ConditionFalse:
			tone = ui.ToneWarn
		}
		if c.Type == "DisruptionTarget" { // True is the bad news
			tone = ui.ToneWarn
		}
		if c.Type == "PodReadyToStartContainers" || c.Reason == "PodCompleted" {
			tone = ui.ToneNone
		}
		out = append(out, ui.Condition{Condition: c, Tone: tone, Stale: c.ObservedGeneration != 0 && c.ObservedGeneration < w.Generation})
	}
	return out
}
