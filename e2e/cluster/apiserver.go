package cluster

import (
	"fmt"
	"net/http"
	"os"
	"testing"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/keyutil"

	"github.com/waylight/waylight/e2e/process"
	"github.com/waylight/waylight/e2e/wait"
)

// StartAPIServer runs the API server on the cluster's address and data and waits until it is ready. After
// KillAPIServer it comes back with the same address, certificate, users and objects, and with further flags if a test wants.
func (c *Cluster) StartAPIServer(t testing.TB, flags ...string) {
	t.Helper()
	c.apiserver = process.Start(t, c.logs, process.Spec{
		Name: "kube-apiserver",
		Path: Program(t, "kube-apiserver"),
		Dir:  c.dir,
		Args: append(c.apiServerFlags(), flags...),
	})
	// Stopped in an orderly way it would wait ten seconds for its clients to end their watches.
	t.Cleanup(c.apiserver.Kill)
	wait.For(t, 2*wait.Limit, "the API server is ready", func() error {
		if err := c.apiserver.Running(); err != nil {
			t.Fatal(err)
		}
		return c.ready()
	})
}

// KillAPIServer ends the API server as a crash does: no connection is closed in an orderly way.
func (c *Cluster) KillAPIServer() { c.apiserver.Kill() }

func (c *Cluster) apiServerFlags() []string {
	key := c.path("service-accounts.key")
	host, port := splitAddress(c.apiAddress)
	return []string{
		"--etcd-servers=" + c.etcdURL,
		"--bind-address=" + host,
		"--secure-port=" + port,
		"--advertise-address=" + host,
		"--cert-dir=" + c.path("apiserver"),
		"--token-auth-file=" + c.path("tokens.csv"),
		"--authorization-mode=RBAC",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + key,
		"--service-account-signing-key-file=" + key,
		"--service-cluster-ip-range=10.96.0.0/12",
		// Nobody makes the default service accounts that pods would be given.
		"--disable-admission-plugins=ServiceAccount",
		// The server's own Endpoints would hold a loopback address, which the API refuses.
		"--endpoint-reconciler-type=none",
		"--kubelet-preferred-address-types=InternalIP",
	}
}

// writeServiceAccountKey makes the key that signs service account tokens; the server does not start without.
func (c *Cluster) writeServiceAccountKey(t testing.TB) {
	t.Helper()
	key, err := keyutil.MakeEllipticPrivateKeyPEM()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(c.path("service-accounts.key"), key, 0o600); err != nil {
		t.Fatal(err)
	}
}

// apiCertificate is the certificate the server makes for itself at its first start.
func (c *Cluster) apiCertificate() string { return c.path("apiserver", "apiserver.crt") }

func (c *Cluster) restConfig(user string) *rest.Config {
	return &rest.Config{
		Host:            "https://" + c.apiAddress,
		BearerToken:     c.tokens[user],
		TLSClientConfig: rest.TLSClientConfig{CAFile: c.apiCertificate()},
		// Tests write thousands of objects; the client's own throttle is for well-behaved guests.
		QPS: -1,
		// Istio's charts use a deprecated annotation, which is not the reader's concern.
		WarningHandler: rest.NoWarnings{},
	}
}

func (c *Cluster) ready() error {
	client, err := rest.HTTPClientFor(c.restConfig(Admin))
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	response, err := client.Get("https://" + c.apiAddress + "/readyz")
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("/readyz answers %s", response.Status)
	}
	return nil
}
