package mesh

import (
	"slices"
	"time"
)

// Kinds of evidence. Like Nodes they live outside the shards, so that reading a
// proxy rebuilds nothing else.
const (
	KindZtunnelEvidence = "ZtunnelEvidence"
	KindEnvoyEvidence   = "EnvoyEvidence"
	KindSyncEvidence    = "SyncEvidence"
	KindZtunnelLogLevel = "ZtunnelLogLevel"
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
	// AdmitsWaypoints: it holds a policy by which istiod admits a waypoint.
	AdmitsWaypoints bool
	// Local maps pod UIDs to the state ztunnel has them in; nil where unknown.
	Local map[string]string
	// Connections counts live connections by pod UID.
	Connections map[string]int
	Comparison
	// Digest stands for what all ztunnels should have alike.
	Digest       ZtunnelDigest
	Skipped      int
	FirstSkipped string
}

// Comparison is what came of holding a proxy's memory against the API.
type Comparison struct {
	// Compared is false where nothing was compared; Why says the reason then,
	// as a sentence.
	Compared bool
	Why      string
	// Differences are where the two disagree, the first of them;
	// DifferenceCount counts all.
	Differences     []Difference
	DifferenceCount int
	// Unjudged are objects of which something could not be compared, or changed
	// just before, the first of them; UnjudgedCount counts all.
	Unjudged      []Ref
	UnjudgedCount int
}

// About lists the differences about any of the objects. Known is false where
// there can be others: nothing was compared, one of the objects was not judged,
// or not all differences were kept.
func (c *Comparison) About(objects ...Ref) (list []Difference, known bool) {
	for _, d := range c.Differences {
		if slices.Contains(objects, d.Object) {
			list = append(list, d)
		}
	}
	unjudged := slices.ContainsFunc(objects, func(r Ref) bool { return slices.Contains(c.Unjudged, r) })
	whole := len(c.Differences) == c.DifferenceCount && len(c.Unjudged) == c.UnjudgedCount
	return list, c.Compared && whole && !unjudged
}

// ZtunnelDigest stands for parts of a dump that every ztunnel of a cluster has
// alike, so that nodes are compared without their dumps. A part is empty where
// it cannot be compared.
type ZtunnelDigest struct {
	Services, Policies PartDigest
}

// After is the digest of a look that comes after an earlier one.
func (d ZtunnelDigest) After(earlier ZtunnelDigest) ZtunnelDigest {
	return ZtunnelDigest{Services: d.Services.after(earlier.Services), Policies: d.Policies.after(earlier.Policies)}
}

func (d PartDigest) after(earlier PartDigest) PartDigest {
	if d.Sum != "" && d.Sum == earlier.Sum {
		d.Since = earlier.Since
	}
	return d
}

// PartDigest is a hash of one part of a dump.
type PartDigest struct {
	Sum string
	// Since is the earliest look at which it was as it has been at every look
	// since.
	Since time.Time
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
	Ejected map[string]int
	Secrets []EnvoySecret
	Comparison
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
	levels   []*ZtunnelLogLevel
	traffic  *Traffic
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
	case *ZtunnelLogLevel:
		e.levels = append(e.levels, o)
	case *Traffic:
		e.traffic = o
	}
}

func (e *evidence) sort() {
	sortByName(e.ztunnels)
	sortByName(e.envoys)
	sortByName(e.syncs)
	sortByName(e.levels)
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

// EnvoyEvidences lists every waypoint's Envoy that was read, by its pod.
func (s *Snapshot) EnvoyEvidences() []*EnvoyEvidence { return s.evidence.envoys }

// SyncEvidence is what an istiod's pod said, nil if it was not read.
func (s *Snapshot) SyncEvidence(pod string) *SyncEvidence { return byName(s.evidence.syncs, pod) }

// SyncEvidences lists what each istiod said, by its pod. An istiod that was not
// read is missing here.
func (s *Snapshot) SyncEvidences() []*SyncEvidence { return s.evidence.syncs }
