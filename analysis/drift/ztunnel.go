package drift

import (
	"cmp"
	"slices"
	"time"

	"github.com/waylight/waylight/mesh"
)

// settlingTime is how long a change may take to reach a proxy.
const settlingTime = 60 * time.Second

// Fields of a mesh.Difference that are about an object as a whole. Expected is
// empty where the API does not have it, Found where the proxy does not.
const (
	FieldWorkload = "workload"
	FieldService  = "service"
	FieldPolicy   = "policy"
)

// Ztunnel lists where a dump disagrees with the objects of a snapshot, by
// object and field. The list is as long as there are differences; now is the
// moment ages are counted to.
//
// When an object was deleted nobody remembers, so a surplus one can be of a
// moment ago: whoever reads a ztunnel again and again asks Standing.
func Ztunnel(s *mesh.Snapshot, d *mesh.ZtunnelDump, now time.Time) []mesh.Difference {
	c := newComparison(s, d, now)
	if !c.possible() {
		return nil
	}
	c.compareServices()
	c.compareWorkloads()
	c.comparePolicies()
	slices.SortStableFunc(c.out, func(a, b mesh.Difference) int {
		return cmp.Or(a.Object.Compare(b.Object), cmp.Compare(a.Field, b.Field), cmp.Compare(a.Found, b.Found))
	})
	return c.out
}

// Standing keeps of the differences found now those that are no fruit of the
// moment: surplus objects must have been so at an earlier look, which should
// be a minute back or more. What is known to have changed was never listed.
func Standing(earlier, now []mesh.Difference) []mesh.Difference {
	before := make(map[mesh.Difference]bool, len(earlier))
	for _, d := range earlier {
		before[d] = true
	}
	return slices.DeleteFunc(slices.Clone(now), func(d mesh.Difference) bool { return surplus(d) && !before[d] })
}

// surplus tells that the API does not have what the proxy has.
func surplus(d mesh.Difference) bool {
	whole := d.Field == FieldWorkload || d.Field == FieldService || d.Field == FieldPolicy
	return whole && d.Expected == ""
}
