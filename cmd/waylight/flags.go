package main

import (
	"time"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/api/resource"
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
	noProxies      bool
	sweepRate      resource.QuantityValue
	metrics        metricsFlags
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
	flags.StringSliceVarP(&f.namespaces, "namespace", "n", nil, "namespace to read and report on (repeatable); the rest of the mesh is then unknown, ztunnel and istiod too unless -n istio-system is among them")
	flags.BoolVarP(&f.allNamespaces, "all-namespaces", "A", false, "read all namespaces (the default)")
	flags.DurationVar(&f.requestTimeout, "request-timeout", 0, "time limit of a single request to the API server; 0 is none")
	return f
}

const noProxiesUsage = "do not read ztunnels, waypoints and istiods through port-forwards; what only they know is then unknown"

// addProxyFlags adds what is about reading proxies, for commands that go on
// reading them.
func addProxyFlags(flags *pflag.FlagSet, f *sourceFlags) {
	flags.BoolVar(&f.noProxies, "no-proxies", false, noProxiesUsage)
	f.sweepRate.Quantity = resource.MustParse("1M")
	flags.Var(&f.sweepRate, "sweep-rate", "bytes a second that reading all proxies in turn may take on average, e.g. 500k; 0 is no limit")
}

// scope is the list of namespaces asked for; nil means all.
func (f *sourceFlags) scope() []string {
	if f.allNamespaces || len(f.namespaces) == 0 {
		return nil
	}
	return f.namespaces
}
