package istiod

import (
	"slices"
	"strings"
	"time"

	"github.com/waylight/waylight/mesh"
)

// rawSync is one proxy's entry (istio.md H): fields of each type in older
// releases, and a list of types in newer ones, which still write both.
type rawSync struct {
	ClusterID            string                 `json:"cluster_id"`
	Proxy                string                 `json:"proxy"`
	ProxyType            string                 `json:"proxy_type"`
	ProxyVersion         string                 `json:"proxy_version"`
	IstioVersion         string                 `json:"istio_version"`
	ClusterSent          string                 `json:"cluster_sent"`
	ClusterAcked         string                 `json:"cluster_acked"`
	ListenerSent         string                 `json:"listener_sent"`
	ListenerAcked        string                 `json:"listener_acked"`
	RouteSent            string                 `json:"route_sent"`
	RouteAcked           string                 `json:"route_acked"`
	EndpointSent         string                 `json:"endpoint_sent"`
	EndpointAcked        string                 `json:"endpoint_acked"`
	ExtensionConfigSent  string                 `json:"extensionconfig_sent"`
	ExtensionConfigAcked string                 `json:"extensionconfig_acked"`
	Resources            map[string]rawResource `json:"resources"`
}

type rawResource struct {
	Sent      string `json:"sent"`
	Acked     string `json:"acked"`
	SentTime  string `json:"sentTime"`
	LastError string `json:"lastError"`
}

// typePrefix begins the URL of every type.
const typePrefix = "type.googleapis.com/"

// types are the states of all types by URL. The list is the better source: it
// has ztunnel's types, times and rejections.
func (raw *rawSync) types() []mesh.TypeSync {
	out := make([]mesh.TypeSync, 0, len(raw.Resources))
	for url, r := range raw.Resources {
		out = append(out, mesh.TypeSync{URL: url, Sent: r.Sent, Acked: r.Acked, SentAt: moment(r.SentTime), LastError: r.LastError})
	}
	for _, flat := range []mesh.TypeSync{
		{URL: typePrefix + "envoy.config.cluster.v3.Cluster", Sent: raw.ClusterSent, Acked: raw.ClusterAcked},
		{URL: typePrefix + "envoy.config.listener.v3.Listener", Sent: raw.ListenerSent, Acked: raw.ListenerAcked},
		{URL: typePrefix + "envoy.config.route.v3.RouteConfiguration", Sent: raw.RouteSent, Acked: raw.RouteAcked},
		{URL: typePrefix + "envoy.config.endpoint.v3.ClusterLoadAssignment", Sent: raw.EndpointSent, Acked: raw.EndpointAcked},
		{URL: typePrefix + "envoy.config.core.v3.TypedExtensionConfig", Sent: raw.ExtensionConfigSent, Acked: raw.ExtensionConfigAcked},
	} {
		if _, listed := raw.Resources[flat.URL]; !listed && (flat.Sent != "" || flat.Acked != "") {
			out = append(out, flat)
		}
	}
	slices.SortFunc(out, func(a, b mesh.TypeSync) int { return strings.Compare(a.URL, b.URL) })
	return out
}

// moment reads a time; the zero time says that there was none. No encoding of
// times can write a year of more than four digits.
func moment(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if t = t.UTC(); err != nil || t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}
	}
	return t
}
