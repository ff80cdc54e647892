package views

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/analysis/path"
)

// Parameters of one call, in URLs and as flags of the command line alike.
const (
	ParamFrom       = "from"
	ParamTo         = "to"
	ParamMethod     = "method"
	ParamPath       = "path"
	ParamHeader     = "header"
	ParamJWT        = "jwt"
	ParamJWTIssuer  = "jwt-issuer"
	ParamJWTSubject = "jwt-subject"
	ParamJWTClaim   = "jwt-claim"
)

var callParams = []string{ParamFrom, ParamTo, ParamMethod, ParamPath, ParamHeader, ParamJWT, ParamJWTIssuer, ParamJWTSubject, ParamJWTClaim}

// ParsePathRequest reads a call out of parameters. It leaves to path.Explain
// what only the mesh can tell. The error is a *path.BadRequestError: unlike
// what a page is filtered by, half of a call is another call.
func ParsePathRequest(v url.Values) (path.Request, error) {
	r := path.Request{
		From: bounded(v.Get(ParamFrom)), To: bounded(v.Get(ParamTo)),
		Method: bounded(v.Get(ParamMethod)), Path: bounded(v.Get(ParamPath)),
		Token: authz.Token{
			State: authz.TokenState(bounded(v.Get(ParamJWT))), Issuer: bounded(v.Get(ParamJWTIssuer)), Subject: bounded(v.Get(ParamJWTSubject)),
		},
	}
	for _, line := range eachLine(v[ParamHeader]) {
		h, ok := parseHeader(line)
		if !ok {
			return r, &path.BadRequestError{Text: fmt.Sprintf("%q is no header: write name: value.", line)}
		}
		r.Headers = append(r.Headers, h)
	}
	for _, line := range eachLine(v[ParamJWTClaim]) {
		name, value, ok := strings.Cut(line, "=")
		if name = strings.TrimSpace(name); !ok || name == "" {
			return r, &path.BadRequestError{Text: fmt.Sprintf("%q is no claim: write name=value.", line)}
		}
		if r.Token.Claims == nil {
			r.Token.Claims = make(map[string][]string)
		}
		r.Token.Claims[name] = append(r.Token.Claims[name], strings.TrimSpace(value))
	}
	return r, nil
}

// eachLine are the values of a parameter that may stand several times, as links
// write it, or once with a value on each line, as a form does without scripts.
func eachLine(values []string) []string {
	var out []string
	for _, v := range values {
		for line := range strings.Lines(bounded(v)) {
			if line = strings.TrimSpace(line); line != "" {
				out = append(out, line)
			}
		}
	}
	return out
}

// parseHeader takes "name: value" and "name=value". A name of HTTP/2 begins
// with a colon of its own.
func parseHeader(line string) (path.Header, bool) {
	start := 0
	if strings.HasPrefix(line, ":") {
		start = 1
	}
	i := strings.IndexAny(line[start:], ":=")
	if i < 1 {
		return path.Header{}, false
	}
	i += start
	return path.Header{Name: strings.TrimSpace(line[:i]), Value: strings.TrimSpace(line[i+1:])}, true
}

// pathParams is a call as parameters; what a call has by default is left out.
func pathParams(r path.Request) url.Values {
	v := url.Values{}
	set := func(name, value, usual string) {
		if value != "" && value != usual {
			v.Set(name, value)
		}
	}
	set(ParamFrom, r.From, "")
	set(ParamTo, r.To, "")
	set(ParamMethod, r.Method, "GET")
	set(ParamPath, r.Path, "/")
	for _, h := range r.Headers {
		v.Add(ParamHeader, h.Name+": "+h.Value)
	}
	set(ParamJWT, string(r.Token.State), "")
	set(ParamJWTIssuer, r.Token.Issuer, "")
	set(ParamJWTSubject, r.Token.Subject, "")
	for _, name := range slices.Sorted(maps.Keys(r.Token.Claims)) {
		for _, value := range r.Token.Claims[name] {
			v.Add(ParamJWTClaim, name+"="+value)
		}
	}
	return v
}
