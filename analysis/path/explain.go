package path

import (
	"net/netip"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// Explain follows one call from the client to the application and says who
// decides about it, from a snapshot and from what proxies were seen to have;
// dumps may be nil. The error is a *BadRequestError.
func Explain(s *mesh.Snapshot, dumps Dumps, r Request) (*Explanation, error) {
	q, err := newQuestion(s, dumps, r)
	if err != nil {
		return nil, err
	}
	return explanation(q.request, split(&way{weight: 100}, q.clients, q.depart), q.prover()), nil
}

// question is a call that was asked about, with both ends found.
type question struct {
	snap     *mesh.Snapshot
	dumps    Dumps
	request  Request
	clients  []*client
	to       *address
	ztunnels *authz.Ztunnels
	trust    string
}

func newQuestion(s *mesh.Snapshot, dumps Dumps, r Request) (*question, error) {
	q := &question{snap: s, dumps: dumps, ztunnels: authz.NewZtunnels(s), trust: s.TrustDomain()}
	var err error
	if q.request, err = r.normal(); err != nil {
		return nil, err
	}
	if q.clients, err = clients(s, q.request.From); err != nil {
		return nil, err
	}
	v := resolver{snap: s, from: q.clients[0].namespace()}
	if q.to, err = v.resolve(q.request.To); err != nil {
		return nil, err
	}
	if q.request.tls && q.to.port.Declared() == mesh.ProtocolUndeclared {
		q.to.port.AppProtocol = "tls"
	}
	return q, nil
}

// ztunnelDump is what the ztunnel of a node has in memory, nil where it was
// not read.
func (q *question) ztunnelDump(node string) *mesh.ZtunnelDump {
	if q.dumps == nil || node == "" {
		return nil
	}
	return q.dumps.Ztunnel(node)
}

// envoyDump is what the Envoy of a waypoint's pod has loaded, nil where it was
// not read.
func (q *question) envoyDump(pod mesh.Ref) *mesh.EnvoyDump {
	if q.dumps == nil {
		return nil
	}
	return q.dumps.Envoy(pod)
}

// seen is the request as a waypoint sees it.
func (q *question) seen() *authz.Request { return q.request.asSeen(q.to.host, q.snap.At) }

// call is what a hop is asked about: the request as far as an HTTP proxy sees
// it, to a port at an address.
func (q *question) call(w *way, destination netip.Addr, port uint16) authz.Call {
	return authz.Call{From: w.from, Destination: destination, Port: port, Request: q.seen()}
}
