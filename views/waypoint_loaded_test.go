package views

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis/drift"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views/uitest"
)

const loadedHost = "orders.shop.svc.cluster.local"

// loadedMesh has what some of loadedDump was made of.
func loadedMesh() *mesh.Snapshot {
	return mt.Mesh(
		mt.Namespace("shop", mt.Ambient), mt.Waypoint("shop", "w", mt.Replicas(2)), mt.Service("shop", "orders", mt.UseWaypoint("w")),
		mt.Pod("shop", "orders-1", mt.With(func(w *mesh.Workload) { w.IPs = []string{"10.1.0.1"} })),
		mt.Objects(
			&mesh.AuthorizationPolicy{Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "l7"}},
			&mesh.DestinationRule{Meta: mesh.Meta{Kind: "DestinationRule", Namespace: "shop", Name: "orders"}, Host: "orders"},
			&mesh.Route{Meta: mesh.Meta{Kind: "GRPCRoute", Namespace: "shop", Name: "grpc"}},
			&mesh.RequestAuthentication{
				Meta: mesh.Meta{Kind: "RequestAuthentication", Namespace: "shop", Name: "jwt"}, Rules: []mesh.JWTRule{{Issuer: "https://issuer.example"}},
				TargetRefs: []mesh.TargetRef{{Kind: "Service", Name: "orders", Namespace: "shop"}},
			},
		),
	)
}

func loadedCluster(subset string) mesh.EnvoyCluster {
	return mesh.EnvoyCluster{
		Name: "inbound-vip|80|http/" + subset + "|" + loadedHost, EnvoyName: mesh.EnvoyName{Direction: "inbound-vip", Port: 80, Protocol: "http", Subset: subset, Host: loadedHost},
		Type: "EDS", State: mesh.EnvoyActive, LB: "LEAST_REQUEST", ConnectTimeout: 10 * time.Second, Rule: mesh.Ref{Kind: "DestinationRule", Namespace: "shop", Name: "orders"},
	}
}

