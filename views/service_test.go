package views

import (
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views/uitest"
)

func serviceDoc(t *testing.T, s *mesh.Snapshot, namespace, name, tab, parameters string) *goquery.Document {
	t.Helper()
	m, ok := NewService(assess(s), namespace, name, tab, asked(t, parameters))
	if !ok {
		t.Fatalf("there is no service %s/%s", namespace, name)
	}
	return checked(t, ServiceContent(m))
}

func texts(s *goquery.Selection) []string {
	var out []string
	s.Each(func(_ int, s *goquery.Selection) { out = append(out, uitest.Text(s)) })
	return out
}

func TestTheHeadOfAServiceSaysHowItIsReached(t *testing.T) {
	doc := serviceDoc(t, variety(), "shop", "bound", "", "")
	want := []string{"10.96.0.3:80 http", "waypoint shop/waypoint", "mTLS strict", "logs"}
	if diff := cmp.Diff(want, texts(doc.Find(".page-head .tag"))); diff != "" {
		t.Error(diff)
	}
	doc = serviceDoc(t, variety(), "shop", "lost", "", "")
	if got := uitest.Text(doc.Find(".page-head .tag.critical")); got != "waypoint shop/gone not found" {
		t.Errorf("the tag of a missing waypoint reads %q", got)
	}
}

func TestPortsAreChosenByAddress(t *testing.T) {
	doc := serviceDoc(t, variety(), "shop", "bound", TabEndpoints, "port=9000&ns=shop")
	if got := uitest.Text(doc.Find(`.ports [aria-current]`)); got != "9000 auto" {
		t.Errorf("the current port is %q", got)
	}
	if href, _ := doc.Find(".ports a").First().Attr("href"); href != "/services/shop/bound/endpoints?ns=shop&port=80" {
		t.Errorf("the other port is at %q", href)
	}
	if n := serviceDoc(t, variety(), "shop", "lost", "", "").Find(".ports").Length(); n != 0 {
		t.Error("one port is offered as a choice")
	}
}

func TestTabsHaveAddressesOfTheirOwn(t *testing.T) {
	for tab, want := range map[string]string{"": "Policies by hop", "nonsense": "Policies by hop", TabRoutes: "Routes and resilience", TabEndpoints: "Endpoints 3", TabFindings: "Findings "} {
		doc := serviceDoc(t, variety(), "shop", "bound", tab, "")
		if got := uitest.Text(doc.Find(".tabs [aria-current]")); !strings.HasPrefix(got, want) {
			t.Errorf("tab %q shows %q", tab, got)
		}
	}
	doc := serviceDoc(t, variety(), "shop", "bound", "", "port=9000")
	if href, _ := doc.Find(".tabs a").Eq(1).Attr("href"); href != "/services/shop/bound/routes?port=9000" {
		t.Errorf("the routes are at %q", href)
	}
}

func TestThePathOfAServiceIsDrawn(t *testing.T) {
	for name, tt := range map[string]struct {
		snap    *mesh.Snapshot
		service string
		has     []string
		verdict string
	}{
		"in order":                {quietShop(), "orders", []string{".node.is-ok", ".leg.is-ok"}, "Reachable."},
		"waypoint without pods":   {quietShop(mt.Ready(0)), "orders", []string{".node.is-bad .chip", ".leg.is-bad", ".node.is-not-reached"}, "Unreachable."},
		"waypoint does not exist": {variety(), "lost", []string{".node.is-bypassed .chip", ".node.is-bypassed .note"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			doc := serviceDoc(t, tt.snap, "shop", tt.service, "", "")
			for _, selector := range tt.has {
				if doc.Find("svg.across "+selector).Length() == 0 || doc.Find("svg.down "+selector).Length() == 0 {
					t.Errorf("no %s in one of the pictures", selector)
				}
			}
			if got := uitest.Text(doc.Find(".verdict-text b")); tt.verdict != "" && got != tt.verdict {
				t.Errorf("the verdict is %q", got)
			}
			if doc.Find(".verdict .basis-expected").Length() != 1 {
				t.Error("the verdict does not say what it rests on")
			}
		})
	}
}

