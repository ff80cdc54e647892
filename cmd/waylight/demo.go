package main

import (
	"bytes"
	"fmt"

	"github.com/waylight/waylight/collectors/bundle"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// demoFirst is the recording the demo opens with: a widely read guide's
// policies exactly as printed, which break every call.
const demoFirst = "guide-as-written"

// demo feeds every recording the binary carries, demoFirst in front.
func demo() ([]feed, error) {
	feeds := make([]feed, 1)
	for _, name := range meshtest.Recordings() {
		b, err := bundle.OpenArchive(bytes.NewReader(meshtest.Recording(name)))
		if err != nil {
			return nil, fmt.Errorf("demo %s: %w", name, err)
		}
		feed := recorded(b, name, "a demo mesh, for want of a kubeconfig,", mesh.OriginDemo)
		if name == demoFirst {
			feeds[0] = feed
			continue
		}
		feeds = append(feeds, feed)
	}
	return feeds, nil
}
