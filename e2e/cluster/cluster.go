// Package cluster runs a control plane for end-to-end tests: a real etcd, kube-apiserver and istiod as plain processes on
// loopback, without containers. There is no scheduler and no controller manager, and a kubelet only for what is asked of it
// (package kubelet): what those would write (pods of a Deployment, their status, EndpointSlices) the test writes, with the
// builders of package objects. Everything
// istiod writes is istiod's own: waypoint Deployments and Services, conditions, addresses.
package cluster

import (
	"net"
	"path/filepath"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"

	"github.com/waylight/waylight/e2e/process"
)

// Config says what a test wants beyond an empty API server.
type Config struct {
	// Users are names to make tokens for, see Kubeconfig. They have no right until a role is bound.
	Users []string
	// WithoutCRDs leaves the Gateway API and Istio kinds out; InstallGatewayAPI and InstallIstio add them later.
	WithoutCRDs bool
	// KubeletPort is where the kubelet of all nodes listens on loopback (see package kubelet); without one nothing can be
	// reached in a pod.
	KubeletPort int32
	// WithIstiod installs Istio's ambient profile (see InstallAmbient) and runs istiod.
	WithIstiod bool
}

// Cluster is one running control plane.
type Cluster struct {
	// Kube writes and reads the built-in kinds as administrator; for every kind there are also Apply, Get and Delete.
	Kube kubernetes.Interface

	dir        string
	logs       *process.Logs
	etcdURL    string
	apiAddress string
	// kubeletPort is Config.KubeletPort.
	kubeletPort int32
	tokens      map[string]string
	apiserver   *process.Process
	dynamic     dynamic.Interface
	mapper      meta.ResettableRESTMapper
	// pods counts the pods that were made; names and addresses follow from it.
	pods int
}

// Start runs a cluster that lives until the test ends.
func Start(t testing.TB, config Config) *Cluster {
	t.Helper()
	c := &Cluster{dir: t.TempDir(), logs: process.NewLogs(t), apiAddress: FreeAddress(t), kubeletPort: config.KubeletPort}
	c.writeTokens(t, config.Users)
	c.writeServiceAccountKey(t)
	c.startEtcd(t)
	c.StartAPIServer(t)
	c.connect(t)
	if !config.WithoutCRDs {
		c.InstallGatewayAPI(t)
		c.InstallIstio(t)
	}
	if config.WithIstiod {
		c.InstallAmbient(t)
		c.startIstiod(t)
	}
	return c
}

func (c *Cluster) connect(t testing.TB) {
	t.Helper()
	config := c.restConfig(Admin)
	var err error
	if c.dynamic, err = dynamic.NewForConfig(config); err != nil {
		t.Fatal(err)
	}
	binary := rest.CopyConfig(config)
	binary.ContentType = "application/vnd.kubernetes.protobuf"
	if c.Kube, err = kubernetes.NewForConfig(binary); err != nil {
		t.Fatal(err)
	}
	c.mapper = restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(c.Kube.Discovery()))
}

func (c *Cluster) path(elements ...string) string {
	return filepath.Join(append([]string{c.dir}, elements...)...)
}

// splitAddress takes an address of FreeAddress apart, which always has both parts.
func splitAddress(address string) (host, port string) {
	host, port, _ = net.SplitHostPort(address)
	return host, port
}
