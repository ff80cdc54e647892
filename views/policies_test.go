package views

import (
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views/ui"
)

func policyMeta(kind, namespace, name string) mesh.Meta {
	return mesh.Meta{Kind: kind, Namespace: namespace, Name: name}
}

// guarded is a mesh with one policy p.
func guarded(p mesh.Object, parts ...mt.Part) *mesh.Snapshot {
	return mt.Mesh(append([]mt.Part{
		mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("w")), mt.Waypoint("shop", "w"), mt.Namespace("plain"),
		mt.Deployment("shop", "orders", mt.Replicas(2)), mt.Service("shop", "orders"), mt.Service("shop", "direct", mt.UseWaypoint("none")),
		mt.Deployment("plain", "out"), mt.Objects(p),
	}, parts...)...)
}

func TestPoliciesSayWhereTheyAreEnforced(t *testing.T) {
	app := func(name string) *mesh.LabelSelector {
		return &mesh.LabelSelector{MatchLabels: map[string]string{"app": name}}
	}
	target := func(kind, name string) []mesh.TargetRef {
		return []mesh.TargetRef{{Kind: kind, Name: name, Namespace: "shop"}}
	}
	allow := func(namespace string, sel *mesh.LabelSelector, targets ...mesh.TargetRef) *mesh.AuthorizationPolicy {
		return &mesh.AuthorizationPolicy{Meta: policyMeta("AuthorizationPolicy", namespace, "p"), Action: "ALLOW", Selector: sel, TargetRefs: targets, Rules: []mesh.AuthorizationRule{{From: []mesh.AuthorizationSource{{Namespaces: []string{"shop"}}}}}}
	}
	deny := allow("shop", nil)
	deny.Action, deny.Rules = "DENY", []mesh.AuthorizationRule{{To: []mesh.AuthorizationOperation{{Methods: []string{"DELETE"}}}}}
	for name, tt := range map[string]struct {
		policy mesh.Object
		parts  []mt.Part
		at     Enforcer
		where  string // in Where or Effect
		tone   ui.Tone
	}{
		"a namespace":                     {allow("shop", nil), nil, AtZtunnel, "all pods of shop", ui.ToneNone},
		"the mesh":                        {allow("istio-system", nil), nil, AtZtunnel, "the whole mesh", ui.ToneNone},
		"pods":                            {allow("shop", app("orders")), nil, AtZtunnel, "pods of shop with app=orders", ui.ToneNone},
		"no pod":                          {allow("shop", app("gone")), nil, Nowhere, "matches no captured pod", ui.ToneBad},
		"pods outside the mesh":           {allow("plain", nil), nil, Nowhere, "no captured pod is in its reach", ui.ToneWarn},
		"an empty selector":               {allow("shop", &mesh.LabelSelector{}), nil, Nowhere, "present and empty", ui.ToneBad},
		"pods unread":                     {allow("shop", app("orders")), []mt.Part{mt.Bare(), mt.Forbidden(mesh.ResourcePods)}, AtZtunnel, "app=orders", ui.ToneNone},
		"no pods and pods unread":         {allow("plain", app("gone")), []mt.Part{mt.Forbidden(mesh.ResourcePods)}, NotKnown, "Pods may not be read", ui.ToneUnknown},
		"a service":                       {allow("shop", nil, target("Service", "orders")...), nil, AtWaypoint, "calls to Service shop/orders", ui.ToneNone},
		"a service without waypoint":      {allow("shop", nil, target("Service", "direct")...), nil, Nowhere, "no waypoint is in effect for Service shop/direct", ui.ToneBad},
		"a service that does not exist":   {allow("shop", nil, target("Service", "gone")...), nil, Nowhere, "there is no Service shop/gone", ui.ToneBad},
		"a service unread":                {allow("shop", nil, target("Service", "gone")...), []mt.Part{mt.Forbidden(mesh.ResourceServices)}, NotKnown, "Services may not be read", ui.ToneUnknown},
		"a headless service":              {allow("shop", nil, target("Service", "headless")...), []mt.Part{mt.Service("shop", "headless", mt.Headless)}, Nowhere, "no virtual address", ui.ToneBad},
		"a waypoint":                      {allow("shop", nil, target("Gateway", "w")...), nil, AtWaypoint, "waypoint", ui.ToneNone},
		"an ingress":                      {allow("shop", nil, target("Gateway", "edge")...), []mt.Part{mt.Gateway("shop", "edge")}, AtGateway, "gateway", ui.ToneNone},
		"a gateway that does not exist":   {allow("shop", nil, target("Gateway", "gone")...), nil, Nowhere, "there is no Gateway shop/gone", ui.ToneBad},
		"the class, from the root":        {allow("istio-system", nil, mesh.TargetRef{Kind: "GatewayClass", Name: mesh.ClassWaypoint}), nil, AtWaypoint, "every waypoint, 1 now", ui.ToneNone},
		"the class, from elsewhere":       {allow("shop", nil, mesh.TargetRef{Kind: "GatewayClass", Name: mesh.ClassWaypoint}), nil, Nowhere, "from the root namespace istio-system only", ui.ToneBad},
		"another class":                   {allow("istio-system", nil, mesh.TargetRef{Kind: "GatewayClass", Name: "mine"}), nil, Nowhere, "whatever its condition says", ui.ToneBad},
		"an odd target":                   {allow("shop", nil, target("Pod", "x")...), nil, Nowhere, "of kind Pod are not supported", ui.ToneBad},
		"an HTTP DENY at ztunnel":         {deny, nil, AtZtunnel, "denies nothing", ui.ToneBad},
		"mTLS of a namespace":             {&mesh.PeerAuthentication{Meta: policyMeta("PeerAuthentication", "shop", "p"), Mode: "STRICT"}, nil, AtZtunnel, "refuses plaintext", ui.ToneNone},
		"mTLS by label in the root":       {&mesh.PeerAuthentication{Meta: policyMeta("PeerAuthentication", "istio-system", "p"), Mode: "STRICT", Selector: app("orders")}, nil, Nowhere, "is ignored", ui.ToneBad},
		"mTLS that another one overrules": {&mesh.PeerAuthentication{Meta: policyMeta("PeerAuthentication", "shop", "p"), Mode: "STRICT"}, []mt.Part{mt.Objects(&mesh.PeerAuthentication{Meta: policyMeta("PeerAuthentication", "shop", "narrow"), Mode: "PERMISSIVE", Selector: &mesh.LabelSelector{MatchLabels: map[string]string{"app": "orders"}}})}, Nowhere, "another one decides", ui.ToneBad},
		"tokens by label":                 {&mesh.RequestAuthentication{Meta: policyMeta("RequestAuthentication", "shop", "p"), Selector: app("orders")}, nil, Nowhere, "ztunnel does not look at tokens", ui.ToneBad},
		"tokens at a waypoint":            {&mesh.RequestAuthentication{Meta: policyMeta("RequestAuthentication", "shop", "p"), TargetRefs: target("Service", "orders"), Rules: []mesh.JWTRule{{Issuer: "https://i.example"}}}, nil, AtWaypoint, "calls to Service shop/orders", ui.ToneNone},
	} {
		t.Run(name, func(t *testing.T) {
			v := newEnforcement(guarded(tt.policy, tt.parts...), Query{}).view(tt.policy)
			if len(v.places) != 1 {
				t.Fatalf("%d places: %+v", len(v.places), v.places)
			}
			p := v.places[0]
			if p.Enforcer != tt.at || p.Tone != tt.tone || !strings.Contains(p.Where+" "+p.Effect, tt.where) {
				t.Errorf("%+v, want %s with %q in tone %q", p, tt.at, tt.where, tt.tone)
			}
		})
	}
}

