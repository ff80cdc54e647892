package kubelet

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"k8s.io/cri-streaming/pkg/streaming/portforward"
)

// Port is what listens on a port of a pod: it is handed each connection. What it returns is what the container runtime
// says of a connection that failed, in its own words.
type Port func(connection io.ReadWriteCloser) error

// At is a program that listens on an address of this machine.
func At(address string) Port {
	return func(client io.ReadWriteCloser) error {
		target, err := net.Dial("tcp", address)
		if err != nil {
			return fmt.Errorf("failed to connect to localhost inside namespace: %w", err)
		}
		defer target.Close()
		go func() {
			_, _ = io.Copy(target, client) // it ends when either side leaves
			_ = target.Close()
		}()
		_, err = io.Copy(client, target)
		return err
	}
}

// HTTP is a server of the test's own.
func HTTP(t testing.TB, handler http.Handler) Port {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return At(server.Listener.Addr().String())
}

// Silent accepts connections, reads what it is sent and never answers.
func Silent(client io.ReadWriteCloser) error {
	_, err := io.Copy(io.Discard, client)
	return err
}

// Times by which connections end that nobody uses; the kubelet's own.
const (
	idleTimeout     = 4 * time.Hour
	creationTimeout = 30 * time.Second
)

// forwarder connects streams to the ports of one pod, as it is when they are opened.
type forwarder struct {
	kubelet        *Kubelet
	namespace, pod string
}

// PortForward implements portforward.PortForwarder.
func (f forwarder) PortForward(_ context.Context, _, _ string, port int32, stream io.ReadWriteCloser) error {
	pod, err := f.kubelet.pod(f.namespace, f.pod)
	if err != nil {
		return fmt.Errorf("failed to find sandbox of %s in store: not found", f.pod)
	}
	listener, ok := pod.Ports[int(port)]
	if !ok {
		return fmt.Errorf("failed to connect to localhost:%d inside namespace, IPv4: dial tcp4 127.0.0.1:%d: connect: connection refused", port, port)
	}
	return listener(stream)
}

func (k *Kubelet) portForward(w http.ResponseWriter, r *http.Request) {
	to := forwarder{k, r.PathValue("namespace"), r.PathValue("pod")}
	if _, err := k.pod(to.namespace, to.pod); err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	options, err := portforward.NewV4Options(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	portforward.ServePortForward(w, r, to, to.pod, r.PathValue("uid"), options, idleTimeout, creationTimeout, portforward.SupportedProtocols)
}
