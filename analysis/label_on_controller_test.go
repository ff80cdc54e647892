package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestLabelOnController(t *testing.T) {
	plain, ambient := mt.Namespace("shop"), mt.Namespace("shop", mt.Ambient)
	waypoint := mt.Waypoint("shop", "waypoint")
	on := mt.OnController
	wants := func(kind string) []string { return []string{"error " + kind + " shop/web"} }
	owned := mt.With(func(c *mesh.Controller) { c.Owner = ref("CronJob", "shop", "report") })
	testCheck(t, "LABEL_ON_CONTROLLER", []checkCase{
		{name: "dataplane-mode on a Deployment", parts: []mt.Part{plain, mt.Deployment("shop", "web", on(mt.Ambient))}, want: wants("Deployment")},
		{name: "on a StatefulSet", parts: []mt.Part{plain, mt.StatefulSet("shop", "web", on(mt.Ambient))}, want: wants("StatefulSet")},
		{name: "on a DaemonSet", parts: []mt.Part{plain, mt.DaemonSet("shop", "web", on(mt.Ambient))}, want: wants("DaemonSet")},
		{name: "on a CronJob", parts: []mt.Part{plain, mt.CronJob("shop", "web", on(mt.Ambient))}, want: wants("CronJob")},
		{name: "on a Job", parts: []mt.Part{plain, mt.Job("shop", "web", on(mt.Ambient))}, want: wants("Job")},
		{name: "on the Jobs a CronJob makes: mended at the CronJob", parts: []mt.Part{plain, mt.Job("shop", "report-1", on(mt.Ambient), owned), mt.Job("shop", "report-2", on(mt.Ambient), owned)}, want: []string{"error CronJob shop/report"}},
		{name: "opting out, in a namespace that is in", parts: []mt.Part{ambient, mt.Deployment("shop", "web", on(mt.OptedOut))}, want: wants("Deployment")},
		{name: "use-waypoint, where nothing else names it", parts: []mt.Part{ambient, waypoint, mt.Deployment("shop", "web", on(mt.UseWaypoint("waypoint"))), mt.Service("shop", "web")}, want: wants("Deployment")},
		{name: "use-waypoint with its namespace is one finding", parts: []mt.Part{ambient, mt.Deployment("shop", "web", on(mt.UseWaypointIn("infra", "waypoint")))}, want: wants("Deployment")},
		{name: "the waypoint's namespace alone", parts: []mt.Part{ambient, mt.Deployment("shop", "web", on(mt.Label(mesh.LabelUseWaypointNamespace, "infra")))}, want: wants("Deployment")},
		{name: "the namespace names another waypoint", parts: shop(mt.Waypoint("shop", "second"), mt.Deployment("shop", "cart", on(mt.UseWaypoint("second"))), mt.Service("shop", "cart")), want: []string{"error Deployment shop/cart"}},
		{name: "opting out of the waypoint that the Service has", parts: shop(mt.Deployment("shop", "cart", on(mt.UseWaypoint("none"))), mt.Service("shop", "cart")), want: []string{"error Deployment shop/cart"}},
		{name: "silent: the template has it too", parts: []mt.Part{plain, mt.Deployment("shop", "web", on(mt.Ambient), mt.Ambient)}},
		{name: "silent: the namespace is ambient anyway", parts: []mt.Part{ambient, mt.Deployment("shop", "web", on(mt.Ambient))}},
		{name: "silent: opting out of a namespace that is not in", parts: []mt.Part{plain, mt.Deployment("shop", "web", on(mt.OptedOut))}},
		{name: "silent: the Namespace names the same waypoint", parts: shop(mt.Deployment("shop", "cart", on(mt.UseWaypoint("waypoint"))))},
		{name: "silent: the Service names the same waypoint", parts: []mt.Part{ambient, waypoint, mt.Deployment("shop", "web", on(mt.UseWaypoint("waypoint"))), mt.Service("shop", "web", mt.UseWaypoint("waypoint"))}},
		{name: "silent: opting out where the Service has no waypoint", parts: []mt.Part{ambient, mt.Deployment("shop", "web", on(mt.UseWaypoint("none"))), mt.Service("shop", "web")}},
		{name: "silent: the Deployment of a waypoint copies its Gateway's labels", parts: []mt.Part{plain, mt.Waypoint("shop", "waypoint", on(mt.Ambient, mt.UseWaypoint("none")))}},
		{name: "silent: the namespace's labels may not be read", parts: []mt.Part{mt.Deployment("shop", "web", on(mt.Ambient)), mt.Forbidden(mesh.ResourceNamespaces)}},
	})
}

func TestLabelOnControllerFix(t *testing.T) {
	tests := []struct {
		name  string
		parts []mt.Part
		want  []string
		class analysis.Class
	}{
		{
			name:  "dataplane-mode moves into the pod template",
			parts: []mt.Part{mt.Namespace("shop"), mt.Deployment("shop", "web", mt.OnController(mt.Ambient))},
			want:  []string{`kubectl -n shop patch deployment/web --type=merge -p '{"spec":{"template":{"metadata":{"labels":{"istio.io/dataplane-mode":"ambient"}}}}}'`},
			class: analysis.Unprotected,
		},
		{
			name:  "a CronJob's template lies deeper",
			parts: []mt.Part{mt.Namespace("shop"), mt.CronJob("shop", "web", mt.OnController(mt.Ambient))},
			want:  []string{`kubectl -n shop patch cronjob/web --type=merge -p '{"spec":{"jobTemplate":{"spec":{"template":{"metadata":{"labels":{"istio.io/dataplane-mode":"ambient"}}}}}}}'`},
			class: analysis.Unprotected,
		},
		{
			name:  "a Job's template cannot be changed",
			parts: []mt.Part{mt.Namespace("shop"), mt.Job("shop", "web", mt.OnController(mt.Ambient))},
			class: analysis.Unprotected,
		},
		{
			name:  "use-waypoint belongs on the Service that selects the pods",
			parts: []mt.Part{mt.Namespace("shop", mt.Ambient), mt.Deployment("shop", "web", mt.OnController(mt.UseWaypointIn("infra", "waypoint"))), mt.Service("shop", "web")},
			want:  []string{"kubectl -n shop label service/web istio.io/use-waypoint=waypoint istio.io/use-waypoint-namespace=infra --overwrite"},
			class: analysis.Unprotected,
		},
		{
			name:  "a wish to stay out is no protection",
			parts: []mt.Part{mt.Namespace("shop", mt.Ambient), mt.Job("shop", "web", mt.OnController(mt.OptedOut))},
			class: analysis.Risk,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := only(t, assess(tt.parts...), "LABEL_ON_CONTROLLER")
			diffText(t, tt.want, f.Fix.Changing())
			if f.Class != tt.class {
				t.Errorf("class %s, want %s", f.Class, tt.class)
			}
		})
	}
}
