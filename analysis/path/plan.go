package path

import (
	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// plan is the way calls to one service port take, worked out before anything
// is judged or drawn.
type plan struct {
	snap     *mesh.Snapshot
	ztunnels *authz.Ztunnels
	trust    string // the mesh's trust domain
	// podsKnown: pods were readable everywhere, so that a missing ztunnel is
	// missing.
	podsKnown bool

	target *target
	port   mesh.ServicePort
	// pod is who a call to the address of one pod is for, nil for others.
	pod *backend
	// passages are the waypoints calls pass: none, one, or two with a canary.
	passages []*passage
	// bypass is a waypoint that calls do not pass although it is asked for.
	bypass *bypass
	// routing is in effect at the waypoint; routes without one are in unused.
	routing Routing
	unused  []*mesh.Route
	// versions are where the waypoint splits calls to; one without routes.
	versions []*version
	// noDefault tells that no rule takes everything, so that some requests get 404.
	noDefault bool
	judge     *judge
	callers   []Caller
	// identities counts those of the mesh, admitted the ones that policies let
	// through.
	identities, admitted int
	// sources are the nodes calls come from by ztunnel.
	sources []string
}

// newPlan finds which waypoints calls pass; what is behind them is followed
// when somebody asks.
func newPlan(s *mesh.Snapshot, z *authz.Ztunnels, t *target, port mesh.ServicePort) *plan {
	p := &plan{snap: s, ztunnels: z, trust: s.TrustDomain(), podsKnown: s.Readable(mesh.ResourcePods, ""), target: t, port: port}
	p.findPassages()
	return p
}

// wholePlan is a plan with every version calls are split to and every caller
// of the mesh judged, as drawings and listings need it.
func wholePlan(s *mesh.Snapshot, t *target, port mesh.ServicePort) *plan {
	p := newPlan(s, authz.NewZtunnels(s), t, port)
	p.findVersions()
	p.judge = p.newJudge()
	p.findCallers()
	p.sources = p.sourceNodes()
	return p
}

// http tells whether the waypoint treats the port as HTTP, so that it answers
// with a status and not with a reset.
func (p *plan) http() bool { return p.port.Declared() != mesh.ProtocolTCP }

// served are all backends of the versions calls can reach, each once.
func (p *plan) served() []*backend {
	var out []*backend
	for _, v := range p.versions {
		out = append(out, v.backends...)
	}
	return out
}