// loadedDump has something of each kind, and one of each thing that can be the
// matter.
func loadedDump() *mesh.EnvoyDump {
	v1, v2 := loadedCluster("v1"), loadedCluster("v2")
	v2.Rejected, v2.Rule.Name = "no such port", "deleted"
	none := time.Duration(0)
	policy := func(name string, rule int) mesh.EnvoyPolicyRule {
		return mesh.EnvoyPolicyRule{Policy: mesh.Ref{Kind: "AuthorizationPolicy", Namespace: "shop", Name: name}, Rule: rule}
	}
	chain := mesh.EnvoyChain{
		Name: "inbound-vip|80|http|" + loadedHost, EnvoyName: mesh.EnvoyName{Port: 80, Protocol: "http", Host: loadedHost}, Match: "to 10.96.0.5, port 80", RouteConfig: "cfg",
		HTTPFilters: []string{"envoy.filters.http.rbac", "envoy.filters.http.router"},
		RBAC:        []mesh.EnvoyRBAC{{Action: "DENY", Shadow: true, Policies: []mesh.EnvoyPolicyRule{policy("gone", 0)}}, {Action: "ALLOW", Policies: []mesh.EnvoyPolicyRule{policy("l7", 0), policy("l7", 1)}}},
		JWT:         []mesh.EnvoyJWTProvider{{Name: "origins-0", Issuer: "https://issuer.example", Optional: true}},
	}
	return &mesh.EnvoyDump{
		Pod: mesh.Ref{Kind: "Pod", Namespace: "shop", Name: "w-1"}, At: mt.Now.Add(-time.Minute), EnvoyVersion: "1.38.0",
		Listeners: []mesh.EnvoyListener{
			{Name: "main_internal", Address: "internal", State: mesh.EnvoyActive, Chains: []mesh.EnvoyChain{chain, {Name: "closed", RBAC: []mesh.EnvoyRBAC{{Action: "ALLOW"}}, Cluster: v1.Name}}},
			{Name: "refused", Rejected: "duplicate chain"},
		},
		Routes: []mesh.EnvoyRoute{
			{Listener: "main_internal", Chain: chain.Name, Config: "cfg", VirtualHost: "x", Match: "path is /a", Owner: mesh.Ref{Kind: "HTTPRoute", Namespace: "shop", Name: "grpc"}, Clusters: []mesh.EnvoyWeightedCluster{{Name: v1.Name, Weight: 3}, {Name: v2.Name, Weight: 1}}, Timeout: &none, Retries: 2, RetryOn: defaultRetryOn, Fault: "10% aborted with 503"},
			{Listener: "main_internal", Chain: chain.Name, Config: "cfg", VirtualHost: "x", Match: "any path", Owner: mesh.Ref{Kind: "VirtualService", Namespace: "shop", Name: "deleted"}, Clusters: []mesh.EnvoyWeightedCluster{{Name: "lost"}}},
			{Config: "cfg", VirtualHost: "x", Match: "any path", Draining: true, Redirect: "to /new"},
		},
		Clusters: []mesh.EnvoyCluster{v1, v2, {Name: "connect_originate", Type: "ORIGINAL_DST", State: mesh.EnvoyStatic}},
		Endpoints: []mesh.EnvoyEndpoint{
			{Cluster: v1.Name, Address: "10.1.0.1:8080", Tunnel: "connect_originate", Health: "HEALTHY", Requests: 7, Errors: 1, CountersKnown: true},
			{Cluster: v1.Name, Address: "10.1.0.2:8080", Workload: "shop/gone", Health: "HEALTHY", Flags: []string{mesh.EnvoyOutlierFlag}, CountersKnown: true},
			{Cluster: v1.Name, Address: "10.1.0.3:8080", Health: "UNHEALTHY"},
		},
		Secrets: []mesh.EnvoySecret{
			{Name: "default", Type: "certificate", State: mesh.EnvoyActive, Identity: "spiffe://cluster.local/ns/shop/sa/w", Chain: []mesh.Certificate{{Serial: "255", NotBefore: mt.Now.Add(-time.Hour), NotAfter: mt.Now.Add(-2 * time.Minute)}, {Serial: "16", NotBefore: mt.Now.Add(-time.Hour), NotAfter: mt.Now.Add(time.Hour)}}},
			{Name: "waiting", Type: "certificate", State: mesh.EnvoyWarming},
		},
	}
}

func loadedPairs() []drift.Pair {
	service := mesh.Ref{Kind: "Service", Namespace: "shop", Name: "orders"}
	return []drift.Pair{
		{Object: service, Part: drift.PartListener, Name: "port 80", Declared: "HTTP", Loaded: "HTTP", State: drift.PairSame},
		{Object: service, Part: drift.PartRoute, Name: "port 80", Declared: "any path", State: drift.PairDiffers},
		{Object: service, Part: drift.PartCluster, Name: "port 80", Loaded: "all pods", State: drift.PairUnknown, Why: "DestinationRules may not be read."},
	}
}

func allLoaded() Loaded {
	d := loadedDump()
	return Loaded{Read: EnvoyRead{Pod: d.Pod, Dump: d}, Pairs: loadedPairs()}
}

var loadedTabs = []string{TabDeclared, TabListeners, TabRoutes, TabClusters, TabEndpoints, TabSecrets}

func loadedDoc(t *testing.T, tab, parameters string, l Loaded) *goquery.Document {
	t.Helper()
	r := assess(loadedMesh())
	return checked(t, LoadedContent(NewLoaded(r, r.Snap.Waypoint("shop", "w"), tab, l, asked(t, parameters))))
}

