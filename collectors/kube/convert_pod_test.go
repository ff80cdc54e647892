package kube_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
)

func TestPod(t *testing.T) {
	got := decoded[*mesh.Workload](t, `
apiVersion: v1
kind: Pod
metadata:
  namespace: shop
  name: web-1
  labels: {app: web, topology.kubernetes.io/zone: eu-1a, topology.istio.io/network: net-1}
spec:
  nodeName: node-a
  serviceAccountName: web
  initContainers:
  - {name: migrate, image: "registry.example/migrate:1"}
  - {name: proxy, image: "registry.example/proxy:1", restartPolicy: Always}
  containers:
  - name: app
    image: registry.example/web:7
    ports: [{containerPort: 8080, name: http}, {containerPort: 53, protocol: UDP}]
    resources: {requests: {cpu: 250m, memory: 64Mi}, limits: {cpu: "1.5", memory: 1G}}
    readinessProbe: {httpGet: {port: http}}
    livenessProbe: {httpGet: {port: 8080}}
    startupProbe: {tcpSocket: {port: 8080}}
    env: [{name: PILOT_TOKEN, value: secret}]
status:
  phase: Running
  startTime: "2026-11-23T08:00:00Z"
  podIPs: [{ip: 10.0.0.7}, {ip: "fd00::7"}]
  podIP: 10.0.0.7
  conditions: [{type: Ready, status: "True", lastTransitionTime: "2026-11-23T08:01:00Z"}]
  initContainerStatuses:
  - {name: proxy, ready: true, containerID: "containerd://p", state: {running: {startedAt: "2026-11-23T08:00:10Z"}}}
  containerStatuses:
  - name: app
    ready: true
    restartCount: 3
    containerID: containerd://a
    state: {running: {startedAt: "2026-11-23T08:00:30Z"}}
    lastState: {terminated: {reason: OOMKilled, exitCode: 137, finishedAt: "2026-11-23T08:00:20Z"}}
`)
	at := func(minute, second int) time.Time { return time.Date(2026, 11, 23, 8, minute, second, 0, time.UTC) }
	sameButMeta(t, got, &mesh.Workload{
		Node: "node-a", ServiceAccount: "web", IPs: []string{"10.0.0.7", "fd00::7"}, Phase: "Running", Ready: true,
		Conditions: mesh.Conditions{{Type: "Ready", Status: "True", Since: at(1, 0)}},
		Started:    at(0, 0), Zone: "eu-1a", Network: "net-1",
		Containers: []mesh.Container{
			{Name: "proxy", Image: "registry.example/proxy:1", Init: true, ID: "containerd://p", Ready: true, StartedAt: at(0, 10)},
			{
				Name: "app", Image: "registry.example/web:7",
				Ports:    []mesh.ContainerPort{{Name: "http", Port: 8080, Protocol: "TCP"}, {Port: 53, Protocol: "UDP"}},
				Requests: mesh.Resources{MilliCPU: 250, MemoryBytes: 64 << 20},
				Limits:   mesh.Resources{MilliCPU: 1500, MemoryBytes: 1_000_000_000},
				Probes:   []mesh.Probe{{Kind: "httpGet", Port: "8080"}, {Kind: "httpGet", Port: "http"}, {Kind: "tcpSocket", Port: "8080"}},
				ID:       "containerd://a", Ready: true, RestartCount: 3, StartedAt: at(0, 30),
				LastExit: &mesh.ContainerExit{Reason: "OOMKilled", ExitCode: 137, At: at(0, 20)},
			},
		},
	})
}

