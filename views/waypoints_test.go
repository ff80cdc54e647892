package views

import (
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views/ui"
	"github.com/waylight/waylight/views/uitest"
)

// waypointMesh is one waypoint w in shop and, unless it is unused, a Service
// that names it.
func waypointMesh(use bool, opts ...mt.Option) *mesh.Snapshot {
	parts := []mt.Part{mt.Namespace("shop", mt.Ambient), mt.Namespace("other", mt.Ambient), mt.Waypoint("shop", "w", opts...)}
	if use {
		parts = append(parts, mt.Service("shop", "orders", mt.UseWaypoint("w")))
	}
	return mt.Mesh(parts...)
}

func TestWhatHappensNowIsSaidInOneSentence(t *testing.T) {
	onlyDenied := mt.Mesh(mt.Namespace("shop", mt.Ambient), mt.Namespace("other", mt.Ambient), mt.Waypoint("shop", "w"), mt.Service("other", "x", mt.UseWaypointIn("shop", "w")))
	for name, tt := range map[string]struct {
		snap       *mesh.Snapshot
		mode, text string
	}{
		"serving":             {waypointMesh(true, mt.Replicas(2)), "serves", "Calls to 1 service bound to it go through it."},
		"one replica":         {waypointMesh(true), "serves", "its only ready endpoint"},
		"no ready endpoint":   {waypointMesh(true, mt.Replicas(2), mt.Ready(0)), "fail-closed", "every call to 1 service bound to it is refused"},
		"no address":          {waypointMesh(true, mt.NeverProgrammed()), "fail-open", "go without it, and its L7 policies and routes are not applied"},
		"only refused askers": {onlyDenied, "fail-open", "1 object names it and is not bound"},
		"unused":              {waypointMesh(false), "unused", "Nothing is sent through it."},
		"unused, no address":  {waypointMesh(false, mt.NeverProgrammed()), "unused", "nothing names it either"},
		"endpoints unread":    {mt.Mesh(mt.Namespace("shop"), mt.Waypoint("shop", "w"), mt.Service("shop", "o", mt.UseWaypoint("w")), mt.Forbidden(mesh.ResourceEndpointSlices)), "unknown", "is unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			doc := checked(t, WaypointsContent(NewWaypoints(assess(tt.snap), Query{})))
			if got := uitest.Text(doc.Find(`td[data-label=Now]`)); !strings.Contains(got, tt.text) {
				t.Errorf("the list says %q, want %q", got, tt.text)
			}
			m, _ := NewWaypoint(assess(tt.snap), "shop", "w", Query{})
			page := checked(t, WaypointContent(m))
			if got := uitest.Text(page.Find(".effect-" + tt.mode)); !strings.Contains(got, tt.text) {
				t.Errorf("the page says %q, want %q", got, tt.text)
			}
		})
	}
}

func TestAWaypointWithoutPoliciesIsSaidToHaveNoneOnlyWhereAllAreKnown(t *testing.T) {
	const none, unknown = "None: it lets every request through.", "Whether other policies are enforced at it is unknown: "
	shop := []mt.Part{mt.Namespace("shop", mt.Ambient), mt.Waypoint("shop", "w"), mt.Service("shop", "orders", mt.UseWaypoint("w"))}
	for name, tt := range map[string]struct {
		more      []mt.Part
		says, not string
	}{
		"all policies were read": {nil, none, unknown},
		"policies may not be":    {[]mt.Part{mt.Forbidden(mesh.ResourceAuthorizationPolicies)}, unknown + "AuthorizationPolicies may not be read", none},
		"only shop is watched":   {[]mt.Part{mt.Scope("shop")}, unknown + "namespace istio-system is not watched", none},
	} {
		t.Run(name, func(t *testing.T) {
			m, _ := NewWaypoint(assess(mt.Mesh(append(tt.more, shop...)...)), "shop", "w", Query{})
			if text := uitest.Text(checked(t, WaypointContent(m)).Selection); !strings.Contains(text, tt.says) || strings.Contains(text, tt.not) {
				t.Errorf("%s", text)
			}
		})
	}
}

