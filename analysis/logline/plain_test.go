package logline_test

import (
	"testing"

	"github.com/waylight/waylight/analysis/logline"
	"github.com/waylight/waylight/collectors/istiolog"
	"github.com/waylight/waylight/collectors/ztunnel"
	"github.com/waylight/waylight/mesh"
)

func ofZtunnel(rest string) *mesh.LogLine {
	l := &mesh.LogLine{Raw: "2026-11-23T08:36:29.951982Z\t" + rest, From: &mesh.LogTarget{}}
	ztunnel.DecodeLine(l)
	return l
}

func ofIstio(rest string) *mesh.LogLine {
	l := &mesh.LogLine{Raw: "2026-11-23T08:36:29.951982Z\t" + rest, From: &mesh.LogTarget{}}
	istiolog.DecodeLine(l)
	return l
}

func TestDiagnosticLinesOfZtunnel(t *testing.T) {
	for name, m := range map[string]meaning{
		"a certificate that is refused": {
			line: ofZtunnel("warn\tidentity::manager\tcertificate fetch failed (signing gRPC error (Unauthenticated): no) and no valid existing certificate; will retry in 1s\tid=spiffe://cluster.local/ns/shop/sa/web"),
			code: "CERT_UNAVAILABLE", says: []string{"account web of shop"}, looks: []string{"CA_TRUSTED_NODE_ACCOUNTS"},
		},
		"a certificate that is fetched beforehand": {
			line: ofZtunnel("error\tcert_fetcher\tunable to prefetch cert for \"spiffe://cluster.local/ns/shop/sa/web\", skipping, SigningRequest\t"), code: "CERT_UNAVAILABLE", says: []string{"account web of shop"},
		},
		"istiod does not answer": {
			line: ofZtunnel("warn\txds::client:xds{id=7}\tXDS client connection error: gRPC connection error, retrying in 10ms\t"), code: "XDS_DISCONNECTED", looks: []string{"15012"},
		},
		"istiod ends the stream":          {line: ofZtunnel("warn\txds::client:xds{id=7}\tXDS client error: gone, retrying in 5s\t"), code: "XDS_DISCONNECTED"},
		"a pod that istiod does not tell": {line: ofZtunnel("warn\tstate\ttimed out waiting for workload 'web.shop' from xds\t"), code: "XDS_UNKNOWN_WORKLOAD", says: []string{"web.shop"}},
		"istio-cni does not answer":       {line: ofZtunnel("warn\tinpod\tfailed to connect to the Istio CNI node agent over \"/var/run/ztunnel/ztunnel.sock\"\t"), code: "CNI_NOT_READY_ON_NODE"},
		"a policy that did not arrive":    {line: ofZtunnel("warn\tstate\tskipping unknown policy shop/web-only\t"), code: "XDS_NOT_SYNCED", says: []string{"shop/web-only"}},
		"a connection that a new policy ends": {
			line: ofZtunnel("info\tproxy::connection_manager:proxy{wl=shop/web-1}\tconnection 1.2.3.4:5->6.7.8.9:10 closed because it's no longer allowed after a policy update\t"), code: "POLICY_CHANGED",
		},
		"a drain that took too long": {
			line: ofZtunnel("warn\tdrain:proxy{wl=shop/web-1}\tdrain duration expired with pending connections, forcefully shutting down\tcomponent=\"inbound\""), code: "DRAINED", says: []string{"shop/web-1"},
		},
		"a DENY policy, at level debug": {
			line: ofZtunnel("debug\tstate:proxy{wl=shop/web-1}\tdeny policy match\tpolicy=\"shop/deny\""), code: "POLICY_DENIED", denied: true, says: []string{"shop/deny", "shop/web-1"},
		},
		"STRICT, at level debug": {
			line: ofZtunnel("debug\tstate:proxy{wl=shop/web-1}\tdeny policy match\tpolicy=\"istio-system/istio_converted_static_strict\""), code: "STRICT_PLAINTEXT", denied: true,
		},
		"no ALLOW policy, at level debug": {line: ofZtunnel("debug\tstate:proxy{wl=shop/web-1}:inbound{id=1 peer=1.2.3.4:5}\tno allow policies matched\t"), code: "POLICY_NONE_ALLOWED", denied: true, says: []string{"shop/web-1 and"}},
		"an ALLOW policy, at level debug": {line: ofZtunnel("debug\tstate\tallow policy match\tpolicy=\"shop/only\""), says: []string{"shop/only allows"}},
		"a log level that was changed":    {line: ofZtunnel("info\tadmin\tnew log filter is info,access=debug\t"), says: []string{"info,access=debug"}},
		"a proxy that stops":              {line: ofZtunnel("info\tsignal::imp\treceived signal SIGTERM, starting shutdown\t"), says: []string{"told to stop"}},
	} {
		t.Run(name, m.check)
	}
}