func TestLoadedListsSayWhatTheDumpSays(t *testing.T) {
	tests := map[string]struct {
		tab        string
		row        int
		label, has string
	}{
		"a dry run is said":                                  {TabListeners, 0, "Authorization", "DENY (dry run) shop/gone rule 0 (not in the API)"},
		"rules of a policy are one line":                     {TabListeners, 0, "Authorization", "ALLOW shop/l7 rule 0, 1"},
		"an ALLOW without rules lets nobody in":              {TabListeners, 1, "Authorization", "ALLOW nothing refuses every request"},
		"a token that may stay away, and who asks":           {TabListeners, 0, "Tokens", "optional https://issuer.example by shop/jwt"},
		"a chain leads to its routes":                        {TabListeners, 0, "Destination", "2 routes"},
		"a TCP chain leads to its cluster":                   {TabListeners, 1, "Destination", "shop/orders:80 subset v1"},
		"weights are percent":                                {TabRoutes, 0, "Destination", "75 % shop/orders:80 subset v1 25 % shop/orders:80 subset v2"},
		"a GRPCRoute is called by its kind":                  {TabRoutes, 0, "Made by", "GRPCRoute shop/grpc"},
		"an owner that was deleted is said":                  {TabRoutes, 1, "Made by", "VirtualService shop/deleted not in the API"},
		"a cluster that is not loaded is said":               {TabRoutes, 1, "Destination", "lost not loaded, so that requests fail (NC): lost"},
		"no timeout is not the default one":                  {TabRoutes, 0, "Timeout", "none"},
		"the default timeout":                                {TabRoutes, 1, "Timeout", "15s Envoy's default"},
		"what Istio retries by itself":                       {TabRoutes, 0, "Retries", "2 Istio's default"},
		"a fault":                                            {TabRoutes, 0, "Fault", "10% aborted with 503"},
		"the second route comes second":                      {TabRoutes, 1, "Order", "2"},
		"a redirect goes nowhere else":                       {TabRoutes, 2, "Destination", "redirect to /new"},
		"a subset":                                           {TabClusters, 0, "Subset", "v1"},
		"endpoints that get requests, of all":                {TabClusters, 0, "Endpoints", "1/3"},
		"a cluster without an endpoint answers 503":          {TabClusters, 1, "Endpoints", "0/0 requests fail with 503 UH"},
		"one that makes its endpoints needs none":            {TabClusters, 2, "Endpoints", "0 made for each call"},
		"a DestinationRule":                                  {TabClusters, 0, "DestinationRule", "DestinationRule shop/orders"},
		"the pod behind an address":                          {TabEndpoints, 0, "Pod", "shop/orders-1"},
		"istiod's label for a pod that is gone":              {TabEndpoints, 1, "Pod", "shop/gone by istiod; no pod known here has the address"},
		"an ejected endpoint":                                {TabEndpoints, 1, "Outlier check", "FAILED ejected"},
		"without its host's status an ejection is not known": {TabEndpoints, 2, "Outlier check", "unknown"},
		"neither are the counters":                           {TabEndpoints, 2, "Requests", "unknown"},
		"counters":                                           {TabEndpoints, 0, "Errors", "1"},
		"what leaves without HBONE":                          {TabEndpoints, 1, "More", "Sent: directly, not in HBONE"},
		"a certificate that is over":                         {TabSecrets, 0, "Valid cert", "no"},
		"its serial number in hexadecimal":                   {TabSecrets, 0, "Serial number", "ff"},
		"the place in its chain":                             {TabSecrets, 1, "Type", "Cert Chain, intermediate"},
		"a secret that is waited for":                        {TabSecrets, 2, "Status", "WARMING asked for and not there yet"},
		"what differs comes first":                           {TabDeclared, 0, "State", "differs"},
		"what is not loaded is said":                         {TabDeclared, 0, "Loaded", "not loaded"},
		"a side that could not be read is unknown":           {TabDeclared, 1, "Declared", "unknown"},
		"and why": {TabDeclared, 1, "State", "unknown DestinationRules may not be read."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cell := loadedDoc(t, tt.tab, "", allLoaded()).Find("tbody tr").Eq(tt.row).Find(`td[data-label="` + tt.label + `"]`)
			cell.Find("li").PrependHtml(" ")
			if got := lines(cell); !strings.Contains(got, tt.has) {
				t.Errorf("got %q, want %q in it", got, tt.has)
			}
		})
	}
}

