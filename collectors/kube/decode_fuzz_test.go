package kube_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/waylight/waylight/collectors/kube"
	"github.com/waylight/waylight/mesh"
)

// hostile are specs and statuses with something wrong, to start from.
var hostile = []string{
	`{}`,
	`{"spec":null,"status":null}`,
	`{"spec":{"containers":[{"name":"a","ports":[{"containerPort":99999}],"resources":{"limits":{"cpu":"1e99"}}}]}}`,
	`{"spec":{"ports":[{"port":80,"targetPort":"web"}],"clusterIPs":["None"]},"status":{"conditions":[{"type":"A","observedGeneration":"1"}]}}`,
	`{"spec":{"http":[{"match":[{"headers":{"a":null}}],"route":[{"destination":{"host":"h","port":{"number":-1}}}],"timeout":"1h"}],"tcp":[{}],"tls":[{"match":[{}]}]}}`,
	`{"spec":{"rules":[null,{"from":[{"source":{}}],"to":[{}],"when":[{}]}],"selector":{},"targetRefs":[{}]}}`,
	`{"spec":{"trafficPolicy":{"portLevelSettings":[{"port":{"number":1},"outlierDetection":{}}]},"subsets":[{"trafficPolicy":{"portLevelSettings":[{}]}}]}}`,
	`{"spec":{"parentRefs":[{"name":"a"}],"rules":[{"matches":[{"path":{}}],"filters":[{"type":"RequestMirror","requestMirror":{"backendRef":{"name":"b"},"fraction":{"numerator":1,"denominator":0}}}]}]}}`,
	`{"metadata":{"ownerReferences":[{"controller":true}],"managedFields":[{"time":"2026-11-23T08:00:00Z","fieldsV1":{"f:status":{}}}]},"endpoints":[{"targetRef":{}}],"ports":[{}]}`,
	`{"type":"Warning","series":{"count":-1},"involvedObject":{},"data":{"mesh":"a: [","AMBIENT_ENABLEMENT_SELECTOR":"- {}"}}`,
}

// FuzzDecode decodes anything as any kind: an object or an error that is one
// bounded text, never a panic.
func FuzzDecode(f *testing.F) {
	kinds := kube.Kinds()
	for i := range kinds {
		for _, body := range hostile {
			f.Add(uint8(i), `{"metadata":{"namespace":"shop","name":"istio"},`+body[1:])
		}
	}
	f.Fuzz(func(t *testing.T, kind uint8, raw string) {
		k := kinds[int(kind)%len(kinds)]
		o, err := k.Decode([]byte(raw))
		if err != nil {
			if o != nil {
				t.Error("an error came with an object")
			}
			return
		}
		if o == nil {
			return
		}
		check(t, o)
		if want := k.Ref(o.Ref().Namespace, o.Ref().Name); o.Ref() != want {
			t.Errorf("decoded as %v, want %v", o.Ref(), want)
		}
	})
}

// check makes sure that a decoded object can be worked with.
func check(t *testing.T, o mesh.Object) {
	t.Helper()
	if o.Ref().Name == "" || len(o.Ref().Name) > 253 {
		t.Errorf("the name is %q", o.Ref().Name)
	}
	shard := mesh.NewShard(o.Ref().Namespace, []mesh.Object{o})
	snap := mesh.NewSnapshot(mesh.Content{Shards: []*mesh.Shard{shard}, ClusterScoped: []mesh.Object{o}})
	snap.Lookup(o.Ref())
	snap.Waypoints()
	for _, w := range shard.Workloads {
		snap.ControllerOf(w)
		snap.Enrolment(w)
	}
}

// FuzzReadDocuments reads anything as a text of objects.
func FuzzReadDocuments(f *testing.F) {
	f.Add(aService + bService)
	f.Add(`{"kind":"List","items":[` + aService + `]}`)
	f.Add("---\n" + aService + "\n---\na: &a [1]\nb: *a\n")
	f.Add("{apiVersion: v1, kind: Pod, metadata: {namespace: a, name: b}}")
	f.Fuzz(func(t *testing.T, text string) {
		_ = kube.ReadDocuments(strings.NewReader(text), func(d kube.Document) {
			if d.Err != nil && d.Object != nil {
				t.Error("an error came with an object")
			}
			if d.Object != nil {
				check(t, d.Object)
			}
		})
	})
}

// configMapOf decodes a ConfigMap of Istio with one hostile entry.
func configMapOf(t *testing.T, name, key, text string) mesh.Object {
	t.Helper()
	raw, err := json.Marshal(map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap",
		"metadata": map[string]string{"namespace": "istio-system", "name": name},
		"data":     map[string]string{key: text},
	})
	if err != nil {
		t.Fatal(err)
	}
	d := documents(t, string(raw))[0]
	if d.Err != nil || d.Object == nil {
		t.Fatalf("the ConfigMap is lost for its text: %v", d.Err)
	}
	return d.Object
}

func FuzzMeshConfig(f *testing.F) {
	f.Add("rootNamespace: a\ndiscoverySelectors: [{matchLabels: {a: b}}, null]\nextensionProviders: [{name: x}]")
	f.Add("trustDomain: [")
	f.Fuzz(func(t *testing.T, text string) {
		c := configMapOf(t, "istio", "mesh", text).(*mesh.MeshConfig)
		if c.RootNamespace == "" || c.TrustDomain == "" || len(c.ExtensionProviders) < 3 || len(c.Malformed) > 3<<10 {
			t.Errorf("%q gave %+v", text, c)
		}
	})
}

func FuzzEnablementSelector(f *testing.F) {
	f.Add("- podSelector: {matchLabels: {a: b}}\n- namespaceSelector: {matchExpressions: [{key: a, operator: In, values: [b]}]}")
	f.Add("- ")
	f.Add("{")
	f.Fuzz(func(t *testing.T, text string) {
		c := configMapOf(t, "istio-cni-config", "AMBIENT_ENABLEMENT_SELECTOR", text).(*mesh.CNIConfig)
		if c.Malformed != "" && len(c.Selectors) != len(mesh.DefaultEnablement()) {
			t.Errorf("%q is malformed, and the selectors are not the default: %+v", text, c.Selectors)
		}
		for _, s := range c.Selectors {
			s.Pod.Matches(nil)
			s.Namespace.Matches(map[string]string{"a": "b"})
		}
	})
}
