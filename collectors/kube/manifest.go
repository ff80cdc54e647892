package kube

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// Manifests reads objects that somebody wrote or pasted, as for kubectl apply.
// It never talks to a cluster.
type Manifests struct{}

// ReadManifest decodes objects in YAML or JSON. ignored says of each object
// that Waylight does not read why it changes nothing; the error is the first
// object, or the text, that cannot be read: half of a change is another change.
func (Manifests) ReadManifest(text string) (objects []mesh.Object, ignored []string, err error) {
	seen := make(map[mesh.Ref]bool)
	var failed error
	readErr := ReadDocuments(strings.NewReader(text), func(d Document) {
		switch {
		case failed != nil:
		case d.Err != nil:
			failed = d.Err
		case d.Object == nil:
			ignored = append(ignored, d.Subject+" is of no kind that Waylight judges calls by")
		default:
			r := d.Object.Ref()
			if seen[r] {
				failed = fmt.Errorf("%s stands there twice", r)
			}
			seen[r] = true
			objects = append(objects, d.Object)
		}
	})
	if err := cmp.Or(failed, readErr); err != nil {
		return nil, nil, err
	}
	return objects, ignored, nil
}
