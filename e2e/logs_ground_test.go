package e2e_test

import (
	"bufio"
	"errors"
	"io"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/waylight/waylight/e2e/logclient"
)

// logsTearUnseen is about the tests' own ground, and why whoever follows logs cannot trust an end of file: the API server
// says the same, io.EOF, of a connection that a kubelet drops within a line and of a container that has ended.
func logsTearUnseen(t *testing.T, c *chatter) {
	w := c.writers[0]
	w.write(time.Now(), 1)
	last := int64(1)
	options := &corev1.PodLogOptions{Follow: true, TailLines: &last}
	stream, err := c.Kube.CoreV1().Pods(w.pod.Namespace).GetLogs(w.pod.Name, options).Stream(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	lines := bufio.NewReader(stream)
	if _, err := lines.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	w.log.Tear()
	w.write(time.Now(), 1)
	half, err := lines.ReadString('\n')
	if whole := logclient.Numbered(w.written); !errors.Is(err, io.EOF) || half == "" || len(half) >= len(whole) {
		t.Errorf("got %q and %v, want half of %q and %v", half, err, whole, io.EOF)
	}
}
