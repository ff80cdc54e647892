package analysis_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestProtocolUndeclared(t *testing.T) {
	ns, wp := mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")), mt.Waypoint("shop", "waypoint")
	declared := mt.With(func(s *mesh.Service) {
		s.Ports = []mesh.ServicePort{{Name: "sftp", Port: 22, Protocol: "TCP", AppProtocol: "tcp"}}
	})
	testCheck(t, "PROTOCOL_UNDECLARED", []checkCase{
		{name: "ssh behind a waypoint", parts: []mt.Part{ns, wp, mt.Service("shop", "files", mt.Port(22, "ssh"))}, want: []string{"warning Service shop/files"}},
		{name: "mysql behind another number", parts: []mt.Part{ns, wp, mt.Service("shop", "db", mt.TargetPort(13306, "main", "3306"))}, want: []string{"warning Service shop/db"}},
		{name: "silent: the name declares it", parts: []mt.Part{ns, wp, mt.Service("shop", "files", mt.Port(22, "tcp-ssh"))}},
		{name: "silent: appProtocol declares it", parts: []mt.Part{ns, wp, mt.Service("shop", "files", declared)}},
		{name: "silent: Istio takes 3306 for TCP anyway", parts: []mt.Part{ns, wp, mt.Service("shop", "db", mt.Port(3306, "main"))}},
		{name: "silent: the client speaks first", parts: []mt.Part{ns, wp, mt.Service("shop", "db", mt.Port(5432, "main"))}},
		{name: "silent: no waypoint", parts: []mt.Part{mt.Namespace("shop", mt.Ambient), mt.Service("shop", "files", mt.Port(22, "ssh"))}},
	})
}
