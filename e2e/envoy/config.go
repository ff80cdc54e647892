package envoy

import (
	"net"
	"path/filepath"
	"strconv"
)

// The files that Envoy starts with, and from which it takes what istiod would send.
const (
	bootstrapFile = "bootstrap.json"
	listenersFile = "listeners.json"
	clustersFile  = "clusters.json"
	endpointsFile = "endpoints.json"
)

// secretFile is the file with one secret; Envoy takes no more from one.
func secretFile(name string) string { return "secret-" + name + ".json" }

type object = map[string]any

// bootstrap is the configuration that Envoy starts with.
func bootstrap(dir string, node any, admin string) object {
	return object{
		"node":  node,
		"admin": object{"address": socket(admin)},
		"dynamic_resources": object{
			"lds_config": source(dir, listenersFile),
			"cds_config": source(dir, clustersFile),
		},
		"bootstrap_extensions": []any{object{
			"name":         "envoy.bootstrap.internal_listener",
			"typed_config": object{"@type": "type.googleapis.com/envoy.extensions.bootstrap.internal_listener.v3.InternalListener"},
		}},
	}
}

func source(dir, file string) object {
	return object{"path_config_source": object{"path": filepath.Join(dir, file)}, "resource_api_version": "V3"}
}

func socket(address string) object {
	host, port, _ := net.SplitHostPort(address) // of cluster.FreeAddress, which has both
	number, _ := strconv.Atoi(port)
	return object{"socket_address": object{"address": host, "port_value": number}}
}

// response is what an xDS server sends.
func response(resources []any) object { return object{"version_info": "1", "resources": resources} }

// localizer turns resources of a waypoint in a pod into such as can be loaded here.
type localizer struct {
	dir string
	// hbone stands for the pod's address and port 15008.
	hbone string
}

// all replaces where secrets and endpoints come from, and where connections are accepted.
func (l localizer) all(resources []any) []any {
	out := make([]any, len(resources))
	for i, resource := range resources {
		out[i] = l.value(resource)
		if listener, ok := out[i].(object); ok && listener["address"] != nil {
			listener["address"] = socket(l.hbone)
		}
	}
	return out
}

func (l localizer) value(v any) any {
	switch v := v.(type) {
	case object:
		out := make(object, len(v))
		for key, inner := range v {
			switch key {
			case "sds_config":
				name, _ := v["name"].(string)
				out[key] = source(l.dir, secretFile(name))
			case "eds_config":
				out[key] = source(l.dir, endpointsFile)
			default:
				out[key] = l.value(inner)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = l.value(v[i])
		}
		return out
	}
	return v
}
