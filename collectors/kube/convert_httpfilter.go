package kube

import (
	"net/http"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/waylight/waylight/mesh"
)

// addHTTPFilter puts a filter where the domain has a place for it; others are
// named.
func addHTTPFilter(rule *mesh.RouteRule, f *gatewayv1.HTTPRouteFilter, namespace string, i, j int, c *checker) {
	switch {
	case f.RequestHeaderModifier != nil:
		rule.HeaderChanges = append(rule.HeaderChanges, headerChanges("request", f.RequestHeaderModifier)...)
	case f.ResponseHeaderModifier != nil:
		rule.HeaderChanges = append(rule.HeaderChanges, headerChanges("response", f.ResponseHeaderModifier)...)
	case f.RequestMirror != nil:
		rule.Mirrors = append(rule.Mirrors, mirrorOf(f.RequestMirror, namespace, i, j, c))
	case f.RequestRedirect != nil:
		rule.Redirect = httpRedirect(f.RequestRedirect, i, j, c)
	case f.URLRewrite != nil:
		rule.Rewrite = &mesh.Rewrite{Host: string(deref(f.URLRewrite.Hostname, ""))}
		rule.Rewrite.Path, rule.Rewrite.PrefixPath = modifiedPath(f.URLRewrite.Path)
	default:
		rule.Filters = append(rule.Filters, share(f.Type))
	}
}

// headerChanges says what is done to headers without their values, which can
// be credentials.
func headerChanges(of string, f *gatewayv1.HTTPHeaderFilter) []string {
	var out []string
	for _, h := range f.Set {
		out = append(out, headerChange("set", of, string(h.Name)))
	}
	for _, h := range f.Add {
		out = append(out, headerChange("add", of, string(h.Name)))
	}
	for _, name := range f.Remove {
		out = append(out, headerChange("remove", of, name))
	}
	return out
}

func headerChange(verb, of, name string) string { return verb + " " + of + " header " + name }

// mirrorOf mirrors everything unless a share is given, as the CRD says.
func mirrorOf(f *gatewayv1.HTTPRequestMirrorFilter, namespace string, i, j int, c *checker) mesh.Backend {
	b := targetBackend(&f.BackendRef, namespace, i, j, c)
	b.Percent = 100
	switch {
	case f.Percent != nil:
		b.Percent = float64(*f.Percent)
	case f.Fraction != nil:
		if of := deref(f.Fraction.Denominator, 100); of > 0 {
			b.Percent = 100 * float64(f.Fraction.Numerator) / float64(of)
		}
	}
	return b
}

// httpRedirect defaults the status to 302, as the CRD does.
func httpRedirect(f *gatewayv1.HTTPRequestRedirectFilter, i, j int, c *checker) *mesh.Redirect {
	r := &mesh.Redirect{
		Scheme: deref(f.Scheme, ""),
		Host:   string(deref(f.Hostname, "")),
		Port:   c.port(int64(deref(f.Port, 0)), "spec.rules[].filters[].requestRedirect.port", i, j),
		Status: deref(f.StatusCode, http.StatusFound),
	}
	r.Path, r.PrefixPath = modifiedPath(f.Path)
	return r
}

// modifiedPath is the new path, and whether it replaces the matched prefix
// only.
func modifiedPath(p *gatewayv1.HTTPPathModifier) (path string, prefix bool) {
	switch {
	case p == nil:
		return "", false
	case p.ReplacePrefixMatch != nil:
		return *p.ReplacePrefixMatch, true
	}
	return deref(p.ReplaceFullPath, ""), false
}
