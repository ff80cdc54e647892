package mesh

import "slices"

// LabelSelector is a Kubernetes label selector. The zero value matches
// everything, as an empty selector does in Kubernetes; where an API gives
// "absent" another meaning the field is a pointer.
type LabelSelector struct {
	MatchLabels      map[string]string
	MatchExpressions []LabelRequirement
}

// LabelRequirement is one matchExpressions entry. Operator is In, NotIn,
// Exists or DoesNotExist.
type LabelRequirement struct {
	Key      string
	Operator string
	Values   []string
}

// Matches tells whether labels satisfy every part of the selector.
func (s LabelSelector) Matches(labels map[string]string) bool {
	if !LabelsMatch(s.MatchLabels, labels) {
		return false
	}
	for _, r := range s.MatchExpressions {
		if !r.matches(labels) {
			return false
		}
	}
	return true
}

// Empty tells whether the selector asks for nothing.
func (s LabelSelector) Empty() bool { return len(s.MatchLabels) == 0 && len(s.MatchExpressions) == 0 }

// matches follows k8s.io/apimachinery's labels.Requirement: NotIn is satisfied
// by an absent key; an operator it does not know matches nothing.
func (r LabelRequirement) matches(labels map[string]string) bool {
	v, has := labels[r.Key]
	switch r.Operator {
	case "In":
		return has && slices.Contains(r.Values, v)
	case "NotIn":
		return !has || !slices.Contains(r.Values, v)
	case "Exists":
		return has
	case "DoesNotExist":
		return !has
	}
	return false
}

// LabelsMatch tells whether labels hold every pair of want. An empty want is
// satisfied by anything.
func LabelsMatch(want, labels map[string]string) bool {
	for k, v := range want {
		if got, ok := labels[k]; !ok || got != v {
			return false
		}
	}
	return true
}
