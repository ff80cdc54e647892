package path

import (
	"github.com/waylight/waylight/analysis/kubectl"
	"github.com/waylight/waylight/mesh"
)

// advise adds commands that show more about a hop. They only read.
func (h *Hop) advise() {
	add := func(command string) { h.Commands = append(h.Commands, command) }
	if shown(h.DecidedBy) {
		add(kubectl.Get(h.DecidedBy))
	}
	switch h.Kind {
	case HopSourceZtunnel, HopDestinationZtunnel:
		if h.Ref.Kind != "Pod" {
			add(kubectl.Command("get", "pods", "-A", "-l", "app=ztunnel", "--field-selector", "spec.nodeName="+h.Node, "-o", "wide"))
			return
		}
		what := "services"
		if h.Kind == HopDestinationZtunnel {
			what = "policies"
		}
		add(kubectl.Istioctl("ztunnel-config", what, "--node", h.Node))
		add(kubectl.Command("-n", h.Ref.Namespace, "logs", kubectl.Name(h.Ref), "--since=10m"))
	case HopWaypoint:
		if h.Result == HopSkipped {
			add(kubectl.Istioctl("waypoint", "list", "-A"))
			return
		}
		add(kubectl.Command("-n", h.Ref.Namespace, "get", "pods", "-l", mesh.LabelGatewayName+"="+h.Ref.Name, "-o", "wide"))
		add(kubectl.Command("-n", h.Ref.Namespace, "logs", "-l", mesh.LabelGatewayName+"="+h.Ref.Name, "--since=10m"))
	case HopClient, HopBackend:
		if h.Code != "" && shown(h.Ref) && h.Ref != h.DecidedBy {
			add(kubectl.Get(h.Ref))
		}
	}
}

// shown tells that an object can be asked for by its name.
func shown(r mesh.Ref) bool { return r.Kind != "" && r.Name != "" }
