package e2e_test

import (
	"net/url"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/waylight/waylight/e2e/cluster"
	"github.com/waylight/waylight/e2e/kubelet"
	"github.com/waylight/waylight/e2e/logclient"
	"github.com/waylight/waylight/e2e/objects"
)

// logsRole is the manifest of the right to read logs.
const logsRole = "../deploy/rbac/logs.yaml"

// chatter is a cluster in which containers write numbered lines as fast as a test wants.
type chatter struct {
	*cluster.Cluster
	kubelet *kubelet.Kubelet
	writers []*writer
}

// writer is one of its containers.
type writer struct {
	pod       *corev1.Pod
	container string
	log       *kubelet.Log
	// step is what lines that are written at once are apart: every second container's have the same time.
	step time.Duration
	// role is the source it is asked for by, other than its own name.
	role    string
	written int
	ended   bool
}

// startChatter starts a cluster with so many containers, each in a pod of its own, and two users: one may read logs.
func startChatter(t *testing.T, containers int32) *chatter {
	t.Helper()
	c := &chatter{kubelet: kubelet.Start(t)}
	c.Cluster = cluster.Start(t, cluster.Config{KubeletPort: c.kubelet.Port(), Users: []string{viewer, withoutLogs}})
	role := cluster.ReadClusterRole(t, viewRole)
	c.GrantInCluster(t, viewer, role)
	c.GrantInCluster(t, withoutLogs, role)
	c.GrantInCluster(t, viewer, cluster.ReadClusterRole(t, logsRole))
	c.AddNodes(t, nodes...)
	c.Apply(t, objects.AmbientNamespace("shop", ""))
	for _, pod := range c.RunDeployment(t, objects.Deployment("shop", "writer", containers), cluster.Placement{Nodes: nodes, Captured: true}) {
		c.runWriter(pod)
	}
	return c
}

// runWriter puts a container that has written nothing yet behind the kubelet.
func (c *chatter) runWriter(pod *corev1.Pod) *writer {
	w := &writer{pod: pod, container: pod.Spec.Containers[0].Name, log: kubelet.NewLog(), step: time.Duration(len(c.writers)%2) * time.Microsecond}
	c.kubelet.Run(pod.Namespace, pod.Name, kubelet.Pod{Containers: map[string]*kubelet.Log{w.container: w.log}})
	c.writers = append(c.writers, w)
	return w
}

// name is what messages call it.
func (w *writer) name() string { return w.pod.Namespace + "/" + w.pod.Name + "/" + w.container }

// source is what it is asked for by.
func (w *writer) source() string {
	if w.role != "" {
		return w.role
	}
	return "pod/" + w.name()
}

// write writes the next lines at once.
func (w *writer) write(at time.Time, lines int) {
	first := w.written + 1
	w.log.WriteBatch(kubelet.Batch{
		At: at, Step: w.step, Lines: lines,
		Text: func(i int) string { return logclient.Numbered(first + i) },
	})
	w.written += lines
}

// all asks for every container.
func (c *chatter) all() url.Values {
	query := url.Values{}
	for _, w := range c.writers {
		query.Add("source", w.source())
	}
	return query
}

// written is how many lines each container has written, by its name.
func (c *chatter) written() map[string]int {
	lines := make(map[string]int)
	for _, w := range c.writers {
		lines[w.name()] = w.written
	}
	return lines
}

// tick is how often containers write that write all the time.
const tick = 10 * time.Millisecond

// chat makes all containers that run write so many lines a second for a while, a batch each tick; a late tick catches up.
func (c *chatter) chat(perSecond int, during time.Duration) {
	start := time.Now()
	beat := time.NewTicker(tick)
	defer beat.Stop()
	for done := 0; ; {
		<-beat.C
		now := time.Now()
		elapsed := min(now.Sub(start), during)
		due := int(elapsed.Seconds() * float64(perSecond))
		for _, w := range c.writers {
			if !w.ended {
				w.write(now, due-done)
			}
		}
		if done = due; elapsed == during {
			return
		}
	}
}

// background makes all containers write until the function is called that it answers.
func (c *chatter) background(perSecond int) (quiet func()) {
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				c.chat(perSecond, time.Second/5)
			}
		}
	}()
	return func() {
		close(stop)
		<-done
	}
}
