package mesh_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
)

func TestLabelSelectorMatches(t *testing.T) {
	labels := map[string]string{"app": "web", "tier": ""}
	expression := func(key, operator string, values ...string) mesh.LabelSelector {
		return mesh.LabelSelector{MatchExpressions: []mesh.LabelRequirement{{Key: key, Operator: operator, Values: values}}}
	}
	tests := []struct {
		name string
		sel  mesh.LabelSelector
		want bool
	}{
		{"an empty selector matches everything", mesh.LabelSelector{}, true},
		{"an equal label", mesh.LabelSelector{MatchLabels: map[string]string{"app": "web"}}, true},
		{"another value", mesh.LabelSelector{MatchLabels: map[string]string{"app": "api"}}, false},
		{"an empty value is a value", mesh.LabelSelector{MatchLabels: map[string]string{"tier": ""}}, true},
		{"an absent key has no value, not an empty one", mesh.LabelSelector{MatchLabels: map[string]string{"zone": ""}}, false},
		{"In finds the value", expression("app", "In", "api", "web"), true},
		{"In does not find it", expression("app", "In", "api"), false},
		{"In needs the key", expression("zone", "In", ""), false},
		{"NotIn finds the value", expression("app", "NotIn", "web"), false},
		{"NotIn is satisfied by an absent key", expression("zone", "NotIn", "a"), true},
		{"Exists", expression("tier", "Exists"), true},
		{"Exists needs the key", expression("zone", "Exists"), false},
		{"DoesNotExist", expression("zone", "DoesNotExist"), true},
		{"DoesNotExist refuses the key", expression("tier", "DoesNotExist"), false},
		{"an operator nobody knows matches nothing", expression("app", "Like", "web"), false},
		{"labels and expressions must both hold", mesh.LabelSelector{MatchLabels: map[string]string{"app": "web"}, MatchExpressions: []mesh.LabelRequirement{{Key: "tier", Operator: "DoesNotExist"}}}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.sel.Matches(labels); got != tt.want {
				t.Errorf("Matches = %t, want %t", got, tt.want)
			}
		})
	}
}
