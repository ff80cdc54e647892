package views

import (
	"slices"
	"testing"

	"github.com/waylight/waylight/mesh"
)

func TestDegradedSources(t *testing.T) {
	for name, tc := range map[string]struct {
		sources mesh.Sources
		want    []string
	}{
		"an API server that does not answer is named once": {
			sources: mesh.Sources{
				{Name: "kubernetes", State: mesh.SourceDown, Detail: "connection refused"},
				{Name: "kubernetes/pods", State: mesh.SourceStale},
				{Name: "kubernetes/services", State: mesh.SourceDown},
			},
			want: []string{"kubernetes"},
		},
		"a missing right is news of its own during an outage": {
			sources: mesh.Sources{
				{Name: "kubernetes", State: mesh.SourceDown},
				{Name: "kubernetes/pods", State: mesh.SourceForbidden},
			},
			want: []string{"kubernetes", "kubernetes/pods"},
		},
		"a single stale kind is named": {
			sources: mesh.Sources{
				{Name: "kubernetes", State: mesh.SourcePartial},
				{Name: "kubernetes/pods", State: mesh.SourceStale},
			},
			want: []string{"kubernetes", "kubernetes/pods"},
		},
		"absent, starting and current kinds are no trouble": {
			sources: mesh.Sources{
				{Name: "kubernetes", State: mesh.SourceOK},
				{Name: "kubernetes/gateways", State: mesh.SourceAbsent},
				{Name: "kubernetes/pods", State: mesh.SourceStarting},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, d := range (Frame{Sources: tc.sources}).degraded() {
				got = append(got, d.Name)
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("degraded sources are %v, want %v", got, tc.want)
			}
		})
	}
}
