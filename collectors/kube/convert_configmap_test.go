package kube_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/waylight/waylight/mesh"
)

// configMap is a ConfigMap with one entry.
func configMap(name, key, text string) string {
	indented := strings.ReplaceAll("\n"+strings.TrimSpace(text), "\n", "\n    ")
	return "apiVersion: v1\nkind: ConfigMap\nmetadata: {namespace: istio-system, name: " + name + "}\ndata:\n  " + key + ": |" + indented + "\n"
}

func TestMeshConfig(t *testing.T) {
	defaults := func(change func(*mesh.MeshConfig)) mesh.MeshConfig {
		c := mesh.MeshConfig{
			RootNamespace: "istio-system", TrustDomain: "cluster.local", AccessLogEncoding: "TEXT",
			ExtensionProviders: []string{"prometheus", "stackdriver", "envoy"},
		}
		change(&c)
		return c
	}
	tests := []struct {
		name, text string
		want       mesh.MeshConfig
	}{
		{"empty", "{}", defaults(func(*mesh.MeshConfig) {})},
		{
			"settings",
			`
rootNamespace: mesh-root
trustDomain: example.org
trustDomainAliases: [old.example.org]
accessLogFile: /dev/stdout
accessLogEncoding: JSON
accessLogFormat: "%START_TIME%"
defaultProviders: {accessLogging: [otel]}
extensionProviders: [{name: otel, envoyOtelAls: {service: otel, port: 4317}}]
enableAutoMtls: false`,
			defaults(func(c *mesh.MeshConfig) {
				c.RootNamespace, c.TrustDomain, c.TrustDomainAliases = "mesh-root", "example.org", []string{"old.example.org"}
				c.AccessLogFile, c.AccessLogEncoding, c.AccessLogFormat = "/dev/stdout", "JSON", "%START_TIME%"
				c.DefaultLogProviders, c.ExtensionProviders = []string{"otel"}, append(c.ExtensionProviders, "otel")
			}),
		},
		{
			"discovery selectors",
			"discoverySelectors: [{matchLabels: {mesh: in}}, {matchExpressions: [{key: team, operator: Exists}]}]",
			defaults(func(c *mesh.MeshConfig) {
				c.DiscoverySelectors = []mesh.LabelSelector{
					{MatchLabels: map[string]string{"mesh": "in"}},
					{MatchExpressions: []mesh.LabelRequirement{{Key: "team", Operator: "Exists"}}},
				}
			}),
		},
		{
			"providers that write a log in their own format",
			`
extensionProviders:
- name: short
  envoyFileAccessLog: {path: /dev/stdout, logFormat: {text: "%RESPONSE_CODE% %REQ(:PATH)%\n"}}
- name: labelled
  envoyFileAccessLog: {path: /dev/stdout, logFormat: {labels: {status: "%RESPONSE_CODE%", more: {path: "%REQ(:PATH)%"}}}}
- name: usual
  envoyFileAccessLog: {path: /dev/stdout}
- name: wrong
  envoyFileAccessLog: {logFormat: {}}`,
			defaults(func(c *mesh.MeshConfig) {
				c.ExtensionProviders = append(c.ExtensionProviders, "short", "labelled", "usual", "wrong")
				c.ProviderLogFormats = []mesh.AccessLogFormat{
					{Provider: "short", Text: "%RESPONSE_CODE% %REQ(:PATH)%\n"},
					{Provider: "labelled", JSON: true, Text: `{"more":{"path":"%REQ(:PATH)%"},"status":"%RESPONSE_CODE%"}`},
				}
			}),
		},
		{"an unknown value stays as it is written", "accessLogEncoding: MORSE", defaults(func(c *mesh.MeshConfig) { c.AccessLogEncoding = "MORSE" })},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sameButMeta(t, decoded[*mesh.MeshConfig](t, configMap("istio", "mesh", tt.text)), &tt.want)
		})
	}
}