func policiesDoc(t *testing.T, s *mesh.Snapshot, parameters string) *goquery.Document {
	t.Helper()
	return checked(t, PoliciesContent(NewPolicies(assess(s), asked(t, parameters))))
}

func TestPostureOfNamespaces(t *testing.T) {
	strict := &mesh.PeerAuthentication{Meta: policyMeta("PeerAuthentication", "shop", "strict"), Mode: "STRICT"}
	nothing := &mesh.AuthorizationPolicy{Meta: policyMeta("AuthorizationPolicy", "shop", "nothing"), Action: "ALLOW"}
	for name, tt := range map[string]struct {
		snap      *mesh.Snapshot
		namespace string
		want      string // asked for, captured, mTLS, default deny
	}{
		"open":                 {guarded(&mesh.PeerAuthentication{Meta: policyMeta("PeerAuthentication", "plain", "x")}), "shop", "ambient|2 of 3|PERMISSIVE|no"},
		"strict":               {guarded(strict), "shop", "ambient|2 of 3|STRICT|no"},
		"default deny":         {guarded(nothing), "shop", "ambient|2 of 3|PERMISSIVE|yes"},
		"outside the mesh":     {guarded(strict), "plain", "no|0 of 1|no ztunnel|no ztunnel"},
		"policies unread":      {guarded(strict, mt.Forbidden(mesh.ResourceAuthorizationPolicies)), "shop", "ambient|2 of 3|STRICT|unknown"},
		"pods unread":          {guarded(strict, mt.Forbidden(mesh.ResourcePods)), "shop", "ambient|unknown|unknown|unknown"},
		"one pod is different": {guarded(&mesh.PeerAuthentication{Meta: policyMeta("PeerAuthentication", "shop", "x"), Mode: "STRICT", Selector: &mesh.LabelSelector{MatchLabels: map[string]string{"app": "orders"}}}, mt.Deployment("shop", "web")), "shop", "ambient|3 of 4|2 of 3|no"},
	} {
		doc := policiesDoc(t, tt.snap, "")
		row := "posture\\." + tt.namespace
		got := strings.Join([]string{labelledCell(doc, row, "Asked for"), labelledCell(doc, row, "Captured"), labelledCell(doc, row, "mTLS"), labelledCell(doc, row, "Default deny")}, "|")
		if got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

func TestPoliciesThatMayNotBeReadAreNotNone(t *testing.T) {
	doc := policiesDoc(t, mt.Mesh(mt.Forbidden(mesh.ResourceAuthorizationPolicies)), "")
	if doc.Find(".state-forbidden").Length() != 1 || doc.Find(".state-empty").Length() != 0 {
		t.Error("forbidden policies look like none")
	}
	if policiesDoc(t, mt.Mesh(), "").Find(".state-empty").Length() != 1 {
		t.Error("no policies are not said to be none")
	}
}

func TestAPolicyIsPrintedInWords(t *testing.T) {
	p := &mesh.AuthorizationPolicy{
		Meta: policyMeta("AuthorizationPolicy", "shop", "p"), Action: "DENY",
		Rules: []mesh.AuthorizationRule{
			{
				From: []mesh.AuthorizationSource{{Principals: []string{"a", "b"}, NotNamespaces: []string{"n"}}, {IPBlocks: []string{"10.0.0.0/8"}}},
				To:   []mesh.AuthorizationOperation{{Methods: []string{"GET"}, Ports: []string{"80"}}, {}},
				When: []mesh.AuthorizationCondition{{Key: "request.headers[x]", Values: []string{"1"}, NotValues: []string{"2"}}},
			},
			{},
		},
		Conditions: mesh.Conditions{{Type: mesh.ConditionZtunnelAccepted, Status: mesh.ConditionTrue, Reason: "Accepted", Message: "attached to ztunnel"}},
	}
	m, ok := NewPolicy(assess(guarded(p)), "authorizationpolicy", "shop", "p", Query{})
	if !ok {
		t.Fatal("there is no such policy")
	}
	doc := checked(t, PolicyContent(m))
	rules := doc.Find(".rule")
	for i, wants := range [][]string{
		{"from principal a or b and not namespace n or address 10.0.0.0/8", "to port 80 and method GET or any operation", "when request.headers[x] 1 and not request.headers[x] 2", "ztunnel cannot see methods, request.headers[x]"},
		{"matches every call"},
	} {
		got := spaced(rules.Eq(i))
		for _, want := range wants {
			if !strings.Contains(got, want) {
				t.Errorf("rule %d lacks %q: %s", i+1, want, got)
			}
		}
	}
	if got := panel(doc, "Conditions"); !strings.Contains(got, "ZtunnelAccepted True Accepted attached to ztunnel") {
		t.Error(got)
	}
	if got := panel(doc, "Captured pods it reaches"); !strings.Contains(got, "Pod shop/orders-1") {
		t.Error(got)
	}
}

func TestAcceptedIsNotTakenForEnforced(t *testing.T) {
	p := &mesh.AuthorizationPolicy{
		Meta: policyMeta("AuthorizationPolicy", "shop", "p"), Action: "DENY", Rules: []mesh.AuthorizationRule{{To: []mesh.AuthorizationOperation{{Methods: []string{"DELETE"}}}}},
		Conditions: mesh.Conditions{{Type: mesh.ConditionZtunnelAccepted, Status: mesh.ConditionTrue, Reason: "Accepted"}},
	}
	m, _ := NewPolicy(assess(guarded(p)), "authorizationpolicy", "shop", "p", Query{})
	if len(m.Conditions) != 1 || m.Conditions[0].Tone != ui.ToneWarn || !strings.Contains(m.Conditions[0].Note, "denies nothing") {
		t.Errorf("%+v", m.Conditions)
	}
}

func TestPoliciesAreFoundByKindInAnyCase(t *testing.T) {
	s := guarded(&mesh.PeerAuthentication{Meta: policyMeta("PeerAuthentication", "shop", "p"), PortModes: map[uint16]string{443: "STRICT"}, Selector: &mesh.LabelSelector{MatchLabels: map[string]string{"app": "orders"}}})
	for kind, want := range map[string]bool{"peerauthentication": true, "PeerAuthentication": true, "authorizationpolicy": false, "": false} {
		if _, ok := NewPolicy(assess(s), kind, "shop", "p", Query{}); ok != want {
			t.Errorf("kind %q: %t", kind, ok)
		}
	}
	m, _ := NewPolicy(assess(s), "peerauthentication", "shop", "p", Query{})
	if got := spaced(checked(t, PolicyContent(m)).Find(".rule")); got != "1 port 443 mode STRICT" {
		t.Errorf("port modes read %q", got)
	}
}
