package analysis_test

import (
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestWorkloadsThatLookSuspiciousAndAreFine(t *testing.T) {
	tellStories(t, []story{
		{
			name: "NetworkPolicies admit HBONE and probes, and let calls out to the Internet",
			parts: bookshop(
				mt.Namespace("bank", mt.Ambient), app("bank", "ledger"),
			),
			yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: orders, namespace: shop}
spec:
  podSelector: {matchLabels: {app: orders}}
  policyTypes: [Ingress, Egress]
  ingress:
  - from:
    - podSelector: {}
    ports:
    - {protocol: TCP, port: 8080}
    - {protocol: TCP, port: 15008}
  - from:
    - ipBlock: {cidr: 169.254.7.127/32}
  egress:
  - ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]
  - to:
    - ipBlock: {cidr: 0.0.0.0/0}
    ports: [{protocol: TCP, port: 443}]
  - to:
    - podSelector: {}
    ports: [{protocol: TCP, port: 15008}]
`,
			twins: []twin{
				{name: "HBONE is forgotten on the way in", old: "    - {protocol: TCP, port: 15008}\n", want: []string{"NETPOL_BLOCKS_HBONE Deployment shop/orders"}},
				{name: "the way out names the application's port", old: "ports: [{protocol: TCP, port: 15008}]", new: "ports: [{protocol: TCP, port: 8080}]", want: []string{"NETPOL_BLOCKS_HBONE Deployment shop/orders"}},
				{name: "the way out to everywhere is by the application's port", old: "ports: [{protocol: TCP, port: 443}]", new: "ports: [{protocol: TCP, port: 8080}]", want: []string{"NETPOL_BLOCKS_HBONE Deployment shop/orders"}},
			},
		},
		{
			name: "jobs are over, and one is scheduled",
			parts: bookshop(
				mt.Job("shop", "migrate", mt.NotCaptured, mt.Phase("Succeeded")), mt.CronJob("shop", "report"),
				mt.Job("shop", "import", mt.NotCaptured, mt.Phase("Failed")),
			),
			twins: []twin{{name: "one still runs and is not captured", parts: []mt.Part{mt.Job("shop", "export", mt.NotCaptured)}, want: []string{"POD_NOT_CAPTURED Job shop/export"}}},
		},
		{
			name:  "a Service is called by what a schedule starts, and nothing runs now",
			parts: bookshop(mt.CronJob("shop", "report"), mt.Service("shop", "report")),
		},
		{
			name:  "a Service is for nodes of a kind of which there is none",
			parts: bookshop(mt.DaemonSet("shop", "gpu", mt.Replicas(0)), mt.Service("shop", "gpu")),
			twins: []twin{{name: "one has a selector that matches nothing", parts: []mt.Part{mt.Service("shop", "lost", mt.Selects("app", "losst"))}, want: []string{"SERVICE_NO_ENDPOINTS Service shop/lost"}}},
		},
		{
			name: "kube-system is left alone, and Istio's own namespace",
			parts: bookshop(
				mt.Namespace("kube-system"), app("kube-system", "coredns", mt.NotCaptured), mt.DaemonSet("kube-system", "kube-proxy", mt.HostNetwork, mt.NotCaptured),
				mt.Namespace("monitoring"), app("monitoring", "prometheus", mt.NotCaptured),
			),
			twins: []twin{
				{name: "the monitoring is to be in ambient", parts: []mt.Part{mt.Namespace("logs", mt.Ambient), app("logs", "loki", mt.NotCaptured)}, want: []string{"POD_NOT_CAPTURED Deployment logs/loki"}},
			},
		},
		{
			name: "pods opt out, are young, leave, or have a sidecar in an ambient namespace",
			parts: bookshop(
				app("shop", "out", mt.OptedOut, mt.NotCaptured), app("shop", "sidecar", mt.Sidecar, mt.NotCaptured),
				app("shop", "young", mt.NotCaptured, mt.Age(20*time.Second)), app("shop", "leaving", mt.Replicas(2), mt.OnPod(1, mt.NotCaptured, mt.Terminating())),
				mt.DaemonSet("shop", "agent", mt.HostNetwork, mt.NotCaptured),
			),
			twins: []twin{
				{name: "one is half captured", parts: []mt.Part{app("shop", "half", mt.RedirectionPending)}, want: []string{"REDIRECTION_PENDING Deployment shop/half"}},
				{name: "a node has no ztunnel", parts: []mt.Part{mt.Node("node-c", mt.NoZtunnel()), mt.Deployment("shop", "far", mt.OnNode("node-c"), mt.RedirectionPending)}, want: []string{"ZTUNNEL_MISSING_ON_NODE Node node-c"}},
				{name: "a node has no istio-cni", parts: []mt.Part{mt.Node("node-c", mt.NoCNI()), mt.Deployment("shop", "far", mt.OnNode("node-c"), mt.NotCaptured)}, want: []string{"CNI_NOT_READY_ON_NODE Node node-c"}},
			},
		},
		{
			name:  "a waypoint that nothing uses is scaled to zero",
			parts: bookshop(mt.Objects(waypointClass()), mt.Waypoint("shop", "spare", mt.Replicas(0))),
			twins: []twin{
				{name: "a Service names it", parts: []mt.Part{mt.Deployment("shop", "cart"), mt.Service("shop", "cart", mt.UseWaypoint("spare"))}, want: []string{"WAYPOINT_NO_ENDPOINTS Gateway shop/spare"}},
				{name: "a Service names one that never ran", parts: []mt.Part{mt.Waypoint("shop", "never", mt.NeverProgrammed()), mt.Deployment("shop", "cart"), mt.Service("shop", "cart", mt.UseWaypoint("never"))}, want: []string{"WAYPOINT_NOT_PROGRAMMED Gateway shop/never"}},
				{name: "a Service names the ingress", parts: []mt.Part{mt.Gateway("shop", "front"), mt.Deployment("shop", "cart"), mt.Service("shop", "cart", mt.UseWaypoint("front"))}, want: []string{"WAYPOINT_WRONG_GATEWAY Service shop/cart"}},
			},
		},
		{
			name:  "a namespace's waypoint is for calls to its pods alone",
			parts: []mt.Part{mt.Namespace("db", mt.Ambient, mt.UseWaypoint("pods")), mt.Waypoint("db", "pods", mt.Replicas(2), mt.WaypointFor("workload")), app("db", "store")},
			twins: []twin{{name: "a Service there has a route", parts: []mt.Part{routeTo("db", "store")}, want: []string{"WAYPOINT_TRAFFIC_TYPE_MISMATCH Namespace db"}}},
		},
		{
			name:  "machines outside the cluster are part of a ServiceEntry",
			parts: bookshop(mt.WorkloadEntry("shop", "vm-1", "10.1.0.7", mt.Label("app", "vm"))),
			yaml: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: vm, namespace: shop}
spec:
  hosts: [vm.shop.internal]
  addresses: [10.200.0.1]
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: HTTP}]
  workloadSelector: {labels: {app: vm}}
`,
			twins: []twin{{name: "one names a waypoint that is not there", parts: []mt.Part{mt.WorkloadEntry("shop", "vm-2", "10.1.0.8", mt.UseWaypoint("vms"))}, want: []string{"WAYPOINT_NOT_FOUND WorkloadEntry shop/vm-2"}}},
		},
		{
			name:  "a Service for UDP leads to a port without a name on the pods",
			parts: bookshop(mt.Deployment("shop", "dns")),
			yaml: `
apiVersion: v1
kind: Service
metadata: {name: dns, namespace: shop}
spec:
  clusterIP: 10.96.7.7
  selector: {app: dns}
  ports: [{name: dns, port: 53, protocol: UDP, targetPort: dns}]
`,
			twins: []twin{{name: "it is for TCP", old: "protocol: UDP", new: "protocol: TCP", want: []string{"SERVICE_PORT_UNRESOLVED Service shop/dns"}}},
		},
		{
			name: "labels stand on controllers where that is said elsewhere too, or is over",
			parts: bookshop(
				mt.Deployment("shop", "twice", mt.OnController(mt.Ambient, mt.UseWaypoint("waypoint"))),
				mt.Namespace("plain"), mt.Job("plain", "once", mt.NotCaptured, mt.Phase("Succeeded"), mt.OnController(mt.Ambient, mt.With(func(c *mesh.Controller) {
					c.Conditions = mesh.Conditions{{Type: "Complete", Status: mesh.ConditionTrue}}
				}))),
			),
			twins: []twin{{name: "one asks for the mesh in vain", parts: []mt.Part{mt.Deployment("plain", "vain", mt.NotCaptured, mt.OnController(mt.Ambient))}, want: []string{"LABEL_ON_CONTROLLER Deployment plain/vain"}}},
		},
	})
}
