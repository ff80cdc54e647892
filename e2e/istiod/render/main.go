// Command render prints what `istioctl manifest generate --set profile=ambient` prints: the Kubernetes objects of an
// ambient installation, from the charts that the istio module embeds. The tests take istiod's own configuration
// (the ConfigMaps istio and istio-sidecar-injector) and the ztunnel and istio-cni DaemonSets from it, so that what runs here
// is configured as a user's mesh is and no chart has to be copied.
//
// Arguments are further settings, as --set takes them.
package main

import (
	"fmt"
	"io"
	"os"

	"istio.io/istio/operator/pkg/render"
)

func main() {
	if err := run(os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "render:", err)
		os.Exit(1)
	}
}

// run writes the objects as one YAML stream.
func run(w io.Writer, settings []string) error {
	sets, _, err := render.GenerateManifest(nil, append([]string{"profile=ambient"}, settings...), false, nil, nil)
	if err != nil {
		return err
	}
	for _, set := range sets {
		for _, object := range set.Manifests {
			if _, err := fmt.Fprintf(w, "---\n%s\n", object.Content); err != nil {
				return err
			}
		}
	}
	return nil
}