func TestDiagnosticLinesOfIstioCNI(t *testing.T) {
	for message, m := range map[string]meaning{
		"Failed capturing pod, will not retry. AddPodToMesh returned: no netns":                                     {code: "POD_NOT_CAPTURED"},
		"failed to update POD inpod: shop/web-1 iptables":                                                           {code: "POD_NOT_CAPTURED"},
		"failed to add pod to ztunnel: pod partially added, annotating with pending status":                         {code: "REDIRECTION_PENDING"},
		"Unable to send pod to ztunnel. Will retry. AddPodToMesh returned: no ztunnel":                              {code: "REDIRECTION_PENDING"},
		"failed to add pod to addressSet, pod will fail healthchecks":                                               {code: "POD_NOT_CAPTURED", says: []string{"health checks"}},
		"pod web-1 has IP collision (10.0.0.1), pod will be skipped and will fail healthchecks":                     {code: "POD_NOT_CAPTURED", says: []string{"address of another pod"}},
		"ztunnel responded with an ack error: x":                                                                    {code: "REDIRECTION_PENDING"},
		"add-workload: got ack error":                                                                               {code: "REDIRECTION_PENDING"},
		"failed to reconcile inpod rules for pod, try restarting the pod, or removing and re-adding it to the mesh": {code: "POD_NOT_CAPTURED", says: []string{"restarting it"}},
		"adding pod to the mesh": {},
		"removing pod from mesh": {},
	} {
		m.line = ofIstio("error\tambient\t" + message + "\tns=shop name=web-1")
		m.says = append(m.says, "Pod shop/web-1")
		t.Run(message, m.check)
	}
	excluded := meaning{
		line: ofIstio("warn\tambient\tNamespace kube-system is labeled for ambient mesh but is excluded by excludeNamespaces configuration; pods will not be enrolled"),
		says: []string{"kube-system"}, looks: []string{"excludeNamespaces"},
	}
	t.Run("an excluded namespace", excluded.check)
	agent := meaning{line: ofIstio("error\tcni\tistio-cni cmdAdd failed to contact node Istio CNI agent: connection refused"), code: "CNI_NOT_READY_ON_NODE"}
	t.Run("the plugin without its agent", agent.check)
}

func TestDiagnosticLinesOfIstiodAndAgents(t *testing.T) {
	for name, m := range map[string]meaning{
		"a ztunnel that is not trusted": {
			line: ofIstio("warn\tserverca\timpersonation failed for identity spiffe://cluster.local/ns/shop/sa/web, error: caller (Pod{Name: ztunnel-1, Namespace: mesh, UID: u, ServiceAccount: zt}) is not allowed to impersonate\tclient=1.2.3.4:5"),
			code: "CA_TRUSTED_ACCOUNT_MISMATCH", says: []string{"account web of shop", "account zt of mesh"}, looks: []string{"CA_TRUSTED_NODE_ACCOUNTS", "mesh/zt"},
		},
		"a ztunnel istiod cannot see": {
			line: ofIstio("warn\tserverca\timpersonation failed for identity spiffe://cluster.local/ns/shop/sa/web, error: pod mesh/ztunnel-1 not found"), code: "CERT_UNAVAILABLE", looks: []string{"discoverySelectors"},
		},
		"a request that is not signed":   {line: ofIstio("error\tserverca\tCSR signing error: x"), code: "CERT_UNAVAILABLE"},
		"an agent without a certificate": {line: ofIstio("warn\tca\tca request failed, starting attempt 1 in 9ms: failed to sign CSR: x"), code: "CERT_UNAVAILABLE"},
		"keys that cannot be fetched":    {line: ofIstio("warn\tmodel\tFailed to GET from \"https://a/jwks\": no such host. Retry in 1s"), code: "JWT_INVALID", looks: []string{"jwksUri"}},
		"tokens that are all refused":    {line: ofIstio("warn\tmodel\tJWKS fetch failed for issuer https://a (https://a/jwks), using public-only JWKS"), code: "JWT_INVALID", says: []string{"https://a"}},
		"a proxy that refuses":           {line: ofIstio("warn\tads\tADS:LDS: ACK ERROR waypoint-1.shop-3 Internal:Error adding listener"), code: "XDS_REJECTED", says: []string{"Error adding listener"}},
		"an agent without istiod":        {line: ofIstio("warn\txdsproxy\tfailed to connect to upstream istiod.istio-system.svc:15012: refused\tid=1"), code: "XDS_DISCONNECTED"},
		"an Envoy without configuration": {line: ofIstio("warn\tEnvoy proxy is NOT ready: config received from XDS server, but was rejected"), code: "XDS_NOT_SYNCED"},
	} {
		t.Run(name, m.check)
	}
}

func TestAnyOtherLineHasNoMeaning(t *testing.T) {
	if x := logline.Explain(ofIstio("info\tads\tPush debounce stable")); x != (mesh.LogExplanation{}) {
		t.Errorf("it means %+v", x)
	}
}
