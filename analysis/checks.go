package analysis

import (
	"slices"
	"strings"
)

// Checks is the catalogue, sorted by code. The slice is the caller's own.
func Checks() []Check {
	list := []Check{
		accessLogOff,
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
		envoyfilterNotApplied,
		gatewayAPICRDsMissing,
		hostNetworkInMesh,
		l7OnTLSPort,
		labelOnController,
		namespaceExcluded,
		namespaceInjectionConflict,
		nodeLogLevelRaised,
		outlierEjecting,
		outsideDiscoverySelectors,
		podBothModes,
		podNotCaptured,
		protocolUndeclared,
		redirectionPending,
		redirectionStale,
		rootCertExpiresSoon,
		routeShadowed,
		serviceentryNeedsWaypoint,
		serviceentryNoAddress,
		serviceNoEndpoints,
		servicePortUnresolved,
		trafficPolicyLocalEmpty,
		versionSkew,
		waypointAttachmentDenied,
		waypointBypassedIngress,
		waypointBypassedPodAddressed,
		waypointBypassedSidecar,
		waypointCanaryIgnored,
		waypointConditionDisagrees,
		waypointNoController,
		waypointNoEndpoints,
		waypointNotFound,
		waypointNotProgrammed,
		waypointOOMKilled,
		waypointRestarting,
		waypointSingleReplica,
		waypointTrafficTypeMismatch,
		waypointUnused,
		waypointWrongGateway,
		xdsDisconnected,
		xdsNotSynced,
		xdsRejected,
		ztunnelMissingOnNode,
	}
	slices.SortFunc(list, func(a, b Check) int { return strings.Compare(a.Code, b.Code) })
	return list
}
