package views

import (
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views/ui"
	"github.com/waylight/waylight/views/uitest"
)

// asked is the query of an address's parameters.
func asked(t *testing.T, parameters string) Query {
	t.Helper()
	v, err := url.ParseQuery(parameters)
	if err != nil {
		t.Fatal(err)
	}
	return ParseQuery(v)
}

// checked renders a page and holds it to the rules of all pages.
func checked(t *testing.T, c templ.Component) *goquery.Document {
	t.Helper()
	doc := uitest.Document(t, c)
	uitest.Check(t, doc)
	return doc
}

func servicesDoc(t *testing.T, s *mesh.Snapshot, parameters string) *goquery.Document {
	t.Helper()
	return checked(t, ServicesContent(NewServices(assess(s), asked(t, parameters))))
}

// labelledCell is the text of a row's cell by its label.
func labelledCell(doc *goquery.Document, rowID, label string) string {
	return uitest.Text(doc.Find("#" + rowID + ` td[data-label="` + label + `"]`))
}

// variety has a service for every way of being addressed and served.
func variety() *mesh.Snapshot {
	return mt.Mesh(
		mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")), mt.Namespace("other", mt.Ambient),
		mt.Waypoint("shop", "waypoint"),
		mt.Deployment("shop", "bound", mt.Replicas(3), mt.Ready(2)), mt.Service("shop", "bound", mt.Port(80, "http"), mt.Port(9000, "")),
		mt.Service("shop", "out", mt.UseWaypoint("none")),
		mt.Service("shop", "lost", mt.UseWaypoint("gone")),
		mt.Service("shop", "headless", mt.Headless),
		mt.Service("shop", "alias", mt.With(func(s *mesh.Service) { s.Type, s.ExternalName, s.VIPs = "ExternalName", "db.example", nil })),
		mt.Service("other", "foreign", mt.UseWaypointIn("shop", "waypoint")),
		mt.Deployment("other", "plain", mt.NotCaptured), mt.Service("other", "plain"),
		mt.ServiceEntry("shop", "api", "api.example"),
		mt.Objects(&mesh.PeerAuthentication{Meta: mesh.Meta{Kind: "PeerAuthentication", Namespace: "shop", Name: "default"}, Mode: "STRICT"}),
	)
}

func TestServicesSayHowEachIsAddressedAndServed(t *testing.T) {
	doc := servicesDoc(t, variety(), "")
	for _, tt := range []struct{ what, row, label, want string }{
		{"some of the pods are ready", `service\.shop\.bound`, "Endpoints", "2 of 3"},
		{"ports with declared protocols", `service\.shop\.bound`, "Ports", "80 http, 9000 auto"},
		{"a waypoint of its namespace", `service\.shop\.bound`, "Waypoint", "waypoint"},
		{"strict by the namespace", `service\.shop\.bound`, "mTLS", "strict"},
		{"opted out", `service\.shop\.out`, "Waypoint", "opted out"},
		{"no endpoint at all", `service\.shop\.out`, "Endpoints", "none"},
		{"a waypoint that does not exist", `service\.shop\.lost`, "Waypoint", "not found gone"},
		{"headless", `service\.shop\.headless`, "Addresses", "headless"},
		{"an alias has no endpoints to count", `service\.shop\.alias`, "Endpoints", "by DNS"},
		{"an alias never has a waypoint", `service\.shop\.alias`, "Waypoint", "never"},
		{"a waypoint of another namespace that does not admit it", `service\.other\.foreign`, "Waypoint", "attachment denied shop/waypoint"},
		{"pods outside the mesh", `service\.other\.plain`, "mTLS", "not in mesh"},
		{"a ServiceEntry by its host", `serviceentry\.shop\.api`, "Addresses", "api.example"},
		{"a ServiceEntry resolved by DNS", `serviceentry\.shop\.api`, "Endpoints", "by DNS"},
	} {
		if got := labelledCell(doc, tt.row, tt.label); got != tt.want {
			t.Errorf("%s: %s is %q, want %q", tt.what, tt.label, got, tt.want)
		}
	}
	if title, _ := doc.Find(`#service\.shop\.lost td[data-label=Waypoint] [title]`).Attr("title"); title != "There is no Gateway shop/gone." {
		t.Errorf("the reason reads %q", title)
	}
	if n := doc.Find(`#service\.shop\.lost td[data-label=Findings] .sev-critical`).Length(); n != 1 {
		t.Errorf("%d critical findings shown at the service whose waypoint is missing", n)
	}
}

