package kube

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// groups answers aggregated discovery for /api or /apis.
func (a *fakeAPI) groups(w http.ResponseWriter, path string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	items := []manifest{}
	for _, k := range a.kindsBelow(path) {
		scope := "Namespaced"
		if !k.Namespaced {
			scope = "Cluster"
		}
		resource := manifest{
			"resource": k.Plural, "scope": scope, "verbs": []string{"list", "watch"},
			"responseKind": manifest{"group": k.Group, "version": a.version(k), "kind": k.Kind},
		}
		version := manifest{"version": a.version(k), "freshness": "Current", "resources": []manifest{resource}}
		items = append(items, manifest{"metadata": manifest{"name": k.Group}, "versions": []manifest{version}})
	}
	w.Header().Set("Content-Type", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
	json.NewEncoder(w).Encode(manifest{"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "items": merged(items)})
}

// merged puts what has the same name and version together, as servers do.
func merged(items []manifest) []manifest {
	var out []manifest
	byName := map[any]manifest{}
	for _, item := range items {
		name := item["metadata"].(manifest)["name"]
		known := byName[name]
		if known == nil {
			byName[name] = item
			out = append(out, item)
			continue
		}
		known["versions"] = mergedVersions(append(known["versions"].([]manifest), item["versions"].([]manifest)...))
	}
	return out
}

func mergedVersions(versions []manifest) []manifest {
	var out []manifest
	byName := map[any]manifest{}
	for _, v := range versions {
		known := byName[v["version"]]
		if known == nil {
			byName[v["version"]] = v
			out = append(out, v)
			continue
		}
		known["resources"] = append(known["resources"].([]manifest), v["resources"].([]manifest)...)
	}
	return out
}

func (a *fakeAPI) kindsBelow(path string) []Kind {
	var out []Kind
	for _, k := range kinds {
		if (k.Group == "") == (path == "api") && !a.absent[k.Resource] {
			out = append(out, k)
		}
	}
	return out
}

// legacyGroups answers discovery as API servers before 1.26 do.
func (a *fakeAPI) legacyGroups(w http.ResponseWriter, path string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if path == "api" {
		reply(w, manifest{"kind": "APIVersions", "versions": []string{"v1"}})
		return
	}
	groups := []manifest{}
	seen := map[string]bool{}
	for _, k := range a.kindsBelow(path) {
		gv := apiVersion(k, a.version(k))
		if !seen[gv] {
			seen[gv] = true
			versions := []manifest{{"groupVersion": gv, "version": a.version(k)}}
			groups = append(groups, manifest{"name": k.Group, "versions": versions})
		}
	}
	reply(w, manifest{"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

func (a *fakeAPI) legacyResources(w http.ResponseWriter, group, version string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	resources := []manifest{}
	for _, k := range kinds {
		if k.Group == group && a.version(k) == version && !a.absent[k.Resource] {
			resources = append(resources, manifest{"name": k.Plural, "namespaced": k.Namespaced, "kind": k.Kind, "verbs": []string{"list", "watch"}})
		}
	}
	reply(w, manifest{"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": resources})
}

// keyOf is the place of an object: resource/namespace/name.
func keyOf(t *testing.T, o manifest) string {
	t.Helper()
	m := o["metadata"].(manifest)
	group, _, _ := strings.Cut(o["apiVersion"].(string), "/")
	if group == "v1" {
		group = ""
	}
	i := slices.IndexFunc(kinds, func(k Kind) bool { return k.Group == group && k.Kind == o["kind"] })
	if i < 0 {
		t.Fatalf("%v is of no kind that is read", o)
	}
	namespace, _ := m["namespace"].(string)
	return kinds[i].Resource + "/" + namespace + "/" + m["name"].(string)
}
