package views

import "github.com/waylight/waylight/mesh"

// UnreadLog is one container whose log is not read, or not in full.
type UnreadLog struct {
	Name   string // "<namespace>/<pod>/<container>"
	Source mesh.LogSource
	// Phase is mesh.LogFollowing for a log that is read in part.
	Phase mesh.LogPhase
	// Detail is a sentence; the missing right where the phase is forbidden. It
	// may be empty.
	Detail string
}

// Why says it in a few words.
func (u UnreadLog) Why() string {
	if u.Detail == "" {
		return logFailures[u.Phase]
	}
	return logFailures[u.Phase] + ": " + printable(u.Detail)
}

// Role is the file with the role that grants a missing right, empty where none
// is missing.
func (u UnreadLog) Role() string {
	if u.Phase == mesh.LogForbidden {
		return roleLogs
	}
	return ""
}

var logFailures = map[mesh.LogPhase]string{
	mesh.LogForbidden:    "missing right",
	mesh.LogReconnecting: "no answer",
	mesh.LogEnded:        "not there",
	mesh.LogFollowing:    "in part",
}

// UnreadReason are things that are not read for one reason.
type UnreadReason struct {
	Why, Names string
	Role       string // empty where no right is missing
}

// alike are things that are not read, those of one reason together.
type alike []UnreadReason

func (a *alike) add(name, why string) *UnreadReason {
	for i := range *a {
		if r := &(*a)[i]; r.Why == why {
			r.Names += ", " + name
			return r
		}
	}
	*a = append(*a, UnreadReason{Why: why, Names: name})
	return &(*a)[len(*a)-1]
}

// unreadLogs puts logs that are not read for one reason together.
func unreadLogs(list []UnreadLog) []UnreadReason {
	var out alike
	for _, u := range list {
		out.add(u.Name, u.Why()).Role = u.Role()
	}
	return out
}
