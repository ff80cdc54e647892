package kube

import (
	"cmp"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/waylight/waylight/mesh"
)

func convertNamespace(o *corev1.Namespace, _ *checker) mesh.Object {
	return &mesh.Namespace{
		Meta:  metaOf(corev1.GroupName, "Namespace", o),
		Phase: share(cmp.Or(o.Status.Phase, corev1.NamespaceActive)),
	}
}

func convertNode(o *corev1.Node, _ *checker) mesh.Object {
	n := &mesh.Node{
		Meta:           metaOf(corev1.GroupName, "Node", o),
		Ready:          mesh.FactUnknown,
		BootID:         o.Status.NodeInfo.BootID,
		KubeletVersion: share(o.Status.NodeInfo.KubeletVersion),
		Zone:           share(o.Labels[corev1.LabelTopologyZone]),
		Region:         share(o.Labels[corev1.LabelTopologyRegion]),
		Conditions:     nodeConditions(o.Status.Conditions),
		Unschedulable:  o.Spec.Unschedulable,
	}
	// A kubelet that stopped reporting is set to Unknown by the node
	// controller: not ready then is a guess, and is told as one.
	if c := n.Conditions.Find(string(corev1.NodeReady)); c != nil && c.Status != mesh.ConditionUnknown {
		n.Ready = mesh.FactOf(c.Status == mesh.ConditionTrue)
	}
	for _, a := range o.Status.Addresses {
		if a.Type == corev1.NodeInternalIP {
			n.InternalIPs = append(n.InternalIPs, a.Address)
		}
	}
	return n
}

func convertServiceAccount(o *corev1.ServiceAccount, _ *checker) mesh.Object {
	return &mesh.ServiceAccount{Meta: metaOf(corev1.GroupName, "ServiceAccount", o)}
}

// definition is what Waylight reads of a CustomResourceDefinition: the schema
// that makes nearly all of its size is passed over.
type definition struct {
	metav1.TypeMeta
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Group string `json:"group"`
		Names struct {
			Plural string `json:"plural"`
		} `json:"names"`
		Versions []struct {
			Name   string `json:"name"`
			Served bool   `json:"served"`
		} `json:"versions"`
	} `json:"spec"`
}

func convertDefinition(o *definition, _ *checker) mesh.Object {
	d := &mesh.CustomResourceDefinition{
		Meta:     metaOf("apiextensions.k8s.io", "CustomResourceDefinition", o),
		Group:    o.Spec.Group,
		Resource: o.Spec.Names.Plural,
	}
	for _, v := range o.Spec.Versions {
		if v.Served {
			d.Served = append(d.Served, share(v.Name))
		}
	}
	return d
}
