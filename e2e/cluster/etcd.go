package cluster

import (
	"fmt"
	"math/rand/v2"
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

// Ports below those that kernels give to outgoing connections, from 32768 on. The programs under test make many of these,
// and one of them could have a port that was free a moment ago.
const (
	firstPort = 20000
	ports     = 10000
)

// FreeAddress answers a loopback address with a port that nobody listens on.
func FreeAddress(t testing.TB) string {
	t.Helper()
	for range 100 {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", firstPort+rand.IntN(ports)))
		if err != nil {
			continue // somebody has it
		}
		defer listener.Close()
		return fmt.Sprint(listener.Addr())
	}
	t.Fatal("no port is free")
	return ""
}
