package kube

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/waylight/waylight/mesh"
)

// meshConfigText is what Waylight reads of istio.mesh.v1alpha1.MeshConfig.
type meshConfigText struct {
	RootNamespace      string                  `json:"rootNamespace"`
	TrustDomain        string                  `json:"trustDomain"`
	TrustDomainAliases []string                `json:"trustDomainAliases"`
	DiscoverySelectors []*metav1.LabelSelector `json:"discoverySelectors"`
	AccessLogFile      string                  `json:"accessLogFile"`
	AccessLogEncoding  string                  `json:"accessLogEncoding"`
	AccessLogFormat    string                  `json:"accessLogFormat"`
	DefaultProviders   struct {
		AccessLogging []string `json:"accessLogging"`
	} `json:"defaultProviders"`
	ExtensionProviders []extensionProviderText `json:"extensionProviders"`
}

// extensionProviderText is a provider as far as it writes a log Waylight reads.
type extensionProviderText struct {
	Name               string `json:"name"`
	EnvoyFileAccessLog *struct {
		LogFormat struct {
			Text   string         `json:"text"`
			Labels map[string]any `json:"labels"`
		} `json:"logFormat"`
	} `json:"envoyFileAccessLog"`
}

// logFormat is the format of a provider, false if it has none of its own.
func (p *extensionProviderText) logFormat() (mesh.AccessLogFormat, bool) {
	if p.EnvoyFileAccessLog == nil {
		return mesh.AccessLogFormat{}, false
	}
	f := &p.EnvoyFileAccessLog.LogFormat
	out := mesh.AccessLogFormat{Provider: p.Name, Text: bounded(f.Text, maxMessage)}
	if len(f.Labels) > 0 {
		labels, err := json.Marshal(f.Labels)
		if err != nil {
			return mesh.AccessLogFormat{}, false
		}
		out.JSON, out.Text = true, bounded(string(labels), maxMessage)
	}
	return out, out.Text != ""
}

// builtinProviders are the extension providers of a mesh that defines none;
// own ones come on top (istio pkg/config/mesh, DefaultMeshConfig).
var builtinProviders = []string{"prometheus", "stackdriver", "envoy"}

// readMeshConfig reads istiod's mesh configuration over its defaults. Text that
// cannot be read leaves the defaults, which is what a starting istiod falls
// back to.
func readMeshConfig(text string) *mesh.MeshConfig {
	var in meshConfigText
	malformed := ""
	if err := unmarshalYAML(text, &in); err != nil {
		in, malformed = meshConfigText{}, err.Error()
	}
	out := &mesh.MeshConfig{
		RootNamespace:       share(cmp.Or(in.RootNamespace, mesh.DefaultRootNamespace)),
		TrustDomain:         share(cmp.Or(in.TrustDomain, mesh.DefaultTrustDomain)),
		TrustDomainAliases:  in.TrustDomainAliases,
		AccessLogFile:       in.AccessLogFile,
		AccessLogEncoding:   cmp.Or(in.AccessLogEncoding, "TEXT"),
		AccessLogFormat:     bounded(in.AccessLogFormat, maxMessage),
		DefaultLogProviders: in.DefaultProviders.AccessLogging,
		ExtensionProviders:  append([]string(nil), builtinProviders...),
		Malformed:           malformed,
	}
	for _, s := range in.DiscoverySelectors {
		if s != nil {
			out.DiscoverySelectors = append(out.DiscoverySelectors, *selectorOf(s))
		}
	}
	for i := range in.ExtensionProviders {
		p := &in.ExtensionProviders[i]
		out.ExtensionProviders = append(out.ExtensionProviders, p.Name)
		if format, ok := p.logFormat(); ok {
			out.ProviderLogFormats = append(out.ProviderLogFormats, format)
		}
	}
	return out
}

// maxConfigText is far more than Kubernetes lets a ConfigMap hold (1 MiB).
const maxConfigText = 2 << 20

// unmarshalYAML reads hostile YAML; the error is one bounded line.
func unmarshalYAML(text string, into any) error {
	if len(text) > maxConfigText {
		return errors.New("it is longer than a ConfigMap can be")
	}
	if err := yaml.Unmarshal([]byte(text), into); err != nil {
		return fmt.Errorf("%s", bounded(oneLine(err.Error()), maxAnnotation))
	}
	return nil
}
