package mesh

// Hop codes: what becomes of a call where no finding explains it (the last
// table of docs/checks.md). A hop of a path, the decision of a policy and a line
// of a log speak of the same things, so that one table serves all three.
const (
	CodePolicyDenied         = "POLICY_DENIED"
	CodeNoneAllowed          = "POLICY_NONE_ALLOWED"
	CodeStrictPlaintext      = "STRICT_PLAINTEXT"
	CodeNoIdentity           = "NO_IDENTITY"
	CodeJWTInvalid           = "JWT_INVALID"
	CodeJWTMissing           = "JWT_MISSING"
	CodeExtAuthzDenied       = "EXT_AUTHZ_DENIED"
	CodeRouteNotFound        = "ROUTE_NOT_FOUND"
	CodeClusterNotFound      = "CLUSTER_NOT_FOUND"
	CodeNoHealthyEndpoint    = "NO_HEALTHY_ENDPOINT"
	CodePortNotOnService     = "PORT_NOT_ON_SERVICE"
	CodeNoService            = "NO_SERVICE"
	CodeWaypointUnreachable  = "WAYPOINT_UNREACHABLE"
	CodeHBONEBlocked         = "HBONE_BLOCKED"
	CodeCertUnavailable      = "CERT_UNAVAILABLE"
	CodeTLSFailed            = "TLS_FAILED"
	CodePeerIdentityMismatch = "PEER_IDENTITY_MISMATCH"
	CodeUnknownWorkload      = "XDS_UNKNOWN_WORKLOAD"
	CodeFaultInjected        = "FAULT_INJECTED"
	CodeRateLimited          = "RATE_LIMITED"
	CodeCircuitOpen          = "CIRCUIT_OPEN"
	CodeAppRefused           = "APP_REFUSED"
	CodeAppReset             = "APP_RESET"
	CodeAppError             = "APP_ERROR"
	CodeTimeout              = "TIMEOUT"
	CodePolicyChanged        = "POLICY_CHANGED"
	CodeDrained              = "DRAINED"
)
