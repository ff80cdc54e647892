package mesh

import (
	"cmp"
	"strings"
)

// Ref names one object. Namespace is empty for what has none (Node, Namespace,
// GatewayClass, Mesh). Kind is the Kubernetes kind without its group: no two
// kinds Waylight reads share one but Gateway, where Istio's own is IstioGateway.
type Ref struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}

// MeshRef is the subject of what concerns the mesh as a whole.
var MeshRef = Ref{Kind: "Mesh"}

// NamespacedName is the reference as kubectl users write it: "shop/orders", or
// the bare name for what has no namespace.
func (r Ref) NamespacedName() string {
	if r.Namespace == "" {
		return r.Name
	}
	return r.Namespace + "/" + r.Name
}

// String is the reference in a sentence: "Service shop/orders".
func (r Ref) String() string {
	return strings.TrimSpace(r.Kind + " " + r.NamespacedName())
}

// IsZero tells whether the reference names nothing.
func (r Ref) IsZero() bool { return r == Ref{} }

// Compare orders references by kind, namespace and name, for stable output.
func (r Ref) Compare(o Ref) int {
	return cmp.Or(cmp.Compare(r.Kind, o.Kind), cmp.Compare(r.Namespace, o.Namespace), cmp.Compare(r.Name, o.Name))
}
