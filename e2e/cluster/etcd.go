package cluster

import (
	"fmt"
	"net"
	"testing"

	"github.com/waylight/waylight/e2e/process"
)

// startEtcd runs a single etcd on loopback with its data in a folder of the test. Nothing is synced to disk: what a
// power cut would lose, a test does not need.
func (c *Cluster) startEtcd(t testing.TB) {
	t.Helper()
	c.etcdURL = "http://" + FreeAddress(t)
	peer := "http://" + FreeAddress(t)
	process.Start(t, c.logs, process.Spec{
		Name: "etcd",
		Path: Installed(t, "etcd"),
		Dir:  c.dir,
		Args: []string{
			"--name=e2e",
			"--data-dir=" + c.path("etcd"),
			"--unsafe-no-fsync",
			"--listen-client-urls=" + c.etcdURL,
			"--advertise-client-urls=" + c.etcdURL,
			"--listen-peer-urls=" + peer,
			"--initial-advertise-peer-urls=" + peer,
			"--initial-cluster=e2e=" + peer,
			"--log-level=warn",
		},
	})
}

// FreeAddress answers a loopback address with a port that nobody listens on. Somebody else may take it before it is
// used; on loopback, with ports from the kernel's ephemeral range, that is rare enough for a test.
func FreeAddress(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return fmt.Sprint(listener.Addr())
}