func TestProgrammedIsNeverJudgedByItsStatusAlone(t *testing.T) {
	programmed := func(status mesh.ConditionStatus, reason string) mt.Option {
		return mt.Condition(mesh.ConditionProgrammed, status, reason, "message of "+reason)
	}
	noAddress := mt.With(func(g *mesh.Gateway) { g.Addresses = nil })
	for name, tt := range map[string]struct {
		snap   *mesh.Snapshot
		status string
		tone   ui.Tone
		note   string
	}{
		"True and serving":            {waypointMesh(true), "True", ui.ToneGood, ""},
		"True without endpoints":      {waypointMesh(true, mt.Ready(0)), "True", ui.ToneWarn, "no ready endpoint all the same"},
		"True without an address":     {waypointMesh(true, noAddress), "True", ui.ToneWarn, "no address all the same"},
		"False with an address":       {waypointMesh(true, programmed(mesh.ConditionFalse, "AddressNotUsable")), "False", ui.ToneWarn, "calls are sent to it"},
		"False without an address":    {waypointMesh(true, mt.NeverProgrammed()), "False", ui.ToneBad, ""},
		"Unknown without an address":  {waypointMesh(true, noAddress, programmed(mesh.ConditionUnknown, "Pending")), "Unknown", ui.ToneUnknown, ""},
		"True, and endpoints unknown": {mt.Mesh(mt.Namespace("shop"), mt.Waypoint("shop", "w"), mt.Forbidden(mesh.ResourceEndpointSlices)), "True", ui.ToneUnknown, "is not known"},
	} {
		t.Run(name, func(t *testing.T) {
			w := tt.snap.Waypoint("shop", "w")
			got := judgeProgrammed(w, w.Conditions.Find(mesh.ConditionProgrammed))
			if got.Tone != tt.tone || !strings.Contains(got.Note, tt.note) || (tt.note == "") != (got.Note == "") {
				t.Errorf("tone %q, note %q", got.Tone, got.Note)
			}
			doc := checked(t, WaypointsContent(NewWaypoints(assess(tt.snap), Query{})))
			if words := uitest.Text(doc.Find(`td[data-label=Programmed]`)); !strings.HasPrefix(words, tt.status) {
				t.Errorf("the list says %q", words)
			}
		})
	}
}

func TestEveryConditionIsPrintedWhole(t *testing.T) {
	s := waypointMesh(true, mt.Condition("istio.io/Odd", mesh.ConditionUnknown, "SomeReason", "some message"), mt.With(func(g *mesh.Gateway) {
		g.Generation = 3
		g.Conditions[0].ObservedGeneration = 2
		g.Listeners[0].Conditions = mesh.Conditions{{Type: "Conflicted", Status: mesh.ConditionFalse, Reason: "NoConflicts", Message: "no listener is in the way", Since: mt.Now.Add(-time.Hour)}}
	}))
	m, _ := NewWaypoint(assess(s), "shop", "w", Query{})
	doc := checked(t, WaypointContent(m))
	for title, wants := range map[string][]string{
		"Conditions":    {"Accepted True Accepted Resource accepted", "Programmed True Programmed Resource programmed", "istio.io/Odd Unknown SomeReason some message", "since", "written for an older version"},
		"Listener mesh": {"HBONE on port 15008", "only namespace shop (Same)", "Conflicted False NoConflicts no listener is in the way"},
	} {
		got := panel(doc, title)
		for _, want := range wants {
			if !strings.Contains(got, want) {
				t.Errorf("%s lacks %q: %s", title, want, got)
			}
		}
	}
}

