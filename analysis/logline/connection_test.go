package logline_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis/logline"
	"github.com/waylight/waylight/mesh"
)

// connection is one of web in shop to reviews in books, by its service over HBONE.
func connection(direction, err string) *mesh.LogLine {
	return &mesh.LogLine{Kind: mesh.LogZtunnelAccess, Scope: "access", From: &mesh.LogTarget{}, Connection: &mesh.ConnectionLog{
		Event: "complete", Direction: direction,
		Source:      mesh.LogPeer{Addr: "10.0.1.1:40000", Workload: "web-1", Namespace: "shop", Identity: "spiffe://cluster.local/ns/shop/sa/web"},
		Destination: mesh.LogPeer{Addr: "10.0.2.2:15008", Workload: "reviews-1", Namespace: "books", Identity: "spiffe://cluster.local/ns/books/sa/reviews"},
		HBONEAddr:   "10.0.2.2:8080", Service: "reviews.books.svc.cluster.local", Duration: time.Millisecond, Error: err,
	}}
}

// plaintext has neither a tunnel nor identities.
func plaintext(direction, err string) *mesh.LogLine {
	l := connection(direction, err)
	c := l.Connection
	c.HBONEAddr, c.Destination.Addr, c.Source.Identity, c.Destination.Identity = "", "10.0.2.2:8080", "", ""
	return l
}

// toWaypoint is the first hop of a call through a waypoint.
func toWaypoint(err string) *mesh.LogLine {
	l := connection("outbound", err)
	c := l.Connection
	c.HBONEAddr = "10.96.0.7:80"
	c.Destination.Workload, c.Destination.Identity = "waypoint-1", "spiffe://cluster.local/ns/books/sa/waypoint"
	return l
}

type meaning struct {
	line *mesh.LogLine
	code string
	// says are words that the text has, looks some of where to look.
	says, looks []string
	denied      bool
	elsewhere   bool
}

func (m meaning) check(t *testing.T) {
	t.Helper()
	got := logline.Explain(m.line)
	if diff := cmp.Diff(mesh.LogExplanation{Code: m.code, Denied: m.denied, Elsewhere: m.elsewhere}, mesh.LogExplanation{Code: got.Code, Denied: got.Denied, Elsewhere: got.Elsewhere}); diff != "" {
		t.Errorf("-want +got:\n%s\n%s", diff, got.Text)
	}
	for _, words := range m.says {
		if !strings.Contains(got.Text, words) {
			t.Errorf("%q does not have %q", got.Text, words)
		}
	}
	for _, words := range m.looks {
		if !strings.Contains(got.Look, words) {
			t.Errorf("where to look, %q, does not have %q", got.Look, words)
		}
	}
	if !strings.HasSuffix(got.Text, ".") || strings.Contains(got.Text, "..") {
		t.Errorf("%q is no sentence", got.Text)
	}
	if got.Code != "" && got.Look == "" {
		t.Errorf("%q does not say where to look", got.Text)
	}
}

func TestPoliciesThatRefuseAConnection(t *testing.T) {
	const rejection = "connection closed due to policy rejection: "
	for name, m := range map[string]meaning{
		"a DENY policy": {
			line: connection("inbound", rejection+"explicitly denied by: books/deny-web"), code: "POLICY_DENIED", denied: true,
			says: []string{"books/deny-web", "shop/web-1", "books/reviews-1:8080"}, looks: []string{"AuthorizationPolicy books/deny-web"},
		},
		"a DENY policy, and a caller without an identity": {
			line: plaintext("inbound", rejection+"explicitly denied by: books/deny-strangers"), code: "POLICY_DENIED", denied: true,
			says: []string{"books/deny-strangers", "no identity"},
		},
		"STRICT for the mesh": {
			line: plaintext("inbound", rejection+"explicitly denied by: istio-system/istio_converted_static_strict"), code: "STRICT_PLAINTEXT", denied: true,
			says: []string{"plaintext", "STRICT", "the PeerAuthentication in effect"}, looks: []string{"istio.io/dataplane-mode", "ambient.istio.io/redirection", "hostNetwork"},
		},
		"STRICT by a PeerAuthentication": {
			line: plaintext("inbound", rejection+"explicitly denied by: books/converted_peer_authentication_reviews-mtls"), code: "STRICT_PLAINTEXT", denied: true,
			says: []string{"PeerAuthentication books/reviews-mtls"},
		},
		"ALLOW policies that leave the caller out": {
			line: connection("inbound", rejection+"allow policies exist, but none allowed"), code: "POLICY_NONE_ALLOWED", denied: true,
			says: []string{"books/reviews-1:8080", "shop/web-1", "account web of shop"}, looks: []string{"waypoint's account"},
		},
		"ALLOW policies, and a caller without an identity: principals are not to be fixed": {
			line: plaintext("inbound", rejection+"allow policies exist, but none allowed"), code: "NO_IDENTITY", denied: true,
			says: []string{"proved no identity"}, looks: []string{"not enrolled, hostNetwork, no certificate", "not the principals"},
		},
		"a workload ztunnel does not know": {
			line: connection("inbound", rejection+"workload not found"), code: "XDS_UNKNOWN_WORKLOAD", denied: true, looks: []string{"istiod"},
		},
		"another workload with the address": {line: connection("inbound", rejection+"workload mismatch"), code: "XDS_UNKNOWN_WORKLOAD", denied: true},
		"a reason of a later version":       {line: connection("inbound", rejection+"dry run"), code: "POLICY_DENIED", denied: true, says: []string{"dry run"}},
		"a policy that changed": {
			line: connection("inbound", "connection closed due to policy change"), code: "POLICY_CHANGED", says: []string{"established"}, looks: []string{"AuthorizationPolicies"},
		},
	} {
		t.Run(name, m.check)
	}
}

