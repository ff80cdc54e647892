package ztunnel

import (
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/waylight/waylight/collectors/jsonstream"
	"github.com/waylight/waylight/mesh"
)

// service reads a service (istio.md A.6).
func (w *walker) service(string) error {
	if err := w.keep(costService); err != nil {
		return err
	}
	if w.dec.PeekKind() != '{' {
		return w.wrong("an object")
	}
	out := &mesh.ZtunnelService{}
	err := w.object(func(key []byte) error { return w.serviceField(out, string(key)) })
	if err != nil {
		return err
	}
	w.visit.Service(out)
	return nil
}

func (w *walker) serviceField(out *mesh.ZtunnelService, key string) error {
	switch key {
	case "name":
		return w.text(&out.Name)
	case "namespace":
		return w.text(&out.Namespace)
	case "hostname":
		return w.own(&out.Hostname)
	case "vips":
		return w.strings(&out.VIPs, nil, w.own)
	case "cidrVips":
		return w.strings(&out.CIDRVIPs, nil, w.cidr)
	case "ports":
		return w.ports(&out.Ports)
	case "endpoints":
		return w.endpoints(out)
	case "subjectAltNames":
		return w.texts(&out.SANs, nil)
	case "waypoint":
		return w.destination(&out.Waypoint)
	case "weightedWaypoints":
		return w.weighted(out)
	case "loadBalancer":
		return w.loadBalancer(&out.LoadBalancer)
	case "ipFamilies":
		return w.text(&out.IPFamilies)
	case "visibility":
		return w.text(&out.Visibility)
	case "canonical":
		if w.dec.PeekKind() != 'n' {
			out.Canonical = new(bool)
			return w.flag(out.Canonical)
		}
	}
	return w.dec.SkipValue()
}

// cidr reads {"network":"","cidr":"240.0.0.0/16"}, or the string "network/cidr"
// as istioctl writes it again.
func (w *walker) cidr(into *string) error {
	if w.dec.PeekKind() != '{' {
		return w.own(into)
	}
	var network, cidr string
	err := w.object(func(key []byte) error {
		switch string(key) {
		case "network":
			return w.text(&network)
		case "cidr":
			return w.own(&cidr)
		}
		return w.dec.SkipValue()
	})
	*into = network + "/" + cidr
	return err
}

func (w *walker) weighted(out *mesh.ZtunnelService) error {
	return w.list(func() error {
		var to *mesh.ZtunnelDestination
		var weight uint32
		err := w.object(func(key []byte) error {
			switch string(key) {
			case "destination":
				return w.destination(&to)
			case "weight":
				return number(w, &weight)
			}
			return w.dec.SkipValue()
		})
		if err == nil && to != nil {
			out.Weighted = append(out.Weighted, mesh.ZtunnelWeightedWaypoint{ZtunnelDestination: *to, Weight: weight})
		}
		return firstOf(err, w.keep(costEntry))
	})
}

func (w *walker) loadBalancer(out *mesh.ZtunnelLoadBalancer) error {
	return w.object(func(key []byte) error {
		switch string(key) {
		case "routingPreferences":
			return w.texts(&out.Preferences, nil)
		case "mode":
			return w.text(&out.Mode)
		case "healthPolicy":
			return w.text(&out.HealthPolicy)
		}
		return w.dec.SkipValue()
	})
}

// endpoints come as an object; its keys are workload UIDs, up to 1.23 followed
// by ":network/ip", and the value names the workload itself.
func (w *walker) endpoints(out *mesh.ZtunnelService) error {
	list := w.endpointRoom[:0]
	err := w.object(func(key []byte) error {
		e := mesh.ZtunnelEndpoint{WorkloadUID: kept(key)}
		if err := firstOf(w.endpoint(&e), w.keep(2*costItem+len(key))); err != nil {
			return err
		}
		list = append(list, e)
		return nil
	})
	if err != nil {
		return err
	}
	w.endpointRoom = list
	out.Endpoints = slices.Clone(list)
	slices.SortFunc(out.Endpoints, func(a, b mesh.ZtunnelEndpoint) int { return strings.Compare(a.WorkloadUID, b.WorkloadUID) })
	return nil
}

func (w *walker) endpoint(out *mesh.ZtunnelEndpoint) error {
	return w.object(func(key []byte) error {
		switch string(key) {
		case "workloadUid":
			return w.textLike(&out.WorkloadUID, out.WorkloadUID)
		case "port":
			return w.ports(&out.Ports)
		case "status":
			return w.text(&out.Status)
		}
		return w.dec.SkipValue()
	})
}

// ports reads a map of ports, and drops keys that are no port numbers. Most
// services have the same few, which share one map.
func (w *walker) ports(into *map[uint16]uint16) error {
	switch w.dec.PeekKind() {
	case '{':
	case 'n':
		return w.dec.SkipValue()
	default:
		return w.wrong("an object")
	}
	raw, err := w.dec.ReadValue()
	if err != nil {
		return err
	}
	known, ok := w.portSets[string(raw)]
	if !ok {
		if known = parsePorts(raw); known == nil {
			return w.misfit("no map", "one of ports to ports")
		}
		w.portSets[string(raw)] = known
		if err := w.keep(len(raw) + costItem*len(known)); err != nil {
			return err
		}
	}
	*into = known
	return nil
}

// parsePorts is nil for what holds anything but ports.
func parsePorts(raw jsontext.Value) map[uint16]uint16 {
	var ports map[string]uint16
	if json.Unmarshal(raw, &ports, jsonstream.Options) != nil {
		return nil
	}
	out := make(map[uint16]uint16, len(ports))
	for key, target := range ports {
		if n, err := strconv.ParseUint(key, 10, 16); err == nil {
			out[uint16(n)] = target
		}
	}
	return out
}

// firstOf is the first error that is one.
func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
