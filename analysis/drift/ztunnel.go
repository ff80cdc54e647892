package drift

import (
	"cmp"
	"maps"
	"slices"
	"strings"
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

// Ztunnel holds a dump against the objects of a snapshot: differences by object
// and field, as many as there are; now is the moment ages are counted to.
//
// When an object was deleted nobody remembers, so a surplus one can be of a
// moment ago: whoever reads a ztunnel again and again asks Standing.
func Ztunnel(s *mesh.Snapshot, d *mesh.ZtunnelDump, now time.Time) mesh.Comparison {
	c := newComparison(s, d, now)
	if why := c.impossible(); why != "" {
		return mesh.Comparison{Why: why}
	}
	c.compareServices()
	c.compareWorkloads()
	c.comparePolicies()
	slices.SortStableFunc(c.out, func(a, b mesh.Difference) int {
		return cmp.Or(a.Object.Compare(b.Object), cmp.Compare(a.Field, b.Field), cmp.Compare(a.Found, b.Found))
	})
	return result(c.out, c.unjudged)
}

func result(differences []mesh.Difference, unjudged map[mesh.Ref]bool) mesh.Comparison {
	refs := slices.SortedFunc(maps.Keys(unjudged), mesh.Ref.Compare)
	return mesh.Comparison{
		Compared: true, Differences: differences, DifferenceCount: len(differences),
		Unjudged: refs, UnjudgedCount: len(refs),
	}
}

// Standing holds back those of the differences found now that can be a fruit of
// the moment. Nobody remembers a deleted object, so what a deletion just now
// would look like must have been so at an earlier look, which should be a
// minute back or more. What is known to have changed was never listed.
func Standing(earlier []mesh.Difference, now mesh.Comparison) mesh.Comparison {
	before := make(map[mesh.Difference]bool, len(earlier))
	for _, d := range earlier {
		before[d] = true
	}
	unjudged := make(map[mesh.Ref]bool)
	for _, r := range now.Unjudged {
		unjudged[r] = true
	}
	var standing []mesh.Difference
	for _, d := range now.Differences {
		if byDeletion(d) && !before[d] {
			unjudged[d.Object] = true
			continue
		}
		standing = append(standing, d)
	}
	return result(standing, unjudged)
}

// byDeletion tells that a difference can be that of an object deleted just now:
// the proxy has what the API does not, or has other routes.
func byDeletion(d mesh.Difference) bool {
	return d.Expected == "" || strings.HasPrefix(d.Field, string(PartRoute)+" ")
}
