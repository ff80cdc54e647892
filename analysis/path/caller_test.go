package path_test

import (
	"testing"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
)

func TestADrawingHasTheCallersThatAreListed(t *testing.T) {
	s := shop()
	for _, tt := range []struct {
		name    string
		service mesh.Ref
		drawn   bool
	}{
		{"of a service that is drawn", ordersRef, true},
		{"of none that is not there", mesh.Ref{Kind: "Service", Namespace: "shop", Name: "none"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := path.ForService(s, tt.service, 80, path.Options{})
			drawn, listed := g.Callers(), path.Callers(s, tt.service, 80)
			if (drawn != nil) != tt.drawn || len(drawn) != len(listed) {
				t.Fatalf("%d drawn, %d listed", len(drawn), len(listed))
			}
			for i := range listed {
				if drawn[i].Account != listed[i].Account || drawn[i].Entry != listed[i].Entry || drawn[i].Admitted() != listed[i].Admitted() {
					t.Errorf("%+v, listed %+v", drawn[i], listed[i])
				}
			}
		})
	}
}