func TestConditionsWhoseGoodAnswerDiffers(t *testing.T) {
	for name, tt := range map[string]struct {
		c    mesh.Condition
		tone ui.Tone
	}{
		"accepted":          {mesh.Condition{Type: "Accepted", Status: mesh.ConditionTrue}, ui.ToneGood},
		"not accepted":      {mesh.Condition{Type: "Accepted", Status: mesh.ConditionFalse}, ui.ToneBad},
		"waiting":           {mesh.Condition{Type: "Accepted", Status: mesh.ConditionUnknown}, ui.ToneUnknown},
		"in conflict":       {mesh.Condition{Type: "Conflicted", Status: mesh.ConditionTrue}, ui.ToneBad},
		"no conflict":       {mesh.Condition{Type: "Conflicted", Status: mesh.ConditionFalse}, ui.ToneGood},
		"resolved":          {mesh.Condition{Type: "ResolvedWaypoints", Status: mesh.ConditionTrue, Message: "All waypoints resolved"}, ui.ToneGood},
		"True, not so":      {mesh.Condition{Type: "ResolvedWaypoints", Status: mesh.ConditionTrue, Message: "istio.io/use-waypoint label missing from parent"}, ui.ToneWarn},
		"nobody knows what": {mesh.Condition{Type: "example.com/Odd", Status: mesh.ConditionTrue}, ui.ToneNone},
	} {
		if got := gatewayCondition(&tt.c, 0); got.Tone != tt.tone {
			t.Errorf("%s: %q, want %q", name, got.Tone, tt.tone)
		}
	}
}

func waypointDoc(t *testing.T, s *mesh.Snapshot) *goquery.Document {
	t.Helper()
	m, ok := NewWaypoint(assess(s), "shop", "w", Query{})
	if !ok {
		t.Fatal("there is no such waypoint")
	}
	return checked(t, WaypointContent(m))
}

func TestAWaypointSaysWhatRunsIt(t *testing.T) {
	oom := mt.With(func(w *mesh.Workload) {
		w.Containers[0].RestartCount, w.Containers[0].Limits = 3, mesh.Resources{MilliCPU: 2000, MemoryBytes: 1 << 30}
		w.Containers[0].LastExit = &mesh.ContainerExit{Reason: "OOMKilled", ExitCode: 137, At: mt.Now.Add(-time.Minute)}
	})
	got := panel(waypointDoc(t, waypointMesh(true, mt.Replicas(2), mt.Ready(1), mt.Autoscaled(2, 5), oom)), "Proxies")
	for _, want := range []string{"Replicas ready 1 of 2", "Limits 2 CPU, 1 GiB", "2 to 5 replicas", "Disruption budget none: a drain may take all its pods at once", "w-1", "3 istio-proxy", "last exit OOMKilled, code 137"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %s", want, got)
		}
	}
	for name, tt := range map[string]struct {
		resource, want string
	}{
		"autoscalers": {mesh.ResourceAutoscalers, "Autoscaler unknown: HorizontalPodAutoscalers may not be read"},
		"budgets":     {mesh.ResourceDisruptionBudgets, "Disruption budget unknown: PodDisruptionBudgets may not be read"},
		"pods":        {mesh.ResourcePods, "Pods may not be read"},
	} {
		s := mt.Mesh(mt.Namespace("shop"), mt.Waypoint("shop", "w"), mt.Forbidden(tt.resource))
		if got := panel(waypointDoc(t, s), "Proxies"); !strings.Contains(got, tt.want) {
			t.Errorf("%s: no %q in %s", name, tt.want, got)
		}
	}
}

