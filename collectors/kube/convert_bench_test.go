package kube_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/waylight/waylight/collectors/kube"
	"github.com/waylight/waylight/mesh"
)

// benchPod is a pod as a kubelet, a Deployment and istio-cni leave it; number
// makes it differ from others as pods of one mesh do.
func benchPod(number int) []byte {
	return fmt.Appendf(nil, `{"apiVersion":"v1","kind":"Pod","metadata":{"namespace":"shop-%[2]d","name":"web-6d9f8c7b5d-%05[1]d","uid":"1b4e28ba-2fa1-11d2-883f-%012[1]d",
"creationTimestamp":"2026-11-23T08:00:00Z","labels":{"app":"web-%[3]d","version":"v1","pod-template-hash":"6d9f8c7b5d","service.istio.io/canonical-name":"web-%[3]d","topology.kubernetes.io/zone":"eu-1a"},
"annotations":{"ambient.istio.io/redirection":"enabled","checksum/config":"0123456789abcdef"},
"ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web-6d9f8c7b5d","uid":"x","controller":true}],
"managedFields":[{"manager":"kube-controller-manager","operation":"Update","time":"2026-11-23T08:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"app\"}":{".":{},"f:image":{},"f:ports":{}}}}}},
{"manager":"kubelet","operation":"Update","subresource":"status","time":"2026-11-23T08:00:09Z","fieldsType":"FieldsV1","fieldsV1":{"f:status":{"f:conditions":{"k:{\"type\":\"Ready\"}":{"f:status":{}}},"f:podIP":{}}}}]},
"spec":{"nodeName":"node-%[4]d","serviceAccountName":"web-%[3]d","containers":[{"name":"app","image":"registry.example/web-%[3]d:7","ports":[{"containerPort":8080,"name":"http","protocol":"TCP"}],
"resources":{"requests":{"cpu":"100m","memory":"128Mi"},"limits":{"memory":"256Mi"}},"env":[{"name":"LOG","value":"info"}],"readinessProbe":{"httpGet":{"path":"/","port":8080}}}]},
"status":{"phase":"Running","podIP":"10.%[5]d.%[6]d.%[7]d","podIPs":[{"ip":"10.%[5]d.%[6]d.%[7]d"}],"startTime":"2026-11-23T08:00:01Z",
"conditions":[{"type":"Initialized","status":"True","lastTransitionTime":"2026-11-23T08:00:01Z"},{"type":"Ready","status":"True","lastTransitionTime":"2026-11-23T08:00:09Z"},{"type":"ContainersReady","status":"True","lastTransitionTime":"2026-11-23T08:00:09Z"},{"type":"PodScheduled","status":"True","lastTransitionTime":"2026-11-23T08:00:00Z"}],
"containerStatuses":[{"name":"app","ready":true,"restartCount":0,"containerID":"containerd://%064[1]d","state":{"running":{"startedAt":"2026-11-23T08:00:05Z"}}}]}}`,
		number, number%200, number%4000, number%200, number>>16&255, number>>8&255, number&255)
}

func podKind(b *testing.B) kube.Kind {
	b.Helper()
	for _, k := range kube.Kinds() {
		if k.Resource == mesh.ResourcePods {
			return k
		}
	}
	b.Fatal("there are no pods")
	return kube.Kind{}
}

func BenchmarkConvertPod(b *testing.B) {
	k := podKind(b)
	var pod corev1.Pod
	if err := json.Unmarshal(benchPod(1), &pod); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Convert(&pod); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodePod(b *testing.B) {
	k := podKind(b)
	raw := benchPod(1)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Decode(raw); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkHold20000Pods reports what the pods of a big mesh keep in memory.
func BenchmarkHold20000Pods(b *testing.B) {
	k := podKind(b)
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	for b.Loop() {
		before := heap()
		pods := make([]mesh.Object, 20_000)
		for i := range pods {
			var err error
			if pods[i], err = k.Decode(benchPod(i)); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(heap()-before)/float64(len(pods)), "B/pod")
		runtime.KeepAlive(pods)
	}
}
