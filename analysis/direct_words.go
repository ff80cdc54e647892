package analysis

import (
	"fmt"
	"strings"
)

// sentence says what becomes of the calls, which people guess wrong: fail-open
// or fail-closed is always said.
func (d directCalls) sentence(a asker) string {
	calls := "Calls to whatever asks for it"
	if len(a.Affects) > 0 {
		calls = "Calls to " + names(a.Affects)
	}
	const notApplied = "policies and routes at a waypoint are not applied to them"
	switch {
	case d.allRefused():
		return fmt.Sprintf("%s go direct, and the ztunnels before the pods refuse them: %s no caller of the mesh. Calls are cut, and %s either.", calls, d.admits(), notApplied)
	case d.unsure != "":
		return fmt.Sprintf("%s go direct: %s (fail-open). Whether policies at ztunnel refuse direct callers is not certain: %s.", calls, notApplied, d.unsure)
	case len(d.refused) > 0:
		return fmt.Sprintf("%s go direct: %s (fail-open). Policies at ztunnel still refuse some callers, such as %s.", calls, notApplied, d.refused[0])
	}
	return fmt.Sprintf("%s go direct: %s (fail-open).", calls, notApplied)
}

// admits names the policies that decide: "shop/only-via-waypoint admits".
func (d directCalls) admits() string {
	list := make([]string, 0, len(d.policies))
	for _, p := range d.policies[:min(len(d.policies), namedAtMost)] {
		list = append(list, p.Policy.NamespacedName())
	}
	verb := " admits"
	if len(list) > 1 {
		verb = " admit"
	}
	return strings.Join(list, " and ") + verb
}

// allRefused is only said where every caller was asked and none passed.
func (d directCalls) allRefused() bool {
	return len(d.refused) > 0 && len(d.admitted) == 0 && !d.open && d.unsure == ""
}

func (d directCalls) class() Class {
	if d.allRefused() {
		return Breaks
	}
	return Unprotected
}

// evidence are the policies that refuse direct callers.
func (d directCalls) evidence() []Evidence {
	var out []Evidence
	for _, p := range d.policies[:min(len(d.policies), namedAtMost)] {
		out = append(out, fieldEvidence(p.Policy, "spec", p.Reason))
	}
	return out
}