func TestLoadedRowsLeadToTheirObjects(t *testing.T) {
	tests := map[string]struct {
		tab  string
		want []string
	}{
		"a chain":         {TabListeners, []string{"/services/shop/orders", "/waypoints/shop/w/routes?", "/policies/authorizationpolicy/shop/l7", "/policies/requestauthentication/shop/jwt"}},
		"a route":         {TabRoutes, []string{"/services/shop/orders/routes?port=80", "/waypoints/shop/w/clusters?"}},
		"a cluster":       {TabClusters, []string{"/services/shop/orders", "/services/shop/orders/routes?port=80", "/waypoints/shop/w/endpoints?"}},
		"an endpoint":     {TabEndpoints, []string{"/workloads/shop/orders-1", "/waypoints/shop/w/clusters?"}},
		"what differs":    {TabDeclared, []string{"/services/shop/orders"}},
		"another replica": {TabSecrets, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			doc := loadedDoc(t, tt.tab, "pod=w-1", allLoaded())
			links := doc.Find("tbody tr").First().Find("a").Map(func(_ int, a *goquery.Selection) string { return a.AttrOr("href", "") })
			for _, want := range tt.want {
				if !slices.ContainsFunc(links, func(l string) bool { return strings.HasPrefix(l, want) }) {
					t.Errorf("nothing leads to %s, but to %q", want, links)
				}
			}
			if got := doc.Find(".ports a").Length(); got != 2 {
				t.Errorf("%d replicas can be chosen", got)
			}
		})
	}
}

func TestLoadedFilters(t *testing.T) {
	tests := map[string]struct {
		tab, parameters string
		rows            int
	}{
		"chains by policy":               {TabListeners, "q=policy:l7", 1},
		"chains of a service":            {TabListeners, "q=service:orders", 1},
		"listeners that were refused":    {TabListeners, "q=state:rejected", 1},
		"by issuer":                      {TabListeners, "q=issuer:*example", 1},
		"routes by owner":                {TabRoutes, "q=owner:grpc", 1},
		"routes that only drain":         {TabRoutes, "q=state:draining", 1},
		"routes with a fault":            {TabRoutes, "q=-fault:none", 1},
		"clusters by subset":             {TabClusters, "q=subset:v2", 1},
		"clusters by scope and no one's": {TabClusters, "ns=other", 1},
		"clusters without endpoints":     {TabClusters, "q=endpoints:none", 2},
		"endpoints that were ejected":    {TabEndpoints, "q=outlier:failed", 1},
		"endpoints by pod":               {TabEndpoints, "q=pod:orders-1", 1},
		"endpoints by address":           {TabEndpoints, "q=address:10.1.0.2", 1},
		"certificates that are over":     {TabSecrets, "q=valid:no", 1},
		"differences":                    {TabDeclared, "q=state:differs", 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := loadedDoc(t, tt.tab, tt.parameters, allLoaded()).Find("tbody tr").Length(); got != tt.rows {
				t.Errorf("%d rows, want %d", got, tt.rows)
			}
		})
	}
}

// Whatever an entry's link filters by must find the entry, and it alone.
func TestLoadedEntryLinksFindTheirRow(t *testing.T) {
	r, l := assess(loadedMesh()), allLoaded()
	w := r.Snap.Waypoint("shop", "w")
	for _, tab := range loadedTabs {
		for _, row := range NewLoadedList(r, w, tab, l, Query{}, 0).Rows {
			found := NewLoadedList(r, w, tab, l, Query{Text: row.only, Filter: ParseFilter(row.only)}, 0)
			if len(found.Rows) != 1 || found.Rows[0].ID != row.ID {
				t.Errorf("%s: %s finds %d rows", tab, row.only, len(found.Rows))
			}
		}
	}
}

