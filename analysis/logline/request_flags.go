package logline

import "github.com/waylight/waylight/mesh"

// requestFlags explain response flags (istio.md E), for a line whose details do
// not tell more.
var requestFlags = explainFlags()

// flagMeaning is a flag's code, a sentence that ends in the request, and where
// to look.
type flagMeaning struct{ code, text, look string }

var flagMeanings = map[string]flagMeaning{
	"DC":    {mesh.CodeAppReset, "The client went away before it had its answer", "the client's timeouts and restarts"},
	"DF":    {mesh.CodeNoHealthyEndpoint, "The name of the destination did not resolve", "the hosts of the ServiceEntry, and DNS"},
	"DI":    {mesh.CodeFaultInjected, "A fault injection of the route delayed it", "spec.http.fault of the VirtualService"},
	"DO":    {mesh.CodeCircuitOpen, "The cluster drops a share of its load", "drop overload settings of the cluster"},
	"DPE":   {mesh.CodeAppError, "The client broke the rules of its protocol", "what the client sends on that port"},
	"DR":    {mesh.CodeAppReset, "The client cancelled it", "the client's timeouts"},
	"DT":    {mesh.CodeTimeout, "It took longer than a request or connection may take here", "maximal durations of the route or listener"},
	"FI":    {mesh.CodeFaultInjected, "A fault injection of the route ended it", "spec.http.fault of the VirtualService"},
	"IH":    {mesh.CodeAppError, "The client sent a header that is checked strictly and not valid", "the client's headers"},
	"LH":    {mesh.CodeNoHealthyEndpoint, "The proxy itself fails its health check", "the proxy's readiness"},
	"LR":    {mesh.CodeAppReset, "This proxy reset the connection", "limits and drains of this proxy"},
	"NC":    {mesh.CodeClusterNotFound, "The route leads to a cluster that does not exist: a subset that no DestinationRule defines, or a missing backend", "the subset in the DestinationRule, and the backend of the route"},
	"NFCF":  {CodeXDSNotSynced, "A filter has no configuration yet", "this proxy's connection to istiod"},
	"NR":    {mesh.CodeRouteNotFound, "No route matched", "the rules of HTTPRoutes and VirtualServices for this host, which have no catch-all, or the port"},
	"OM":    {mesh.CodeCircuitOpen, "This proxy is overloaded and sheds requests", "memory and connections of this proxy, and its limits"},
	"RFCF":  {CodeXDSNotSynced, "A filter's configuration was not taken", "this proxy's connection to istiod"},
	"RL":    {mesh.CodeRateLimited, "A rate limit refused it", "the rate limit of the route or listener"},
	"RLSE":  {mesh.CodeRateLimited, "The rate limit service failed", "the rate limit service"},
	"SI":    {mesh.CodeTimeout, "Nothing was sent for longer than a stream may be idle", "idle timeouts, and what the client or the application waits for"},
	"UAEX":  {mesh.CodeExtAuthzDenied, "The external authorizer of a CUSTOM policy refused it or failed", "the log of the provider that the policy names"},
	"UDO":   {mesh.CodeCircuitOpen, "The cluster drops all its load", "drop overload settings of the cluster"},
	"UH":    {mesh.CodeNoHealthyEndpoint, "There is no ready endpoint, or the subset has none", "EndpointSlices and readiness; labels of the subset"},
	"UMSDR": {mesh.CodeTimeout, "It took longer than a stream to the destination may take", "maximal stream duration of the route"},
	"UO":    {mesh.CodeCircuitOpen, "A limit on connections or requests was reached (circuit breaker)", "connectionPool of the DestinationRule"},
	"UPE":   {mesh.CodeAppError, "The application broke the rules of its protocol", "what the application speaks on that port, and the protocol the Service declares"},
	"UR":    {mesh.CodeAppReset, "The application reset the stream", "the application's log and restarts"},
	"URX":   {CodeConnectionsFailing, "All tries failed", "the lines of the tries before it"},
	"UT":    {mesh.CodeTimeout, "The destination did not answer within the route's timeout", "the timeout of the route, and what the application was doing"},
}

func explainFlags() map[string]func(exchange) mesh.LogExplanation {
	out := make(map[string]func(exchange) mesh.LogExplanation, len(flagMeanings)+2)
	for flag, m := range flagMeanings {
		out[flag] = func(x exchange) mesh.LogExplanation {
			return x.failed(m.code, m.look, "%s: %s of %s to %s.", m.text, x.what(), x.caller(), x.service())
		}
	}
	out["UF"] = func(x exchange) mesh.LogExplanation { return x.unreachable("") }
	out["UC"] = closedUpstream
	return out
}

// closedUpstream is a connection that ended before its answer. Behind a tunnel
// the ztunnel at its end knows whether the application did that, or itself.
func closedUpstream(x exchange) mesh.LogExplanation {
	if !x.tunnelled() {
		return x.failed(mesh.CodeAppReset, "the application's log and restarts", "%s closed the connection before it answered %s.", x.pod(), x.what())
	}
	e := x.failed(mesh.CodeAppReset, lookAtDestination, "The connection to %s ended before it answered %s: the application closed it, or the ztunnel before it refused the tunnel.", x.pod(), x.what())
	e.Elsewhere = true
	return e
}

// byFlags explains by the flag that says most; that the tries are used up says
// least.
func (x exchange) byFlags() (e mesh.LogExplanation, ok bool) {
	for _, flag := range x.Flags {
		explain := requestFlags[flag]
		if explain == nil || (ok && flag == "URX") {
			continue
		}
		if flag != "URX" {
			return explain(x), true
		}
		e, ok = explain(x), true
	}
	return e, ok
}
