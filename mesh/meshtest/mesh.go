package meshtest

import (
	"fmt"
	"time"

	"github.com/waylight/waylight/mesh"
)

// Now is the moment every built snapshot describes, unless At says otherwise.
var Now = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// SystemNamespace is where the mesh's own components are built.
const SystemNamespace = "istio-system"

// Part is something a mesh is made of: an object, a group of them, or a fact
// about the snapshot itself.
type Part func(*builder)

// builder collects parts until they are put together.
type builder struct {
	content    mesh.Content
	namespaces map[string][]mesh.Object
	nodes      map[string]*node
	nodeOrder  []string
	pods       int // built so far; numbers their addresses
	services   int
	bare       bool
	said       said
}

// Mesh puts parts together. Order does not matter, but for addresses: they are
// counted up in the order of the parts.
func Mesh(parts ...Part) *mesh.Snapshot {
	b := &builder{namespaces: make(map[string][]mesh.Object), nodes: make(map[string]*node)}
	b.content = mesh.Content{
		At: Now, Revision: 1,
		Cluster: mesh.ClusterInfo{Name: "test", IstioVersion: "1.31.0", KubernetesVersion: "v1.35.0", Origin: mesh.OriginLive},
		Sources: mesh.Sources{{Name: mesh.KubernetesSource, State: mesh.SourceOK, AsOf: Now}},
	}
	for _, p := range parts {
		p(b)
	}
	return b.build()
}

// Parts joins several parts to one, to give a situation a name.
func Parts(parts ...Part) Part {
	return func(b *builder) {
		for _, p := range parts {
			p(b)
		}
	}
}

// Objects adds objects as they are. Creation time and UID are filled in where
// they are missing.
func Objects(objects ...mesh.Object) Part {
	return func(b *builder) {
		for _, o := range objects {
			b.add(o)
		}
	}
}

// At sets the moment described.
func At(t time.Time) Part { return func(b *builder) { b.content.At = t } }

// Cluster describes the cluster the snapshot is of.
func Cluster(info mesh.ClusterInfo) Part { return func(b *builder) { b.content.Cluster = info } }

// Revision sets the snapshot's number.
func Revision(n uint64) Part { return func(b *builder) { b.content.Revision = n } }

// Scope limits what is watched to these namespaces.
func Scope(namespaces ...string) Part {
	return func(b *builder) { b.content.Scope = namespaces }
}

// Source gives a source a state; a source of that name said before is
// replaced. The detail of a forbidden one is the missing right.
func Source(name string, state mesh.SourceState, detail string) Part {
	return func(b *builder) {
		status := mesh.SourceStatus{Name: name, State: state, Detail: detail}
		if state.Readable() {
			status.AsOf = b.content.At
		}
		for i := range b.content.Sources {
			if b.content.Sources[i].Name == name {
				b.content.Sources[i] = status
				return
			}
		}
		b.content.Sources = append(b.content.Sources, status)
	}
}

// Forbidden says that a Kubernetes resource (mesh.Resource…) may not be read.
func Forbidden(resource string) Part {
	return Source(mesh.KubernetesSource+"/"+resource, mesh.SourceForbidden, "list "+resource+" in all namespaces")
}

// Bare leaves out what is otherwise built unasked: istiod, nodes and what runs
// on them.
func Bare() Part { return func(b *builder) { b.bare = true } }

func (b *builder) add(o mesh.Object) {
	m := o.Metadata()
	if m.Created.IsZero() {
		m.Created = Now.Add(-24 * time.Hour)
	}
	if m.UID == "" {
		m.UID = fmt.Sprintf("uid-%s-%s-%s", m.Kind, m.Namespace, m.Name)
	}
	switch o.(type) {
	case *mesh.Node, *mesh.GatewayClass, *mesh.CustomResourceDefinition, *mesh.ZtunnelEvidence, *mesh.EnvoyEvidence, *mesh.SyncEvidence, *mesh.ZtunnelLogLevel, *mesh.Traffic:
		b.content.ClusterScoped = append(b.content.ClusterScoped, o)
	case *mesh.Namespace:
		b.namespaces[m.Name] = append(b.namespaces[m.Name], o)
	default:
		b.namespaces[m.Namespace] = append(b.namespaces[m.Namespace], o)
	}
}

func meta(kind, namespace, name string) mesh.Meta {
	return mesh.Meta{Kind: kind, Namespace: namespace, Name: name, Labels: map[string]string{}, Annotations: map[string]string{}}
}
