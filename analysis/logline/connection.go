package logline

import (
	"fmt"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// call is a connection as a ztunnel tells of it, with words for its ends.
type call struct{ *mesh.ConnectionLog }

// inbound tells that the ztunnel of the destination speaks.
func (c call) inbound() bool { return c.Direction == "inbound" }

// from is the caller.
func (c call) from() string { return peerName(&c.Source) }

// to is what was called: the service where the caller named one, else the pod.
func (c call) to() string {
	addr := c.HBONEAddr
	if addr == "" {
		addr = c.Destination.Addr
	}
	name := c.Service
	if name == "" || c.inbound() {
		name = peerName(&c.Destination)
	}
	switch p := port(addr); {
	case p == "", name == addr, name == c.Destination.Addr:
		return name
	case name == c.Service && !c.viaWaypoint():
		return name + " (port " + p + " of its pod)" // the service's own can be another
	default:
		return name + ":" + p
	}
}

// tunnelled tells that the call goes over HBONE.
func (c call) tunnelled() bool { return c.HBONEAddr != "" || port(c.Destination.Addr) == hbonePort }

// viaWaypoint tells that the other end of the tunnel is not what was called: a
// waypoint, or the gateway of another network.
func (c call) viaWaypoint() bool {
	return !c.inbound() && c.HBONEAddr != "" && host(c.HBONEAddr) != host(c.Destination.Addr)
}

// end names the other end of an outbound tunnel.
func (c call) end() string {
	if c.viaWaypoint() {
		return "waypoint " + peerName(&c.Destination)
	}
	return peerName(&c.Destination)
}

func explainConnection(log *mesh.ConnectionLog) mesh.LogExplanation {
	c := call{log}
	if c.Error == "" {
		if c.Event == "failed" {
			return c.unknown()
		}
		return mesh.LogExplanation{Text: c.success()}
	}
	for i := range connectionErrors {
		e := &connectionErrors[i]
		if at := strings.Index(c.Error, e.text); at >= 0 {
			return e.explain(c, c.Error[at+len(e.text):])
		}
	}
	return c.unknown()
}

// success says what became of a connection that did not fail.
func (c call) success() string {
	verb := "connected to"
	if c.Event == "opened" {
		verb = "opened a connection to"
	}
	switch {
	case c.inbound() && c.Source.Identity == "" && !c.tunnelled():
		return fmt.Sprintf("%s %s %s in plaintext.", c.from(), verb, c.to())
	case c.inbound():
		return fmt.Sprintf("%s %s %s over mutual TLS.", c.from(), verb, c.to())
	case c.viaWaypoint():
		return fmt.Sprintf("%s %s %s through %s; what the request got is in the waypoint's log.", c.from(), verb, c.to(), c.end())
	case c.tunnelled():
		return fmt.Sprintf("%s %s %s over mutual TLS.", c.from(), verb, c.to())
	}
	return fmt.Sprintf("%s %s %s without a tunnel: the destination is not in the mesh.", c.from(), verb, c.to())
}

func (c call) unknown() mesh.LogExplanation {
	reason := c.Error
	if reason == "" {
		reason = "no reason is given"
	}
	return mesh.LogExplanation{
		Code: CodeConnectionsFailing, Text: fmt.Sprintf("The connection from %s to %s failed: %s.", c.from(), c.to(), reason),
		Look: "lines of the same moment in this ztunnel's log",
	}
}