func TestLoadedExportsHaveEveryColumnOfIstioctl(t *testing.T) {
	want := map[string][]string{
		TabListeners: {"listener", "chain", "address", "match", "destination"},
		TabRoutes:    {"name", "config", "vhost", "domains", "match", "owner"},
		TabClusters:  {"fqdn", "port", "subset", "direction", "type", "rule"},
		TabEndpoints: {"endpoint", "status", "outlier", "clusterName"},
		TabSecrets:   {"name", "type", "status", "valid", "serial", "notAfter", "notBefore"},
	}
	r := assess(loadedMesh())
	for tab, columns := range want {
		list := NewLoadedList(r, r.Snap.Waypoint("shop", "w"), tab, allLoaded(), Query{}, 0)
		var buf bytes.Buffer
		if err := list.WriteCSV(&buf); err != nil {
			t.Fatal(err)
		}
		records, err := csv.NewReader(&buf).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if len(records) != len(list.Rows)+1 {
			t.Errorf("%s: %d records for %d rows", tab, len(records), len(list.Rows))
		}
		for _, c := range columns {
			if !slices.Contains(records[0], c) {
				t.Errorf("%s has no column %s among %q", tab, c, records[0])
			}
		}
	}
}

func TestLoadedEntryIsUnderEnvoysKeys(t *testing.T) {
	doc := loadedDoc(t, TabRoutes, "q=owner:grpc", allLoaded())
	var entry struct {
		VirtualHost string `json:"virtual_host"`
		Route       struct {
			Weighted struct {
				Clusters []struct {
					Name   string
					Weight int
				}
			} `json:"weighted_clusters"`
			Timeout string
			Retry   struct {
				Num int `json:"num_retries"`
			} `json:"retry_policy"`
		}
	}
	if err := json.Unmarshal([]byte(doc.Find("details.entry pre").Text()), &entry); err != nil {
		t.Fatal(err)
	}
	if len(entry.Route.Weighted.Clusters) != 2 || entry.Route.Timeout != "0s" || entry.Route.Retry.Num != 2 || entry.VirtualHost != "x" {
		t.Errorf("the entry is %+v", entry)
	}
}

func TestUnreadEnvoysSayWhy(t *testing.T) {
	tests := map[string]struct {
		why    ReadFailure
		detail string
		want   string
		state  mesh.SourceState
	}{
		"not wired":     {ReadUnwired, "", "Proxies are not read here", mesh.SourceAbsent},
		"forbidden":     {ReadForbidden, "create pods/portforward in shop", "Missing right: create pods/portforward in shop. This is not the same as none: what depends on it is undetermined.Bind the role in deploy/rbac/proxies.yaml", mesh.SourceForbidden},
		"no pod":        {ReadAbsent, "No pod of this waypoint exists.", "No pod of this waypoint exists.", mesh.SourceAbsent},
		"timed out":     {ReadTimedOut, "", "did not answer in time", mesh.SourceDown},
		"not decoded":   {ReadMalformed, "unexpected {", "could not be decoded", mesh.SourceDown},
		"anything else": {ReadFailed, "connection refused", "connection refused", mesh.SourceDown},
		"no reason":     {"", "", "could not be read", mesh.SourceDown},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			read := EnvoyRead{Failure: tt.why, Detail: tt.detail}
			doc := loadedDoc(t, TabRoutes, "ns=shop", Loaded{Read: read})
			if got := uitest.Text(doc.Find(".state")); !strings.Contains(got, tt.want) {
				t.Errorf("says %q, want %q in it", got, tt.want)
			}
			if doc.Find("table").Length() > 0 {
				t.Error("there is a table of what is unknown")
			}
			if got := doc.Find(".state a").AttrOr("href", ""); got != "/waypoints/shop/w/routes?fresh=1&ns=shop" {
				t.Errorf("reading again is at %q", got)
			}
			if read.State() != tt.state || read.Words() == "" {
				t.Errorf("its source is %s: %q", read.State(), read.Words())
			}
		})
	}
}