func TestTunnelsThatAreRefused(t *testing.T) {
	for name, m := range map[string]meaning{
		"the destination's ztunnel knows which policy": {
			line: connection("outbound", "http status: 401 Unauthorized"), code: "POLICY_DENIED", denied: true, elsewhere: true,
			says: []string{"books/reviews-1", "shop/web-1"}, looks: []string{"the ztunnel on the destination's node"},
		},
		"the destination's ztunnel could not reach the application": {
			line: connection("outbound", "http status: 503 Service Unavailable"), code: "APP_REFUSED", elsewhere: true, says: []string{"nothing listens there"},
		},
		"the waypoint could not": {
			line: toWaypoint("http status: 503 Service Unavailable"), code: "WAYPOINT_UNREACHABLE", elsewhere: true, says: []string{"Waypoint books/waypoint-1"}, looks: []string{"the log of the waypoint"},
		},
		"an address that moved on":   {line: connection("outbound", "http status: 400 Bad Request"), code: "NO_SERVICE", elsewhere: true},
		"a waypoint without a route": {line: toWaypoint("http status: 404 Not Found"), code: "ROUTE_NOT_FOUND", elsewhere: true},
		"too late":                   {line: toWaypoint("http status: 504 Gateway Timeout"), code: "TIMEOUT", elsewhere: true},
		"any other status":           {line: connection("outbound", "http status: 418 I'm a teapot"), code: "CONNECTIONS_FAILING", elsewhere: true, says: []string{"418"}},
		"15008 does not answer": {
			line: connection("outbound", "connection timed out, maybe a NetworkPolicy is blocking HBONE port 15008: deadline has elapsed"), code: "HBONE_BLOCKED",
			says: []string{"15008", "10 seconds", "books/reviews-1"}, looks: []string{"NetworkPolicies", "TCP 15008"},
		},
		"15008 of a waypoint does not answer": {
			line: toWaypoint("connection timed out, maybe a NetworkPolicy is blocking HBONE port 15008: deadline has elapsed"), code: "HBONE_BLOCKED", says: []string{"waypoint books/waypoint-1"},
		},
		"15008 is closed: the pod is not captured": {
			line: connection("outbound", "connection failed: Connection refused (os error 111)"), code: "HBONE_BLOCKED", says: []string{"15008", "closed"}, looks: []string{"redirection"},
		},
		"15008 of a waypoint is closed": {line: toWaypoint("connection failed: Connection refused (os error 111)"), code: "WAYPOINT_UNREACHABLE"},
		"the network has no route":      {line: connection("outbound", "io error: No route to host (os error 113)"), code: "HBONE_BLOCKED"},
		"the application's port is closed": {
			line: connection("inbound", "connection failed: Connection refused (os error 111)"), code: "APP_REFUSED", says: []string{"books/reviews-1:8080", "nothing listens"}, looks: []string{"targetPort"},
		},
		"the port of something outside the mesh is closed": {line: plaintext("outbound", "connection failed: Connection refused (os error 111)"), code: "APP_REFUSED"},
	} {
		t.Run(name, m.check)
	}
}

