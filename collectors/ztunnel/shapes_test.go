package ztunnel

import (
	"crypto/ed25519"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
)

// What each release writes otherwise than the others (istio.md A.4 to A.9).

func TestWorkloadsOfEveryRelease(t *testing.T) {
	base := func(change func(*mesh.ZtunnelWorkload)) mesh.ZtunnelWorkload {
		w := mesh.ZtunnelWorkload{UID: "K//Pod/a/b", Name: "b", Namespace: "a", Protocol: "TCP", NetworkMode: "Standard", TrustDomain: "cluster.local", ServiceAccount: "default", Status: "Healthy"}
		change(&w)
		return w
	}
	for _, tt := range []struct {
		words, fields string
		want          mesh.ZtunnelWorkload
	}{
		{
			"1.22: a waypoint with port, a gateway address, no services", `"waypoint":{"destination":"n/10.0.0.9","port":15008},"gatewayAddress":{"destination":"n/10.0.0.8","port":15008},"protocol":"HBONE"`,
			base(func(w *mesh.ZtunnelWorkload) {
				w.Protocol, w.Waypoint = "HBONE", &mesh.ZtunnelDestination{Network: "n", Address: "10.0.0.9", Port: 15008}
			}),
		},
		{
			"1.22: a waypoint with hboneSingleTlsPort beside its port", `"waypoint":{"destination":"/10.0.0.9","hboneMtlsPort":15008,"hboneSingleTlsPort":15003}`,
			base(func(w *mesh.ZtunnelWorkload) { w.Waypoint = &mesh.ZtunnelDestination{Address: "10.0.0.9", Port: 15008} }),
		},
		{"a type of older releases", `"workloadType":"cronjob","workloadName":"nightly"`, base(func(w *mesh.ZtunnelWorkload) { w.WorkloadType, w.WorkloadName = "cronjob", "nightly" })},
		{"1.24: services and a network mode", `"services":["a/b.a"],"networkMode":"HostNetwork"`, base(func(w *mesh.ZtunnelWorkload) { w.Services, w.NetworkMode = []string{"a/b.a"}, "HostNetwork" })},
		{"1.24: a workload of no service says so", `"services":[]`, base(func(w *mesh.ZtunnelWorkload) { w.Services = []string{} })},
		{"1.26: a capacity", `"capacity":7`, base(func(w *mesh.ZtunnelWorkload) { w.Capacity = 7 })},
		{
			"everything else there is", `"networkGateway":{"destination":"net/10.9.9.9","hboneMtlsPort":15008},"hostname":"db.example","nativeTunnel":true,"applicationTunnel":{"protocol":"PROXY","port":15088},
			 "locality":{"region":"r","zone":"z","subzone":"s"},"canonicalName":"c","canonicalRevision":"v1","node":"n1","network":"net","clusterId":"K","status":"Unhealthy","trustDomain":"td","serviceAccount":"sa",
			 "authorizationPolicies":["a/p"],"workloadIps":["10.0.0.1","fd00::1"]`,
			base(func(w *mesh.ZtunnelWorkload) {
				w.NetworkGateway, w.Hostname, w.NativeTunnel = &mesh.ZtunnelDestination{Network: "net", Address: "10.9.9.9", Port: 15008}, "db.example", true
				w.ApplicationTunnelProtocol, w.Locality = "PROXY", mesh.ZtunnelLocality{Region: "r", Zone: "z", Subzone: "s"}
				w.CanonicalName, w.CanonicalRevision, w.Node, w.Network, w.ClusterID = "c", "v1", "n1", "net", "K"
				w.Status, w.TrustDomain, w.ServiceAccount = "Unhealthy", "td", "sa"
				w.Policies, w.IPs = []string{"a/p"}, []string{"10.0.0.1", "fd00::1"}
			}),
		},
		{"a release to come: keys nobody knows, values nobody knows", `"protocol":"QUIC","status":"Sleepy","mood":{"a":[1,{"b":null}]}`, base(func(w *mesh.ZtunnelWorkload) { w.Protocol, w.Status = "QUIC", "Sleepy" })},
	} {
		t.Run(tt.words, func(t *testing.T) {
			d := decode(t, `{"workloads":[{"uid":"K//Pod/a/b","name":"b","namespace":"a",`+tt.fields+`}]}`)
			if d.Skipped > 0 {
				t.Fatal(d.FirstSkipped)
			}
			if diff := cmp.Diff([]*mesh.ZtunnelWorkload{&tt.want}, d.Workloads); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestServicesOfEveryRelease(t *testing.T) {
	yes := true
	for _, tt := range []struct {
		words, fields string
		want          mesh.ZtunnelService
	}{
		{
			"up to 1.23: endpoints by workload and address, without a status", `"endpoints":{"u:/10.0.0.1":{"workloadUid":"u","service":{"namespace":"a","hostname":"s.a"},"address":{"network":"","address":"10.0.0.1"},"port":{"80":8080}},"u:/fd00::1":{"workloadUid":"u","port":{"80":8080}}}`,
			mesh.ZtunnelService{Endpoints: []mesh.ZtunnelEndpoint{{WorkloadUID: "u", Ports: map[uint16]uint16{80: 8080}}, {WorkloadUID: "u", Ports: map[uint16]uint16{80: 8080}}}},
		},
		{
			"since 1.24: endpoints by workload, with a status", `"endpoints":{"v":{"workloadUid":"v","port":{"80":0},"status":"Unhealthy"},"u":{"port":{"80":8080},"status":"Healthy"}}`,
			mesh.ZtunnelService{Endpoints: []mesh.ZtunnelEndpoint{{WorkloadUID: "u", Ports: map[uint16]uint16{80: 8080}, Status: "Healthy"}, {WorkloadUID: "v", Ports: map[uint16]uint16{80: 0}, Status: "Unhealthy"}}},
		},
		{"1.28: to wherever it was going", `"loadBalancer":{"mode":"Passthrough"}`, mesh.ZtunnelService{LoadBalancer: mesh.ZtunnelLoadBalancer{Mode: "Passthrough"}}},
		{
			"1.24: a health policy", `"loadBalancer":{"routingPreferences":["Network","Zone"],"mode":"Failover","healthPolicy":"AllowAll"}`,
			mesh.ZtunnelService{LoadBalancer: mesh.ZtunnelLoadBalancer{Preferences: []string{"Network", "Zone"}, Mode: "Failover", HealthPolicy: "AllowAll"}},
		},
		{"no load balancer", `"loadBalancer":null`, mesh.ZtunnelService{}},
		{"1.29 and 1.31: which of several is meant, and who may see it", `"canonical":true,"visibility":"Namespace","ipFamilies":"Dual"`, mesh.ZtunnelService{Canonical: &yes, Visibility: "Namespace", IPFamilies: "Dual"}},
		{
			"a headless service with a named target port", `"vips":[],"ports":{"80":0},"subjectAltNames":["spiffe://x"]`,
			mesh.ZtunnelService{VIPs: []string{}, Ports: map[uint16]uint16{80: 0}, SANs: []string{"spiffe://x"}},
		},
		{"ports that are none are left out", `"ports":{"80":8080,"http":1,"70000":1,"-1":1}`, mesh.ZtunnelService{Ports: map[uint16]uint16{80: 8080}}},
	} {
		t.Run(tt.words, func(t *testing.T) {
			d := decode(t, `{"services":[{`+tt.fields+`}]}`)
			if d.Skipped > 0 {
				t.Fatal(d.FirstSkipped)
			}
			if diff := cmp.Diff([]*mesh.ZtunnelService{&tt.want}, d.Services); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestCertificatesAsPEMAndAsBase64OfPEM: istioctl's example has the one, real
// dumps have the other.
func TestCertificatesAsPEMAndAsBase64OfPEM(t *testing.T) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{Organization: []string{"cluster.local"}}}
	der, err := x509.CreateCertificate(nil, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for words, written := range map[string]string{
		"PEM": string(text), "base64 of PEM": base64.StdEncoding.EncodeToString(text),
	} {
		quoted, err := json.Marshal(written)
		if err != nil {
			t.Fatal(err)
		}
		d := decode(t, `{"certificates":[{"rootCerts":[{"pem":`+string(quoted)+`,"serialNumber":"1"}]}]}`)
		if got := d.Certificates[0].Roots; len(got) != 1 || got[0].Subject != "O=cluster.local" {
			t.Errorf("%s: %+v", words, got)
		}
	}
	for words, written := range map[string]string{"neither": "what", "base64 of something else": "d2hhdA==", "nothing": ""} {
		d := decode(t, `{"certificates":[{"certChain":[{"pem":"`+written+`","serialNumber":"7"}]}]}`)
		if got := d.Certificates[0].Chain; d.Skipped > 0 || len(got) != 1 || got[0].Serial != "7" || got[0].Subject != "" {
			t.Errorf("%s: %+v", words, got)
		}
	}
}

func TestRootsOfEveryRelease(t *testing.T) {
	for _, tt := range []struct {
		words, fields string
		chain, roots  int
	}{
		{"since 1.26", `"certChain":[{}],"rootCerts":[{},{}]`, 1, 2},
		{"since 1.26, while there is none", `"certChain":[{},{}],"rootCerts":[]`, 2, 0},
		{"before, at the end of the chain", `"certChain":[{},{},{}]`, 2, 1},
		{"before, a leaf alone", `"certChain":[{}]`, 1, 0},
		{"before, nothing yet", `"certChain":null`, 0, 0},
	} {
		c := decode(t, `{"certificates":[{`+tt.fields+`}]}`).Certificates[0]
		if len(c.Chain) != tt.chain || len(c.Roots) != tt.roots {
			t.Errorf("%s: a chain of %d and %d roots", tt.words, len(c.Chain), len(c.Roots))
		}
	}
}

func TestPodsOfTheNodeOfEveryRelease(t *testing.T) {
	d := decode(t, `{"workloadState":{
		"before 1.24":{"state":"Up"},
		"before 1.26":{"state":"Up","info":{"name":"a","namespace":"n","serviceAccount":"s"},"connections":{"inbound":[{"src":"1","originalDst":null,"actualDst":"2"}],"outbound":[{"src":"3","originalDst":"h:80","actualDst":"4"}]}},
		"now":{"state":"Up","connections":{"outbound":[{"src":"3","actualDst":"4","protocol":"DOUBLEHBONE"}]}}}}`)
	want := []mesh.ZtunnelLocal{
		{PodUID: "before 1.24", State: "Up"},
		{PodUID: "before 1.26", State: "Up", Name: "a", Namespace: "n", ServiceAccount: "s", Inbound: []mesh.ZtunnelConnection{{Source: "1", Destination: "2"}}, Outbound: []mesh.ZtunnelConnection{{Source: "3", OriginalDestination: "h:80", Destination: "4"}}},
		{PodUID: "now", State: "Up", Outbound: []mesh.ZtunnelConnection{{Source: "3", Destination: "4", Protocol: "DOUBLEHBONE"}}},
	}
	if diff := cmp.Diff(want, d.Local); diff != "" {
		t.Error(diff)
	}
}
