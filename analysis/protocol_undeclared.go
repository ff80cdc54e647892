package analysis

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/waylight/waylight/mesh"
)

var protocolUndeclared = Check{
	Code: "PROTOCOL_UNDECLARED", Severity: Warning, Class: Risk, Manifests: OnSomeManifests,
	Subject: "Service",
	Title:   "A waypoint waits for the client on a port where the server speaks first",
	Explanation: "Where a port's protocol is not declared, a waypoint looks at the first bytes of the client to find out. With protocols in which the server greets first (SMTP, FTP, SSH, MySQL and others) the client sends nothing, and each connection stalls until the detection gives up. " +
		"Declare the port by appProtocol: tcp, or by a name that begins with tcp.",
	Fires:  "A Service is bound to a waypoint and has a port whose protocol nothing declares and whose number, or target port, is one of a protocol in which the server speaks first.",
	Silent: "The name's prefix or appProtocol declares it; Istio takes the number for TCP anyway (25, 53, 3306, 27017 as the Service's port); no waypoint is bound; headless.",
	Doubt:  "Judged by well-known port numbers only: something else may listen there.",
	Needs:  []string{mesh.ResourceServices, mesh.ResourceGateways}, Uses: []string{mesh.ResourceNamespaces},
	Sight: SightNamespace,
	Namespace: func(in *Input, sh *mesh.Shard) []Finding {
		var out []Finding
		for _, svc := range sh.Services {
			if b := in.Snap.ServiceBinding(svc); b.Bound() && !svc.Headless() {
				if ports := waitingPorts(svc); len(ports) > 0 {
					out = append(out, undeclared(svc, b, ports))
				}
			}
		}
		return out
	},
}

// serverFirst are well-known ports of protocols in which the server sends the
// first bytes.
var serverFirst = map[uint16]string{
	21: "FTP", 22: "SSH", 23: "Telnet", 25: "SMTP", 110: "POP3", 119: "NNTP", 143: "IMAP", 587: "SMTP submission", 2525: "SMTP", 3306: "MySQL", 5900: "VNC",
}

// waitingPort is a port with the protocol that is likely behind it.
type waitingPort struct {
	mesh.ServicePort
	protocol string
}

func waitingPorts(svc *mesh.Service) []waitingPort {
	var out []waitingPort
	for _, p := range svc.Ports {
		if p.Declared() != mesh.ProtocolUndeclared {
			continue
		}
		protocol := serverFirst[p.Port]
		if target, err := strconv.ParseUint(p.TargetPort, 10, 16); err == nil && protocol == "" {
			protocol = serverFirst[uint16(target)]
		}
		if protocol != "" {
			out = append(out, waitingPort{p, protocol})
		}
	}
	return out
}

func undeclared(svc *mesh.Service, b mesh.Binding, ports []waitingPort) Finding {
	f := Finding{Subject: svc.Ref()}
	var words []string
	for _, p := range ports {
		words = append(words, fmt.Sprintf("%d (%s)", p.Port, p.protocol))
		f.Evidence = append(f.Evidence, fieldEvidence(svc.Ref(), fmt.Sprintf("spec.ports[%d]", p.Port), fmt.Sprintf("name %q, targetPort %q, no appProtocol", p.Name, p.TargetPort)))
	}
	f.Summary = fmt.Sprintf("%s does not declare the protocol of port %s, where the server speaks first.", svc.Ref(), strings.Join(words, ", "))
	f.Detail = fmt.Sprintf("Waypoint %s waits for the client to send something, so each connection stalls before it is passed on.", b.Waypoint.NamespacedName())
	f.Fix = advise("Declare appProtocol: tcp on the port. The waypoint then passes connections on at once, and HTTP rules of its policies no longer match there.").get(svc.Ref())
	return f
}
