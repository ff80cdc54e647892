package envoy

import (
	"encoding/json"
	"errors"
)

// recorded is what can be taken from a dump to load it again.
type recorded struct {
	node                           any
	listeners, clusters, endpoints []any
}

// configDump has the parts of a config_dump that hold it; each section of a dump has its own.
type configDump struct {
	Configs []struct {
		Bootstrap struct {
			Node any `json:"node"`
		} `json:"bootstrap"`
		Listeners []struct {
			ActiveState struct {
				Listener any `json:"listener"`
			} `json:"active_state"`
		} `json:"dynamic_listeners"`
		Clusters []struct {
			Cluster any `json:"cluster"`
		} `json:"dynamic_active_clusters"`
		Endpoints []struct {
			Config any `json:"endpoint_config"`
		} `json:"dynamic_endpoint_configs"`
	} `json:"configs"`
}

func parse(text []byte) (*recorded, error) {
	var dump configDump
	if err := json.Unmarshal(text, &dump); err != nil {
		return nil, err
	}
	r := &recorded{}
	for _, section := range dump.Configs {
		if section.Bootstrap.Node != nil {
			r.node = section.Bootstrap.Node
		}
		for _, l := range section.Listeners {
			r.listeners = append(r.listeners, l.ActiveState.Listener)
		}
		for _, c := range section.Clusters {
			r.clusters = append(r.clusters, c.Cluster)
		}
		for _, e := range section.Endpoints {
			r.endpoints = append(r.endpoints, e.Config)
		}
	}
	if len(r.listeners) == 0 || len(r.clusters) == 0 || len(r.endpoints) == 0 {
		return nil, errors.New("the dump has no listeners, clusters or endpoints that istiod sent")
	}
	return r, nil
}
