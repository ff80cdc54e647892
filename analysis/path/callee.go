package path

import (
	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// Callee is one row of "what may this workload call": a port of a Service or
// ServiceEntry, and what the hops on the way decide about the workload.
type Callee struct {
	Service mesh.Ref
	Port    mesh.ServicePort
	// Caller is the row the service's own listing has for the workload.
	Caller
}

// Callees lists what becomes of a workload's calls to every port of every
// Service and ServiceEntry the mesh carries, by policies alone: whether
// anything answers is another question. Namespaces and names are in order.
func Callees(s *mesh.Snapshot, w *mesh.Workload) []Callee {
	z := authz.NewZtunnels(s)
	var out []Callee
	for _, sh := range s.Shards {
		for _, svc := range sh.Services {
			if svc.Type != "ExternalName" {
				out = callees(out, s, z, targetOf(s, svc.Ref()), w)
			}
		}
		for _, e := range sh.ServiceEntries {
			out = callees(out, s, z, targetOf(s, e.Ref()), w)
		}
	}
	return out
}

func callees(out []Callee, s *mesh.Snapshot, z *authz.Ztunnels, t *target, w *mesh.Workload) []Callee {
	for _, port := range t.ports {
		if port.Protocol == "UDP" {
			continue
		}
		p := newPlan(s, z, t, port)
		p.findVersions()
		p.judge = p.newJudge()
		out = append(out, Callee{Service: t.ref, Port: port, Caller: p.judge.workload(w)})
	}
	return out
}

// workload is the row of one workload.
func (j *judge) workload(w *mesh.Workload) Caller {
	a := &mesh.Account{Namespace: w.Namespace, Name: orDefault(w.ServiceAccount)}
	pods := []*mesh.Workload{w}
	switch entryOf(w) {
	case EntryZtunnel:
		a.Captured = pods
	case EntrySidecar:
		a.Sidecars = pods
	case EntryGateway:
		a.Gateways = pods
	default:
		a.Outside = pods
	}
	return j.rows(nil, a)[0]
}
