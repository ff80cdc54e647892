package analysis_test

import (
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestWaypointUnused(t *testing.T) {
	unbound := []mt.Part{mt.Namespace("shop", mt.Ambient), mt.Service("shop", "web")}
	with := func(parts ...mt.Part) []mt.Part { return append(unbound[:2:2], parts...) }
	canary := mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint"), mt.Label(mesh.LabelUseWaypointCanary, "next"), mt.Annotation(mesh.AnnotationCanaryWeight, "10"))
	testCheck(t, "WAYPOINT_UNUSED", []checkCase{
		{name: "nothing is bound to it", parts: with(mt.Waypoint("shop", "waypoint")), want: []string{"info Gateway shop/waypoint"}},
		{name: "silent: a Service is bound to it", parts: shop()},
		{name: "silent: it takes nothing on purpose", parts: with(mt.Waypoint("shop", "waypoint", mt.WaypointFor("none")))},
		{name: "silent: something asks and is refused, which is another finding", parts: []mt.Part{mt.Namespace("shop", mt.Ambient, mt.UseWaypointIn("infra", "waypoint")), mt.Service("shop", "web"), mt.Waypoint("infra", "waypoint")}},
		{name: "silent: it is a canary", parts: []mt.Part{canary, mt.Service("shop", "web"), mt.Waypoint("shop", "waypoint"), mt.Waypoint("shop", "next")}},
		{name: "silent: it never had an address", parts: with(mt.Waypoint("shop", "waypoint", mt.NeverProgrammed()))},
		{name: "silent: made a minute ago", parts: with(mt.Waypoint("shop", "waypoint", mt.With(func(g *mesh.Gateway) { g.Created = mt.Now.Add(-time.Minute) })))},
		{name: "silent: Services may not be read", parts: with(mt.Waypoint("shop", "waypoint"), mt.Forbidden(mesh.ResourceServices))},
	})
}

func TestWaypointUnusedReplacesTheLabelOnlyWhereItSaysSo(t *testing.T) {
	for name, tt := range map[string]struct {
		options []mt.Option
		want    string
	}{
		"no label yet":      {nil, "kubectl label namespace/shop istio.io/use-waypoint=waypoint"},
		"another is named":  {[]mt.Option{mt.UseWaypoint("other")}, "kubectl label namespace/shop istio.io/use-waypoint=waypoint --overwrite"},
		"the label is none": {[]mt.Option{mt.UseWaypoint("none")}, "kubectl label namespace/shop istio.io/use-waypoint=waypoint --overwrite"},
	} {
		t.Run(name, func(t *testing.T) {
			f := only(t, assess(mt.Namespace("shop", append(tt.options, mt.Ambient)...), mt.Waypoint("shop", "waypoint")), "WAYPOINT_UNUSED")
			if got := f.Fix.Changing(); len(got) != 1 || got[0] != tt.want {
				t.Errorf("commands %q, want %q", got, tt.want)
			}
			if replaces := strings.Contains(f.Fix.Text, "is replaced"); replaces != strings.HasSuffix(tt.want, "--overwrite") {
				t.Errorf("advice: %s", f.Fix.Text)
			}
		})
	}
}
