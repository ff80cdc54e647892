package kube

import (
	"cmp"
	"maps"
	"net/http"
	"slices"

	"github.com/waylight/waylight/mesh"
)

func convertVirtualService(o *istioObject[virtualService], c *checker) mesh.Object {
	r := &mesh.Route{
		Meta:     metaOf(groupIstioNetworking, "VirtualService", o),
		Hosts:    shareAll(o.Spec.Hosts),
		Gateways: shareAll(o.Spec.Gateways),
		ExportTo: shareAll(o.Spec.ExportTo),
	}
	for i := range o.Spec.HTTP {
		r.Rules = append(r.Rules, vsHTTPRule(&o.Spec.HTTP[i], o.Namespace, i, c))
	}
	for i := range o.Spec.TLS {
		r.Rules = append(r.Rules, vsStreamRule(protocolTLS, &o.Spec.TLS[i], i, c))
	}
	for i := range o.Spec.TCP {
		r.Rules = append(r.Rules, vsStreamRule(protocolTCP, &o.Spec.TCP[i], i, c))
	}
	return r
}

func vsHTTPRule(in *vsHTTP, namespace string, i int, c *checker) mesh.RouteRule {
	rule := mesh.RouteRule{
		Name:     in.Name,
		Protocol: protocolHTTP,
		Mirrors:  vsMirrors(in, i, c),
		Timeout:  c.duration(in.Timeout, "spec.http[].timeout", i),
		Retry:    vsRetry(in.Retries, i, c),
		Fault:    vsFaultOf(in.Fault, i, c),
		Redirect: vsRedirectOf(in.Redirect, i, c),
	}
	for j := range in.Match {
		rule.Matches = append(rule.Matches, vsMatch(&in.Match[j], i, j, c))
	}
	for j := range in.Route {
		rule.Backends = append(rule.Backends, vsBackend(&in.Route[j], protocolHTTP, i, j, c))
		if in.Route[j].Headers != nil {
			rule.Filters = append(rule.Filters, "headers of a destination")
		}
	}
	if in.DirectResponse != nil {
		rule.DirectResponse = in.DirectResponse.Status
	}
	if d := in.Delegate; d != nil {
		rule.Delegate = mesh.Ref{Kind: "VirtualService", Namespace: share(cmp.Or(d.Namespace, namespace)), Name: share(d.Name)}
	}
	vsModify(&rule, in)
	return rule
}

// vsModify adds what is done to requests and responses on their way.
func vsModify(rule *mesh.RouteRule, in *vsHTTP) {
	if w := in.Rewrite; w != nil {
		// Envoy replaces the matched prefix, which for an exact match is all.
		rule.Rewrite = &mesh.Rewrite{Host: w.Authority, Path: w.URI, PrefixPath: w.URI != ""}
		if w.URIRegexRewrite != nil {
			rule.Filters = append(rule.Filters, "uriRegexRewrite")
		}
	}
	if in.CorsPolicy != nil {
		rule.Filters = append(rule.Filters, "corsPolicy")
	}
	if h := in.Headers; h != nil {
		rule.HeaderChanges = append(vsHeaderWords("request", &h.Request), vsHeaderWords("response", &h.Response)...)
	}
}

func vsHeaderWords(of string, in *vsHeaderChanges) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(in.Set)) {
		out = append(out, headerChange("set", of, name))
	}
	for _, name := range slices.Sorted(maps.Keys(in.Add)) {
		out = append(out, headerChange("add", of, name))
	}
	for _, name := range in.Remove {
		out = append(out, headerChange("remove", of, name))
	}
	return out
}

func vsBackend(in *vsRoute, protocol string, i, j int, c *checker) mesh.Backend {
	b := vsTarget(&in.Destination, c, "spec."+protocol+"[].route[].destination", i, j)
	b.Weight = in.Weight
	return b
}

func vsTarget(in *vsDestination, c *checker, field string, index ...int) mesh.Backend {
	return mesh.Backend{
		Host:   share(in.Host),
		Subset: share(in.Subset),
		Port:   c.port(in.Port.Number, field+".port.number", index...),
	}
}

// vsMirrors joins the present and the older way to write mirrors. No share
// given means everything, a share of zero means nothing (istio
// pilot/pkg/networking/core/route).
func vsMirrors(in *vsHTTP, i int, c *checker) []mesh.Backend {
	var out []mesh.Backend
	add := func(d *vsDestination, percent float64, field string) {
		b := vsTarget(d, c, field, i)
		b.Percent = percent
		out = append(out, b)
	}
	for j := range in.Mirrors {
		m := &in.Mirrors[j]
		add(&m.Destination, deref(m.Percentage, percentage{100}).Value, "spec.http[].mirrors.destination")
	}
	if in.Mirror != nil && len(in.Mirrors) == 0 {
		percent := deref(in.MirrorPercentage, percentage{deref(in.MirrorPercent, 100)}).Value
		add(in.Mirror, percent, "spec.http[].mirror")
	}
	return out
}

// vsRedirectOf defaults the status to 301, as Istio does.
func vsRedirectOf(in *vsRedirect, i int, c *checker) *mesh.Redirect {
	if in == nil {
		return nil
	}
	return &mesh.Redirect{
		Scheme:     in.Scheme,
		Host:       in.Authority,
		Path:       cmp.Or(in.URI, in.PrefixRewrite),
		PrefixPath: in.URI == "" && in.PrefixRewrite != "",
		Port:       c.port(in.Port, "spec.http[].redirect.port", i),
		Status:     cmp.Or(in.RedirectCode, http.StatusMovedPermanently),
	}
}

func vsRetry(in *vsRetries, i int, c *checker) *mesh.Retry {
	if in == nil {
		return nil
	}
	return &mesh.Retry{
		Attempts:      in.Attempts,
		PerTryTimeout: c.duration(in.PerTryTimeout, "spec.http[].retries.perTryTimeout", i),
		On:            share(in.RetryOn),
		Backoff:       c.duration(in.Backoff, "spec.http[].retries.backoff", i),
	}
}

// vsFaultOf takes a share that is not given for none, as Istio does.
func vsFaultOf(in *vsFault, i int, c *checker) *mesh.Fault {
	if in == nil {
		return nil
	}
	f := &mesh.Fault{}
	if d := in.Delay; d != nil {
		f.Delay = c.duration(d.FixedDelay, "spec.http[].fault.delay.fixedDelay", i)
		f.DelayPercent = deref(d.Percentage, percentage{d.Percent}).Value
	}
	if a := in.Abort; a != nil {
		f.AbortStatus, f.AbortGRPC = a.HTTPStatus, share(a.GRPCStatus)
		f.AbortPercent = deref(a.Percentage, percentage{}).Value
	}
	return f
}

func vsStreamRule(protocol string, in *vsStream, i int, c *checker) mesh.RouteRule {
	rule := mesh.RouteRule{Protocol: protocol}
	for j := range in.Match {
		m := &in.Match[j]
		rule.Matches = append(rule.Matches, mesh.RouteMatch{
			Port:            c.port(m.Port, "spec."+protocol+"[].match[].port", i, j),
			SourceLabels:    shareMap(m.SourceLabels),
			SourceNamespace: share(m.SourceNamespace),
			Gateways:        shareAll(m.Gateways),
			SNIHosts:        shareAll(m.SNIHosts),
			DestinationIPs:  shareAll(m.DestinationSubnets),
		})
	}
	for j := range in.Route {
		rule.Backends = append(rule.Backends, vsBackend(&in.Route[j], protocol, i, j, c))
	}
	return rule
}