func TestPartsThatWereNotDecodedAreCounted(t *testing.T) {
	l := allLoaded()
	l.Read.Dump.Skipped = map[string]int{"filter of type x is unknown": 3, "counters: too late": 1}
	if got := uitest.Text(loadedDoc(t, TabClusters, "", l).Find(".panel")); !strings.Contains(got, "filter of type x is unknown (3 times)") || !strings.Contains(got, "counters: too late") {
		t.Errorf("says %q", got)
	}
	if l.Read.State() != mesh.SourcePartial {
		t.Errorf("its source is %s", l.Read.State())
	}
}

func TestHostileEnvoysStayText(t *testing.T) {
	markup := `"><script>alert(1)</script><img src=x onerror=alert(1)>` + "\u202e\x1b"
	name := mesh.EnvoyName{Host: markup, Subset: markup}
	ref := mesh.Ref{Kind: markup, Namespace: "../..", Name: markup}
	d := &mesh.EnvoyDump{
		Listeners: []mesh.EnvoyListener{{Name: markup, Address: markup, Rejected: markup, Chains: []mesh.EnvoyChain{{Name: markup, EnvoyName: name, Match: markup, RouteConfig: markup, Filters: []string{markup}, RBAC: []mesh.EnvoyRBAC{{Action: markup, Policies: []mesh.EnvoyPolicyRule{{Policy: ref, Name: markup, Provider: markup}}}}, JWT: []mesh.EnvoyJWTProvider{{Issuer: markup}}}}}},
		Routes:    []mesh.EnvoyRoute{{Config: markup, Match: markup, Owner: ref, Clusters: []mesh.EnvoyWeightedCluster{{Name: markup}}, Fault: markup, Mirrors: []mesh.EnvoyMirror{{Cluster: markup, Share: markup}}, RetryOn: markup}},
		Clusters:  []mesh.EnvoyCluster{{Name: markup, EnvoyName: name, Rule: ref, Type: markup, Thresholds: markup, Rejected: markup}, {Name: markup}},
		Endpoints: []mesh.EnvoyEndpoint{{Cluster: markup, Address: markup, Workload: markup, Health: markup, Flags: []string{markup}, Tunnel: markup}},
		Secrets:   []mesh.EnvoySecret{{Name: markup, Type: markup, Identity: markup, Chain: []mesh.Certificate{{Serial: markup, Subject: markup}}}},
		Skipped:   map[string]int{markup: 1},
	}
	pairs := []drift.Pair{{Object: ref, Part: drift.Part(markup), Name: markup, Declared: markup, Loaded: markup, State: drift.PairState(markup), Why: markup}}
	for _, tab := range loadedTabs {
		doc := loadedDoc(t, tab, "", Loaded{Read: EnvoyRead{Pod: ref, Dump: d}, Pairs: pairs}) // holds it to the rules of all pages
		if n := doc.Find("script, img").Length(); n > 0 {
			t.Errorf("%s: %d elements come from names", tab, n)
		}
		if strings.ContainsAny(doc.Text(), "\u202e\x1b") {
			t.Errorf("%s: a control character is on the page", tab)
		}
	}
}