func TestDestinationsThatAreNotKnown(t *testing.T) {
	for name, m := range map[string]meaning{
		"a waypoint by its hostname": {
			line: toWaypoint(`unknown waypoint: waypoint GatewayAddress { destination: Hostname(NamespacedHostname { namespace: "shop", hostname: "waypoint.shop.svc.cluster.local" }), hbone_mtls_port: 15008 } not found`),
			code: "WAYPOINT_UNREACHABLE", says: []string{"waypoint waypoint.shop.svc.cluster.local,"}, looks: []string{"EndpointSlice", "do not remove the binding"},
		},
		"a waypoint by its address": {line: toWaypoint("unknown waypoint: waypoint 10.96.0.9 not found"), code: "WAYPOINT_UNREACHABLE", says: []string{"waypoint 10.96.0.9,"}},
		"no endpoint":               {line: connection("outbound", "no healthy upstream: 10.96.0.7:80"), code: "NO_HEALTHY_ENDPOINT", looks: []string{"EndpointSlices"}},
		"another network":           {line: connection("outbound", "unknown network gateway: n2"), code: "NO_SERVICE", says: []string{"another network"}, looks: []string{"east-west"}},
		"no address of a gateway":   {line: connection("outbound", "no gateway address: n2"), code: "NO_SERVICE"},
		"a hostname":                {line: connection("outbound", "no service or workload for hostname: a.example.com"), code: "NO_SERVICE", says: []string{"a.example.com"}},
		"a port that the service does not have": {
			line: connection("inbound", "requested service reviews.books.svc.cluster.local:81 found, but cannot resolve port"), code: "PORT_NOT_ON_SERVICE", says: []string{"reviews.books.svc.cluster.local:81"},
		},
		"a service without an address":           {line: connection("inbound", "requested service reviews found, but has no IP addresses"), code: "NO_SERVICE", says: []string{"headless"}},
		"a workload that leads nowhere":          {line: connection("outbound", "no valid routing destination for workload: w"), code: "NO_HEALTHY_ENDPOINT"},
		"a name that does not resolve":           {line: connection("outbound", "no ip addresses were resolved for workload: w"), code: "NO_HEALTHY_ENDPOINT", looks: []string{"DNS"}},
		"a name without A and AAAA":              {line: connection("outbound", "ip addresses were resolved for workload w, but none of them were A/AAAA"), code: "NO_HEALTHY_ENDPOINT"},
		"this ztunnel's own pod":                 {line: connection("outbound", "failed to fetch information about local workload: web.shop (web-1)"), code: "XDS_UNKNOWN_WORKLOAD", says: []string{"web.shop (web-1)"}},
		"this ztunnel's own pod, in older words": {line: connection("outbound", "unknown source: 10.0.1.1"), code: "XDS_UNKNOWN_WORKLOAD"},
		"an old address":                         {line: connection("inbound", "ip mismatch: 10.0.0.1 != 10.0.0.2"), code: "NO_SERVICE", says: []string{"old address"}},
		"what an old ztunnel cannot do":          {line: connection("inbound", "unsupported feature: hostname authority"), code: "NO_SERVICE", says: []string{"hostname authority"}},
		"no authority":                           {line: connection("inbound", "no valid authority pseudo header: x"), code: "NO_SERVICE", says: []string{"as HBONE does"}},
		"no port in the authority":               {line: connection("inbound", "no valid service port in authority header: x"), code: "NO_SERVICE"},
		"not CONNECT":                            {line: connection("inbound", "expected method CONNECT, got GET"), code: "NO_SERVICE"},
		"CONNECT to what is no address":          {line: connection("inbound", "invalid CONNECT address: x"), code: "NO_SERVICE"},
		"DNS without an address":                 {line: connection("outbound", "dns response had no valid IP addresses"), code: "NO_HEALTHY_ENDPOINT"},
		"a DNS look-up":                          {line: connection("outbound", "dns lookup: timed out"), code: "NO_SERVICE"},
		"DNS":                                    {line: connection("outbound", "dns: server failure"), code: "NO_SERVICE"},
	} {
		t.Run(name, m.check)
	}
}

