package mesh

import (
	"fmt"
	"slices"
	"strings"
)

// LogSource is what somebody asks to follow, in the grammar of the log stream
// (design 4.4): "ztunnel/<node>", "cni/<node>", "waypoint/<ns>/<name>",
// "istiod", "pod/<ns>/<pod>/<container>". It names a role, not a container:
// whoever has the role now is followed, also after a replacement.
type LogSource string

// Kinds of sources: what stands before the first slash.
const (
	LogSourceZtunnel  = "ztunnel"
	LogSourceCNI      = "cni"
	LogSourceWaypoint = "waypoint"
	LogSourceIstiod   = "istiod"
	LogSourcePod      = "pod"
)

// ZtunnelLogs is the ztunnel of a node as a source.
func ZtunnelLogs(node string) LogSource { return LogSource(LogSourceZtunnel + "/" + node) }

// WaypointLogs are all replicas of a waypoint as a source.
func WaypointLogs(namespace, name string) LogSource {
	return LogSource(LogSourceWaypoint + "/" + namespace + "/" + name)
}

// PodLogs is one container of a pod as a source.
func PodLogs(namespace, pod, container string) LogSource {
	return LogSource(LogSourcePod + "/" + namespace + "/" + pod + "/" + container)
}

// ParseLogSource reads a source as a browser sends it. The error is a sentence
// for its reader.
func ParseLogSource(text string) (LogSource, error) {
	parts := strings.Split(text, "/")
	want := map[string]int{LogSourceZtunnel: 2, LogSourceCNI: 2, LogSourceWaypoint: 3, LogSourceIstiod: 1, LogSourcePod: 4}[parts[0]]
	if want != len(parts) || slices.Contains(parts, "") || len(text) > maxLogSource {
		return "", fmt.Errorf("%.80q is no source of logs: write ztunnel/<node>, cni/<node>, waypoint/<namespace>/<name>, istiod or pod/<namespace>/<pod>/<container>", text)
	}
	return LogSource(text), nil
}

// maxLogSource is longer than any names Kubernetes admits make it.
const maxLogSource = 1024

// Kind is what stands before the first slash.
func (s LogSource) Kind() string {
	kind, _, _ := strings.Cut(string(s), "/")
	return kind
}

// part is the n-th of what stands between slashes, empty if there is none.
func (s LogSource) part(n int) string {
	parts := strings.Split(string(s), "/")
	if n >= len(parts) {
		return ""
	}
	return parts[n]
}

// LogWriter is what kind of program writes a log, which decides how its lines
// are read.
type LogWriter string

// The writers whose lines Waylight reads.
const (
	WriterZtunnel     LogWriter = "ztunnel"
	WriterWaypoint    LogWriter = "waypoint" // and every other Envoy of Istio
	WriterCNI         LogWriter = "istio-cni"
	WriterIstiod      LogWriter = "istiod"
	WriterApplication LogWriter = "application"
)

// LogTarget is one container whose log can be followed.
type LogTarget struct {
	// Source is what it was found for.
	Source LogSource
	Writer LogWriter
	// Pod, its UID and node; Container is the name, ContainerID the run of it
	// ("containerd://…"), which changes with each restart and is empty where
	// Kubernetes does not say.
	Pod         Ref
	UID, Node   string
	Container   string
	ContainerID string
	// Restarts is how many runs there were before it, as Kubernetes counts.
	Restarts int32
	// Previous asks for the run before this one.
	Previous bool
}

// Name is "<namespace>/<pod>/<container>".
func (t *LogTarget) Name() string { return t.Pod.NamespacedName() + "/" + t.Container }

// SourceName is the target as a source of evidence (design 3).
func (t *LogTarget) SourceName() string { return "logs/" + t.Name() }

// LogTargets finds who has a role now: pods that run, or ran and are still
// there. None is no error: a role nobody has is waited for.
func (s *Snapshot) LogTargets(source LogSource) []LogTarget {
	var out []LogTarget
	for _, w := range s.logPods(source) {
		for i := range w.Containers {
			if c := &w.Containers[i]; source.wants(w, c.Name) {
				out = append(out, LogTarget{
					Source: source, Writer: writerOf(w, c.Name), Pod: w.Ref(), UID: w.UID, Node: w.Node, Container: c.Name, ContainerID: c.ID, Restarts: c.RestartCount,
				})
			}
		}
	}
	return out
}

// logPods are the pods that have the role.
func (s *Snapshot) logPods(source LogSource) []*Workload {
	switch source.Kind() {
	case LogSourceZtunnel:
		return s.Ztunnels(source.part(1))
	case LogSourceCNI:
		return s.CNINodes(source.part(1))
	case LogSourceWaypoint:
		if w := s.Waypoint(source.part(1), source.part(2)); w != nil {
			return w.Pods
		}
	case LogSourceIstiod:
		return s.istiodPods()
	case LogSourcePod:
		if w := s.Workload(source.part(1), source.part(2)); w != nil && w.Kind == "Pod" {
			return []*Workload{w}
		}
	}
	return nil
}

func (s *Snapshot) istiodPods() []*Workload {
	var out []*Workload
	for _, sh := range s.Shards {
		for _, w := range sh.PartsOfMesh() {
			if w.Labels["app"] == "istiod" {
				out = append(out, w)
			}
		}
	}
	return out
}

// wants tells whether a container of a pod belongs to the source.
func (s LogSource) wants(w *Workload, container string) bool {
	if s.Kind() == LogSourcePod {
		return container == s.part(3)
	}
	return writerOf(w, container) != WriterApplication
}

// ProxyContainer is what Istio calls the container of its proxies: ztunnels,
// waypoints, gateways, sidecars.
const ProxyContainer = "istio-proxy"

// cniContainer and discoveryContainer are those of istio-cni and istiod.
const (
	cniContainer       = "install-cni"
	discoveryContainer = "discovery"
)

func writerOf(w *Workload, container string) LogWriter {
	switch {
	case container == ProxyContainer && w.Labels["app"] == "ztunnel":
		return WriterZtunnel
	case container == ProxyContainer:
		return WriterWaypoint
	case container == cniContainer:
		return WriterCNI
	case container == discoveryContainer && w.Labels["app"] == "istiod":
		return WriterIstiod
	}
	return WriterApplication
}
