package analysis_test

import (
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

const hour = time.Hour

// certificates replaces what a ztunnel has.
func certificates(list ...mesh.ZtunnelCertificate) mt.Option {
	return mt.With(func(e *mesh.ZtunnelEvidence) { e.Certificates = list })
}

// lasts is a certificate of shop/web with so much of its life behind and
// before it.
func lasts(behind, before time.Duration) mt.Option {
	return certificates(mt.Certificate(webIdentity, mt.Now.Add(-behind), mt.Now.Add(before)))
}

const webIdentity = "spiffe://cluster.local/ns/shop/sa/web"

func state(state, reason string) mt.Option {
	return certificates(mesh.ZtunnelCertificate{Identity: webIdentity, State: state, Reason: reason})
}

func TestCertUnavailable(t *testing.T) {
	ns, web := mt.Namespace("shop", mt.Ambient), mt.Deployment("shop", "web", mt.OnNode("node-a"))
	refused := mt.ZtunnelSaid("node-a", state("Unavailable", "signing gRPC error"))
	starting := mt.ZtunnelSaid("node-a", state("Initializing", ""))
	fires := []string{"critical Node node-a"}
	testCheck(t, "CERT_UNAVAILABLE", []checkCase{
		{name: "the CA refuses", parts: []mt.Part{ns, web, refused}, want: fires},
		{name: "it has been starting for long", parts: []mt.Part{ns, web, starting}, want: fires},
		{name: "silent: it is there", parts: []mt.Part{ns, web, mt.ZtunnelSaid("node-a")}},
		{name: "silent: no pod has the identity any more", parts: []mt.Part{ns, mt.Deployment("shop", "orders", mt.OnNode("node-a")), refused}},
		{name: "silent: the pod that has it is on another node", parts: []mt.Part{ns, web, mt.ZtunnelSaid("node-b", state("Unavailable", "x")), mt.Deployment("shop", "orders", mt.OnNode("node-b"))}},
		{name: "silent: the pod was enrolled just now", parts: []mt.Part{ns, mt.Deployment("shop", "web", mt.OnNode("node-a"), mt.ChangedBy("install-cni", 20*time.Second)), starting}},
		{name: "silent: ztunnel itself has just started", parts: []mt.Part{
			ns, web, starting, mt.Node("node-a", mt.Ztunnel(mt.With(func(w *mesh.Workload) { w.Containers[0].StartedAt = mt.Now.Add(-20 * time.Second) }))),
		}},
		{name: "silent: the dump was not read", parts: []mt.Part{ns, web}},
	})
}

func TestCertUnavailableCarriesTheWordsOfTheCA(t *testing.T) {
	f := only(t, assess(mt.Namespace("shop", mt.Ambient), mt.Deployment("shop", "web", mt.OnNode("node-a")),
		mt.ZtunnelSaid("node-a", state("Unavailable", "request impersonation authentication failure"))), "CERT_UNAVAILABLE")
	if text := evidenceText(f); !strings.Contains(text, "Unavailable: request impersonation authentication failure (needed by web-1)") {
		t.Errorf("evidence: %s", text)
	}
	if f.Evidence[0].Source != "ztunnel/node-a" || f.Evidence[0].Time != "2026-11-23T08:00:00Z" {
		t.Errorf("evidence is of %s at %s", f.Evidence[0].Source, f.Evidence[0].Time)
	}
}

func TestCertUnavailableIsFoldedUnderWhatIstiodTrusts(t *testing.T) {
	trust := mt.Parts(mt.Objects(&mesh.Controller{
		Meta:       mesh.Meta{Kind: "Deployment", Namespace: "istio-system", Name: "istiod-next", Labels: map[string]string{"app": "istiod"}},
		Containers: []mesh.Container{{Name: "discovery", Env: map[string]string{"CA_TRUSTED_NODE_ACCOUNTS": "kube-system/ztunnel"}}},
	}))
	r := assess(mt.Bare(), trust, mt.Namespace("shop", mt.Ambient), mt.Deployment("shop", "web", mt.OnNode("node-a")),
		ztunnelPod("node-a", ""), mt.ZtunnelSaid("node-a", state("Unavailable", "no")))
	f := only(t, r, "CERT_UNAVAILABLE")
	if f.CausedBy == nil || f.CausedBy.Code != "CA_TRUSTED_ACCOUNT_MISMATCH" {
		t.Errorf("caused by %v", f.CausedBy)
	}
}

func TestCertExpired(t *testing.T) {
	ns, web := mt.Namespace("shop", mt.Ambient), mt.Deployment("shop", "web", mt.OnNode("node-a"))
	fires := []string{"critical Node node-a"}
	testCheck(t, "CERT_EXPIRED", []checkCase{
		{name: "a minute ago", parts: []mt.Part{ns, web, mt.ZtunnelSaid("node-a", lasts(24*hour, -time.Minute))}, want: fires},
		{name: "this instant", parts: []mt.Part{ns, web, mt.ZtunnelSaid("node-a", lasts(24*hour, 0))}, want: fires},
		{name: "silent: a minute is left", parts: []mt.Part{ns, web, mt.ZtunnelSaid("node-a", lasts(24*hour, time.Minute))}},
		{name: "silent: without dates", parts: []mt.Part{ns, web, mt.ZtunnelSaid("node-a", certificates(mesh.ZtunnelCertificate{Identity: webIdentity, State: "Available", Chain: []mesh.Certificate{{}}}))}},
		{name: "silent: nobody has the identity", parts: []mt.Part{ns, mt.Deployment("shop", "orders", mt.OnNode("node-a")), mt.ZtunnelSaid("node-a", lasts(24*hour, -time.Minute))}},
		{name: "silent: the dump was not read", parts: []mt.Part{ns, web}},
	})
}

func TestCertExpiresSoon(t *testing.T) {
	ns, web := mt.Namespace("shop", mt.Ambient), mt.Deployment("shop", "web", mt.OnNode("node-a"))
	fires := []string{"warning Node node-a"}
	testCheck(t, "CERT_EXPIRES_SOON", []checkCase{
		{name: "less than a quarter is left", parts: []mt.Part{ns, web, mt.ZtunnelSaid("node-a", lasts(19*hour, 5*hour))}, want: fires},
		{name: "a short life", parts: []mt.Part{ns, web, mt.ZtunnelSaid("node-a", lasts(50*time.Minute, 10*time.Minute))}, want: fires},
		{name: "silent: exactly a quarter is left", parts: []mt.Part{ns, web, mt.ZtunnelSaid("node-a", lasts(18*hour, 6*hour))}},
		{name: "silent: renewal is due at half", parts: []mt.Part{ns, web, mt.ZtunnelSaid("node-a", lasts(13*hour, 11*hour))}},
		{name: "silent: it has expired, which is another finding", parts: []mt.Part{ns, web, mt.ZtunnelSaid("node-a", lasts(24*hour, -time.Minute))}},
		{name: "silent: the dump was not read", parts: []mt.Part{ns, web}},
	})
}

func TestRootCertExpiresSoon(t *testing.T) {
	ns, web := mt.Namespace("shop", mt.Ambient), mt.Deployment("shop", "web", mt.OnNode("node-a"))
	roots := func(left ...time.Duration) mt.Part {
		c := mt.Certificate(webIdentity, mt.Now.Add(-hour), mt.Now.Add(hour))
		c.Roots = nil
		for _, d := range left {
			c.Roots = append(c.Roots, mesh.Certificate{Serial: d.String(), NotBefore: mt.Now.AddDate(-10, 0, 0), NotAfter: mt.Now.Add(d)})
		}
		return mt.ZtunnelSaid("node-a", certificates(c))
	}
	const day = 24 * hour
	testCheck(t, "ROOT_CERT_EXPIRES_SOON", []checkCase{
		{name: "in 29 days", parts: []mt.Part{ns, web, roots(29 * day)}, want: []string{"warning Mesh"}},
		{name: "two that both end", parts: []mt.Part{ns, web, roots(5*day, 29*day)}, want: []string{"warning Mesh"}},
		{name: "it has run out", parts: []mt.Part{ns, web, roots(-day)}, want: []string{"critical Mesh"}},
		{name: "it has run out, and the other ends soon", parts: []mt.Part{ns, web, roots(-day, 5*day)}, want: []string{"warning Mesh"}},
		{name: "a replacement under way", parts: []mt.Part{ns, web, roots(5*day, 3650*day)}, want: []string{"info Mesh"}},
		{name: "silent: in 31 days", parts: []mt.Part{ns, web, roots(31 * day)}},
		{name: "silent: no roots in the dump", parts: []mt.Part{ns, web, roots()}},
		{name: "silent: the dump was not read", parts: []mt.Part{ns, web}},
	})
}
