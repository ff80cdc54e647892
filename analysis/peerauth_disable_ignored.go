package analysis

import (
	"fmt"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

var peerauthDisableIgnored = Check{
	Code: "PEERAUTH_DISABLE_IGNORED", Severity: Warning, Class: Risk,
	Subject:     "PeerAuthentication",
	Title:       "Mode DISABLE does not switch mTLS off in ambient",
	Explanation: "Between captured pods ztunnel always uses mTLS. DISABLE only means that plaintext is admitted too, as PERMISSIVE does. On a single port, with the policy's own mode unset below a STRICT parent, DISABLE does nothing: the port stays strict.",
	Fires:       "A PeerAuthentication with mode DISABLE, as a whole or on a port, has captured pods in its reach.",
	Silent:      "Only pods with a sidecar are in its reach; it is ignored altogether, which is PEERAUTH_NOT_APPLIED.",
	Doubt:       "None: ztunnel knows no such mode.",
	Needs:       []string{mesh.ResourcePeerAuthentications, mesh.ResourcePods}, Uses: []string{mesh.ResourceServices, mesh.ResourceConfigMaps},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, p := range sh.PeerAuths {
			if f, ok := in.disableIgnored(p); ok {
				out = append(out, f)
			}
		}
		return out
	},
}

func (in *Input) disableIgnored(p *mesh.PeerAuthentication) (Finding, bool) {
	selects := p.Selects()
	var ports []uint16
	for n, mode := range p.PortModes {
		if mode == authz.ModeDisable && selects {
			ports = append(ports, n)
		}
	}
	if (p.Mode != authz.ModeDisable && len(ports) == 0) || (selects && p.Namespace == in.Snap.RootNamespace()) {
		return Finding{}, false
	}
	selector := p.Selector
	if !selects {
		selector = nil
	}
	pods := in.reachOf(p.Namespace, selector).captured
	if len(pods) == 0 {
		return Finding{}, false
	}
	f := Finding{Subject: p.Ref(), Affects: in.ownersAndServices(pods)}
	f.Summary = fmt.Sprintf("%s says DISABLE, which acts as PERMISSIVE on captured pods.", p.Ref())
	f.Detail = "Captured callers still use mTLS; plaintext is admitted as well."
	f.Evidence = []Evidence{fieldEvidence(p.Ref(), "spec.mtls.mode", orWord(p.Mode, authz.ModeUnset))}
	if len(p.PortModes) > 0 {
		f.Evidence = append(f.Evidence, fieldEvidence(p.Ref(), "spec.portLevelMtls", portModes(p)))
	}
	mode := authz.PeerModeOf(in.Snap, pods[0])
	for _, n := range ports {
		if mode.StrictOn(n) {
			f.Summary = fmt.Sprintf("%s says DISABLE for port %d, which stays STRICT.", p.Ref(), n)
			f.Detail = fmt.Sprintf("Its own mode is unset and %s is STRICT: plaintext to the port is refused.", mode.By)
		}
	}
	f.Fix = advise("Say PERMISSIVE where plaintext is to be admitted as well: callers without the mesh may then call.").get(p.Ref())
	return f, true
}
