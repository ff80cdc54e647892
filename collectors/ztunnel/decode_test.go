package ztunnel

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
)

func decode(t *testing.T, dump string) *mesh.ZtunnelDump {
	t.Helper()
	d, err := Decode(strings.NewReader(dump), "node-a", mesh.Ref{Kind: "Pod", Namespace: "istio-system", Name: "ztunnel-x"}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestWorkloadDefaultsAreFilledIn(t *testing.T) {
	got := decode(t, `{"workloads":[{"uid":"Kubernetes//Pod/a/b","name":"b","namespace":"a","workloadIps":["10.0.0.1"]}]}`).Workloads
	want := []*mesh.ZtunnelWorkload{{
		UID: "Kubernetes//Pod/a/b", Name: "b", Namespace: "a", IPs: []string{"10.0.0.1"},
		Protocol: "TCP", NetworkMode: "Standard", TrustDomain: "cluster.local", ServiceAccount: "default", Status: "Healthy",
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDestinationsOfWaypoints(t *testing.T) {
	tests := []struct {
		words, json string
		want        mesh.ZtunnelDestination
	}{
		{"an address, the network empty", `{"destination":"/10.96.1.1","hboneMtlsPort":15008}`, mesh.ZtunnelDestination{Address: "10.96.1.1", Port: 15008}},
		{"an address in a network", `{"destination":"n1/10.96.1.1","hboneMtlsPort":15008}`, mesh.ZtunnelDestination{Network: "n1", Address: "10.96.1.1", Port: 15008}},
		{"an IPv6 address", `{"destination":"/fd00::1","hboneMtlsPort":15008}`, mesh.ZtunnelDestination{Address: "fd00::1", Port: 15008}},
		{"a host in a namespace", `{"destination":"shop/wp.shop.svc.cluster.local","hboneMtlsPort":15008}`, mesh.ZtunnelDestination{Namespace: "shop", Hostname: "wp.shop.svc.cluster.local", Port: 15008}},
		{"the port's name in 1.22", `{"destination":"/10.96.1.1","port":15008}`, mesh.ZtunnelDestination{Address: "10.96.1.1", Port: 15008}},
	}
	for _, tt := range tests {
		t.Run(tt.words, func(t *testing.T) {
			d := decode(t, `{"services":[{"name":"s","namespace":"shop","waypoint":`+tt.json+`}]}`)
			if diff := cmp.Diff(&tt.want, d.Services[0].Waypoint); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestObjectFormOf122ListsEachWorkloadOnce(t *testing.T) {
	d := decode(t, `{"workloads":{
		"/10.0.0.1":{"uid":"u","name":"b","namespace":"a","workloadIps":["10.0.0.1","fd00::1"]},
		"/fd00::1":{"uid":"u","name":"b","namespace":"a","workloadIps":["10.0.0.1","fd00::1"]},
		"/10.0.0.2":{"uid":"v","name":"c","namespace":"a","workloadIps":["10.0.0.2"]}},
		"services":{"/10.96.0.1":{"name":"s","namespace":"a","hostname":"s.a","vips":["/10.96.0.1"],"ports":{"80":8080},
			"endpoints":{"u:/10.0.0.1":{"workloadUid":"u","service":{},"address":{},"port":{"80":8080}}}}},
		"policies":{"a/p":{"name":"p","namespace":"a","scope":"Namespace","action":"Allow","rules":[]}}}`)
	if len(d.Workloads) != 2 || len(d.Services) != 1 || len(d.Policies) != 1 {
		t.Fatalf("%d workloads, %d services, %d policies", len(d.Workloads), len(d.Services), len(d.Policies))
	}
	if diff := cmp.Diff([]mesh.ZtunnelEndpoint{{WorkloadUID: "u", Ports: map[uint16]uint16{80: 8080}}}, d.Services[0].Endpoints); diff != "" {
		t.Error(diff)
	}
}

func TestCIDRVIPsInBothForms(t *testing.T) {
	d := decode(t, `{"services":[{"name":"s","cidrVips":[{"network":"n","cidr":"240.0.0.0/16"},"n/241.0.0.0/16"]}]}`)
	if diff := cmp.Diff([]string{"n/240.0.0.0/16", "n/241.0.0.0/16"}, d.Services[0].CIDRVIPs); diff != "" {
		t.Error(diff)
	}
}

func TestWeightedWaypointsKeepTheirShares(t *testing.T) {
	d := decode(t, `{"services":[{"name":"s","weightedWaypoints":[
		{"destination":{"destination":"/10.0.0.1","hboneMtlsPort":15008},"weight":90},
		{"destination":{"destination":"/10.0.0.2","hboneMtlsPort":15008},"weight":10}]}]}`)
	got := d.Services[0].Weighted
	if len(got) != 2 || got[0].Weight != 90 || got[1].Address != "10.0.0.2" {
		t.Errorf("%+v", got)
	}
}

func TestPolicyRulesKeepTheirThreeLevelsAndEmptyMatches(t *testing.T) {
	d := decode(t, `{"policies":[{"name":"p","namespace":"a","scope":"WorkloadSelector","action":"Deny","dryRun":true,"rules":[
		[[{"principals":[{"Exact":"td/ns/a/sa/b"},{"Prefix":"td/"},{"Suffix":"/sa/c"},{"Presence":[]}],"destinationPorts":[8080]}],[{}]],
		[]]}, {"name":"none","namespace":"a","scope":"Global","action":"Allow","rules":[]},
		{"name":"accounts","namespace":"a","scope":"Global","action":"Allow","rules":[[[{"serviceAccounts":[{"namespace":"x","serviceAccount":"y"}],"notPrincipals":[{"Presence":null}]}]]]}]}`)
	want := []mesh.ZtunnelPolicy{
		{Name: "p", Namespace: "a", Scope: "WorkloadSelector", Action: "Deny", DryRun: true, Rules: []mesh.ZtunnelRule{
			{{{"principals": {"td/ns/a/sa/b", "td/*", "*/sa/c", "*"}, "destinationPorts": {"8080"}}}, {{}}},
			{},
		}},
		{Name: "none", Namespace: "a", Scope: "Global", Action: "Allow", Rules: []mesh.ZtunnelRule{}},
		{Name: "accounts", Namespace: "a", Scope: "Global", Action: "Allow", Rules: []mesh.ZtunnelRule{{{{"serviceAccounts": {"x/y"}, "notPrincipals": {"*"}}}}}},
	}
	if diff := cmp.Diff(want, d.Policies); diff != "" {
		t.Error(diff)
	}
}

func TestCertificateStatesAndRoots(t *testing.T) {
	d := decode(t, `{"certificates":[
		{"identity":"spiffe://td/ns/a/sa/b","state":"Available","certChain":[{"pem":"x","serialNumber":"7","validFrom":"2026-11-23T08:00:00Z","expirationTime":"2026-11-24T08:00:00Z"}],"rootCerts":[{"pem":"x","serialNumber":"1","expirationTime":"2036-11-23T08:00:00Z"}]},
		{"identity":"spiffe://td/ns/a/sa/c","state":"Unavailable: signing gRPC error (PermissionDenied): no","certChain":[]},
		{"identity":"spiffe://td/ns/a/sa/d","state":"Initializing"},
		{"identity":"spiffe://td/ns/a/sa/e","state":"Available","certChain":[{"serialNumber":"2"},{"serialNumber":"3"}]}]}`)
	if c := d.Certificates[0]; c.State != "Available" || len(c.Chain) != 1 || len(c.Roots) != 1 || c.Chain[0].NotAfter.Day() != 24 {
		t.Errorf("available: %+v", c)
	}
	if c := d.Certificates[1]; c.State != "Unavailable" || c.Reason != "signing gRPC error (PermissionDenied): no" {
		t.Errorf("unavailable: %+v", c)
	}
	if c := d.Certificates[2]; c.State != "Initializing" || c.Reason != "" {
		t.Errorf("initializing: %+v", c)
	}
	if c := d.Certificates[3]; len(c.Chain) != 1 || len(c.Roots) != 1 || c.Roots[0].Serial != "3" {
		t.Errorf("before 1.26 the root closes the chain: %+v", c)
	}
}

func TestPodsOfTheNodeAndThatThereIsNoSuchList(t *testing.T) {
	d := decode(t, `{"workloadState":{"uid-1":{"state":"Up","info":{"name":"web","namespace":"shop","serviceAccount":"web"},
		"connections":{"inbound":[{"src":"10.0.0.1:5","originalDst":null,"actualDst":"10.0.0.2:80","protocol":"HBONE"}],"outbound":[]}},"uid-2":{"state":"Pending"}}}`)
	if !d.LocalKnown || len(d.Local) != 2 || d.Local[0].PodUID != "uid-1" || len(d.Local[0].Inbound) != 1 || d.Local[1].State != "Pending" {
		t.Errorf("%+v", d.Local)
	}
	if d := decode(t, `{"workloads":[]}`); d.LocalKnown {
		t.Error("a dump without workloadState claims to know the node's pods")
	}
	if d := decode(t, `{"workloadState":{"uid-1":{"state":"Up"},"uid-2":{"state":7}}}`); d.LocalKnown || len(d.Local) != 1 {
		t.Errorf("with a pod that could not be read the list claims to be whole: %+v", d.Local)
	}
}

func TestOneWrongEntryCostsThatEntryAndIsCounted(t *testing.T) {
	d := decode(t, `{"unknownKey":{"deep":[1,2]},"workloads":[{"name":"a"},{"name":7},"text",{"name":"b"}],"services":[{"name":"s","ports":{"80":"x"}}],"policies":"text","certificates":null}`)
	if len(d.Workloads) != 2 || d.Skipped != 4 || d.FirstSkipped != "workloads: /workloads/1/name is a number and not text" {
		t.Errorf("%d workloads, %d skipped, first %q", len(d.Workloads), d.Skipped, d.FirstSkipped)
	}
}

func TestUnknownValuesAreKeptAsText(t *testing.T) {
	d := decode(t, `{"workloads":[{"name":"a","protocol":"QUIC","networkMode":"Other"}],"policies":[{"name":"p","scope":"Galaxy","action":"Ask","rules":[[[{"weather":["rain"],"principals":[{"Regex":"a.*"}]}]]]}]}`)
	if w := d.Workloads[0]; w.Protocol != "QUIC" || w.NetworkMode != "Other" {
		t.Errorf("%+v", w)
	}
	want := mesh.ZtunnelMatch{"weather": {"rain"}, "principals": {mesh.ZtunnelUnknown(`Regex "a.*"`)}}
	if diff := cmp.Diff(want, d.Policies[0].Rules[0][0][0]); diff != "" {
		t.Error(diff)
	}
}

func TestConfigKeepsScalars(t *testing.T) {
	d := decode(t, `{"config":{"clusterId":"Kubernetes","dnsProxy":true,"frameSize":1048576,"adminAddr":{"Localhost":[true,15000]}},"version":{"version":"1.31.0","gitRevision":"abc","istioVersion":"1.31.0"}}`)
	if diff := cmp.Diff(map[string]string{"clusterId": "Kubernetes", "dnsProxy": "true", "frameSize": "1048576"}, d.Config); diff != "" {
		t.Error(diff)
	}
	if d.Version.IstioVersion != "1.31.0" {
		t.Errorf("%+v", d.Version)
	}
}

func TestBrokenDumpsAreErrors(t *testing.T) {
	for words, dump := range map[string]string{
		"nothing":              ``,
		"a list":               `[1]`,
		"text":                 `not ready`,
		"cut off in an entry":  `{"workloads":[{"name":"a"`,
		"cut off in a list":    `{"workloads":[{"name":"a"}`,
		"nested beyond reason": `{"config":` + strings.Repeat("[", 100000),
	} {
		if _, err := Decode(strings.NewReader(dump), "", mesh.Ref{}, time.Time{}); err == nil {
			t.Errorf("%s is decoded", words)
		}
	}
}

// endless never ends a list of workloads.
type endless struct{ begun bool }

func (e *endless) Read(p []byte) (int, error) {
	entry := strings.Repeat(" ", 1<<16)
	if !e.begun {
		e.begun = true
		entry = `{"workloads":[`
	}
	return copy(p, entry), nil
}

func TestDumpWithoutEndIsRefused(t *testing.T) {
	if err := walk(&endless{}, Visitor{Workload: func(*mesh.ZtunnelWorkload) {}}, 1<<20, maxKept); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"workloads":[{"name":"a","waypoint":{"destination":"/10.0.0.1"}}],"services":{"k":{"cidrVips":["a/b",{}]}},"policies":[{"rules":[[[{"principals":[{"Presence":[]}]}]]]}],"certificates":[{"state":"Unavailable: x","certChain":[{"pem":"LS0t"}]}],"workloadState":{"u":{"connections":{"inbound":[{}]}}},"version":{},"config":{"a":1}}`))
	f.Add([]byte(`{"workloads":`))
	f.Add([]byte(`{"workloads":{"/10.0.0.1":{"uid":"a","workloadName":"\u0061","capacity":1e9,"services":[7]},"\ud800":{"uid":"\\"}},"services":[{"ports":{"80":1,"x":2},"endpoints":{"u":{"port":{"80":70000}},"v":null},"weightedWaypoints":[{"weight":1,"destination":{"destination":"a/b","port":1}}]}],"certificates":[{"certChain":[{"validFrom":"9999-12-31T23:59:59-01:00","expirationTime":"0000-01-01T00:00:00+24:00"}]}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := Decode(bytes.NewReader(raw), "n", mesh.Ref{}, time.Time{})
		if (d == nil) == (err == nil) {
			t.Fatalf("dump %v with error %v", d, err)
		}
		if d == nil {
			return
		}
		if d.Skipped == 0 != (d.FirstSkipped == "") {
			t.Errorf("%d skipped, the first %q", d.Skipped, d.FirstSkipped)
		}
		// What is no text in the dump, and no time, must not reach whoever writes
		// what was decoded.
		if _, err := json.Marshal(d); err != nil {
			t.Error(err)
		}
	})
}
