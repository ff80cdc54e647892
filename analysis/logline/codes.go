package logline

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
