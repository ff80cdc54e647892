package views

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views/ui"
	"github.com/waylight/waylight/views/uitest"
)

// nodeDump is a dump with a waypoint that is there, one that is not, and one
// with weights.
func nodeDump() *mesh.ZtunnelDump {
	byHost := &mesh.ZtunnelDestination{Namespace: "shop", Hostname: "waypoint.shop.svc.cluster.local", Port: 15008}
	byAddress := &mesh.ZtunnelDestination{Address: "fd00::4", Port: 15008}
	missing := &mesh.ZtunnelDestination{Address: "10.96.0.99", Port: 15008}
	pod := func(namespace, name string, waypoint *mesh.ZtunnelDestination, policies ...string) *mesh.ZtunnelWorkload {
		return &mesh.ZtunnelWorkload{
			UID: "c//Pod/" + namespace + "/" + name, Name: name, Namespace: namespace, IPs: []string{"10.1.0.1"}, Node: "node-a", Protocol: "HBONE", NetworkMode: "Standard",
			TrustDomain: "cluster.local", ServiceAccount: "web", Status: "Healthy", Waypoint: waypoint, Policies: policies, Capacity: 3, Locality: mesh.ZtunnelLocality{Region: "eu", Zone: "eu-a"},
		}
	}
	sick := pod("shop", "sick", missing)
	sick.Status, sick.Protocol = "Unhealthy", "TCP"
	return &mesh.ZtunnelDump{
		Node: "node-a", Pod: mesh.Ref{Kind: "Pod", Namespace: mt.SystemNamespace, Name: "ztunnel-node-a"}, At: mt.Now.Add(-time.Minute), LocalKnown: true,
		Workloads: []*mesh.ZtunnelWorkload{pod("shop", "web-1", byHost, "shop/orders-allow-web"), pod("other", "far", byAddress), sick},
		Services: []*mesh.ZtunnelService{
			{Name: "waypoint", Namespace: "shop", Hostname: "waypoint.shop.svc.cluster.local", VIPs: []string{"/fd00:0::4"}},
			{
				Name: "orders", Namespace: "shop", Hostname: "orders.shop.svc.cluster.local", VIPs: []string{"/10.96.0.5"}, Ports: map[uint16]uint16{9090: 0, 80: 8080}, Waypoint: byHost,
				Weighted:  []mesh.ZtunnelWeightedWaypoint{{ZtunnelDestination: *byHost, Weight: 90}, {ZtunnelDestination: *missing, Weight: 10}},
				Endpoints: []mesh.ZtunnelEndpoint{{WorkloadUID: "c//Pod/shop/web-1", Status: "Healthy"}, {WorkloadUID: "c//Pod/shop/sick", Status: "Unhealthy"}, {WorkloadUID: "gone", Status: "Healthy"}},
			},
		},
		Policies: []mesh.ZtunnelPolicy{
			{Name: "orders-allow-web", Namespace: "shop", Scope: "WorkloadSelector", Action: "Allow", Rules: []mesh.ZtunnelRule{{{{"principals": {"cluster.local/ns/shop/sa/web"}}}}}},
			{Name: "nothing", Namespace: "shop", Scope: "Namespace", Action: "Allow", DryRun: true},
			{Name: convertedPrefix + "strict", Namespace: "shop", Scope: "Global", Action: "Deny", Rules: []mesh.ZtunnelRule{{}}},
		},
		Certificates: []mesh.ZtunnelCertificate{
			{Identity: "spiffe://cluster.local/ns/shop/sa/web", State: "Available", Chain: []mesh.Certificate{{Serial: "255", NotBefore: mt.Now.Add(-time.Hour), NotAfter: mt.Now.Add(time.Hour)}}, Roots: []mesh.Certificate{{Serial: "16", NotBefore: mt.Now.Add(-time.Hour), NotAfter: mt.Now.Add(-2 * time.Minute)}}},
			{Identity: "spiffe://cluster.local/ns/shop/sa/orders", State: "Unavailable", Reason: "the CA said no"},
		},
		Local: []mesh.ZtunnelLocal{
			{PodUID: "u1", State: "Up", Name: "web-1", Namespace: "shop", Inbound: []mesh.ZtunnelConnection{{Source: "10.9.9.9:1", OriginalDestination: "web.shop", Destination: "10.1.0.1:80", Protocol: "HBONE"}}, Outbound: []mesh.ZtunnelConnection{{Source: "10.1.0.1:2", Destination: "10.8.8.8:443", Protocol: "TCP"}}},
			{PodUID: "u2", State: "Pending", Name: "late", Namespace: "shop"},
		},
		Version: mesh.ZtunnelVersion{IstioVersion: "1.31.1"},
	}
}

