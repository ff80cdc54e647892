package analysis

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/waylight/waylight/mesh"
)

var serviceentryNoAddress = Check{
	Code: "SERVICEENTRY_NO_ADDRESS", Severity: Warning, Class: Risk,
	Subject: "ServiceEntry",
	Title:   "ztunnel cannot recognise calls to a ServiceEntry",
	Explanation: "ztunnel knows a call by the address it goes to. For TCP and TLS ports a ServiceEntry needs one: written in spec.addresses, or allocated by istiod and told to clients by DNS capture. Without it calls leave unmatched: " +
		"no waypoint, no policy on the entry, no metrics under its name.",
	Fires:  "The entry has a TCP or TLS port and no address: neither spec.addresses nor status.addresses, allocation switched off by label, or only allocated ones while istio-cni's DNS capture is off.",
	Silent: "resolution NONE with a CIDR in addresses; HTTP ports only; wildcard hosts, which SERVICEENTRY_NEEDS_WAYPOINT speaks of; entries younger than a minute, which may wait for their address.",
	Doubt:  "Pods may switch DNS capture on for themselves; istio-cni's configuration is assumed where it could not be read.",
	Needs:  []string{mesh.ResourceServiceEntries}, Uses: []string{mesh.ResourceConfigMaps},
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, se := range sh.ServiceEntries {
			if in.Now.Sub(se.ChangedAt()) < settlingTime || !hasTCPPort(se) || wildcardOnly(se) {
				continue
			}
			if why := in.unaddressed(se); why != "" {
				out = append(out, noAddress(in, se, why))
			}
		}
		return out
	},
}

// labelAutoAllocate set to false keeps istiod from allocating addresses.
const labelAutoAllocate = "networking.istio.io/enable-autoallocate-ip"

// unaddressed says why an entry has no address clients use; empty if it has.
func (in *Input) unaddressed(se *mesh.ServiceEntry) string {
	config := in.Snap.CNIConfig()
	switch {
	case len(se.Addresses) > 0:
		return ""
	case se.Labels[labelAutoAllocate] == "false":
		return "allocation is switched off by label, and spec.addresses is empty"
	case len(se.AutoAddresses) == 0:
		return "neither spec.addresses nor status.addresses has one"
	case config.Name != "" && !config.DNSCapture:
		return "it has only allocated ones, and istio-cni's DNS capture, which tells clients about them, is off"
	}
	return ""
}

func hasTCPPort(se *mesh.ServiceEntry) bool {
	for _, p := range se.Ports {
		if p.Declared() == mesh.ProtocolTCP {
			return true
		}
	}
	return false
}

func wildcardOnly(se *mesh.ServiceEntry) bool {
	for _, h := range se.Hosts {
		if !strings.HasPrefix(h, "*") {
			return false
		}
	}
	return true
}

func noAddress(in *Input, se *mesh.ServiceEntry, why string) Finding {
	f := Finding{Subject: se.Ref()}
	f.Summary = fmt.Sprintf("%s has no address by which ztunnel knows calls to it: %s.", se.Ref(), why)
	f.Detail = fmt.Sprintf("Calls to %s leave unmatched: without its waypoint and its policies, and without metrics under its name.", strings.Join(se.Hosts[:min(len(se.Hosts), namedAtMost)], ", "))
	f.Evidence = []Evidence{
		fieldEvidence(se.Ref(), "spec.addresses", orWord(strings.Join(se.Addresses, ", "), "empty")),
		fieldEvidence(se.Ref(), "status.addresses", orWord(strings.Join(se.AutoAddresses, ", "), "empty")),
	}
	if config := in.Snap.CNIConfig(); len(se.AutoAddresses) > 0 && config.Name != "" {
		f.Evidence = append(f.Evidence, fieldEvidence(config.Ref(), "data.AMBIENT_DNS_CAPTURE", strconv.FormatBool(config.DNSCapture)))
	}
	f.Fix = advise("Write an address into spec.addresses, or let istiod allocate one and switch DNS capture on. Calls are matched from then on, and policies on the entry act.").get(se.Ref())
	return f
}
