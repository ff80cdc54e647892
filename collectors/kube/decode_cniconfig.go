package kube

import (
	"fmt"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/waylight/waylight/mesh"
)

// Keys of the ConfigMap istio-cni-config, which istio-cni takes as its
// environment (chart istio-cni, configmap-cni.yaml).
const (
	keyAmbientEnabled    = "AMBIENT_ENABLED"
	keyAmbientSelector   = "AMBIENT_ENABLEMENT_SELECTOR"
	keyAmbientDNSCapture = "AMBIENT_DNS_CAPTURE"
	keyExcludeNamespaces = "EXCLUDE_NAMESPACES"
)

// readCNIConfig reads istio-cni's settings with istio-cni's defaults: what is
// absent or no boolean is off (cni/pkg/cmd, viper.GetBool). Where a key is
// absent that older charts did not have, the chart's own default holds: their
// istio-cni had it built in.
func readCNIConfig(data map[string]string) *mesh.CNIConfig {
	out := &mesh.CNIConfig{
		AmbientEnabled:    isOn(data[keyAmbientEnabled]),
		DNSCapture:        isOn(data[keyAmbientDNSCapture]),
		Selectors:         mesh.DefaultEnablement(),
		ExcludeNamespaces: []string{"kube-system"},
	}
	if list, ok := data[keyExcludeNamespaces]; ok {
		out.ExcludeNamespaces = splitNames(list)
	}
	if text, ok := data[keyAmbientSelector]; ok {
		selectors, err := readEnablement(text)
		if err != nil {
			out.Malformed = err.Error()
		} else {
			out.Selectors = selectors
		}
	}
	return out
}

func isOn(text string) bool {
	on, err := strconv.ParseBool(text)
	return err == nil && on
}

func splitNames(list string) []string {
	var out []string
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); name != "" {
			out = append(out, share(name))
		}
	}
	return out
}

// readEnablement reads istio-cni's selector list. An empty list selects no pod
// at all. What istio-cni refuses to start with is an error here too.
func readEnablement(text string) ([]mesh.EnablementSelector, error) {
	var in []struct {
		Pod       metav1.LabelSelector `json:"podSelector"`
		Namespace metav1.LabelSelector `json:"namespaceSelector"`
	}
	if err := unmarshalYAML(text, &in); err != nil {
		return nil, err
	}
	out := make([]mesh.EnablementSelector, len(in))
	for i := range in {
		for _, s := range []*metav1.LabelSelector{&in[i].Pod, &in[i].Namespace} {
			if _, err := metav1.LabelSelectorAsSelector(s); err != nil {
				return nil, fmt.Errorf("selector %d: %s", i+1, bounded(oneLine(err.Error()), maxAnnotation))
			}
		}
		out[i] = mesh.EnablementSelector{Pod: *selectorOf(&in[i].Pod), Namespace: *selectorOf(&in[i].Namespace)}
	}
	return out, nil
}
