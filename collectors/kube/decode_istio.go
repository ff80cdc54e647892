package kube

import (
	"fmt"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/waylight/waylight/mesh"
)

// istioObject is an Istio custom resource as JSON. Waylight has its own types
// for the specs and reads only what it uses, instead of Istio's generated ones:
// those refuse an object for one enum value they do not know, and the mesh can
// be newer than Waylight.
type istioObject[Spec any] struct {
	metav1.TypeMeta
	metav1.ObjectMeta `json:"metadata"`
	Spec              Spec        `json:"spec"`
	Status            istioStatus `json:"status"`
}

// istioStatus is the status all Istio resources share; Addresses is set by
// istiod on ServiceEntries only.
type istioStatus struct {
	Conditions []istioCondition `json:"conditions"`
	Addresses  []struct {
		Value string `json:"value"`
	} `json:"addresses"`
}

type istioCondition struct {
	Type               string      `json:"type"`
	Status             string      `json:"status"`
	Reason             string      `json:"reason"`
	Message            string      `json:"message"`
	LastTransitionTime metav1.Time `json:"lastTransitionTime"`
	ObservedGeneration generation  `json:"observedGeneration"`
}

// generation is a 64-bit number, which istiod writes as a string since that is
// how protobuf's JSON has it.
type generation int64

// UnmarshalJSON accepts 1 and "1".
func (g *generation) UnmarshalJSON(raw []byte) error {
	text := strings.Trim(string(raw), `"`)
	if text == "null" || text == "" {
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return fmt.Errorf("observedGeneration %s is no number", bounded(string(raw), maxQuoted))
	}
	*g = generation(n)
	return nil
}

func (s *istioStatus) conditions() mesh.Conditions {
	return conditionsOf(s.Conditions, func(c *istioCondition) mesh.Condition {
		out := condition(c.Type, c.Status, c.Reason, c.Message, c.LastTransitionTime)
		out.ObservedGeneration = int64(c.ObservedGeneration)
		return out
	})
}

// workloadSelector is Istio's selector by labels alone. The networking API
// calls its labels "labels", the security API "matchLabels".
type workloadSelector struct {
	Labels      map[string]string `json:"labels"`
	MatchLabels map[string]string `json:"matchLabels"`
}

// selector keeps nil apart from empty.
func (s *workloadSelector) selector() *mesh.LabelSelector {
	if s == nil {
		return nil
	}
	if s.MatchLabels != nil {
		return &mesh.LabelSelector{MatchLabels: shareMap(s.MatchLabels)}
	}
	return &mesh.LabelSelector{MatchLabels: shareMap(s.Labels)}
}

// attachment is how policies name what they apply to.
type attachment struct {
	Selector   *workloadSelector `json:"selector"`
	TargetRef  *targetRef        `json:"targetRef"`
	TargetRefs []targetRef       `json:"targetRefs"`
}

type targetRef struct {
	Group     string `json:"group"`
	Kind      string `json:"kind"`
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
}

// targets are the targetRefs, else the single targetRef of older policies.
func (a *attachment) targets(namespace string) []mesh.TargetRef {
	list := a.TargetRefs
	if len(list) == 0 && a.TargetRef != nil {
		list = []targetRef{*a.TargetRef}
	}
	var out []mesh.TargetRef
	for _, t := range list {
		ref := mesh.TargetRef{Group: share(t.Group), Kind: share(t.Kind), Namespace: share(t.Namespace), Name: share(t.Name)}
		if ref.Group == "core" { // Istio takes both names of the core group
			ref.Group = ""
		}
		if ref.Namespace == "" {
			ref.Namespace = share(namespace)
		}
		out = append(out, ref)
	}
	return out
}

// istioPort is a port of a ServiceEntry or Gateway.
type istioPort struct {
	Number     int64  `json:"number"`
	Protocol   string `json:"protocol"`
	Name       string `json:"name"`
	TargetPort int64  `json:"targetPort"`
}

// servicePort puts the declared protocol where Services have theirs: UDP is a
// transport, anything else is spoken over TCP.
func (p *istioPort) servicePort(c *checker, field string, index ...int) mesh.ServicePort {
	out := mesh.ServicePort{Name: share(p.Name), Port: c.port(p.Number, field+".number", index...), Protocol: "TCP"}
	if strings.EqualFold(p.Protocol, "UDP") {
		out.Protocol = "UDP"
	} else {
		out.AppProtocol = share(strings.ToLower(p.Protocol))
	}
	if target := c.port(p.TargetPort, field+".targetPort", index...); target != 0 {
		out.TargetPort = share(strconv.Itoa(int(target)))
	}
	return out
}
