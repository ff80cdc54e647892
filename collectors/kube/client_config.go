package kube

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	_ "k8s.io/client-go/plugin/pkg/client/auth" // oidc, and plain words for the cloud plugins that exec replaced
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// ErrNoKubeconfig says that nothing leads to a cluster: no kubeconfig was given,
// none is in its usual place, and this is no pod.
var ErrNoKubeconfig = errors.New("there is no kubeconfig, and this is not a pod in a cluster")

// inClusterName is what a cluster is called that is read from inside.
const inClusterName = "in-cluster"

// Flags say how to reach a cluster, as kubectl's flags of the same names do.
// The zero value is kubectl without flags.
type Flags struct {
	Kubeconfig string
	Context    string
	Cluster    string
	User       string
	// As and AsGroups impersonate.
	As       string
	AsGroups []string
	// RequestTimeout bounds each request but watches; zero leaves to each its
	// own bound.
	RequestTimeout time.Duration
}

// LoadConfig finds the way to a cluster by kubectl's rules: the kubeconfig flag,
// else the files KUBECONFIG lists, else ~/.kube/config, else the account of the
// pod this runs in. It also answers what to call the cluster: the name of the
// context.
//
// Unlike kubectl it takes a KUBECONFIG of which no file exists for an error.
// ErrNoKubeconfig means that there is nothing at all.
func LoadConfig(f Flags) (*rest.Config, string, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = f.Kubeconfig
	rules.WarnIfAllMissing = false
	given := os.Getenv(clientcmd.RecommendedConfigPathEnvVar)
	if err := checkFiles(f.Kubeconfig, given); err != nil {
		return nil, "", err
	}
	raw, err := rules.Load()
	if err != nil {
		return nil, "", fmt.Errorf("the kubeconfig cannot be read: %s", configProblem(err))
	}
	if clientcmdapi.IsConfigEmpty(raw) {
		return f.withoutKubeconfig(given)
	}
	cfg, err := clientcmd.NewNonInteractiveClientConfig(*raw, "", f.overrides(), rules).ClientConfig()
	if err != nil {
		return nil, "", fmt.Errorf("the kubeconfig cannot be used: %s", f.usageProblem(err, raw))
	}
	return f.finish(cfg), f.nameIn(raw), nil
}

// checkFiles refuses files that were asked for and do not exist.
func checkFiles(flag, env string) error {
	if flag != "" {
		if _, err := os.Stat(flag); err != nil {
			return fmt.Errorf("the kubeconfig %s cannot be read: %s", flag, fileProblem(err))
		}
		return nil
	}
	files := slices.DeleteFunc(filepath.SplitList(env), func(file string) bool { return file == "" })
	for _, file := range files {
		if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) { //nolint:gosec // reading the user's own files is what KUBECONFIG is for
			return nil
		}
	}
	if len(files) > 0 {
		return fmt.Errorf("KUBECONFIG is set to %s, which does not exist", env)
	}
	return nil
}

// withoutKubeconfig is for when all files together say nothing.
func (f Flags) withoutKubeconfig(env string) (*rest.Config, string, error) {
	if f.Kubeconfig != "" {
		return nil, "", fmt.Errorf("the kubeconfig %s names no cluster", f.Kubeconfig)
	}
	cfg, err := rest.InClusterConfig()
	switch {
	case err == nil:
		return f.finish(cfg), inClusterName, nil
	case !errors.Is(err, rest.ErrNotInCluster):
		return nil, "", fmt.Errorf("the account of this pod cannot be used: %s", fileProblem(err))
	case env != "":
		return nil, "", fmt.Errorf("KUBECONFIG is set to %s, which names no cluster", env)
	case f.Context != "" || f.Cluster != "" || f.User != "":
		return nil, "", errors.New("a context, cluster or user was asked for, and there is no kubeconfig to find it in")
	}
	return nil, "", ErrNoKubeconfig
}

func (f Flags) overrides() *clientcmd.ConfigOverrides {
	o := &clientcmd.ConfigOverrides{CurrentContext: f.Context}
	o.Context.Cluster, o.Context.AuthInfo = f.Cluster, f.User
	return o
}

func (f Flags) finish(cfg *rest.Config) *rest.Config {
	if f.As != "" || len(f.AsGroups) > 0 {
		cfg.Impersonate = rest.ImpersonationConfig{UserName: f.As, Groups: f.AsGroups}
	}
	if f.RequestTimeout > 0 {
		cfg.Timeout = f.RequestTimeout
	}
	return cfg
}

// nameIn is the name of the context in use, or of the cluster if that was
// chosen apart.
func (f Flags) nameIn(raw *clientcmdapi.Config) string {
	switch {
	case f.Cluster != "":
		return f.Cluster
	case f.Context != "":
		return f.Context
	}
	return raw.CurrentContext
}

// usageProblem says what is wrong with a kubeconfig that could be read.
func (f Flags) usageProblem(err error, raw *clientcmdapi.Config) string {
	contexts := strings.Join(slices.Sorted(maps.Keys(raw.Contexts)), ", ")
	if contexts == "" {
		contexts = "none"
	}
	switch {
	case f.Context != "" && raw.Contexts[f.Context] == nil:
		return fmt.Sprintf("it has no context %q (it has: %s)", f.Context, contexts)
	case f.Context == "" && raw.CurrentContext == "":
		return fmt.Sprintf("it has no current context, and none was chosen with --context (it has: %s)", contexts)
	case f.Context == "" && raw.Contexts[raw.CurrentContext] == nil:
		return fmt.Sprintf("its current context %q does not exist (it has: %s)", raw.CurrentContext, contexts)
	}
	return configProblem(err)
}

// configProblem leaves out what client-go wraps around the reason.
func configProblem(err error) string {
	text := strings.TrimPrefix(err.Error(), "invalid configuration: ")
	if inner, ok := strings.CutPrefix(text, "["); ok {
		text = strings.TrimSuffix(inner, "]")
	}
	return plain(strings.TrimPrefix(text, "error loading config file "))
}

// fileProblem leaves out the name of the file and of the system call.
func fileProblem(err error) string {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		err = path.Err
	}
	return plain(err.Error())
}
