package envoy

import (
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/waylight/waylight/mesh"
)

type rawClusterStatus struct {
	Name         string         `json:"name"`
	HostStatuses jsontext.Value `json:"host_statuses"`
}

type rawHostStatus struct {
	Address      *rawAddress    `json:"address"`
	Stats        rawStats       `json:"stats"`
	HealthStatus jsontext.Value `json:"health_status"`
	Weight       number         `json:"weight"`
	Priority     number         `json:"priority"`
	Locality     rawLocality    `json:"locality"`
}

// rawStats are the counters that are shown; the list has nine for each host.
type rawStats struct{ requests, errors, active uint64 }

// UnmarshalJSONFrom reads counters one by one. Envoy leaves out the value 0.
func (s *rawStats) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() != '[' {
		return dec.SkipValue()
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != ']' {
		var stat struct {
			Name  string `json:"name"`
			Value number `json:"value"`
		}
		if err := json.UnmarshalDecode(dec, &stat); err != nil {
			return err
		}
		switch stat.Name {
		case "rq_total":
			s.requests = uint64(stat.Value)
		case "rq_error":
			s.errors = uint64(stat.Value)
		case "cx_active":
			s.active = uint64(stat.Value)
		}
	}
	_, err := dec.ReadToken()
	return err
}

// host is how endpoints and their status find each other.
type host struct{ cluster, address, tunnel string }

// AddStatus joins clusters?format=json into a dump: counters, what Envoy itself
// found wrong with a host, and hosts that the dump has not. A dump is left as it
// was when the answer as a whole cannot be read.
func AddStatus(d *mesh.EnvoyDump, r io.Reader) error {
	w := newWalker()
	var hosts []mesh.EnvoyEndpoint
	err := w.walk(r, "clusters", func(dec *jsontext.Decoder, name string) error {
		if name != "cluster_statuses" {
			return dec.SkipValue()
		}
		return stream(w, dec, "status of a cluster", func(c *rawClusterStatus) {
			each(w, "status of a host", c.HostStatuses, func(raw *rawHostStatus) {
				if h := raw.endpoint(w, c.Name); h.Address != "" {
					hosts = append(hosts, h)
				}
			})
		})
	})
	if err != nil {
		return err
	}
	join(d, hosts)
	if d.Skipped == nil {
		d.Skipped = make(map[string]int)
	}
	for reason, n := range w.skipped {
		d.Skipped[reason] += n
	}
	return nil
}

// join gives each endpoint the status of its host and adds hosts without one.
func join(d *mesh.EnvoyDump, hosts []mesh.EnvoyEndpoint) {
	index := make(map[host]int, len(d.Endpoints))
	for i, e := range d.Endpoints {
		index[host{e.Cluster, e.Address, e.Tunnel}] = i
	}
	for _, h := range hosts {
		i, known := index[host{h.Cluster, h.Address, h.Tunnel}]
		if !known {
			d.Endpoints = append(d.Endpoints, h)
			continue
		}
		e := &d.Endpoints[i]
		e.Flags, e.Requests, e.Errors, e.Active, e.CountersKnown = h.Flags, h.Requests, h.Errors, h.Active, true
	}
}

func (h *rawHostStatus) endpoint(w *walker, cluster string) mesh.EnvoyEndpoint {
	out := mesh.EnvoyEndpoint{
		Cluster: cluster, Weight: h.Weight.uint32(), Priority: h.Priority.uint32(), Zone: h.Locality.Zone, Health: "UNKNOWN",
		Requests: h.Stats.requests, Errors: h.Stats.errors, Active: h.Stats.active, CountersKnown: true,
	}
	out.Address, out.Tunnel = h.Address.split()
	members(w, "health of a host", h.HealthStatus, func(name string, value *jsontext.Value) {
		switch {
		case name == "eds_health_status":
			if health := one[enum](w, "health of a host", *value); health != nil {
				out.Health = health.or("UNKNOWN")
			}
		case value.Kind() == 't': // each flag Envoy has, or will have
			out.Flags = append(out.Flags, name)
		}
	})
	return out
}
