package views

import (
	"net/url"
	"strings"
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestLinksKeepTheScope(t *testing.T) {
	l := Links{Namespace: "shop"}
	tests := map[string]string{
		string(l.Page(PageTriage)):                        "/?ns=shop",
		string(l.Service("billing", "ledger")):            "/services/billing/ledger?ns=shop",
		string(l.Filtered(PageServices, "waypoint:none")): "/services?ns=shop&q=waypoint%3Anone",
		string(l.Check("WAYPOINT_NOT_FOUND")):             "/checks?ns=shop#WAYPOINT_NOT_FOUND",
		string(Links{}.Node("node-a")):                    "/nodes/node-a",
		string(Links{}.ServicePort(mesh.Ref{Kind: "ServiceEntry", Namespace: "shop", Name: "api"}, 443, "findings")): "/services/shop/api/findings?kind=ServiceEntry&port=443",
	}
	for got, want := range tests {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestHostileNamesStayOneSegment(t *testing.T) {
	for _, name := range []string{"a/b", "a?b", "a#b", "a%2fb", `"><script>`, "a b", "\n", "//evil.example", "é", `\\evil`} {
		raw := string(Links{}.Service(name, name))
		u, err := url.Parse(raw)
		if err != nil {
			t.Errorf("%q makes no address: %v", name, err)
			continue
		}
		if u.Host != "" || u.RawQuery != "" || u.Fragment != "" || strings.Count(u.EscapedPath(), "/") != 3 {
			t.Errorf("%q makes %s", name, raw)
		}
		if want := "/services/" + name + "/" + name; u.Path != want {
			t.Errorf("%q comes back as %q", want, u.Path)
		}
	}
}

func TestObjectLeadsToThePageOfItsKind(t *testing.T) {
	s := mt.Mesh(mt.Namespace("shop", mt.Ambient), mt.Waypoint("shop", "waypoint"), mt.Gateway("shop", "ingress"))
	tests := map[mesh.Ref]string{
		{Kind: "Service", Namespace: "shop", Name: "orders"}:          "/services/shop/orders",
		{Kind: "ServiceEntry", Namespace: "shop", Name: "api"}:        "/services/shop/api?kind=ServiceEntry",
		{Kind: "Pod", Namespace: "shop", Name: "web-1"}:               "/workloads/shop/web-1",
		{Kind: "Node", Name: "node-a"}:                                "/nodes/node-a",
		{Kind: "Gateway", Namespace: "shop", Name: "waypoint"}:        "/waypoints/shop/waypoint",
		{Kind: "Gateway", Namespace: "shop", Name: "ingress"}:         "/gateways/shop/ingress",
		{Kind: "Gateway", Namespace: "shop", Name: "gone"}:            "",
		{Kind: "Namespace", Name: "shop"}:                             "/services?ns=shop",
		{Kind: "Deployment", Namespace: "shop", Name: "web"}:          "/workloads?q=ns%3Ashop+owner%3Aweb",
		{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "all"}: "/policies/authorizationpolicy/shop/all",
		{Kind: "Mesh"}: "",
	}
	for r, want := range tests {
		if got := string((Links{}).Object(s, r)); got != want {
			t.Errorf("%s leads to %q, want %q", r, got, want)
		}
	}
}

func TestABuiltFilterReadsBackAsItWasMeant(t *testing.T) {
	for _, value := range []string{"shop", "two words", `quo"ted`, "a,b"} {
		f := ParseFilter("ns:" + quoteValue(value))
		if len(f.Terms) != 1 || f.Terms[0].Key != "ns" || len(f.Terms[0].Values) != 1 {
			t.Errorf("%q reads back as %+v", value, f.Terms)
		}
	}
}