func TestSyncSaysWhatEachReplicaTook(t *testing.T) {
	typ := func(name, sent, acked, refused string) mesh.TypeSync {
		return mesh.TypeSync{URL: "type.googleapis.com/x." + name, Sent: sent, Acked: acked, LastError: refused}
	}
	said := &mesh.SyncEvidence{Meta: mesh.Meta{Name: "istiod-1"}, At: mt.Now, Proxies: []mesh.ProxySync{{
		Proxy: mesh.Ref{Kind: "Pod", Namespace: "shop", Name: "w-1"}, Types: []mesh.TypeSync{typ("Cluster", "2", "2", ""), typ("Listener", "3", "2", "bad chain"), typ("Route", "4", "3", "")},
	}}}
	istiod := mesh.Ref{Kind: "Pod", Namespace: "istio-system", Name: "istiod-1"}
	states := func(reads ...SyncRead) []string {
		r := assess(mt.Mesh(mt.Namespace("shop", mt.Ambient), mt.Waypoint("shop", "w", mt.Replicas(2))))
		doc := checked(t, SyncContent(NewSync(r, r.Snap.Waypoint("shop", "w"), reads, Query{})))
		return doc.Find("tbody tr").Map(func(_ int, row *goquery.Selection) string {
			return uitest.Text(row.Find("th")) + " " + uitest.Text(row.Find(`td[data-label="Type"]`)) + " " + uitest.Text(row.Find(`td[data-label="State"] > span`))
		})
	}
	tests := map[string]struct {
		reads []SyncRead
		want  []string
	}{
		"every istiod was read":                       {[]SyncRead{{Istiod: istiod, Evidence: said}}, []string{"w-1 Cluster synced", "w-1 Listener rejected", "w-1 Route waiting", "w-2 none disconnected"}},
		"one was not, and may have the other replica": {[]SyncRead{{Istiod: istiod, Evidence: said}, {Istiod: istiod, Failure: ReadForbidden, Detail: "create pods/portforward in istio-system"}}, []string{"w-1 Cluster synced", "w-1 Listener rejected", "w-1 Route waiting", "w-2 none unknown"}},
		"none was read":                               {[]SyncRead{{Istiod: istiod, Failure: ReadFailed}}, []string{"w-1 none unknown", "w-2 none unknown"}},
		"none is known":                               {nil, []string{"w-1 none unknown", "w-2 none unknown"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, states(tt.reads...)); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

// BenchmarkLoadedTable is what a table takes of an Envoy with 4,000 services.
func BenchmarkLoadedTable(b *testing.B) {
	d := &mesh.EnvoyDump{Pod: mesh.Ref{Kind: "Pod", Namespace: "shop", Name: "w-1"}, At: mt.Now}
	for i := range 4000 {
		host := fmt.Sprintf("s-%d.shop.svc.cluster.local", i)
		c := mesh.EnvoyCluster{Name: "inbound-vip|80|http|" + host, EnvoyName: mesh.EnvoyName{Direction: "inbound-vip", Port: 80, Protocol: "http", Host: host}, Type: "EDS", State: mesh.EnvoyActive}
		d.Clusters = append(d.Clusters, c)
		for j := range 5 {
			d.Endpoints = append(d.Endpoints, mesh.EnvoyEndpoint{Cluster: c.Name, Address: fmt.Sprintf("10.%d.%d.%d:8080", j, i>>8, i&255), Health: "HEALTHY", CountersKnown: true})
		}
	}
	r := assess(loadedMesh())
	w, l := r.Snap.Waypoint("shop", "w"), Loaded{Read: EnvoyRead{Pod: d.Pod, Dump: d}}
	for name, of := range map[string]struct{ tab, text string }{"endpoints of a service": {TabEndpoints, "service:s-7"}, "clusters by text": {TabClusters, "s-1999"}, "all clusters": {TabClusters, ""}} {
		b.Run(name, func(b *testing.B) {
			q := Query{Text: of.text, Filter: ParseFilter(of.text)}
			b.ReportAllocs()
			for b.Loop() {
				if err := LoadedContent(NewLoaded(r, w, of.tab, l, q)).Render(b.Context(), &bytes.Buffer{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
