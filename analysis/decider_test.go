package analysis

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
)

// resting is a finding of shop on what is named as "Kind name" or, said by a
// proxy, as "source: Kind name".
func resting(subject string, evidence ...string) Finding {
	f := Finding{Subject: shopRef(subject)}
	for _, e := range evidence {
		source, object, said := strings.Cut(e, ": ")
		if !said {
			source, object = mesh.KubernetesSource, e
		}
		f.Evidence = append(f.Evidence, Evidence{Source: source, Object: shopRef(object)})
	}
	return f
}

func shopRef(s string) mesh.Ref {
	kind, name, _ := strings.Cut(s, " ")
	return mesh.Ref{Kind: kind, Namespace: "shop", Name: name}
}

func TestFindingsThatOneHopDecidesAreOneCause(t *testing.T) {
	const (
		web, orders = "Service web", "Service orders"
		waypoint    = "Gateway waypoint"
		denyAll     = "AuthorizationPolicy deny-all"
	)
	tests := []struct {
		name     string
		findings []Finding
		want     string // groups, members by name
	}{
		{"a waypoint that one policy keeps out", []Finding{resting(orders, waypoint, denyAll), resting(web, waypoint, denyAll)}, "orders+web"},
		{"and of several policies some are the same", []Finding{resting(orders, waypoint, denyAll, "AuthorizationPolicy mine"), resting(web, waypoint, denyAll)}, "orders+web"},
		{"near miss: one waypoint, but other policies", []Finding{resting(orders, waypoint, "AuthorizationPolicy a"), resting(web, waypoint, "AuthorizationPolicy b")}, "orders web"},
		{"near miss: one policy, but other waypoints", []Finding{resting(orders, "Gateway a", denyAll), resting(web, "Gateway b", denyAll)}, "orders web"},
		{"near miss: one of two waypoints", []Finding{resting(orders, waypoint, "Gateway canary", denyAll), resting(web, waypoint, denyAll)}, "orders web"},
		{"near miss: a policy refuses one, nothing known the other", []Finding{resting(orders, waypoint, denyAll), resting(web, waypoint)}, "orders web"},
		{
			"near miss: a chain in which each resembles the next only",
			[]Finding{resting("Service a", waypoint, "AuthorizationPolicy 1"), resting("Service b", waypoint, "AuthorizationPolicy 1", "AuthorizationPolicy 2"), resting("Service c", waypoint, "AuthorizationPolicy 2")},
			"a+b c",
		},
		{"two labels that name one Gateway which takes none", []Finding{resting(orders, orders, waypoint), resting(web, web, waypoint)}, "orders+web"},
		{"one NetworkPolicy, whoever the pods are", []Finding{resting(orders, "NetworkPolicy deny", "Pod o"), resting(web, "NetworkPolicy deny", "Pod w")}, "orders+web"},
		{"near miss: of two NetworkPolicies one is another", []Finding{resting(orders, "NetworkPolicy deny"), resting(web, "NetworkPolicy deny", "NetworkPolicy more")}, "orders web"},
		{"near miss: labels that are wrong by themselves, and a policy that refuses what follows", []Finding{resting(orders, orders, denyAll), resting(web, web, denyAll)}, "orders web"},
		{"near miss: the same, labelled on Namespaces", []Finding{resting(orders, "Namespace a", denyAll), resting(web, "Namespace b", denyAll)}, "orders web"},
		{"near miss: two policies that name one waypoint decide themselves", []Finding{resting("AuthorizationPolicy a", waypoint), resting("AuthorizationPolicy b", waypoint)}, "a b"},
		{"near miss: two waypoints are two", []Finding{resting("Gateway a", "Gateway a"), resting("Gateway b", "Gateway b")}, "a b"},
		{"two routes behind a third", []Finding{resting("VirtualService a", "VirtualService a", "VirtualService first"), resting("VirtualService b", "VirtualService b", "VirtualService first")}, "a+b"},
		{"near miss: two routes behind each other", []Finding{resting("VirtualService a", "VirtualService a", "VirtualService b"), resting("VirtualService b", "VirtualService b", "VirtualService first")}, "a b"},
		{"near miss: two routes with mistakes of their own", []Finding{resting("VirtualService a", "VirtualService a"), resting("VirtualService b", "VirtualService b")}, "a b"},
		{"what one ztunnel does not have", []Finding{resting(orders, "ztunnel/node-a: Pod o"), resting(web, "ztunnel/node-a: Pod w")}, "orders+web"},
		{"near miss: the same on another node", []Finding{resting(orders, "ztunnel/node-a: Pod o"), resting(web, "ztunnel/node-b: Pod w")}, "orders web"},
		{"near miss: a Node is only where it happens", []Finding{resting(orders, orders, "Node n"), resting(web, web, "Node n")}, "orders web"},
		{"near miss: one Envoy tells of two Services", []Finding{resting(orders, "envoy/shop/wp: Pod wp"), resting(web, "envoy/shop/wp: Pod wp")}, "orders web"},
		{"near miss: istiod is everybody's", []Finding{resting(orders, "Deployment istiod"), resting(web, "Deployment istiod")}, "orders web"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := run([]Check{says("A", Critical, tt.findings...)})
			var got []string
			for _, g := range r.Causes() {
				var names []string
				for _, s := range g.Subjects() {
					names = append(names, s.Name)
				}
				got = append(got, strings.Join(names, "+"))
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
				t.Error(diff)
			}
			if len(r.Findings) != len(tt.findings) {
				t.Errorf("%d findings, want all %d of them apart", len(r.Findings), len(tt.findings))
			}
		})
	}
}

