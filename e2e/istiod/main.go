// Command istiod is pilot-discovery as Istio builds it, unchanged, for the end-to-end tests to run as a plain process.
// It is a module of its own because Istio and Kubernetes do not agree on one client-go.
package main

import (
	"os"

	"istio.io/istio/pilot/cmd/pilot-discovery/app"
	"istio.io/istio/pkg/log"
)

func main() {
	log.EnableKlogWithCobra()
	if err := app.NewRootCommand().Execute(); err != nil {
		log.Error(err)
		os.Exit(1)
	}
}
