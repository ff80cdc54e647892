package mesh

import "time"

// Kinds of evidence. Like Nodes they live outside the shards, so that reading a
// proxy rebuilds nothing else.
const (
	KindZtunnelEvidence = "ZtunnelEvidence"
	KindEnvoyEvidence   = "EnvoyEvidence"
	KindSyncEvidence    = "SyncEvidence"
)

// ZtunnelEvidence is what a snapshot keeps of a ztunnel's dump: small, and
// enough for the checks.
type ZtunnelEvidence struct {
	Meta // Kind ZtunnelEvidence, Name the node, no namespace
	Pod  Ref
	// At is when the dump was read.
	At           time.Time
	Version      ZtunnelVersion
	Workloads    int
	Services     int
	Policies     int
	Certificates []ZtunnelCertificate
	// Local maps pod UIDs to the state ztunnel has them in; nil where unknown.
	Local map[string]string
	// Connections counts live connections by pod UID.
	Connections map[string]int
	// Differences are where the dump disagrees with the API, the first of
	// them; DifferenceCount counts all.
	Differences     []Difference
	DifferenceCount int
	Skipped         int
	FirstSkipped    string
}

// Difference is one disagreement between a proxy and the API.
type Difference struct {
	Object   Ref
	Field    string
	Expected string // by the API
	Found    string // in the proxy; empty for missing
}

// EnvoyEvidence is what a snapshot keeps of a waypoint's Envoy.
type EnvoyEvidence struct {
	Meta    // Kind EnvoyEvidence, Name "<namespace>/<pod>", no namespace
	Pod     Ref
	At      time.Time
	Version string
	// Ejected counts endpoints that outlier detection took out, by service host.
	Ejected         map[string]int
	Secrets         []EnvoySecret
	Differences     []Difference
	DifferenceCount int
}

// SyncEvidence is what one istiod says of the proxies connected to it.
type SyncEvidence struct {
	Meta    // Kind SyncEvidence, Name istiod's pod, no namespace
	At      time.Time
	Proxies []ProxySync
	// Skipped counts entries that could not be decoded.
	Skipped int
}

// ProxySync is one proxy's connection to istiod.
type ProxySync struct {
	Proxy        Ref    // the pod
	Type         string // ztunnel, waypoint, router, sidecar
	ClusterID    string
	IstioVersion string     // empty where the proxy does not know its own
	Types        []TypeSync // by URL
}

// TypeSync is the state of one xDS type.
type TypeSync struct {
	URL         string
	Sent, Acked string    // nonces
	SentAt      time.Time // zero in releases that do not say
	LastError   string    // text of the last rejection
}

// Synced tells whether everything sent was taken (istio.md H).
func (t TypeSync) Synced() bool { return t.Sent == t.Acked && t.LastError == "" }

// evidence is what proxies said, as far as it was read, by name.
type evidence struct {
	ztunnels []*ZtunnelEvidence
	envoys   []*EnvoyEvidence
	syncs    []*SyncEvidence
}

// add takes an object if it is evidence.
func (e *evidence) add(o Object) {
	switch o := o.(type) {
	case *ZtunnelEvidence:
		e.ztunnels = append(e.ztunnels, o)
	case *EnvoyEvidence:
		e.envoys = append(e.envoys, o)
	case *SyncEvidence:
		e.syncs = append(e.syncs, o)
	}
}

func (e *evidence) sort() {
	sortByName(e.ztunnels)
	sortByName(e.envoys)
	sortByName(e.syncs)
}

// ZtunnelEvidence is what the ztunnel of a node said, nil if it was not read.
func (s *Snapshot) ZtunnelEvidence(node string) *ZtunnelEvidence {
	return byName(s.evidence.ztunnels, node)
}

// ZtunnelEvidences lists every ztunnel that was read, by node.
func (s *Snapshot) ZtunnelEvidences() []*ZtunnelEvidence { return s.evidence.ztunnels }

// EnvoyEvidence is what the Envoy of a pod said, nil if it was not read.
func (s *Snapshot) EnvoyEvidence(namespace, pod string) *EnvoyEvidence {
	return byName(s.evidence.envoys, namespace+"/"+pod)
}

// SyncEvidence is what an istiod's pod said, nil if it was not read.
func (s *Snapshot) SyncEvidence(pod string) *SyncEvidence { return byName(s.evidence.syncs, pod) }

// SyncEvidences lists what each istiod said, by its pod. An istiod that was not
// read is missing here.
func (s *Snapshot) SyncEvidences() []*SyncEvidence { return s.evidence.syncs }
