package mesh

import "time"

// ZtunnelLogLevel is what the ztunnel of a node said it logs. It is evidence of
// its own beside ZtunnelEvidence: a level is some bytes and is read every few
// minutes, a dump is as large as the mesh.
type ZtunnelLogLevel struct {
	Meta // Kind ZtunnelLogLevel, Name the node, no namespace
	Pod  Ref
	// At is when it was read.
	At     time.Time
	Filter LogFilter
	// Until is when the filter is to be taken back, by the reader's clock; zero
	// where nothing says so. Filter holds it by the proxy's clock.
	Until time.Time
	// By is the Kubernetes user as whom this Waylight made the change, and
	// ChangedAt when it did; empty where another did, or this one before a
	// restart.
	By        string
	ChangedAt time.Time
}

// LogLevel is what the ztunnel of a node logs, nil if it was not read.
func (s *Snapshot) LogLevel(node string) *ZtunnelLogLevel { return byName(s.evidence.levels, node) }

// LogLevels lists what each ztunnel that was read logs, by node.
func (s *Snapshot) LogLevels() []*ZtunnelLogLevel { return s.evidence.levels }

// InitialLogFilter is the filter that a ztunnel's pod was started with, nil
// where that is not known.
func (s *Snapshot) InitialLogFilter(pod Ref) LogFilter {
	w := s.Workload(pod.Namespace, pod.Name)
	if w == nil {
		return nil
	}
	f, err := DefaultLogFilter(w)
	if err != nil {
		return nil
	}
	return f
}
