package mesh

import (
	"strconv"
	"strings"
)

// EnvoyName is what istiod writes into the name of a cluster or chain:
// DIRECTION|PORT|PROTOCOL/SUBSET|HOST (istio.md E). It is zero for other names.
type EnvoyName struct {
	Direction string // inbound-vip, outbound, …
	Port      uint16
	Protocol  string // http, tcp; empty where the name has none
	Subset    string
	Host      string
}

// ParseEnvoyName reads the name of a cluster or chain in any of the forms that
// istiod has given them (istio.md E): inbound-vip|80|http/v1|HOST today,
// inbound-vip|80||HOST-http before, outbound|80|v1|HOST for hosts the waypoint
// does not own. Other names give the zero value.
func ParseEnvoyName(name string) EnvoyName {
	parts := strings.Split(name, "|")
	if len(parts) != 4 || parts[0] == "" {
		return EnvoyName{}
	}
	port, err := strconv.ParseUint(parts[1], 10, 16)
	if err != nil {
		return EnvoyName{}
	}
	out := EnvoyName{Direction: parts[0], Port: uint16(port), Subset: parts[2], Host: parts[3]}
	if out.Direction != "inbound-vip" {
		return out
	}
	out.Protocol, out.Subset = protocolAndSubset(parts[2])
	if parts[2] == "" {
		out.Host, out.Protocol = hostAndProtocol(parts[3])
	}
	return out
}

// protocolAndSubset reads "http/v1" and "http". Before chains told protocols
// apart, the part was the subset alone.
func protocolAndSubset(part string) (protocol, subset string) {
	protocol, subset, split := strings.Cut(part, "/")
	if split || isProtocol(part) {
		return protocol, subset
	}
	return "", part
}

// hostAndProtocol reads "HOST-http".
func hostAndProtocol(part string) (host, protocol string) {
	if i := strings.LastIndexByte(part, '-'); i > 0 && isProtocol(part[i+1:]) {
		return part[:i], part[i+1:]
	}
	return part, ""
}

func isProtocol(s string) bool { return s == "http" || s == "tcp" || s == "tls" }
