package ztunnel

import (
	"net/netip"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// workloads drops the repetitions of releases up to 1.22, which list a workload
// once for each of its addresses.
type workloads struct {
	*walker
	seen map[string]bool
	// before is the workload before, which mostly has the same in most fields:
	// a dump is sorted by UID.
	before *mesh.ZtunnelWorkload
}

func newWorkloads(w *walker) *workloads {
	return &workloads{walker: w, seen: make(map[string]bool), before: new(mesh.ZtunnelWorkload)}
}

// read reads a workload. key is empty but for the old object form.
func (w *workloads) read(key string) error {
	if err := w.keep(costWorkload); err != nil {
		return err
	}
	// What equals its default is left out of a dump (istio.md A.5).
	out := &mesh.ZtunnelWorkload{Protocol: "TCP", NetworkMode: "Standard", TrustDomain: mesh.DefaultTrustDomain, ServiceAccount: "default", Status: "Healthy"}
	if err := w.fields(out); err != nil {
		return err
	}
	if key != "" && out.UID != "" {
		if w.seen[out.UID] {
			return nil
		}
		w.seen[out.UID] = true
	}
	w.before = out
	w.visit.Workload(out)
	return nil
}

// fields reads the fields of a workload (istio.md A.5).
func (w *workloads) fields(out *mesh.ZtunnelWorkload) error {
	if w.dec.PeekKind() != '{' {
		return w.wrong("an object")
	}
	return w.object(func(key []byte) error {
		if into, known := workloadText(out, w.before, key); into != nil {
			return w.textLike(into, known)
		}
		switch string(key) {
		case "workloadName":
			return w.textLike(&out.WorkloadName, out.Name)
		case "uid":
			return w.own(&out.UID)
		case "name":
			return w.own(&out.Name)
		case "workloadIps":
			return w.strings(&out.IPs, nil, w.own)
		case "authorizationPolicies":
			return w.texts(&out.Policies, w.before.Policies)
		case "services":
			return w.texts(&out.Services, w.before.Services)
		case "waypoint":
			return w.destination(&out.Waypoint)
		case "networkGateway":
			return w.destination(&out.NetworkGateway)
		case "locality":
			return w.locality(&out.Locality)
		case "applicationTunnel":
			return w.applicationTunnel(&out.ApplicationTunnelProtocol)
		case "nativeTunnel":
			return w.flag(&out.NativeTunnel)
		case "capacity":
			return number(w.walker, &out.Capacity)
		}
		return w.dec.SkipValue()
	})
}

// workloadText is the field of a key which holds a text that many workloads
// share, with what the workload before has there; nil for others.
func workloadText(out, before *mesh.ZtunnelWorkload, key []byte) (into *string, known string) {
	switch string(key) {
	case "namespace":
		return &out.Namespace, before.Namespace
	case "protocol":
		return &out.Protocol, before.Protocol
	case "networkMode":
		return &out.NetworkMode, before.NetworkMode
	case "node":
		return &out.Node, before.Node
	case "network":
		return &out.Network, before.Network
	case "trustDomain":
		return &out.TrustDomain, before.TrustDomain
	case "serviceAccount":
		return &out.ServiceAccount, before.ServiceAccount
	case "canonicalName":
		return &out.CanonicalName, before.CanonicalName
	case "canonicalRevision":
		return &out.CanonicalRevision, before.CanonicalRevision
	case "workloadType":
		return &out.WorkloadType, before.WorkloadType
	case "hostname":
		return &out.Hostname, before.Hostname
	case "status":
		return &out.Status, before.Status
	case "clusterId":
		return &out.ClusterID, before.ClusterID
	}
	return nil, ""
}

func (w *walker) locality(out *mesh.ZtunnelLocality) error {
	return w.object(func(key []byte) error {
		switch string(key) {
		case "region":
			return w.text(&out.Region)
		case "zone":
			return w.text(&out.Zone)
		case "subzone":
			return w.text(&out.Subzone)
		}
		return w.dec.SkipValue()
	})
}

func (w *walker) applicationTunnel(protocol *string) error {
	return w.object(func(key []byte) error {
		if string(key) == "protocol" {
			return w.text(protocol)
		}
		return w.dec.SkipValue()
	})
}

// destination reads a waypoint or gateway. 1.22 wrote port for what is
// hboneMtlsPort since.
func (w *walker) destination(into **mesh.ZtunnelDestination) error {
	if w.dec.PeekKind() == 'n' {
		return w.dec.SkipValue()
	}
	var name string
	var port, old uint16
	err := w.object(func(key []byte) error {
		switch string(key) {
		case "destination":
			return w.text(&name)
		case "hboneMtlsPort":
			return number(w, &port)
		case "port":
			return number(w, &old)
		}
		return w.dec.SkipValue()
	})
	if err != nil {
		return err
	}
	if port == 0 {
		port = old
	}
	*into, err = w.leadingTo(name, port)
	return err
}

// reached is a destination as it is written.
type reached struct {
	name string
	port uint16
}

// leadingTo is the destination of a name and port, of which a mesh has as many
// as it has waypoints.
func (w *walker) leadingTo(name string, port uint16) (*mesh.ZtunnelDestination, error) {
	known, ok := w.destinations[reached{name, port}]
	if ok {
		return known, nil
	}
	known = newDestination(name, port)
	w.destinations[reached{name, port}] = known
	return known, w.keep(costEntry)
}

// newDestination splits "network/address" from "namespace/hostname": what
// follows the first slash either is an address or is not. So a network and a
// namespace of one name are told apart.
func newDestination(name string, port uint16) *mesh.ZtunnelDestination {
	before, after, _ := strings.Cut(name, "/")
	if _, err := netip.ParseAddr(after); err == nil {
		return &mesh.ZtunnelDestination{Network: before, Address: after, Port: port}
	}
	return &mesh.ZtunnelDestination{Namespace: before, Hostname: after, Port: port}
}
