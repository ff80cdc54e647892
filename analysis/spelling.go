package analysis

import (
	"github.com/waylight/waylight/mesh"
)

// longestName bounds the names that are compared: Kubernetes allows 253, and
// what comes from a recording can have any length.
const longestName = 253

// similar picks the waypoint a misspelt name most likely means: the nearest of
// a namespace by edit distance, if it is near at all.
func similar(name string, waypoints []*mesh.Waypoint, namespace string) *mesh.Waypoint {
	if len(name) > longestName {
		return nil
	}
	var best *mesh.Waypoint
	limit := max(2, len(name)/3)
	nearest := limit + 1
	for _, w := range waypoints {
		if w.Namespace != namespace || len(w.Name) > longestName {
			continue
		}
		if d := editDistance(name, w.Name); d < nearest {
			best, nearest = w, d
		}
	}
	return best
}

// editDistance is Levenshtein's, on bytes: Kubernetes names are ASCII.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
