package views

import (
	"net/netip"
	"slices"
	"strings"
)

// wanted is what a typed or pasted text may be about. A word somebody typed is
// looked for inside names; what was picked out of a pasted line must be a whole
// name, address or host, because a log line is full of words that are not.
type wanted struct {
	// Word is the text itself where it is a single short word.
	Word string
	// Names are candidates for whole names, in lower case.
	Names []string
	// Refs are pairs "namespace/name", in lower case.
	Refs []pair
	// Addresses are IP addresses without ports.
	Addresses []netip.Addr
	// Hosts are host names with dots in them, in lower case, without port.
	Hosts []string
	// Codes look like finding codes: WAYPOINT_NOT_FOUND.
	Codes []string
}

type pair struct{ Namespace, Name string }

// Limits of what is picked out of a text: more than any log line holds.
const (
	maxTokens    = 400
	maxTokenSize = 260 // a name has at most 253 characters
	maxWord      = 80
)

// parseWanted reads a search text. It never fails; text that means nothing
// gives a wanted that finds nothing.
func parseWanted(text string) wanted {
	var w wanted
	text = strings.TrimSpace(text)
	if len(text) <= maxWord && !strings.ContainsAny(text, " \t\r\n") {
		w.Word = strings.ToLower(strings.Trim(text, `"'`))
	}
	for _, token := range tokens(text) {
		w.add(token)
	}
	return w
}

// empty tells that there is nothing to look for.
func (w *wanted) empty() bool {
	return w.Word == "" && len(w.Names)+len(w.Refs)+len(w.Addresses)+len(w.Hosts)+len(w.Codes) == 0
}

// tokens splits a text where log formats, URLs, JSON and error texts do. Colons
// and slashes stay: addresses and references are made of them. What stands
// before an equals sign is the name of a field and no token.
func tokens(text string) []string {
	var out []string
	begin := 0
	for i, r := range text + " " {
		if !separates(r) {
			continue
		}
		if i > begin && r != '=' && len(out) < maxTokens {
			out = append(out, text[begin:i])
		}
		begin = i + 1 // separators are ASCII
	}
	return out
}

func separates(r rune) bool {
	return r <= ' ' || r == 0x7f || strings.ContainsRune("\"'`=,;()[]{}<>|&?#\\!", r)
}

// add takes one token apart.
func (w *wanted) add(token string) {
	if w.addAddress(token) {
		return
	}
	token = strings.Trim(token, ".:/*")
	if token == "" || len(token) > maxTokenSize || w.addAddress(token) {
		return
	}
	if _, rest, ok := strings.Cut(token, "://"); ok {
		w.addURL(rest)
		return
	}
	if isCode(token) {
		w.Codes = appendNew(w.Codes, token)
	}
	w.addPath(strings.ToLower(token))
}

// addURL takes a URL's host and, of a SPIFFE identity, the account.
func (w *wanted) addURL(rest string) {
	host, path, _ := strings.Cut(rest, "/")
	if account, ok := identity(strings.ToLower(path)); ok {
		w.Refs = appendNew(w.Refs, account)
		return
	}
	if _, after, ok := strings.Cut(host, "@"); ok {
		host = after
	}
	if !w.addAddress(host) {
		w.addHost(strings.ToLower(host))
	}
}

// addAddress takes an IP address, and tells whether it was one.
func (w *wanted) addAddress(s string) bool {
	a, ok := parseAddress(s)
	if ok {
		w.Addresses = appendNew(w.Addresses, a)
	}
	return ok
}

// identity reads "ns/<namespace>/sa/<account>", with or without a trust domain
// before it.
func identity(path string) (account pair, ok bool) {
	parts := strings.Split(path, "/")
	for i := 0; i+3 < len(parts); i++ {
		if parts[i] == "ns" && parts[i+2] == "sa" {
			return pair{parts[i+1], parts[i+3]}, true
		}
	}
	return pair{}, false
}

// addPath reads what may be a name, a host, "namespace/name" or a longer path
// such as "deployment/web" or "cluster.local/ns/shop/sa/web".
func (w *wanted) addPath(token string) {
	if account, ok := identity(token); ok {
		w.Refs = appendNew(w.Refs, account)
		return
	}
	parts := strings.Split(token, "/")
	if len(parts) == 2 || len(parts) == 3 {
		w.addPair(parts)
	}
	for _, p := range parts {
		w.addHost(p)
	}
}

// addPair takes the last two parts as namespace and name: "shop/orders",
// "pod/shop/orders". A port behind the name is left off.
func (w *wanted) addPair(parts []string) {
	p := pair{parts[len(parts)-2], withoutPort(parts[len(parts)-1])}
	if p.Namespace != "" && p.Name != "" {
		w.Refs = appendNew(w.Refs, p)
	}
}

// addHost takes a host, which may be a bare name too.
func (w *wanted) addHost(host string) {
	host = strings.Trim(withoutPort(host), ".")
	switch {
	case strings.ContainsFunc(host, notInNames):
	case !strings.ContainsFunc(host, notADigit): // a port, a status, a count
	case strings.Contains(host, "."):
		w.Hosts = appendNew(w.Hosts, host)
		w.Names = appendNew(w.Names, host) // names may have dots
	default:
		w.Names = appendNew(w.Names, host)
	}
}

func notADigit(r rune) bool { return r < '0' || r > '9' }

// notInNames tells characters that neither names nor hosts have; times and
// percentages fall to it.
func notInNames(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '.' && r != '_'
}

// parseAddress reads an IP address, with or without a port, brackets or a prefix
// length.
func parseAddress(s string) (netip.Addr, bool) {
	if a, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return a.Unmap().WithZone(""), true
	}
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone(""), true
	}
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Addr().Unmap(), true
	}
	return netip.Addr{}, false
}

// withoutPort cuts a port off a host name; it is not given IPv6 addresses.
func withoutPort(s string) string {
	host, port, ok := strings.Cut(s, ":")
	if !ok || strings.ContainsFunc(port, notADigit) {
		return s
	}
	return host
}

// isCode tells a finding code: capitals and digits in words joined by _.
func isCode(s string) bool {
	if !strings.Contains(s, "_") || s[0] < 'A' || s[0] > 'Z' {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r != '_' && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	})
}

func appendNew[T comparable](list []T, v T) []T {
	if slices.Contains(list, v) {
		return list
	}
	return append(list, v)
}
