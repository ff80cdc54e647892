// Command apiserver is the kube-apiserver of the Kubernetes release that the end-to-end tests run against, unchanged.
// It is a module of its own because k8s.io/kubernetes pins every staging module, which no other module should have to follow.
package main

import (
	"os"

	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func main() {
	os.Exit(cli.Run(app.NewAPIServerCommand()))
}
