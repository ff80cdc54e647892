package main

import (
	"time"

	"github.com/spf13/pflag"
)

// sourceFlags say where the mesh is read from. Names follow kubectl.
type sourceFlags struct {
	bundle         string
	kubeconfig     string
	context        string
	cluster        string
	user           string
	impersonate    string
	groups         []string
	namespaces     []string
	allNamespaces  bool
	requestTimeout time.Duration
}

func addSourceFlags(flags *pflag.FlagSet) *sourceFlags {
	f := &sourceFlags{}
	flags.StringVar(&f.bundle, "bundle", "", "read a recorded bundle (folder or .tar.gz) instead of a cluster")
	flags.StringVar(&f.kubeconfig, "kubeconfig", "", "path of the kubeconfig file (default: $KUBECONFIG, ~/.kube/config, or the pod's own account)")
	flags.StringVar(&f.context, "context", "", "kubeconfig context to use")
	flags.StringVar(&f.cluster, "cluster", "", "kubeconfig cluster to use")
	flags.StringVar(&f.user, "user", "", "kubeconfig user to use")
	flags.StringVar(&f.impersonate, "as", "", "user to impersonate")
	flags.StringSliceVar(&f.groups, "as-group", nil, "group to impersonate (repeatable)")
	flags.StringSliceVarP(&f.namespaces, "namespace", "n", nil, "namespace to watch and report on (repeatable); the rest of the mesh is then unknown")
	flags.BoolVarP(&f.allNamespaces, "all-namespaces", "A", false, "all namespaces (the default)")
	flags.DurationVar(&f.requestTimeout, "request-timeout", 0, "time limit of a single request to the API server; 0 is none")
	return f
}

// scope is the list of namespaces asked for; nil means all.
func (f *sourceFlags) scope() []string {
	if f.allNamespaces || len(f.namespaces) == 0 {
		return nil
	}
	return f.namespaces
}