func TestPodStates(t *testing.T) {
	tests := []struct {
		name, body string
		want       mesh.Workload
	}{
		{"a pod nobody looked at yet", "", mesh.Workload{ServiceAccount: "default"}},
		{"an evicted one says why", "status: {phase: Failed, reason: Evicted}", mesh.Workload{ServiceAccount: "default", Phase: "Failed", Reason: "Evicted"}},
		{"an old kubelet gives one address", "status: {podIP: 10.0.0.9}", mesh.Workload{ServiceAccount: "default", IPs: []string{"10.0.0.9"}}},
		{"on the node's network", "spec: {hostNetwork: true}", mesh.Workload{ServiceAccount: "default", HostNetwork: true}},
		{
			"not ready is said with a reason",
			`status: {conditions: [{type: Ready, status: "False", reason: ContainersNotReady, message: "containers with unready status: [app]"}]}`,
			mesh.Workload{ServiceAccount: "default", Conditions: mesh.Conditions{{Type: "Ready", Status: "False", Reason: "ContainersNotReady", Message: "containers with unready status: [app]"}}},
		},
		{
			"a container that waits says for what",
			`{spec: {containers: [{name: app}]}, status: {containerStatuses: [{name: app, state: {waiting: {reason: CrashLoopBackOff, message: back-off 5m0s}}}]}}`,
			mesh.Workload{ServiceAccount: "default", Containers: []mesh.Container{{Name: "app", Waiting: "CrashLoopBackOff", WaitingText: "back-off 5m0s"}}},
		},
		{
			"a container that ended for good",
			`{spec: {containers: [{name: app}]}, status: {containerStatuses: [{name: app, state: {terminated: {reason: Completed}}}]}}`,
			mesh.Workload{ServiceAccount: "default", Containers: []mesh.Container{{Name: "app", LastExit: &mesh.ContainerExit{Reason: "Completed"}}}},
		},
		{
			"probes of the same port are one",
			`spec: {containers: [{name: app, livenessProbe: {grpc: {port: 90}}, readinessProbe: {grpc: {port: 90}}, startupProbe: {exec: {command: [x]}}}]}`,
			mesh.Workload{ServiceAccount: "default", Containers: []mesh.Container{{Name: "app", Probes: []mesh.Probe{{Kind: "grpc", Port: "90"}, {Kind: "exec"}}}}},
		},
		{
			"more memory than a number holds",
			`spec: {containers: [{name: app, resources: {limits: {memory: 9000Ei}}}]}`,
			mesh.Workload{ServiceAccount: "default", Containers: []mesh.Container{{Name: "app", Limits: mesh.Resources{MemoryBytes: 1<<63 - 1}}}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sameButMeta(t, decoded[*mesh.Workload](t, object("v1", "Pod", tt.body)), &tt.want)
		})
	}
}

func TestEnvironmentIsKeptForIstioOnly(t *testing.T) {
	const env = `env: [{name: CA_TRUSTED_NODE_ACCOUNTS, value: istio-system/ztunnel}, {name: PILOT_ENABLE_AMBIENT, value: "true"},
    {name: AWS_SECRET_ACCESS_KEY, value: abc}, {name: PILOT_FROM_SECRET, valueFrom: {secretKeyRef: {name: s, key: k}}}, {name: CA_ADDRESS_EXTRA, value: x}]`
	kept := map[string]string{"CA_TRUSTED_NODE_ACCOUNTS": "istio-system/ztunnel", "PILOT_ENABLE_AMBIENT": "true"}
	tests := []struct {
		name, labels, container string
		want                    map[string]string
	}{
		{"istiod", "{app: istiod}", "discovery", kept},
		{"ztunnel", "{app: ztunnel}", "istio-proxy", kept},
		{"istio-cni", "{k8s-app: istio-cni-node}", "install-cni", kept},
		{"another container of istiod's pod", "{app: istiod}", "helper", nil},
		{"a waypoint", "{gateway.networking.k8s.io/gateway-name: waypoint}", "istio-proxy", nil},
		{"an application", "{app: web}", "web", nil},
		{"an application that calls its container discovery", "{app: web}", "discovery", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			spec := "spec:\n  containers:\n  - name: " + tt.container + "\n    " + env
			pod := decoded[*mesh.Workload](t, "apiVersion: v1\nkind: Pod\nmetadata: {namespace: istio-system, name: x, labels: "+tt.labels+"}\n"+spec)
			if diff := cmp.Diff(tt.want, pod.Containers[0].Env); diff != "" {
				t.Errorf("environment (-want +got):\n%s", diff)
			}
		})
	}
}