func TestCertificatesAndHandshakesThatFail(t *testing.T) {
	for name, m := range map[string]meaning{
		"the authority refuses": {
			line: connection("outbound", "identity error: signing gRPC error (The request does not have valid authentication credentials): request impersonation authentication failure"),
			code: "CERT_UNAVAILABLE", says: []string{"shop/web-1", "request impersonation authentication failure"}, looks: []string{"CA_TRUSTED_NODE_ACCOUNTS"},
		},
		"the destination's has none":         {line: connection("inbound", "identity error: signing gRPC error (Unavailable): no"), code: "CERT_UNAVAILABLE", says: []string{"books/reviews-1"}},
		"any other error about an identity":  {line: connection("outbound", "identity error: spiffe is gone"), code: "CERT_UNAVAILABLE"},
		"a pod that was deleted meanwhile":   {line: connection("outbound", "identity error: the identity is no longer needed"), code: "DRAINED"},
		"a pod that is known no more":        {line: connection("outbound", "identity error: workload is unknown: w"), code: "DRAINED"},
		"another peer than expected":         {line: connection("outbound", "identity verification error: peer did not present the expected SAN (a), got b"), code: "PEER_IDENTITY_MISMATCH", says: []string{"(a), got b"}},
		"a client without mTLS":              {line: connection("inbound", "tls handshake error: Custom { kind: InvalidData }"), code: "TLS_FAILED"},
		"an expired certificate":             {line: connection("inbound", "tls error: CertificateExpired"), code: "TLS_FAILED", says: []string{"CertificateExpired"}, looks: []string{"expiry"}},
		"TLS within an error of the network": {line: connection("outbound", "io error: invalid peer certificate: UnknownIssuer"), code: "TLS_FAILED", says: []string{"UnknownIssuer"}},
		"a revoked certificate":              {line: connection("inbound", "connection closed: peer certificate revoked by CRL"), code: "TLS_FAILED", says: []string{"revocation"}},
		"HTTP/2 is not agreed on":            {line: connection("outbound", "http2 handshake failed: x"), code: "TLS_FAILED"},
	} {
		t.Run(name, m.check)
	}
}

func TestConnectionsThatAreCut(t *testing.T) {
	for name, m := range map[string]meaning{
		"the tunnel broke":               {line: connection("outbound", "h2 failed: broken pipe"), code: "DRAINED"},
		"the caller's pod goes":          {line: connection("outbound", "pool draining"), code: "DRAINED", says: []string{"shop/web-1"}},
		"ztunnel lets go of the pod":     {line: connection("inbound", "connection closed due to connection drain"), code: "DRAINED", looks: []string{"rollout of ztunnel"}},
		"the drain took too long":        {line: connection("inbound", "connection failed to drain within the timeout"), code: "DRAINED"},
		"the destination closed early":   {line: connection("inbound", "destination disconnected before all data was written"), code: "APP_RESET", says: []string{"books/reviews-1:8080 closed"}},
		"the client closed early":        {line: connection("inbound", "client disconnected before all data was written"), code: "APP_RESET", says: []string{"shop/web-1 closed"}},
		"a reset while receiving":        {line: connection("outbound", "receive: io error: Connection reset by peer (os error 104)"), code: "APP_RESET"},
		"a broken pipe while sending":    {line: connection("inbound", "send: Broken pipe (os error 32)"), code: "APP_RESET"},
		"an end without a farewell":      {line: connection("inbound", "while closing connection: io error: unexpected end of file"), code: "APP_RESET"},
		"an application calls ztunnel":   {line: connection("outbound", "attempted recursive call to ourselves"), code: "APP_ERROR", says: []string{"15001"}},
		"the application takes too long": {line: connection("inbound", "deadline has elapsed"), code: "TIMEOUT"},
		"words that nobody knows":        {line: connection("inbound", "io error: {to} flux 88"), code: "CONNECTIONS_FAILING", says: []string{"{to} flux 88"}},
		"a failure that gives no reason": {line: func() *mesh.LogLine { l := connection("outbound", ""); l.Connection.Event = "failed"; return l }(), code: "CONNECTIONS_FAILING"},
		"a tunnel to a peer without name": {line: func() *mesh.LogLine {
			l := connection("outbound", "pool draining")
			l.Connection.Source = mesh.LogPeer{}
			return l
		}(), code: "DRAINED", says: []string{"an unknown peer"}},
	} {
		t.Run(name, m.check)
	}
}

func TestConnectionsThatSucceed(t *testing.T) {
	opened := connection("outbound", "")
	opened.Connection.Event = "opened"
	outside := plaintext("outbound", "")
	outside.Connection.Destination, outside.Connection.Service = mesh.LogPeer{Addr: "93.184.216.34:443"}, ""
	for name, m := range map[string]meaning{
		"over HBONE":             {line: connection("outbound", ""), says: []string{"shop/web-1", "reviews.books.svc.cluster.local (port 8080 of its pod)", "mutual TLS"}},
		"at the destination":     {line: connection("inbound", ""), says: []string{"books/reviews-1:8080", "mutual TLS"}},
		"through a waypoint":     {line: toWaypoint(""), says: []string{"reviews.books.svc.cluster.local:80", "through waypoint books/waypoint-1"}},
		"in plaintext":           {line: plaintext("inbound", ""), says: []string{"in plaintext"}},
		"to outside of the mesh": {line: outside, says: []string{"93.184.216.34:443", "not in the mesh"}},
		"opened":                 {line: opened, says: []string{"opened"}},
	} {
		t.Run(name, m.check)
	}
}
