package mesh

import "time"

// ConditionStatus is a condition's status as written: "True", "False" or
// "Unknown".
type ConditionStatus string

// The three statuses of a condition.
const (
	ConditionTrue    ConditionStatus = "True"
	ConditionFalse   ConditionStatus = "False"
	ConditionUnknown ConditionStatus = "Unknown"
)

// Condition is one status condition, whole: in Istio the truth is often in the
// reason or the message alone (istio.io/WaypointBound=True with "Canary
// waypoint not attached", ResolvedWaypoints=True with "label missing").
type Condition struct {
	Type               string
	Status             ConditionStatus
	Reason, Message    string
	Since              time.Time // lastTransitionTime; zero if not given
	ObservedGeneration int64     // zero if not given
}

// Conditions is the status.conditions list of an object.
type Conditions []Condition

// Find returns the condition of that type, or nil if nobody wrote it. Absent
// and Unknown are different facts.
func (cs Conditions) Find(typ string) *Condition {
	for i := range cs {
		if cs[i].Type == typ {
			return &cs[i]
		}
	}
	return nil
}

// Condition types Waylight reads.
const (
	ConditionAccepted          = "Accepted"
	ConditionProgrammed        = "Programmed"
	ConditionResolvedRefs      = "ResolvedRefs"
	ConditionResolvedWaypoints = "ResolvedWaypoints"
	ConditionWaypointBound     = "istio.io/WaypointBound"
	ConditionWaypointMissing   = "istio.io/WaypointMissing"
	ConditionZtunnelAccepted   = "ZtunnelAccepted"
	ConditionWaypointAccepted  = "WaypointAccepted"
)