func TestOtherCodesSeveritiesAndClassesAreOtherCauses(t *testing.T) {
	worse := resting("Service web", "Gateway waypoint")
	worse.Severity = Critical
	open := resting("Service catalog", "Gateway waypoint")
	open.Class = Unprotected
	r := run([]Check{
		says("A", Error, resting("Service orders", "Gateway waypoint"), worse, open),
		says("B", Error, resting("Service orders", "Gateway waypoint")),
	})
	if n := len(r.Causes()); n != 4 {
		t.Errorf("%d causes, want 4", n)
	}
}

func TestAGroupUnitesWhatItsMembersSay(t *testing.T) {
	of := func(name string) Finding {
		f := resting("Service "+name, "Gateway waypoint", "AuthorizationPolicy deny-all")
		f.Affects = []mesh.Ref{shopRef("Pod " + name), shopRef("Pod shared")}
		f.Fix = Fix{Text: "Do " + name, Commands: []string{"get all", "get " + name, "patch " + name}, Changes: 1, Mutates: true}
		return f
	}
	follows := resting("Service late")
	follows.CausedBy = &Cause{Code: "A", Subject: shopRef("Service web")}
	g := run([]Check{says("A", Error, of("web"), of("orders")), says("B", Critical, follows)}).Causes()[0]
	if diff := cmp.Diff([]mesh.Ref{shopRef("Gateway waypoint"), shopRef("AuthorizationPolicy deny-all")}, g.Shared); diff != "" {
		t.Errorf("shared:\n%s", diff)
	}
	var affects []string
	for _, a := range g.Affects {
		affects = append(affects, a.Kind+" "+a.Name)
	}
	slices.Sort(affects)
	if diff := cmp.Diff([]string{"Pod orders", "Pod shared", "Pod web", "Service orders", "Service web"}, affects); diff != "" {
		t.Errorf("each is counted once:\n%s", diff)
	}
	if len(g.Evidence()) != 2 {
		t.Errorf("evidence: %v", g.Evidence())
	}
	if diff := cmp.Diff([]string{"get all", "get orders", "get web"}, g.Fix().Reading()); diff != "" {
		t.Errorf("what only reads comes first:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"patch orders", "patch web"}, g.Fix().Changing()); diff != "" {
		t.Errorf("changes:\n%s", diff)
	}
	if len(g.Consequences) != 1 || g.Severity != Critical {
		t.Errorf("what follows from the second member is folded under the first: %+v", g)
	}
}

func TestTheBlastRadiusCountsEachOnce(t *testing.T) {
	inNamespace := func(kind, namespace, name string) mesh.Ref {
		return mesh.Ref{Kind: kind, Namespace: namespace, Name: name}
	}
	web, pod := inNamespace("Service", "shop", "web"), inNamespace("Pod", "pay", "p")
	node, policy := mesh.Ref{Kind: "Node", Name: "n"}, inNamespace("AuthorizationPolicy", "infra", "deny")
	a := Group{Cause: Finding{Subject: web}, Also: []Finding{{Subject: inNamespace("Service", "shop", "orders")}}, Affects: []mesh.Ref{web, pod}}
	b := Group{Cause: Finding{Subject: node}, Affects: []mesh.Ref{pod, policy}}
	if diff := cmp.Diff(Radius{Services: 2, Workloads: 1, Nodes: 1, Namespaces: 2}, RadiusOf(a, b)); diff != "" {
		t.Error(diff)
	}
}