func TestZeroUnknownAndForbiddenServicesLookDifferent(t *testing.T) {
	for name, tt := range map[string]struct {
		snap     *mesh.Snapshot
		query    string
		has, not string
	}{
		"none in the cluster":   {mt.Mesh(mt.Bare()), "", ".state-empty", ".state-forbidden, .state-down, tbody tr"},
		"none in the namespace": {variety(), "ns=empty", ".state-empty", "tbody tr"},
		"none matches":          {variety(), "q=nothing-like-it", ".state-empty", "tbody tr"},
		"forbidden":             {mt.Mesh(mt.Forbidden(mesh.ResourceServices)), "", ".state-forbidden", ".state-empty"},
		"down":                  {mt.Mesh(mt.Bare(), mt.Source(mesh.KubernetesSource, mesh.SourceDown, "connection refused")), "", ".state-down", ".state-empty"},
		"starting":              {mt.Mesh(mt.Bare(), mt.Source(mesh.KubernetesSource, mesh.SourceStarting, "")), "", ".state-starting", ".state-empty, .list"},
		"stale":                 {mt.Mesh(mt.Service("shop", "a"), mt.Source(mesh.KubernetesSource, mesh.SourceStale, "")), "", ".state-stale", ".state-empty"},
		"endpoints unread":      {mt.Mesh(mt.Service("shop", "a"), mt.Forbidden(mesh.ResourceEndpointSlices)), "", `td[data-label=Endpoints] .unknown`, ".state-empty"},
		"pods unread":           {mt.Mesh(mt.Service("shop", "a"), mt.Forbidden(mesh.ResourcePods)), "", `td[data-label=mTLS] .unknown`, ".state-empty"},
		"gateways unread":       {mt.Mesh(mt.Namespace("shop"), mt.Service("shop", "a", mt.UseWaypoint("w")), mt.Forbidden(mesh.ResourceGateways)), "", `td[data-label=Waypoint] .unknown`, ".state-empty"},
	} {
		t.Run(name, func(t *testing.T) {
			doc := servicesDoc(t, tt.snap, tt.query)
			if doc.Find(tt.has).Length() == 0 {
				t.Errorf("no %s", tt.has)
			}
			if n := doc.Find(tt.not).Length(); n > 0 {
				t.Errorf("%d of %s", n, tt.not)
			}
		})
	}
}

func TestServicesAreFilteredAndSorted(t *testing.T) {
	for query, want := range map[string]string{
		"q=waypoint:failed":         "foreign lost",
		"q=waypoint:none":           "plain alias out waypoint",
		"q=waypoint:not-found":      "lost",
		"q=kind:serviceentry":       "api",
		"q=endpoints:none+ns:other": "foreign",
		"q=mtls:not-in-mesh":        "plain waypoint",
		"q=api.example":             "api",
		"q=finding:critical":        "foreign lost",
		"q=name:b*+protocol:auto":   "bound",
		"ns=other&sort=-name":       "plain foreign",
	} {
		doc := servicesDoc(t, variety(), query)
		var got []string
		doc.Find("tbody th .name").Each(func(_ int, s *goquery.Selection) { got = append(got, s.Text()) })
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
	}
}

func TestCountsTellNoneFromUnknown(t *testing.T) {
	for name, tt := range map[string]struct {
		cell CountCell
		text string
		tone ui.Tone
		word string
	}{
		"all":     {newCountCell(2, 2), "2 of 2", ui.ToneNone, "all"},
		"some":    {newCountCell(1, 2), "1 of 2", ui.ToneWarn, "some"},
		"none":    {newCountCell(0, 2), "0 of 2", ui.ToneBad, "none"},
		"nothing": {newCountCell(0, 0), "none", ui.ToneBad, "none"},
		"unknown": {unknownCell("forbidden"), "", ui.ToneUnknown, "unknown"},
	} {
		if tt.cell.Text != tt.text || tt.cell.Tone != tt.tone || tt.cell.filterWords()[0] != tt.word {
			t.Errorf("%s: %+v is called %v", name, tt.cell, tt.cell.filterWords())
		}
	}
}
