package meshtest

import (
	"fmt"

	"github.com/waylight/waylight/mesh"
)

// Namespace is a namespace. One that only objects name has no Namespace
// object: its labels are unknown.
func Namespace(name string, opts ...Option) Part {
	n := &mesh.Namespace{Meta: meta("Namespace", "", name), Phase: "Active"}
	n.Labels["kubernetes.io/metadata.name"] = name
	apply(n, opts)
	return Objects(n)
}

// node is a Node with what runs on it.
type node struct {
	*mesh.Node
	ztunnel, cni []Option // of the pods
	noZtunnel    bool
	noCNI        bool
}

// Node is a machine, with a ready ztunnel and istio-cni on it. Nodes that pods
// name need no part of their own.
func Node(name string, opts ...Option) Part {
	return func(b *builder) {
		n := newNode(name)
		apply(n, opts)
		b.declare(n)
	}
}

func newNode(name string) *node {
	n := &mesh.Node{Meta: meta("Node", "", name), Ready: mesh.FactYes, BootID: "boot-" + name, KubeletVersion: "v1.35.0", Zone: "eu-1a", Region: "eu-1"}
	return &node{Node: n}
}

func (b *builder) declare(n *node) {
	if _, ok := b.nodes[n.Name]; !ok {
		b.nodeOrder = append(b.nodeOrder, n.Name)
	}
	b.nodes[n.Name] = n
}

// NoZtunnel leaves a node without ztunnel, NoCNI without istio-cni.
func NoZtunnel() Option { return func(o mesh.Object) { nodeOf(o).noZtunnel = true } }

// NoCNI leaves a node without istio-cni.
func NoCNI() Option { return func(o mesh.Object) { nodeOf(o).noCNI = true } }

// Ztunnel changes the node's ztunnel pod.
func Ztunnel(opts ...Option) Option {
	return func(o mesh.Object) { nodeOf(o).ztunnel = append(nodeOf(o).ztunnel, opts...) }
}

// CNI changes the node's istio-cni pod.
func CNI(opts ...Option) Option {
	return func(o mesh.Object) { nodeOf(o).cni = append(nodeOf(o).cni, opts...) }
}

func nodeOf(o mesh.Object) *node {
	n, ok := o.(*node)
	if !ok {
		panic(fmt.Sprintf("meshtest: option for a Node does not fit %s", o.Ref()))
	}
	return n
}

// addNode adds a node and its mesh components.
func (b *builder) addNode(n *node) {
	n.InternalIPs = []string{fmt.Sprintf("172.18.%d.%d", len(b.content.ClusterScoped)/250, len(b.content.ClusterScoped)%250+2)}
	b.add(n.Node)
	if !n.noZtunnel {
		b.addComponent("ztunnel", n.Name, "app", "ztunnel", n.ztunnel)
	}
	if !n.noCNI {
		b.addComponent("istio-cni-node", n.Name, "k8s-app", "istio-cni-node", n.cni)
	}
}

// addComponent adds the pod of a DaemonSet of the mesh.
func (b *builder) addComponent(set, node, key, value string, opts []Option) {
	w := newPod(SystemNamespace, set+"-"+node)
	w.Node, w.ServiceAccount = node, set
	w.Labels[key] = value
	w.Owner = mesh.Ref{Kind: "DaemonSet", Namespace: SystemNamespace, Name: set}
	w.Containers = []mesh.Container{{Name: "istio-proxy", Ready: true, StartedAt: w.Started}}
	apply(w, opts)
	b.addPod(w)
}
