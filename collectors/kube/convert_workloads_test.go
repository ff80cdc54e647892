package kube_test

import (
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
)

// shopTemplate is the pod template of the controllers below.
const shopTemplate = `{metadata: {labels: {app: x}, annotations: {istio.io/x: why, team: z}}, spec: {serviceAccountName: x, hostNetwork: true, containers: [{name: app, image: i}]}}`

// shopController is what every controller with that template has.
func shopController(change func(*mesh.Controller)) *mesh.Controller {
	c := &mesh.Controller{
		Selector:       &mesh.LabelSelector{MatchLabels: map[string]string{"app": "x"}},
		TemplateLabels: map[string]string{"app": "x"}, TemplateAnnotations: map[string]string{"istio.io/x": "why"},
		ServiceAccount: "x", HostNetwork: true, Containers: []mesh.Container{{Name: "app", Image: "i"}},
	}
	change(c)
	return c
}

func TestControllers(t *testing.T) {
	const selector = "selector: {matchLabels: {app: x}}"
	tests := []struct {
		name, apiVersion, kind, body string
		want                         *mesh.Controller
	}{
		{
			"a Deployment", "apps/v1", "Deployment",
			"spec: {replicas: 3, paused: true, " + selector + ", template: " + shopTemplate + `}
status: {readyReplicas: 2, updatedReplicas: 1, conditions: [{type: Progressing, status: "False", reason: ProgressDeadlineExceeded}]}`,
			shopController(func(c *mesh.Controller) {
				c.Wanted, c.Ready, c.Updated, c.Suspended = 3, 2, 1, true
				c.Conditions = mesh.Conditions{{Type: "Progressing", Status: "False", Reason: "ProgressDeadlineExceeded"}}
			}),
		},
		{
			"replicas that are not given are one", "apps/v1", "StatefulSet",
			"spec: {" + selector + ", template: " + shopTemplate + "}\nstatus: {readyReplicas: 1, updatedReplicas: 1}",
			shopController(func(c *mesh.Controller) { c.Wanted, c.Ready, c.Updated = 1, 1, 1 }),
		},
		{
			"zero replicas are zero", "apps/v1", "Deployment",
			"spec: {replicas: 0, " + selector + ", template: " + shopTemplate + "}",
			shopController(func(*mesh.Controller) {}),
		},
		{
			"a DaemonSet wants what fits", "apps/v1", "DaemonSet",
			"spec: {" + selector + ", template: " + shopTemplate + "}\nstatus: {desiredNumberScheduled: 5, numberReady: 4, updatedNumberScheduled: 3}",
			shopController(func(c *mesh.Controller) { c.Wanted, c.Ready, c.Updated = 5, 4, 3 }),
		},
		{
			"a Job that is suspended", "batch/v1", "Job",
			"spec: {parallelism: 2, suspend: true, " + selector + ", template: " + shopTemplate + "}\nstatus: {active: 1, ready: 1}",
			shopController(func(c *mesh.Controller) { c.Wanted, c.Ready, c.Updated, c.Suspended = 2, 1, 1, true }),
		},
		{
			"a CronJob has no selector", "batch/v1", "CronJob",
			"spec: {jobTemplate: {spec: {template: " + shopTemplate + "}}}",
			shopController(func(c *mesh.Controller) { c.Selector = nil }),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sameButMeta(t, decoded[*mesh.Controller](t, object(tt.apiVersion, tt.kind, tt.body)), tt.want)
		})
	}
}

func TestReplicaSetKnowsItsRevision(t *testing.T) {
	rs := decoded[*mesh.Controller](t, `
apiVersion: apps/v1
kind: ReplicaSet
metadata: {namespace: shop, name: web-1, annotations: {deployment.kubernetes.io/revision: "7"}}
spec: {replicas: 2, selector: {matchExpressions: [{key: app, operator: In, values: [web]}]}, template: {spec: {containers: []}}}
status: {replicas: 2, readyReplicas: 1}
`)
	if rs.Revision != "7" || rs.Wanted != 2 || rs.Ready != 1 || rs.Updated != 2 {
		t.Errorf("got revision %q, wanted %d, ready %d, updated %d", rs.Revision, rs.Wanted, rs.Ready, rs.Updated)
	}
	if !rs.Selector.Matches(map[string]string{"app": "web"}) || rs.Selector.Matches(map[string]string{"app": "x"}) {
		t.Errorf("selector %+v", rs.Selector)
	}
}

func TestAutoscaler(t *testing.T) {
	got := decoded[*mesh.Autoscaler](t, object("autoscaling/v2", "HorizontalPodAutoscaler", `
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, maxReplicas: 5}
status: {currentReplicas: 2, desiredReplicas: 3, conditions: [{type: ScalingActive, status: "False", reason: FailedGetResourceMetric}]}`))
	sameButMeta(t, got, &mesh.Autoscaler{
		Target:      mesh.Ref{Kind: "Deployment", Namespace: "shop", Name: "web"},
		MinReplicas: 1, MaxReplicas: 5, CurrentReplicas: 2, DesiredReplicas: 3,
		Conditions: mesh.Conditions{{Type: "ScalingActive", Status: "False", Reason: "FailedGetResourceMetric"}},
	})
}

