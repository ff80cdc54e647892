package logline

// Codes of an explanation: the hop codes of docs/checks.md, which a path's hops
// share.
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

// Codes of findings that explain a line where no hop code does.
const (
	CodeConnectionsFailing = "CONNECTIONS_FAILING" // it failed, in words nobody knows
	CodeXDSDisconnected    = "XDS_DISCONNECTED"
	CodeXDSRejected        = "XDS_REJECTED"
	CodeXDSNotSynced       = "XDS_NOT_SYNCED"
	CodeTrustedAccount     = "CA_TRUSTED_ACCOUNT_MISMATCH"
	CodeNotCaptured        = "POD_NOT_CAPTURED"
	CodeRedirectionPending = "REDIRECTION_PENDING"
	CodeCNINotReady        = "CNI_NOT_READY_ON_NODE"
)
