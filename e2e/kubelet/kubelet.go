// Package kubelet plays the kubelet of a cluster's nodes as far as the API server calls it for others: port-forwards and
// logs, over TLS and with the kubelet's own server side of both protocols. A test says what listens in a pod (Port) and what
// its containers write (Log); everything between that and Waylight is real.
package kubelet

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
)

// Pod is what a pod has of interest to those who reach into it.
type Pod struct {
	// Ports are those that something listens on, by number.
	Ports map[int]Port
	// Containers are their logs, by name.
	Containers map[string]*Log
}

// Kubelet answers for all nodes of a cluster: each of them names its port (cluster.Config.KubeletPort).
type Kubelet struct {
	port int32
	// done is closed when the test ends; what hangs on purpose ends with it.
	done chan struct{}

	mu   sync.Mutex
	pods map[string]Pod
}

// Start serves on loopback until the test ends. Start it before the cluster: what was started first ends last.
func Start(t testing.TB) *Kubelet {
	t.Helper()
	// The library logs each connection that a test refuses or cuts off on purpose.
	klog.SetLogger(logr.Discard())
	k := &Kubelet{done: make(chan struct{}), pods: make(map[string]Pod)}
	server := httptest.NewUnstartedServer(k.routes())
	server.Config.ErrorLog = klog.NewStandardLogger("INFO")
	server.StartTLS()
	t.Cleanup(func() {
		close(k.done)
		server.CloseClientConnections()
		server.Close()
	})
	address, ok := server.Listener.Addr().(*net.TCPAddr)
	if !ok {
		t.Fatalf("the kubelet listens on %s", server.Listener.Addr())
	}
	k.port = int32(address.Port)
	return k
}

// Port is where it listens, for the status of Nodes.
func (k *Kubelet) Port() int32 { return k.port }

// Run makes a pod known, or changes it. What is under way goes on as it began.
func (k *Kubelet) Run(namespace, name string, pod Pod) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.pods[namespace+"/"+name] = pod
}

// Stop forgets a pod.
func (k *Kubelet) Stop(namespace, name string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.pods, namespace+"/"+name)
}

var errNoPod = errors.New("pod does not exist")

// pod finds a pod that runs.
func (k *Kubelet) pod(namespace, name string) (Pod, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	pod, ok := k.pods[namespace+"/"+name]
	if !ok {
		return Pod{}, errNoPod
	}
	return pod, nil
}

func (k *Kubelet) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/portForward/{namespace}/{pod}", k.portForward)
	mux.HandleFunc("/portForward/{namespace}/{pod}/{uid}", k.portForward)
	mux.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", k.containerLogs)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, fmt.Sprintf("the tests' kubelet does not answer %s %s", r.Method, r.URL.Path), http.StatusNotFound)
	})
	return mux
}