func TestDisruptionBudget(t *testing.T) {
	for body, want := range map[string]mesh.DisruptionBudget{
		"spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}\nstatus: {disruptionsAllowed: 2}": {
			MinAvailable: "1", DisruptionsAllowed: 2, Selector: &mesh.LabelSelector{MatchLabels: map[string]string{"app": "web"}},
		},
		"spec: {maxUnavailable: 50%, selector: {}}": {MaxUnavailable: "50%", Selector: &mesh.LabelSelector{}},
		"spec: {maxUnavailable: 0}":                 {MaxUnavailable: "0"},
	} {
		sameButMeta(t, decoded[*mesh.DisruptionBudget](t, object("policy/v1", "PodDisruptionBudget", body)), &want)
	}
}

func TestWorkloadEntry(t *testing.T) {
	tests := []struct {
		name, body string
		labels     map[string]string
		want       mesh.Workload
	}{
		{
			"as small as can be", "spec: {address: 192.0.2.10}",
			nil,
			mesh.Workload{ServiceAccount: "default", IPs: []string{"192.0.2.10"}, Ready: true},
		},
		{
			"with everything",
			"spec: {address: vm.example, ports: {http: 8080}, labels: {app: vm}, network: vpc, locality: eu-1/eu-1b/rack, serviceAccount: vm}",
			map[string]string{"app": "vm"},
			mesh.Workload{ServiceAccount: "vm", IPs: []string{"vm.example"}, Ready: true, Ports: map[string]uint32{"http": 8080}, Network: "vpc", Zone: "eu-1b"},
		},
		{
			"not healthy",
			`status: {conditions: [{type: Healthy, status: "False", message: connection refused, observedGeneration: "3"}]}`,
			nil,
			mesh.Workload{ServiceAccount: "default", Conditions: mesh.Conditions{{Type: "Healthy", Status: "False", Message: "connection refused", ObservedGeneration: 3}}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := decoded[*mesh.Workload](t, object("networking.istio.io/v1beta1", "WorkloadEntry", tt.body))
			sameButMeta(t, got, &tt.want)
			if got.Kind != "WorkloadEntry" || !mesh.LabelsMatch(tt.labels, got.Labels) {
				t.Errorf("got %s with labels %v", got.Ref(), got.Labels)
			}
		})
	}
}

func TestWorkloadEntryLabelsOfTheMetadataWin(t *testing.T) {
	got := decoded[*mesh.Workload](t, `
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: {namespace: shop, name: vm, labels: {app: meta, istio.io/use-waypoint: waypoint}}
spec: {labels: {app: spec, version: v1}}
`)
	if got.Labels["app"] != "meta" || got.Labels["version"] != "v1" || got.Labels[mesh.LabelUseWaypoint] != "waypoint" {
		t.Errorf("labels %v", got.Labels)
	}
}

func TestEvents(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 11, 23, 8, minute, 0, 0, time.UTC) }
	tests := []struct {
		name, body string
		want       mesh.Event
	}{
		{
			"of the old shape",
			`type: Warning
reason: FailedCreatePodSandBox
message: istio-cni cmdAdd failed
involvedObject: {kind: Pod, namespace: shop, name: web-1, apiVersion: v1}
count: 4
firstTimestamp: "2026-11-23T08:01:00Z"
lastTimestamp: "2026-11-23T08:09:00Z"
source: {component: kubelet}`,
			mesh.Event{About: mesh.Ref{Kind: "Pod", Namespace: "shop", Name: "web-1"}, Reason: "FailedCreatePodSandBox", Message: "istio-cni cmdAdd failed", Count: 4, First: at(1), Last: at(9), Reporter: "kubelet"},
		},
		{
			"of the new shape, seen once",
			`type: Warning
eventTime: "2026-11-23T08:01:00.000000Z"
reportingComponent: pilot-discovery
involvedObject: {kind: Gateway, namespace: shop, name: wp, apiVersion: gateway.networking.k8s.io/v1}`,
			mesh.Event{About: mesh.Ref{Kind: "Gateway", Namespace: "shop", Name: "wp"}, Count: 1, First: at(1), Last: at(1), Reporter: "pilot-discovery"},
		},
		{
			"of the new shape, as a series about a Node",
			`type: Warning
eventTime: "2026-11-23T08:01:00.000000Z"
series: {count: 9, lastObservedTime: "2026-11-23T08:20:00.000000Z"}
involvedObject: {kind: Node, name: node-a}`,
			mesh.Event{About: mesh.Ref{Kind: "Node", Name: "node-a"}, Count: 9, First: at(1), Last: at(20)},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sameButMeta(t, decoded[*mesh.Event](t, object("v1", "Event", tt.body)), &tt.want)
		})
	}
}

func TestNormalEventsAreNotKept(t *testing.T) {
	if got := documents(t, object("v1", "Event", "type: Normal")); got[0].Object != nil || got[0].Err != nil {
		t.Errorf("got %+v", got[0])
	}
}