func TestMalformedMeshConfigLeavesDefaults(t *testing.T) {
	for _, text := range []string{"rootNamespace: [", "rootNamespace: {a: b}", "hello", "trustDomain: a\n\ttab: b"} {
		got := decoded[*mesh.MeshConfig](t, configMap("istio", "mesh", text))
		if got.Malformed == "" || strings.Contains(got.Malformed, "\n") {
			t.Errorf("%q is malformed: %q, want one line", text, got.Malformed)
		}
		if got.RootNamespace != mesh.DefaultRootNamespace || got.TrustDomain != mesh.DefaultTrustDomain {
			t.Errorf("%q gave %+v", text, got)
		}
	}
}

func TestWhichConfigMapsAreKept(t *testing.T) {
	tests := []struct {
		name, key string
		kept      bool
		revision  string
	}{
		{"istio", "mesh", true, ""},
		{"istio-1-32", "mesh", true, "1-32"},
		{"istio-ca-root-cert", "root-cert.pem", false, ""},
		{"istio-sidecar-injector", "config", false, ""},
		{"istiod", "mesh", false, ""},
		{"my-istio", "mesh", false, ""},
		{"app", "mesh", false, ""},
	}
	for _, tt := range tests {
		got := documents(t, configMap(tt.name, tt.key, "{}"))[0].Object
		if (got != nil) != tt.kept {
			t.Errorf("%s kept: %v, want %v", tt.name, got != nil, tt.kept)
		}
		if c, ok := got.(*mesh.MeshConfig); ok && (c.Revision != tt.revision || c.Kind != "ConfigMap") {
			t.Errorf("%s is %s of revision %q, want %q", tt.name, c.Ref(), c.Revision, tt.revision)
		}
	}
}

func TestCNIConfig(t *testing.T) {
	const key = "AMBIENT_ENABLEMENT_SELECTOR"
	kubeSystem := []string{"kube-system"}
	tests := []struct {
		name, data string
		want       mesh.CNIConfig
	}{
		{"nothing set is off, and selects as the chart does", `{}`, mesh.CNIConfig{Selectors: mesh.DefaultEnablement(), ExcludeNamespaces: kubeSystem}},
		{
			"as the chart writes it",
			`{AMBIENT_ENABLED: "true", AMBIENT_DNS_CAPTURE: "true", EXCLUDE_NAMESPACES: "kube-system, ,storage", ` + key + `: "- podSelector: {matchLabels: {mesh: please}}"}`,
			mesh.CNIConfig{AmbientEnabled: true, DNSCapture: true, ExcludeNamespaces: []string{"kube-system", "storage"}, Selectors: []mesh.EnablementSelector{{Pod: mesh.LabelSelector{MatchLabels: map[string]string{"mesh": "please"}}}}},
		},
		{"no namespace is excluded", `{EXCLUDE_NAMESPACES: ""}`, mesh.CNIConfig{Selectors: mesh.DefaultEnablement()}},
		{"what is no boolean is off", `{AMBIENT_ENABLED: sure}`, mesh.CNIConfig{Selectors: mesh.DefaultEnablement(), ExcludeNamespaces: kubeSystem}},
		{"an empty list selects nothing", `{` + key + `: "[]"}`, mesh.CNIConfig{ExcludeNamespaces: kubeSystem}},
		{
			"an unknown operator is refused as istio-cni refuses it",
			`{` + key + `: "- podSelector: {matchExpressions: [{key: a, operator: Resembles}]}"}`,
			mesh.CNIConfig{Selectors: mesh.DefaultEnablement(), ExcludeNamespaces: kubeSystem, Malformed: "selector 1"},
		},
		{"no YAML", `{` + key + `: "- ["}`, mesh.CNIConfig{Selectors: mesh.DefaultEnablement(), ExcludeNamespaces: kubeSystem, Malformed: "yaml"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := decoded[*mesh.CNIConfig](t, "{apiVersion: v1, kind: ConfigMap, metadata: {namespace: istio-system, name: istio-cni-config}, data: "+tt.data+"}")
			if !strings.Contains(got.Malformed, tt.want.Malformed) || (got.Malformed == "") != (tt.want.Malformed == "") {
				t.Errorf("malformed %q, want it to say %q", got.Malformed, tt.want.Malformed)
			}
			if diff := cmp.Diff(&tt.want, got, cmpopts.IgnoreTypes(mesh.Meta{}), cmpopts.IgnoreFields(mesh.CNIConfig{}, "Malformed"), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("config (-want +got):\n%s", diff)
			}
		})
	}
}