// quietShop is a service behind a waypoint.
func quietShop(waypoint ...mt.Option) *mesh.Snapshot {
	return mt.Mesh(
		mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")), mt.Waypoint("shop", "waypoint", append([]mt.Option{mt.Replicas(2)}, waypoint...)...),
		mt.Deployment("shop", "orders", mt.Replicas(2)), mt.Service("shop", "orders"), mt.Deployment("shop", "web"),
	)
}

func TestACodeOnTheDrawingLeadsToItsFinding(t *testing.T) {
	doc := serviceDoc(t, quietShop(mt.Ready(0)), "shop", "orders", "", "")
	href, _ := doc.Find("svg.across .chip").First().Attr("href")
	if !strings.HasPrefix(href, "/services/shop/orders/findings#finding.") {
		t.Fatalf("the code leads to %q", href)
	}
	_, id, _ := strings.Cut(href, "#")
	findings := serviceDoc(t, quietShop(mt.Ready(0)), "shop", "orders", TabFindings, "")
	if findings.Find(`[id="`+id+`"]`).Length() != 1 {
		t.Errorf("there is no finding %q on that tab", id)
	}
}

func TestChatTextOfAServiceIsSixLines(t *testing.T) {
	for name, s := range map[string]*mesh.Snapshot{"broken": quietShop(mt.Ready(0)), "in order": quietShop()} {
		text := serviceDoc(t, s, "shop", "orders", "", "").Find(".verdict textarea").Text()
		lines := strings.Split(text, "\n")
		if len(lines) != 6 || !strings.Contains(lines[0], "shop/orders:80") || !strings.Contains(lines[5], "/services/shop/orders") {
			t.Errorf("%s:\n%s", name, text)
		}
	}
}

func TestEndpointsOfAService(t *testing.T) {
	doc := serviceDoc(t, variety(), "shop", "bound", TabEndpoints, "")
	if got := texts(doc.Find("tbody th")); len(got) != 3 || got[0] != "bound-3" {
		t.Errorf("endpoints %v, want the one that is not ready first", got)
	}
	for what, tt := range map[string]struct {
		snap *mesh.Snapshot
		name string
		want string
	}{
		"nobody has the labels": {variety(), "out", ".state-empty"},
		"an alias":              {variety(), "alias", ".state-empty"},
		"not readable":          {mt.Mesh(mt.Namespace("shop"), mt.Service("shop", "out"), mt.Forbidden(mesh.ResourceEndpointSlices)), "out", ".unknown"},
	} {
		doc := serviceDoc(t, tt.snap, "shop", tt.name, TabEndpoints, "")
		if doc.Find(tt.want).Length() == 0 || doc.Find("tbody tr").Length() != 0 {
			t.Errorf("%s: no %s, or rows", what, tt.want)
		}
	}
	doc = serviceDoc(t, mt.Mesh(mt.Namespace("shop"), mt.Service("shop", "out"), mt.Forbidden(mesh.ResourceEndpointSlices)), "shop", "out", "", "")
	if got := uitest.Text(doc.Find(".tabs a").Eq(2)); got != "Endpoints ?" {
		t.Errorf("the tab of unknown endpoints reads %q", got)
	}
}

func TestServicesAreFoundByKind(t *testing.T) {
	s := mt.Mesh(mt.Namespace("shop"), mt.Service("shop", "both"), mt.ServiceEntry("shop", "both", "both.example"), mt.ServiceEntry("shop", "entry", "entry.example"))
	for _, tt := range []struct{ name, kind, want string }{{"both", "", "Service"}, {"both", "ServiceEntry", "ServiceEntry"}, {"entry", "", "ServiceEntry"}, {"none", "", ""}} {
		m, ok := NewService(assess(s), "shop", tt.name, "", Query{Kind: tt.kind})
		if ok != (tt.want != "") || m.Kind != tt.want {
			t.Errorf("%s of kind %q: %q, %t", tt.name, tt.kind, m.Kind, ok)
		}
	}
}
