package analysis

import (
	"slices"
	"strings"
)

// Checks is the catalogue, sorted by code. The slice is the caller's own.
func Checks() []Check {
	list := []Check{
		cniNotReadyOnNode,
		labelOnController,
		namespaceInjectionConflict,
		podNotCaptured,
		redirectionPending,
		waypointAttachmentDenied,
		waypointNoEndpoints,
		waypointNotFound,
		waypointNotProgrammed,
		waypointSingleReplica,
		waypointTrafficTypeMismatch,
		ztunnelMissingOnNode,
	}
	slices.SortFunc(list, func(a, b Check) int { return strings.Compare(a.Code, b.Code) })
	return list
}
