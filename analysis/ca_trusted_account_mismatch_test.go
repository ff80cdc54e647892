package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// istiodTrusts sets whom istiod lets ask for certificates.
func istiodTrusts(name, accounts string) mt.Part {
	return mt.Deployment(mt.SystemNamespace, name, mt.Label("app", "istiod"), mt.OnController(mt.Label("app", "istiod")), containerEnv("CA_TRUSTED_NODE_ACCOUNTS", accounts))
}

func containerEnv(name, value string) mt.Option {
	return mt.With(func(w *mesh.Workload) { w.Containers[0].Env = map[string]string{name: value} })
}

func TestCATrustedAccountMismatch(t *testing.T) {
	web := mt.Pod("shop", "web", mt.OnNode("node-a"))
	moved := mt.Parts(mt.Bare(), mt.Namespace("ambient"), mt.Pod("ambient", "ztunnel-a", mt.Label("app", "ztunnel"), mt.OnNode("node-a"), mt.ServiceAccount("ztunnel")))
	istiod := []string{"critical Deployment istio-system/istiod"}
	testCheck(t, "CA_TRUSTED_ACCOUNT_MISMATCH", []checkCase{
		{name: "ztunnel is in another namespace than istiod was told", parts: []mt.Part{moved, istiodTrusts("istiod", "istio-system/ztunnel")}, want: istiod},
		{name: "ztunnel has another name", parts: []mt.Part{moved, istiodTrusts("istiod", "ambient/ztunnel-v2")}, want: istiod},
		{name: "the list is empty", parts: []mt.Part{moved, istiodTrusts("istiod", "")}, want: istiod},
		{name: "nothing was told and ztunnel is not at the default place", parts: []mt.Part{moved, istiodWithout("CA_ADDRESS")}, want: istiod},
		{
			name: "no istiod of two trusts it", parts: []mt.Part{moved, istiodTrusts("istiod", "kube-system/ztunnel"), istiodTrusts("istiod-next", "kube-system/ztunnel")},
			want: []string{"critical Deployment istio-system/istiod", "critical Deployment istio-system/istiod-next"},
		},
		{name: "a blank after the comma is part of the name for istiod", parts: []mt.Part{moved, istiodTrusts("istiod", "istio-system/ztunnel, ambient/ztunnel")}, want: istiod},
		{name: "silent: the account is in the list", parts: []mt.Part{moved, istiodTrusts("istiod", "istio-system/ztunnel,ambient/ztunnel")}},
		{name: "silent: nothing was told and ztunnel is at the default place", parts: []mt.Part{mt.Namespace("shop", mt.Ambient), web}},
		{name: "silent: one istiod of two trusts it", parts: []mt.Part{moved, istiodTrusts("istiod", "istio-system/ztunnel"), istiodTrusts("istiod-next", "ambient/ztunnel")}},
		{
			name: "silent: another CA signs", parts: []mt.Part{
				mt.Bare(), mt.Pod("ambient", "ztunnel-a", mt.Label("app", "ztunnel"), mt.OnNode("node-a"), mt.ServiceAccount("ztunnel"), containerEnv("CA_ADDRESS", "cert-manager-istio-csr.cert-manager.svc:443")),
				istiodTrusts("istiod", "istio-system/ztunnel"),
			},
		},
		{name: "silent: istiod is not in this cluster", parts: []mt.Part{moved}},
		{name: "silent: no ztunnel runs", parts: []mt.Part{mt.Bare(), istiodTrusts("istiod", "kube-system/ztunnel")}},
		{name: "silent: Deployments may not be read", parts: []mt.Part{moved, istiodTrusts("istiod", "istio-system/ztunnel"), mt.Forbidden(mesh.ResourceDeployments)}},
	})
}

// istiodWithout is an istiod that is told nothing about accounts.
func istiodWithout(other string) mt.Part {
	return mt.Deployment(mt.SystemNamespace, "istiod", mt.Label("app", "istiod"), mt.OnController(mt.Label("app", "istiod")), containerEnv(other, ""))
}

func TestCATrustedAccountMismatchKeepsWhoIsTrusted(t *testing.T) {
	f := only(t, assess(
		mt.Bare(), istiodTrusts("istiod", "kube-system/ztunnel"),
		mt.Pod("istio-system", "ztunnel-a", mt.Label("app", "ztunnel"), mt.OnNode("node-a"), mt.ServiceAccount("ztunnel")),
		mt.Pod("istio-system", "ztunnel-b", mt.Label("app", "ztunnel"), mt.OnNode("node-b"), mt.ServiceAccount("ztunnel")),
	), "CA_TRUSTED_ACCOUNT_MISMATCH")
	diffText(t, []string{"kubectl -n istio-system set env deployment/istiod CA_TRUSTED_NODE_ACCOUNTS=kube-system/ztunnel,istio-system/ztunnel"}, f.Fix.Changing())
	if len(f.Affects) != 2 || f.Affects[0] != ref("Node", "", "node-a") {
		t.Errorf("affects %v, want both nodes", f.Affects)
	}
}
