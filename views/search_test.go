package views

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views/uitest"
)

func TestParseWanted(t *testing.T) {
	ip := netip.MustParseAddr
	tests := map[string]struct {
		text string
		want wanted
	}{
		"nothing":              {"", wanted{}},
		"a word":               {"Orders", wanted{Word: "orders", Names: []string{"orders"}}},
		"a word in quotes":     {`"orders"`, wanted{Word: "orders", Names: []string{"orders"}}},
		"a reference":          {"shop/orders", wanted{Word: "shop/orders", Names: []string{"shop", "orders"}, Refs: []pair{{"shop", "orders"}}}},
		"a service and port":   {"shop/orders:80", wanted{Word: "shop/orders:80", Names: []string{"shop", "orders"}, Refs: []pair{{"shop", "orders"}}}},
		"an IP":                {"10.244.0.9", wanted{Word: "10.244.0.9", Addresses: []netip.Addr{ip("10.244.0.9")}}},
		"an IP and port":       {"10.244.0.9:15008", wanted{Word: "10.244.0.9:15008", Addresses: []netip.Addr{ip("10.244.0.9")}}},
		"an IP and prefix":     {"10.244.0.9/32", wanted{Word: "10.244.0.9/32", Addresses: []netip.Addr{ip("10.244.0.9")}}},
		"IPv6":                 {"fd00::1", wanted{Word: "fd00::1", Addresses: []netip.Addr{ip("fd00::1")}}},
		"IPv6 and port":        {"[fd00::1]:8080", wanted{Word: "[fd00::1]:8080", Addresses: []netip.Addr{ip("fd00::1")}}},
		"IPv4 within IPv6":     {"::ffff:10.0.0.1", wanted{Word: "::ffff:10.0.0.1", Addresses: []netip.Addr{ip("10.0.0.1")}}},
		"a host":               {"orders.shop.svc.cluster.local", wanted{Word: "orders.shop.svc.cluster.local", Names: []string{"orders.shop.svc.cluster.local"}, Hosts: []string{"orders.shop.svc.cluster.local"}}},
		"a URL":                {"https://user:pw@Orders.shop:8443/api/x?y=1#z", wanted{Word: "https://user:pw@orders.shop:8443/api/x?y=1#z", Names: []string{"orders.shop", "z"}, Hosts: []string{"orders.shop"}}},
		"a URL with an IP":     {"http://[fd00::2]:80/", wanted{Word: "http://[fd00::2]:80/", Names: []string{"http"}, Addresses: []netip.Addr{ip("fd00::2")}}},
		"an identity":          {"spiffe://cluster.local/ns/shop/sa/web", wanted{Word: "spiffe://cluster.local/ns/shop/sa/web", Refs: []pair{{"shop", "web"}}}},
		"a principal":          {"cluster.local/ns/shop/sa/web", wanted{Word: "cluster.local/ns/shop/sa/web", Refs: []pair{{"shop", "web"}}}},
		"a code":               {"WAYPOINT_NOT_FOUND", wanted{Word: "waypoint_not_found", Names: []string{"waypoint_not_found"}, Codes: []string{"WAYPOINT_NOT_FOUND"}}},
		"an Envoy cluster":     {"inbound-vip|80|http|orders.shop.svc.cluster.local;", wanted{Word: "inbound-vip|80|http|orders.shop.svc.cluster.local;", Names: []string{"inbound-vip", "http", "orders.shop.svc.cluster.local"}, Hosts: []string{"orders.shop.svc.cluster.local"}}},
		"an error of kubectl":  {`Error from server (NotFound): pods "web-1" not found`, wanted{Names: []string{"error", "from", "server", "notfound", "pods", "web-1", "not", "found"}}},
		"a line of ztunnel":    {`2026-11-23T07:42:51.218Z error access src.addr=10.244.0.7:38112 src.workload="web-1" error="http status: 401"`, wanted{Names: []string{"error", "access", "web-1", "http", "status"}, Addresses: []netip.Addr{ip("10.244.0.7")}}},
		"only marks":           {`"'=(){}<>|&?#`, wanted{Word: "=(){}<>|&?#"}},
		"markup":               {`<img src=x onerror=alert(1)>`, wanted{Names: []string{"img", "x", "alert"}}},
		"a relative path":      {"../../etc/passwd", wanted{Word: "../../etc/passwd", Names: []string{"etc", "passwd"}, Refs: []pair{{"etc", "passwd"}}}},
		"a very long token":    {strings.Repeat("a", 300), wanted{}},
		"control characters":   {"web\x00-1\x1b[31m", wanted{Word: "web\x00-1\x1b[31m", Names: []string{"web", "-1", "31m"}}},
		"not even a name: %-5": {"%-5 ü ☃", wanted{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := parseWanted(tt.text)
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateEmpty(), cmpopts.EquateComparable(netip.Addr{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAPastedFileIsBounded(t *testing.T) {
	var b strings.Builder
	for i := range 100_000 {
		b.WriteString("name-" + number(i) + " ")
	}
	if n := len(tokens(b.String())); n > maxTokens {
		t.Errorf("%d tokens", n)
	}
}

// searched is a mesh to search in.
func searched() *mesh.Snapshot {
	return mt.Mesh(
		mt.Namespace("shop", mt.Ambient), mt.Namespace("billing", mt.Ambient),
		mt.Deployment("shop", "web", mt.Replicas(2)), mt.Service("shop", "web"),
		mt.Deployment("shop", "orders"), mt.Service("shop", "orders"),
		mt.Service("billing", "orders", mt.Selects("", "")),
		mt.Service("billing", "ledger"),
		mt.Waypoint("shop", "waypoint"),
		mt.ServiceEntry("shop", "payments", "api.payments.example"),
		mt.ServiceEntry("shop", "wild", "*.partner.example"),
		mt.Objects(
			&mesh.AuthorizationPolicy{Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "deny-all"}},
			&mesh.Route{Meta: mesh.Meta{Kind: "HTTPRoute", Namespace: "shop", Name: "front"}, Hosts: []string{"www.shop.example"}},
			&mesh.IstioGateway{Meta: mesh.Meta{Kind: "IstioGateway", Namespace: "shop", Name: "edge"}, Servers: []mesh.IstioServer{{Hosts: []string{"shop/old.shop.example"}}}},
			&mesh.Workload{Meta: mesh.Meta{Kind: "Pod", Namespace: "shop", Name: "done", Annotations: map[string]string{}}, Phase: "Succeeded", IPs: []string{"10.9.9.9"}},
			&mesh.Workload{Meta: mesh.Meta{Kind: "Pod", Namespace: "shop", Name: "six", Annotations: map[string]string{}}, Phase: "Running", IPs: []string{"FD00:0:0::6"}},
		),
	)
}

func TestSearch(t *testing.T) {
	s := searched()
	web1 := s.Workload("shop", "web-1")
	tests := map[string]struct {
		text string
		want []string // the first hits
		why  string   // of the first
	}{
		"a service by host":               {"web.shop", []string{"Service shop/web"}, "answers for web.shop"},
		"a service by its full host":      {"http://orders.billing.svc.cluster.local:80/x", []string{"Service billing/orders"}, "answers for"},
		"another cluster domain":          {"orders.billing.svc.corp.example", []string{"Service billing/orders"}, "answers for"},
		"a pod of a headless service":     {"web-0.web.shop.svc.cluster.local", []string{"Service shop/web"}, "answers for"},
		"a host that only looks like one": {"web.shop.example", nil, ""},
		"a pod by IP":                     {web1.IPs[0], []string{"Pod shop/web-1"}, "has address"},
		"a pod by IP and port":            {"dial tcp " + web1.IPs[0] + ":8080: connect: connection refused", []string{"Pod shop/web-1"}, "has address"},
		"a service by VIP":                {s.Service("shop", "web").VIPs[0], []string{"Service shop/web"}, "has address"},
		"IPv6, spelled otherwise":         {"fd00::6", []string{"Pod shop/six"}, "has address"},
		"the address a finished pod had":  {"10.9.9.9", nil, ""},
		"a node by IP":                    {s.Node("node-a").InternalIPs[0], []string{"Node node-a"}, "has address"},
		"a host of a ServiceEntry":        {"https://api.payments.example/v1", []string{"ServiceEntry shop/payments"}, "names host"},
		"a host that a wildcard covers":   {"a.b.partner.example", []string{"ServiceEntry shop/wild"}, "names host *.partner.example"},
		"the wildcard's own domain":       {"partner.example", nil, ""},
		"a host of a route":               {"www.shop.example", []string{"HTTPRoute shop/front"}, "names host"},
		"a host of an Istio Gateway":      {"old.shop.example", []string{"IstioGateway shop/edge"}, "names host"},
		"a policy":                        {"deny-all", []string{"AuthorizationPolicy shop/deny-all"}, "has this name"},
		"a reference":                     {"shop/orders", []string{"Service shop/orders", "Deployment shop/orders"}, "is shop/orders"},
		"a name of several":               {"orders", []string{"Service billing/orders", "Service shop/orders", "Deployment shop/orders"}, "has this name"},
		"the beginning of a name":         {"ord", []string{"Service billing/orders", "Service shop/orders"}, "its name begins with it"},
		"the middle of a name":            {"aypoin", []string{"Service shop/waypoint"}, "its name contains it"},
		"a code":                          {"see WAYPOINT_NOT_FOUND please", []string{"Check WAYPOINT_NOT_FOUND"}, ""},
		"part of a code":                  {"single-replica", []string{"Check WAYPOINT_SINGLE_REPLICA"}, ""},
		"nothing of it":                   {"zzz", nil, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := NewSearch(assess(s), Query{Text: tt.text})
			var got []string
			for _, h := range m.Hits[:min(len(m.Hits), len(tt.want))] {
				got = append(got, strings.ReplaceAll(h.Object.Kind, "Istio Gateway", "IstioGateway")+" "+h.Object.Name)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if len(tt.want) == 0 && len(m.Hits) > 0 {
				t.Errorf("found %+v", m.Hits)
			}
			if len(tt.want) > 0 && !strings.Contains(m.Hits[0].Why, tt.why) {
				t.Errorf("why: %q, want %q", m.Hits[0].Why, tt.why)
			}
		})
	}
}

func TestSearchJumpsOnlyWhereThereIsOneAnswer(t *testing.T) {
	s := searched()
	tests := map[string]struct{ text, want string }{
		"one hit": {"ledger", "/services/billing/ledger"},
		"one object with a page beside controllers": {"web", "/services/shop/web"},
		"an address":               {s.Service("shop", "web").VIPs[0], "/services/shop/web"},
		"two services of one name": {"orders", ""},
		"one of them by reference": {"billing/orders", "/services/billing/orders"},
		"only a part of a name":    {"ord", ""},
		"a code":                   {"POD_NOT_CAPTURED", "/checks#POD_NOT_CAPTURED"},
		"an object without a page": {"www.shop.example", ""},
		"nothing":                  {"zzz", ""},
		"no text":                  {"", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := string(NewSearch(assess(s), Query{Text: tt.text}).Target); got != tt.want {
				t.Errorf("%q jumps to %q, want %q", tt.text, got, tt.want)
			}
		})
	}
}

func TestSearchPutsTheScopeFirst(t *testing.T) {
	m := NewSearch(assess(searched()), Query{Text: "orders", Namespace: "shop"})
	if got := m.Hits[0].Object.Name; got != "shop/orders" {
		t.Errorf("within shop the first hit is %s", got)
	}
}

func TestSearchSaysWhatItCouldNotSee(t *testing.T) {
	s := mt.Mesh(mt.Namespace("shop"), mt.Forbidden(mesh.ResourcePods))
	doc := uitest.Document(t, SearchContent(NewSearch(assess(s), Query{Text: "web"})))
	if got := uitest.Text(doc.Selection); !strings.Contains(got, "pods could not be read") || !strings.Contains(got, "Nothing found") {
		t.Errorf("the page says %q", got)
	}
}

func TestSearchListIsCut(t *testing.T) {
	m := NewSearch(assess(mt.Mesh(mt.Namespace("shop"), mt.Deployment("shop", "web", mt.Replicas(hitsShown+50)))), Query{Text: "web"})
	if len(m.Hits) != hitsShown || m.More == 0 {
		t.Errorf("%d hits and %d more", len(m.Hits), m.More)
	}
}

func TestHostileSearchTextIsOnlyText(t *testing.T) {
	for _, text := range []string{`<img src=x onerror=alert(1)>`, `</textarea><script>alert(1)</script>`, "\x00\x1b[2J", strings.Repeat("(", 5000)} {
		doc := uitest.Document(t, SearchContent(NewSearch(assess(searched()), Query{Text: text})))
		uitest.Check(t, doc)
		if doc.Find("img, script").Length() > 0 {
			t.Errorf("%q became markup", text)
		}
	}
}

func FuzzSearch(f *testing.F) {
	r := assess(searched())
	f.Add(`src.addr=10.244.0.7:38112 dst.service="orders.shop.svc.cluster.local"`)
	f.Add("[::1]:x//..%%*.\xff")
	f.Fuzz(func(_ *testing.T, text string) {
		NewSearch(r, Query{Text: text})
	})
}

func BenchmarkSearch(b *testing.B) {
	r := assess(mt.Large(400, 4000, 20000, 200))
	for name, text := range map[string]string{
		"word": "service-00", "miss": "zzz", "line": `src.addr=10.244.0.7:38112 src.workload="web-1" dst.service="orders.shop.svc.cluster.local" error="http status: 401"`,
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				NewSearch(r, Query{Text: text})
			}
		})
	}
}
