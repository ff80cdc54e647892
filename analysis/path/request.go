package path

import (
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// quotedRunes is how much of one text of a request is repeated in an answer.
const quotedRunes = 120

// bad makes a BadRequestError. What it quotes is cut to what can be read, and
// made one line without characters that nobody sees: it is printed to terminals.
func bad(format string, args ...any) error {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = quoted(s)
		}
	}
	return &BadRequestError{Text: fmt.Sprintf(format, args...)}
}

// absent is the answer to a request that names something the snapshot does not
// hold: that there is none, or that nobody knows.
func absent(s *mesh.Snapshot, what, namespace, name string, resources ...string) error {
	if err := doubt(s, what, namespace, name, resources...); err != nil {
		return err
	}
	return bad("There is no %s %s/%s.", what, namespace, name)
}

// doubt says that nobody knows whether there is something that a snapshot does
// not hold, because the kinds it can be are not all known; nil where they are.
func doubt(s *mesh.Snapshot, what, namespace, name string, resources ...string) error {
	u := s.Unread(namespace, resources...)
	if u == nil {
		return nil
	}
	text := fmt.Sprintf("%s %s/%s: %s.", mesh.Whether(quoted(what)), quoted(namespace), quoted(name), printable(u.Why()))
	return &BadRequestError{Text: text, Unread: u}
}

func quoted(s string) string {
	if r := []rune(s); len(r) > quotedRunes {
		s = string(r[:quotedRunes]) + "…"
	}
	return printable(s)
}

func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// normal fills in what a request leaves out, takes a pasted URL apart and
// refuses what no HTTP client would send.
func (r Request) normal() (Request, error) {
	if strings.TrimSpace(r.From) == "" || strings.TrimSpace(r.To) == "" {
		return r, bad("A call needs both ends: who calls (from) and what (to).")
	}
	if err := r.takeURL(); err != nil {
		return r, err
	}
	if r.Method == "" {
		r.Method = "GET"
	}
	if r.Path == "" {
		r.Path = "/"
	}
	if !isToken(r.Method) {
		return r, bad("%q is no HTTP method.", r.Method)
	}
	if !strings.HasPrefix(r.Path, "/") && r.Path != "*" {
		return r, bad("The path %q does not begin with a slash.", r.Path)
	}
	for _, h := range r.Headers {
		if !isToken(strings.TrimPrefix(h.Name, ":")) || strings.ContainsAny(h.Value, "\r\n\x00") {
			return r, bad("%q is no HTTP header.", h.Name)
		}
	}
	return r, r.checkToken()
}

func (r *Request) checkToken() error {
	switch r.Token.State {
	case authz.TokenUnknown, authz.TokenNone, authz.TokenValid, authz.TokenInvalid:
	default:
		return bad("A token is none, valid or invalid, not %q.", r.Token.State)
	}
	if r.Token.State == authz.TokenUnknown && (r.Token.Issuer != "" || r.Token.Subject != "" || len(r.Token.Claims) > 0) {
		r.Token.State = authz.TokenValid // who names its claims means one that holds
	}
	return nil
}

// takeURL splits a pasted URL: its host and port are whom the call goes to,
// its path is asked for unless another one is given.
func (r *Request) takeURL() error {
	scheme, _, found := strings.Cut(r.To, "://")
	if !found {
		return nil
	}
	u, err := url.Parse(r.To)
	if err != nil || u.Hostname() == "" || (scheme != "http" && scheme != "https") {
		return bad("%q is no http or https URL.", r.To)
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[scheme]
	}
	r.tls = scheme == "https"
	if r.Path == "" {
		r.Path = u.RequestURI()
	}
	host := u.Hostname()
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	r.To = host + ":" + port
	return nil
}

// isToken tells a token of RFC 9110, which methods and names of headers are.
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		plain := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		return !plain && !strings.ContainsRune("!#$%&'*+-.^_`|~", c)
	})
}

// asSeen is the request as a waypoint sees it at a moment. The host is known
// only where the call is addressed by one. A token nobody described is that of
// the Authorization header, or none.
func (r Request) asSeen(host string, at time.Time) *authz.Request {
	out := &authz.Request{Host: host, Method: r.Method, Path: r.Path, Headers: make(map[string]string, len(r.Headers)), Token: r.Token}
	for _, h := range r.Headers {
		name := strings.ToLower(h.Name)
		if name == "host" || name == ":authority" {
			out.Host = h.Value
			continue
		}
		if have, ok := out.Headers[name]; ok {
			out.Headers[name] = have + "," + h.Value // as Envoy joins repeated headers
			continue
		}
		out.Headers[name] = h.Value
	}
	if r.Token.State == authz.TokenUnknown {
		out.Token = bearer(out.Headers["authorization"], at)
	}
	return out
}
