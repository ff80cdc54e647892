package views

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// PathForm is the form that asks about a call. Its state is the address.
type PathForm struct {
	Action  templ.SafeURL
	Keep    []ui.Param
	Request path.Request
	// Headers and Claims are one a line.
	Headers, Claims string
	// Problem is what is wrong with the question, empty for nothing.
	Problem string
	// Froms and Tos are what browsers suggest. They are bounded: a list of all
	// pods of a large mesh is larger than the page. Any other can be typed.
	Froms, Tos []string
	Methods    []string
	Tokens     []PathToken
	// More tells that fields beyond the first four are filled.
	More bool
}

// PathToken is a choice of what token a request carries.
type PathToken struct {
	Value, Label string
	Chosen       bool
}

// maxSuggested bounds each list of suggestions.
const maxSuggested = 400

func newPathForm(r *analysis.Report, a PathAnswer, q Query) PathForm {
	f := PathForm{
		Action: templ.SafeURL(PagePath), Request: a.Request, Problem: a.Problem,
		Methods: []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"},
	}
	if q.Namespace != "" {
		f.Keep = []ui.Param{{Name: paramNamespace, Value: q.Namespace}}
	}
	f.Headers = strings.Join(q.Call[ParamHeader], "\n")
	f.Claims = strings.Join(q.Call[ParamJWTClaim], "\n")
	f.Froms, f.Tos = suggestedCallers(r.Snap, q, a.Request.From), suggestedCallees(r.Snap, q, a.Request.To)
	t := a.Request.Token
	for _, c := range []PathToken{
		{Value: string(authz.TokenUnknown), Label: "as the headers say"},
		{Value: string(authz.TokenNone), Label: "none"},
		{Value: string(authz.TokenValid), Label: "valid"},
		{Value: string(authz.TokenInvalid), Label: "invalid"},
	} {
		c.Chosen = c.Value == string(t.State)
		f.Tokens = append(f.Tokens, c)
	}
	f.More = f.Headers != "" || f.Claims != "" || t.State != authz.TokenUnknown || t.Issuer != "" || t.Subject != ""
	return f
}

// suggestedCallers are the controllers that have pods, those of the namespace
// in question first, and callers without a pod.
func suggestedCallers(s *mesh.Snapshot, q Query, typed string) []string {
	out := []string{"outside"}
	for _, sh := range nearFirst(s, q, typed) {
		for _, g := range sh.Gateways {
			if g.Role() == mesh.RoleIngress {
				out = append(out, "ingress:"+g.Ref().NamespacedName())
			}
		}
		for _, c := range sh.Controllers {
			if slices.Contains(callingKinds, c.Kind) {
				out = append(out, sh.Namespace+"/"+strings.ToLower(c.Kind)+"/"+c.Name)
			}
		}
		if len(out) >= maxSuggested {
			return out[:maxSuggested]
		}
	}
	return out
}

var callingKinds = []string{"Deployment", "StatefulSet", "DaemonSet"}

// suggestedCallees are the ports of Services.
func suggestedCallees(s *mesh.Snapshot, q Query, typed string) []string {
	var out []string
	for _, sh := range nearFirst(s, q, typed) {
		for _, svc := range sh.Services {
			for _, p := range svc.Ports {
				if svc.Labels[mesh.LabelGatewayName] == "" {
					out = append(out, svc.Ref().NamespacedName()+":"+strconv.Itoa(int(p.Port)))
				}
			}
		}
		if len(out) >= maxSuggested {
			return out[:maxSuggested]
		}
	}
	return out
}

// nearFirst are the shards in scope, that of the namespace which is typed
// already before the others.
func nearFirst(s *mesh.Snapshot, q Query, typed string) []*mesh.Shard {
	near, _, _ := strings.Cut(typed, "/")
	var out []*mesh.Shard
	for _, sh := range s.Shards {
		switch {
		case sh.Namespace == near:
			out = slices.Insert(out, 0, sh)
		case q.InScope(sh.Namespace):
			out = append(out, sh)
		}
	}
	return out
}

// Path is the page of a call, with its form filled in.
func (l Links) Path(r path.Request) templ.SafeURL { return l.call(string(PagePath), r, nil) }

// WhatIf is the page that tries a change on a call.
func (l Links) WhatIf(r path.Request) templ.SafeURL { return l.call(pathWhatIf, r, nil) }

// pathAgain is the page of a call with its proxies read anew.
func (l Links) pathAgain(r path.Request) templ.SafeURL {
	return l.call(string(PagePath), r, url.Values{paramFresh: {""}})
}

func (l Links) call(page string, r path.Request, more url.Values) templ.SafeURL {
	v := pathParams(r)
	maps.Copy(v, more)
	return l.to(v, page)
}

// PagePath is the page of one call.
const PagePath Page = "/path"

// pathWhatIf is the page that tries a change on a call; paramFresh reads the
// proxies anew.
const (
	pathWhatIf = "/path/whatif"
	paramFresh = "fresh"
)
