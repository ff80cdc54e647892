package path

import (
	"slices"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// DeclaredSplit is how the routes of one port of a service divide requests
// over versions at its waypoint.
type DeclaredSplit struct {
	Port mesh.ServicePort
	// Versions in the order of the drawing. There is one without routes.
	Versions []DeclaredVersion
	// Routes are the objects whose rules are in effect, Subsets the
	// DestinationRules that say what subsets are.
	Routes  []*mesh.Route
	Subsets []*mesh.DestinationRule
	// TCP tells that the waypoint forwards connections and sees no requests.
	TCP bool
}

// DeclaredVersion is one place requests are sent to.
type DeclaredVersion struct {
	// ID is that of the version's node in the drawing.
	ID, Title string
	// Service is who has the pods, which may be another than was called, and
	// Host its name, empty where nobody has it or the waypoint answers itself.
	Service mesh.Ref
	Host    string
	// Subset narrows the pods, nil for all.
	Subset *mesh.Subset
	// Share is the part in percent of the requests that no match takes; -1
	// where only matches lead here.
	Share float64
	// Matched tells that rules with a match lead here too.
	Matched bool
	// Broken tells that no call gets an answer from the version's pods now.
	Broken bool
	// Pods are those of the version, ready or not. PodsKnown is false where they
	// could not be read.
	Pods      []*mesh.Workload
	PodsKnown bool
}

// DeclaredSplits are the splits of a service, one for each port that is not
// UDP; none where no waypoint takes its calls, since then no route counts.
func DeclaredSplits(s *mesh.Snapshot, service mesh.Ref) []DeclaredSplit {
	t := targetOf(s, service)
	if t == nil {
		return nil
	}
	z := authz.NewZtunnels(s)
	var out []DeclaredSplit
	for _, port := range t.ports {
		if port.Declared() == mesh.ProtocolUDP {
			continue
		}
		p := newPlan(s, z, t, port)
		if len(p.passages) == 0 {
			return nil
		}
		p.findVersions()
		out = append(out, p.declaredSplit())
	}
	return out
}

func (p *plan) declaredSplit() DeclaredSplit {
	d := DeclaredSplit{Port: p.port, TCP: !p.http()}
	for _, r := range p.routing.Rules {
		if !r.Dead && !slices.Contains(d.Routes, r.Route) {
			d.Routes = append(d.Routes, r.Route)
		}
	}
	for _, v := range p.versions {
		d.Versions = append(d.Versions, p.splitVersion(v))
		if v.subset == nil {
			continue
		}
		for _, rule := range destinationRulesFor(p.snap, p.passages[0].ref.Namespace, p.ofVersion(v)) {
			if !slices.Contains(d.Subsets, rule) {
				d.Subsets = append(d.Subsets, rule)
			}
		}
	}
	return d
}

// ofVersion is what the version's subset is of.
func (p *plan) ofVersion(v *version) *target {
	if v.ref == p.target.ref {
		return p.target
	}
	return targetOf(p.snap, v.ref)
}

func (p *plan) splitVersion(v *version) DeclaredVersion {
	d := DeclaredVersion{
		ID: key("version", v.id), Title: v.title, Service: v.ref, Host: v.host, Subset: v.subset,
		Share: v.share, Matched: len(v.matches) > 0, Broken: v.broken != "", PodsKnown: v.unknown == "",
	}
	if v.host == p.target.host {
		d.Service = p.target.ref
	}
	for _, b := range v.backends {
		if b.workload != nil {
			d.Pods = append(d.Pods, b.workload)
		}
	}
	return d
}