func TestAWaypointListsWhoUsesItAndWhoTries(t *testing.T) {
	s := mt.Mesh(
		mt.Namespace("shop", mt.Ambient), mt.Namespace("other", mt.Ambient), mt.Waypoint("shop", "w"),
		mt.Service("shop", "orders", mt.UseWaypoint("w")), mt.Service("other", "x", mt.UseWaypointIn("shop", "w")), mt.Pod("shop", "p", mt.UseWaypoint("w")),
		mt.Objects(
			&mesh.AuthorizationPolicy{Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "get"}, Action: "ALLOW", TargetRefs: []mesh.TargetRef{{Kind: "Service", Name: "orders", Namespace: "shop"}}, Rules: []mesh.AuthorizationRule{{To: []mesh.AuthorizationOperation{{Methods: []string{"GET"}}}}}},
		),
	)
	doc := waypointDoc(t, s)
	for title, wants := range map[string][]string{
		"Bound to it":               {"Service shop/orders"},
		"Name it and are not bound": {"Service other/x", "does not admit namespace other", "Pod shop/p", `takes traffic of type "service"`},
		"Policies enforced at it":   {"shop/get ALLOW", "GET"},
	} {
		got := panel(doc, title)
		for _, want := range wants {
			if !strings.Contains(got, want) {
				t.Errorf("%s lacks %q: %s", title, want, got)
			}
		}
	}
}

func TestTrafficTypeSaysWhereItComesFrom(t *testing.T) {
	for name, tt := range map[string]struct {
		snap *mesh.Snapshot
		want string
	}{
		"no label":          {waypointMesh(false), "service (default)"},
		"its own label":     {waypointMesh(false, mt.WaypointFor("all")), "all"},
		"an unknown value":  {waypointMesh(false, mt.WaypointFor("Service")), "Service"},
		"that of its class": {mt.Mesh(mt.Namespace("shop"), mt.Waypoint("shop", "w"), mt.Objects(&mesh.GatewayClass{Meta: mesh.Meta{Kind: "GatewayClass", Name: mesh.ClassWaypoint, Labels: map[string]string{mesh.LabelWaypointFor: "workload"}}})), "workload (from its class)"},
	} {
		if got := trafficWords(tt.snap, tt.snap.Waypoint("shop", "w")); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func TestTheClassOfAWaypointIsShownOrMissed(t *testing.T) {
	class := mt.Objects(&mesh.GatewayClass{Meta: mesh.Meta{Kind: "GatewayClass", Name: mesh.ClassWaypoint}, ControllerName: "istio.io/mesh-controller", Conditions: mesh.Conditions{{Type: "Accepted", Status: mesh.ConditionTrue, Reason: "Accepted", Message: "Handled by Istio controller"}}})
	for name, tt := range map[string]struct {
		snap *mesh.Snapshot
		want string
	}{
		"accepted":  {mt.Mesh(mt.Namespace("shop"), mt.Waypoint("shop", "w"), class), "Accepted True Accepted Handled by Istio controller"},
		"missing":   {waypointMesh(false), "There is no GatewayClass of that name"},
		"forbidden": {mt.Mesh(mt.Namespace("shop"), mt.Waypoint("shop", "w"), mt.Forbidden(mesh.ResourceGatewayClasses)), "GatewayClasses may not be read"},
	} {
		if got := panel(waypointDoc(t, tt.snap), "Gateway"); !strings.Contains(got, tt.want) {
			t.Errorf("%s: no %q in %s", name, tt.want, got)
		}
	}
}

func TestNoWaypointsIsExplained(t *testing.T) {
	absent := mt.Source(mesh.KubernetesSource+"/"+mesh.ResourceGateways, mesh.SourceAbsent, "")
	for name, tt := range map[string]struct {
		snap     *mesh.Snapshot
		want     string
		selector string
	}{
		"none":          {mt.Mesh(), "No L7 policy, route, retry or timeout is applied", ".state-empty"},
		"not installed": {mt.Mesh(absent), "The Gateway API is not installed", ".state-empty"},
		"forbidden":     {mt.Mesh(mt.Forbidden(mesh.ResourceGateways)), "list gateways", ".state-forbidden"},
	} {
		doc := checked(t, WaypointsContent(NewWaypoints(assess(tt.snap), Query{})))
		if got := uitest.Text(doc.Find(tt.selector)); !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q", name, got)
		}
		if doc.Find(".state").Length() != 1 {
			t.Errorf("%s: %d states", name, doc.Find(".state").Length())
		}
	}
}
