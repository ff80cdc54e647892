package mesh

import "slices"

// Exported reads exportTo of a routing object in namespace from, from the point
// of view of namespace to: absent and "*" mean everywhere, "." its own.
func Exported(exportTo []string, from, to string) bool {
	return len(exportTo) == 0 || slices.Contains(exportTo, "*") || slices.Contains(exportTo, to) ||
		(slices.Contains(exportTo, ".") && from == to)
}
