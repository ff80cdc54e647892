package meshtest

import (
	"fmt"
	"slices"
	"time"

	"github.com/waylight/waylight/mesh"
)

// said collects what a test says about proxies; what was read of them follows
// from the mesh once it is built.
type said struct {
	all      bool
	ztunnels map[string][]Option
	envoys   map[string][]Option
	istiods  map[string][]Option
	counted  []func(*mesh.Traffic)
}

// ProxiesRead says that every ready ztunnel, waypoint and istiod was read, that
// what they said is healthy, and that they counted no traffic.
func ProxiesRead() Part { return func(b *builder) { b.said.all = true } }

// ZtunnelSaid says that the ztunnel of a node was read, and changes what it
// said: With(func(e *mesh.ZtunnelEvidence) { … }).
func ZtunnelSaid(node string, opts ...Option) Part {
	return func(b *builder) { note(&b.said.ztunnels, node, opts) }
}

// WaypointSaid says the same of the Envoy of a waypoint's pod.
func WaypointSaid(namespace, pod string, opts ...Option) Part {
	return func(b *builder) { note(&b.said.envoys, namespace+"/"+pod, opts) }
}

// IstiodSaid says the same of an istiod's pod.
func IstiodSaid(pod string, opts ...Option) Part {
	return func(b *builder) { note(&b.said.istiods, pod, opts) }
}

func note(to *map[string][]Option, name string, opts []Option) {
	if *to == nil {
		*to = make(map[string][]Option)
	}
	(*to)[name] = append((*to)[name], opts...)
}

// addEvidence adds what was read of the proxies of a finished mesh. A source
// that a test gave a state stays unread.
func (b *builder) addEvidence(s *mesh.Snapshot) {
	if !b.said.all && len(b.said.ztunnels)+len(b.said.envoys)+len(b.said.istiods) == 0 {
		return
	}
	var proxies []mesh.ProxySync
	var istiods []*mesh.Workload
	for _, sh := range s.Shards {
		for _, w := range sh.Workloads {
			switch {
			case w.Kind != "Pod" || !w.Running() || !w.Ready:
			case w.Labels["app"] == "ztunnel":
				proxies = append(proxies, synced(w, "ztunnel", b.content.At))
				b.read(b.said.ztunnels, w.Node, "ztunnel/"+w.Node, ztunnelEvidence(s, w))
			case w.IsWaypoint():
				proxies = append(proxies, synced(w, "waypoint", b.content.At))
				name := w.Namespace + "/" + w.Name
				b.read(b.said.envoys, name, "envoy/"+name, envoyEvidence(w, b.content.At))
			case w.Labels["app"] == "istiod":
				istiods = append(istiods, w)
			}
		}
	}
	for _, w := range istiods {
		e := &mesh.SyncEvidence{Meta: meta(mesh.KindSyncEvidence, "", w.Name), At: b.content.At, Proxies: slices.Clone(proxies)}
		b.read(b.said.istiods, w.Name, "istiod/"+w.Name, e)
	}
}

// read adds one piece of evidence if a test asks for it.
func (b *builder) read(asked map[string][]Option, name, source string, o mesh.Object) {
	opts, named := asked[name]
	given := slices.ContainsFunc(b.content.Sources, func(s mesh.SourceStatus) bool { return s.Name == source })
	if !named && (!b.said.all || given) {
		return
	}
	apply(o, opts)
	b.content.ClusterScoped = append(b.content.ClusterScoped, o)
	if !given {
		Source(source, mesh.SourceOK, "")(b)
	}
}

// ztunnelEvidence is what a ztunnel says that serves every captured pod of its
// node.
func ztunnelEvidence(s *mesh.Snapshot, z *mesh.Workload) *mesh.ZtunnelEvidence {
	e := &mesh.ZtunnelEvidence{Meta: meta(mesh.KindZtunnelEvidence, "", z.Node), Pod: z.Ref(), At: s.At, Local: make(map[string]string), Comparison: mesh.Comparison{Compared: true}}
	have := make(map[string]bool)
	for _, w := range s.OnNode(z.Node) {
		if !w.Captured() || !w.Running() {
			continue
		}
		e.Local[w.UID] = "Up"
		identity := "spiffe://" + w.Principal(s.TrustDomain())
		if !have[identity] {
			have[identity] = true
			e.Certificates = append(e.Certificates, Certificate(identity, s.At.Add(-6*time.Hour), s.At.Add(18*time.Hour)))
		}
	}
	for _, sh := range s.Shards {
		e.Workloads += len(sh.Workloads)
		e.Services += len(sh.Services)
		e.Policies += len(sh.Authorizations)
	}
	return e
}

// Certificate is an available certificate of an identity, under a root of ten
// years.
func Certificate(identity string, from, until time.Time) mesh.ZtunnelCertificate {
	return mesh.ZtunnelCertificate{
		Identity: identity, State: "Available",
		Chain: []mesh.Certificate{{Serial: "1", NotBefore: from, NotAfter: until}},
		Roots: []mesh.Certificate{{Serial: "1000", Subject: "O=cluster.local", NotBefore: from.AddDate(-1, 0, 0), NotAfter: from.AddDate(9, 0, 0)}},
	}
}

func envoyEvidence(w *mesh.Workload, at time.Time) *mesh.EnvoyEvidence {
	return &mesh.EnvoyEvidence{Meta: meta(mesh.KindEnvoyEvidence, "", w.Namespace+"/"+w.Name), Pod: w.Ref(), At: at, Comparison: mesh.Comparison{Compared: true}}
}

// synced is a proxy that took everything istiod sent it an hour ago.
func synced(w *mesh.Workload, typ string, at time.Time) mesh.ProxySync {
	p := mesh.ProxySync{Proxy: w.Ref(), Type: typ, ClusterID: "Kubernetes"}
	for i, url := range [...]string{"type.googleapis.com/istio.security.Authorization", "type.googleapis.com/istio.workload.Address"} {
		nonce := fmt.Sprintf("nonce-%d", i+1)
		p.Types = append(p.Types, mesh.TypeSync{URL: url, Sent: nonce, Acked: nonce, SentAt: at.Add(-time.Hour)})
	}
	return p
}