// nodeMesh has what some entries of nodeDump were made from.
func nodeMesh() *mesh.Snapshot {
	return mt.Mesh(
		mt.Node("node-a"), mt.Node("node-b"), mt.Namespace("shop", mt.Ambient), mt.Waypoint("shop", "waypoint"), mt.Pod("shop", "web-1", mt.OnNode("node-a")), mt.Service("shop", "orders"),
		mt.Objects(&mesh.AuthorizationPolicy{Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "orders-allow-web"}}),
		mt.Objects(&mesh.PeerAuthentication{Meta: mesh.Meta{Kind: "PeerAuthentication", Namespace: "shop", Name: "strict"}}),
	)
}

func ztunnelDoc(t *testing.T, tab, parameters string, read ZtunnelRead) *goquery.Document {
	t.Helper()
	return checked(t, ZtunnelContent(NewZtunnel(assess(nodeMesh()), "node-a", tab, read, asked(t, parameters))))
}

// rowOf is the row whose head has a text.
func rowOf(doc *goquery.Document, head string) *goquery.Selection {
	return doc.Find("tbody tr").FilterFunction(func(_ int, s *goquery.Selection) bool {
		return strings.HasPrefix(uitest.Text(s.Find("th")), head)
	})
}

// lines is the text of a cell with its lines apart, which the page does by
// their looks.
func lines(cell *goquery.Selection) string {
	cell.Find("p, div").PrependHtml(" ")
	return uitest.Text(cell)
}

