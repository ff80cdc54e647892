package analysis

import (
	"slices"
	"strings"
)

// Checks is the catalogue, sorted by code. The slice is the caller's own.
func Checks() []Check {
	list := []Check{
		authzAllowWidens,
		authzDenyNoEffect,
		authzWaypointIdentityDenied,
		caTrustedAccountMismatch,
		certExpired,
		certExpiresSoon,
		certUnavailable,
		cniNotReadyOnNode,
		configDrift,
		enrolledNotInZtunnel,
		labelOnController,
		namespaceInjectionConflict,
		outlierEjecting,
		podNotCaptured,
		redirectionPending,
		rootCertExpiresSoon,
		routeShadowed,
		versionSkew,
		waypointAttachmentDenied,
		waypointConditionDisagrees,
		waypointNoEndpoints,
		waypointNotFound,
		waypointNotProgrammed,
		waypointSingleReplica,
		waypointTrafficTypeMismatch,
		xdsDisconnected,
		xdsNotSynced,
		xdsRejected,
		ztunnelMissingOnNode,
	}
	slices.SortFunc(list, func(a, b Check) int { return strings.Compare(a.Code, b.Code) })
	return list
}