func TestZtunnelListsSayWhatTheDumpSays(t *testing.T) {
	tests := map[string]struct{ tab, row, label, want string }{
		"a waypoint by host is named":                            {TabWorkloads, "web-1", "Waypoint", "waypoint"},
		"one by address in another namespace has its own":        {TabWorkloads, "far", "Waypoint", "shop/waypoint"},
		"one that no service has is NA, in words":                {TabWorkloads, "sick", "Waypoint", "NA no service in this dump has /10.96.0.99"},
		"plaintext is said":                                      {TabWorkloads, "sick", "Protocol", "TCP"},
		"a workload's health":                                    {TabWorkloads, "sick", "Status", "Unhealthy"},
		"policies with a selector":                               {TabWorkloads, "web-1", "Policies", "shop/orders-allow-web"},
		"a release that does not say services":                   {TabWorkloads, "web-1", "More", "Services: not said ztunnel says it since 1.24 Network mode: Standard Locality: eu/eu-a Identity: spiffe://cluster.local/ns/shop/sa/web Capacity: 3"},
		"weights of several waypoints":                           {TabServices, "orders", "Waypoint", "waypoint by weight: waypoint 90, NA /10.96.0.99 10"},
		"healthy endpoints, as istioctl counts":                  {TabServices, "orders", "Endpoints", "1/3"},
		"what endpoints' own entries say":                        {TabServices, "orders", "Endpoint status", "2 Healthy, 1 Unhealthy sick Unhealthy, gone has no workload here"},
		"ports, one with a name":                                 {TabServices, "orders", "Ports", "80→8080, 9090→named"},
		"an address without its empty network":                   {TabServices, "orders", "Service VIP", "10.96.0.5"},
		"a policy's reach by selector":                           {TabPolicies, "orders-allow-web", "Workloads", "1"},
		"by namespace":                                           {TabPolicies, "nothing", "Workloads", "2"},
		"by mesh":                                                {TabPolicies, convertedPrefix + "strict", "Workloads", "3"},
		"a dry run":                                              {TabPolicies, "nothing", "Enforced", "no: dry run it only logs what it would do"},
		"an ALLOW without rules":                                 {TabPolicies, "nothing", "Rules", "none matches nothing: what it applies to lets nobody in by it"},
		"a rule without clauses":                                 {TabPolicies, convertedPrefix + "strict", "Rules", "everything 1 rule"},
		"rules in words":                                         {TabPolicies, "orders-allow-web", "Rules", "principals [cluster.local/ns/shop/sa/web] 1 rule"},
		"a serial number in hexadecimal":                         {TabCertificates, "spiffe://cluster.local/ns/shop/sa/web", "Serial number", "ff"},
		"the text of an error":                                   {TabCertificates, "spiffe://cluster.local/ns/shop/sa/orders", "Status", "Unavailable the CA said no"},
		"no certificate is neither valid nor invalid":            {TabCertificates, "spiffe://cluster.local/ns/shop/sa/orders", "Valid", "no certificate"},
		"the node's end of a connection":                         {TabConnections, "web-1", "Local", "10.1.0.1:80"},
		"the other end":                                          {TabConnections, "web-1", "Remote", "10.9.9.9:1"},
		"what the call was addressed to, as far as that is said": {TabConnections, "web-1", "Remote target", "web.shop"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			row := rowOf(ztunnelDoc(t, tt.tab, "", ZtunnelRead{Dump: nodeDump()}), tt.row).First()
			if got := lines(row.Find(`td[data-label="` + tt.label + `"]`)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestZtunnelFiltersAndSorts(t *testing.T) {
	tests := map[string]struct {
		tab, parameters string
		want            []string
	}{
		"by namespace":             {TabWorkloads, "q=ns:other", []string{"far"}},
		"by scope":                 {TabWorkloads, "ns=other", []string{"far"}},
		"a waypoint by its name":   {TabWorkloads, "q=waypoint:waypoint", []string{"web-1", "far"}},
		"a waypoint nobody has":    {TabWorkloads, "q=waypoint:na", []string{"sick"}},
		"by policy":                {TabWorkloads, "q=policy:orders-allow-web", []string{"web-1"}},
		"not healthy":              {TabWorkloads, "q=-status:healthy", []string{"sick"}},
		"by protocol":              {TabWorkloads, "q=protocol:tcp", []string{"sick"}},
		"by name, descending":      {TabWorkloads, "sort=-name", []string{"web-1", "sick", "far"}},
		"services short of ends":   {TabServices, "q=endpoints:some", []string{"orders"}},
		"services without any":     {TabServices, "q=endpoints:none", []string{"waypoint"}},
		"services by address":      {TabServices, "q=vip:10.96.0.5", []string{"orders"}},
		"services with weights":    {TabServices, "q=waypoint:weighted", []string{"orders"}},
		"policies that only log":   {TabPolicies, "q=dryrun:yes", []string{"nothing"}},
		"certificates that expire": {TabCertificates, "q=valid:no", []string{"spiffe://cluster.local/ns/shop/sa/web"}},
		"identities without one":   {TabCertificates, "q=status:unavailable", []string{"spiffe://cluster.local/ns/shop/sa/orders"}},
		"outbound connections":     {TabConnections, "q=direction:outbound", []string{"web-1"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			doc := ztunnelDoc(t, tt.tab, tt.parameters, ZtunnelRead{Dump: nodeDump()})
			var got []string
			doc.Find("tbody tr th .name").Each(func(_ int, s *goquery.Selection) { got = append(got, uitest.Text(s)) })
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestZtunnelLeadsToTheObjects(t *testing.T) {
	tests := map[string]struct{ tab, row, want string }{
		"a pod":                       {TabWorkloads, "web-1", "/workloads/shop/web-1"},
		"a pod the API does not have": {TabWorkloads, "far", ""},
		"a service":                   {TabServices, "orders", "/services/shop/orders"},
		"a policy":                    {TabPolicies, "orders-allow-web", "/policies/authorizationpolicy/shop/orders-allow-web"},
		"a policy that was converted": {TabPolicies, convertedPrefix + "strict", "/policies/peerauthentication/shop/strict"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			doc := ztunnelDoc(t, tt.tab, "", ZtunnelRead{Dump: nodeDump()})
			if got := rowOf(doc, tt.row).Find("th a").AttrOr("href", ""); got != tt.want {
				t.Errorf("leads to %q, want %q", got, tt.want)
			}
		})
	}
	doc := ztunnelDoc(t, TabWorkloads, "", ZtunnelRead{Dump: nodeDump()})
	if got := rowOf(doc, "web-1").Find(`td[data-label="Waypoint"] a`).AttrOr("href", ""); got != "/waypoints/shop/waypoint" {
		t.Errorf("the waypoint leads to %q", got)
	}
}

func TestZtunnelEntryIsTheDumpsOwn(t *testing.T) {
	doc := ztunnelDoc(t, TabServices, "q=name:orders", ZtunnelRead{Dump: nodeDump()})
	details := rowOf(doc, "orders").Find("details.entry")
	if _, open := details.Attr("open"); !open {
		t.Error("the entry of the only row is closed")
	}
	var entry struct {
		Ports             map[string]int
		WeightedWaypoints []struct {
			Destination struct {
				Destination   string
				HboneMtlsPort int
			}
			Weight int
		}
		Endpoints map[string]struct{ Status string }
	}
	if err := json.Unmarshal([]byte(details.Find("pre").Text()), &entry); err != nil {
		t.Fatalf("the entry is no JSON: %v\n%s", err, details.Text())
	}
	if entry.Ports["80"] != 8080 || len(entry.Endpoints) != 3 || len(entry.WeightedWaypoints) != 2 {
		t.Errorf("the entry is %+v", entry)
	}
	if d := entry.WeightedWaypoints[0].Destination; d.Destination != "shop/waypoint.shop.svc.cluster.local" || d.HboneMtlsPort != 15008 {
		t.Errorf("the first waypoint is %+v", d)
	}
}

func TestALongEntryIsCutAndSaysSo(t *testing.T) {
	d := nodeDump()
	for i := range 5000 {
		d.Services[1].Endpoints = append(d.Services[1].Endpoints, mesh.ZtunnelEndpoint{WorkloadUID: fmt.Sprintf("c//Pod/shop/web-%d", i)})
	}
	text := ztunnelDoc(t, TabServices, "q=name:orders", ZtunnelRead{Dump: d}).Find("pre").Text()
	if len(text) > entryBytes+200 || !strings.Contains(text, "the JSON export has all of it") {
		t.Errorf("an entry of %d bytes ends with %q", len(text), text[len(text)-80:])
	}
}

func TestLongListsLeadToTheirEntriesAndSayWhatIsMissing(t *testing.T) {
	d := &mesh.ZtunnelDump{Node: "node-a", At: mt.Now}
	for i := range DumpRowLimit + 1 {
		d.Workloads = append(d.Workloads, &mesh.ZtunnelWorkload{UID: fmt.Sprintf("c//Pod/shop/web-%d", i), Name: fmt.Sprintf("web-%d", i), Namespace: "shop"})
	}
	m := NewZtunnel(assess(nodeMesh()), "node-a", TabWorkloads, ZtunnelRead{Dump: d}, Query{})
	if len(m.List.Rows) != DumpRowLimit || m.Truncated != "5001" {
		t.Errorf("%d rows are shown of %q", len(m.List.Rows), m.Truncated)
	}
	if got, want := string(m.Entries[7].URL), "/ztunnels/node-a?q=uid%3A%22c%2F%2FPod%2Fshop%2Fweb-7%22"; got != want {
		t.Errorf("an entry is at %s, want %s", got, want)
	}
	all := NewZtunnelList(assess(nodeMesh()), d, TabWorkloads, Query{}, 0)
	if len(all.Rows) != DumpRowLimit+1 {
		t.Errorf("an export has %d rows", len(all.Rows))
	}
}

// Whatever an entry's link filters by must find the entry, and it alone.
func TestEntryLinksFindTheirRow(t *testing.T) {
	d := nodeDump()
	d.Workloads = append(d.Workloads, &mesh.ZtunnelWorkload{UID: `//odd, "quoted" -x`, Name: "odd"})
	for _, tab := range []string{TabWorkloads, TabServices, TabPolicies, TabConnections} {
		list := NewZtunnelList(assess(nodeMesh()), d, tab, Query{}, 0)
		for _, row := range list.Rows {
			q := Query{Text: row.only, Filter: ParseFilter(row.only)}
			found := NewZtunnelList(assess(nodeMesh()), d, tab, q, 0)
			if strings.Contains(row.ID, "quoted") {
				continue // quotes cannot be written in a filter
			}
			if len(found.Rows) != 1 || found.Rows[0].ID != row.ID {
				t.Errorf("%s: %s finds %d rows", tab, row.only, len(found.Rows))
			}
		}
	}
}

func TestUnreadZtunnelsSayWhy(t *testing.T) {
	tests := map[string]struct {
		read ZtunnelRead
		want string // within the state's text
	}{
		"not wired":     {ZtunnelRead{Failure: ReadUnwired}, "Proxies are not read here"},
		"forbidden":     {ZtunnelRead{Failure: ReadForbidden, Detail: "create pods/portforward in istio-system"}, "Missing right: create pods/portforward in istio-system"},
		"no ztunnel":    {ZtunnelRead{Failure: ReadAbsent}, "There is no ztunnel to read"},
		"timed out":     {ZtunnelRead{Failure: ReadTimedOut}, "did not answer in time"},
		"not decoded":   {ZtunnelRead{Failure: ReadMalformed, Detail: "unexpected {"}, "unexpected {"},
		"anything else": {ZtunnelRead{Failure: ReadFailed, Detail: "connection refused"}, "connection refused"},
		"no reason":     {ZtunnelRead{}, "could not be read"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			doc := ztunnelDoc(t, TabServices, "ns=shop", tt.read)
			if got := uitest.Text(doc.Find(".state")); !strings.Contains(got, tt.want) {
				t.Errorf("says %q, want %q in it", got, tt.want)
			}
			if doc.Find("table").Length() > 0 {
				t.Error("there is a table of what is unknown")
			}
			if got := doc.Find(".state a").AttrOr("href", ""); got != "/ztunnels/node-a/services?fresh=1&ns=shop" {
				t.Errorf("reading again is at %q", got)
			}
			if tt.read.State() == mesh.SourceOK {
				t.Error("its source is ok")
			}
		})
	}
}

func TestZtunnelSaysWhomItServesAndWhatItCouldNotDecode(t *testing.T) {
	d := nodeDump()
	d.Skipped, d.FirstSkipped = 2, "services: a number"
	text := uitest.Text(ztunnelDoc(t, TabWorkloads, "", ZtunnelRead{Dump: d}).Find(".panel"))
	for _, want := range []string{"It serves 1 pod of this node", "Pending shop/late", "2 entries of the dump could not be decoded", "services: a number"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %q", want, text)
		}
	}
	d.LocalKnown, d.Local = false, nil
	doc := ztunnelDoc(t, TabConnections, "", ZtunnelRead{Dump: d})
	if got := uitest.Text(doc.Find(".tabs a[aria-current]")); got != "Connections ?" {
		t.Errorf("the tab says %q", got)
	}
	if got := uitest.Text(doc.Find(".state-empty")); !strings.Contains(got, "unknown") {
		t.Errorf("unknown connections look like none: %q", got)
	}
}

func TestSeveralZtunnelsOfANodeCanBeChosen(t *testing.T) {
	s := mt.Mesh(mt.Node("node-a"), mt.Pod(mt.SystemNamespace, "ztunnel-canary", mt.OnNode("node-a"), mt.Label("app", "ztunnel")))
	m := NewZtunnel(assess(s), "node-a", TabServices, ZtunnelRead{Dump: nodeDump()}, asked(t, "pod=ztunnel-canary&q=x"))
	if len(m.Others) != 2 || !m.Others[0].Current || m.Others[1].Current || m.Others[0].Name != "istio-system/ztunnel-canary" {
		t.Fatalf("the choices are %+v", m.Others)
	}
	if unasked := NewZtunnel(assess(s), "node-a", TabServices, ZtunnelRead{Dump: nodeDump()}, Query{}); !unasked.Others[1].Current {
		t.Error("the pod that was read is not marked")
	}
	if got, want := string(m.Tabs[0].URL), "/ztunnels/node-a?pod=ztunnel-canary"; got != want {
		t.Errorf("the tab is at %s, want %s", got, want)
	}
}

func TestCSVIsSafeForSpreadsheets(t *testing.T) {
	d := nodeDump()
	d.Workloads[0].Name = `=HYPERLINK("http://evil.example")`
	d.Workloads[1].Name = " @SUM(1)"
	d.Workloads[2].Name = "＝1+1"
	list := NewZtunnelList(assess(nodeMesh()), d, TabWorkloads, Query{}, 0)
	var buf bytes.Buffer
	if err := list.WriteCSV(&buf); err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(&buf).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != 4 || len(records[0]) != len(list.Columns) || records[0][0] != "name" {
		t.Fatalf("%d records, the first %q", len(records), records[0])
	}
	for _, r := range records[1:] {
		if !strings.HasPrefix(r[0], "'") {
			t.Errorf("a spreadsheet would evaluate %q", r[0])
		}
	}
}

func TestCSVHasTimesInFull(t *testing.T) {
	list := NewZtunnelList(assess(nodeMesh()), nodeDump(), TabCertificates, Query{}, 0)
	var buf bytes.Buffer
	if err := list.WriteCSV(&buf); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(buf.String(), ui.Machine(mt.Now.Add(time.Hour))) {
		t.Errorf("no full time in:\n%s", buf.String())
	}
}

func TestItemsHaveOneForEachIdentity(t *testing.T) {
	r := assess(nodeMesh())
	list := NewZtunnelList(r, nodeDump(), TabCertificates, Query{}, 0)
	if rows, items := len(list.Rows), len(list.Items(r)); rows != 3 || items != 2 {
		t.Errorf("%d rows make %d items, want 3 and 2", rows, items)
	}
}

func TestHostileDumpsStayText(t *testing.T) {
	markup := `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	d := nodeDump()
	d.Pod = mesh.Ref{Kind: "Pod", Namespace: markup, Name: markup}
	d.Workloads = append(d.Workloads, &mesh.ZtunnelWorkload{UID: markup, Name: markup, Namespace: "../..", Node: markup, Protocol: "a\u202eb\x1b[31m", Policies: []string{markup}})
	d.Workloads = append(d.Workloads, d.Workloads[3])
	d.Services = append(d.Services, &mesh.ZtunnelService{Name: markup, Hostname: markup, VIPs: []string{markup}, SANs: []string{markup}})
	d.Policies = append(d.Policies, mesh.ZtunnelPolicy{Name: markup, Scope: markup, Rules: []mesh.ZtunnelRule{{{{markup: {markup}}}}}})
	d.Certificates = append(d.Certificates, mesh.ZtunnelCertificate{Identity: markup, State: markup, Reason: markup, Chain: []mesh.Certificate{{Serial: markup, Subject: markup}}})
	d.Local = append(d.Local, mesh.ZtunnelLocal{PodUID: markup, State: markup, Inbound: []mesh.ZtunnelConnection{{Source: markup}}})
	for _, tab := range []string{TabWorkloads, TabServices, TabPolicies, TabCertificates, TabConnections} {
		doc := ztunnelDoc(t, tab, "", ZtunnelRead{Dump: d}) // holds it to the rules of all pages
		if n := doc.Find("script, img").Length(); n > 0 {
			t.Errorf("%s: %d elements come from names", tab, n)
		}
		if strings.ContainsAny(doc.Text(), "\u202e\x1b") {
			t.Errorf("%s: a control character is on the page", tab)
		}
	}
}

func TestAWorkloadWithoutServicesIsNotOneThatDoesNotSay(t *testing.T) {
	d := nodeDump()
	d.Workloads[1].Services = []string{"shop/orders.shop.svc.cluster.local"}
	more := uitest.Text(rowOf(ztunnelDoc(t, TabWorkloads, "", ZtunnelRead{Dump: d}), "web-1").Find(`td[data-label="More"]`))
	if strings.Contains(more, "not said") {
		t.Errorf("says %q", more)
	}
}
