package e2e_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/waylight/waylight/e2e/cluster"
	"github.com/waylight/waylight/e2e/logclient"
	"github.com/waylight/waylight/e2e/objects"
	"github.com/waylight/waylight/e2e/wait"
	"github.com/waylight/waylight/e2e/waylight"
)

const (
	// calmRate is how many lines a second each container writes while things break.
	calmRate = 200
	// aMoment is how long they write between two disasters.
	aMoment = time.Second
)

// survivor is a reader to whom everything happens that happens to logs.
type survivor struct {
	*chatter
	server  *waylight.Server
	witness *witness
	// proxy is the container of a waypoint's pod.
	proxy *writer
}

// TestLogSurvival follows containers through everything that happens to logs. All lines have to come, each once.
func TestLogSurvival(t *testing.T) {
	s := &survivor{chatter: startChatter(t, 4), witness: &witness{last: make(map[string]string)}}
	s.Apply(t, objects.Waypoint("shop", "waypoint"))
	s.proxy = s.runWaypointWriter(t)
	s.server = s.serve(t, viewer)
	s.witness.follow(logclient.Open(t, s.server.URL, s.all()))
	s.witness.waitState(t, logclient.Following, s.writers...)

	for _, disaster := range []struct {
		name   string
		happen func(*testing.T, *survivor)
	}{
		{"nothing happens", func(*testing.T, *survivor) {}},
		{"a kubelet drops connections within a line", func(_ *testing.T, s *survivor) { s.each((*writer).tear) }},
		{"a kubelet drops connections between lines", func(_ *testing.T, s *survivor) { s.each((*writer).cut) }},
		{"logs are rotated", func(_ *testing.T, s *survivor) { s.each((*writer).rotate) }},
		{"a container restarts", restart},
		{"the API server is killed and comes back", killAPIServer},
		{"a container restarts while nobody can read it", restartUnseen},
		{"a waypoint's pod is replaced", replaceProxy},
		{"Waylight is replaced, and a container restarts meanwhile", replaceWaylight},
	} {
		disaster.happen(t, s)
		s.chat(calmRate, aMoment)
		s.witness.expectAll(t, disaster.name, s.chatter)
	}
	s.witness.expectState(t, logclient.Reconnecting)
	s.witness.expectState(t, logclient.Ended)
}

func (c *chatter) each(do func(*writer)) {
	for _, w := range c.writers {
		do(w)
	}
}

func (w *writer) tear()   { w.log.Tear() }
func (w *writer) cut()    { w.log.Cut() }
func (w *writer) rotate() { w.log.Rotate() }

// restart ends a container and runs it again; the kubelet reports that after the fact.
func restart(t *testing.T, s *survivor) {
	t.Helper()
	s.writers[1].log.Restart()
	s.chat(calmRate, aMoment/4)
	s.RestartContainer(t, s.writers[1].pod, s.writers[1].container)
}

// killAPIServer has containers write while nobody can read them.
func killAPIServer(t *testing.T, s *survivor) {
	t.Helper()
	s.KillAPIServer()
	s.chat(calmRate, aMoment)
	s.StartAPIServer(t)
}

// restartUnseen leaves what the container wrote last in the log of the one before.
func restartUnseen(t *testing.T, s *survivor) {
	t.Helper()
	s.KillAPIServer()
	s.chat(calmRate, aMoment)
	s.writers[2].log.Restart()
	s.chat(calmRate, aMoment)
	s.StartAPIServer(t)
	s.RestartContainer(t, s.writers[2].pod, s.writers[2].container)
}

// replaceWaylight has a client come back to another process, which knows only what the client had last.
func replaceWaylight(t *testing.T, s *survivor) {
	t.Helper()
	s.witness.leave()
	s.server.Stop()
	s.chat(calmRate, aMoment)
	s.writers[3].log.Restart()
	s.RestartContainer(t, s.writers[3].pod, s.writers[3].container)
	s.chat(calmRate, aMoment)
	s.server = s.serve(t, viewer)
	query := s.all()
	query["after"] = s.witness.after()
	s.witness.follow(logclient.Open(t, s.server.URL, query))
}

// runWaypointWriter runs a pod of a waypoint that writes numbered lines, which no proxy does.
func (c *chatter) runWaypointWriter(t *testing.T) *writer {
	t.Helper()
	deployment := objects.Deployment("shop", "waypoint", 1)
	labels := map[string]string{"gateway.networking.k8s.io/gateway-name": "waypoint"}
	deployment.Spec.Selector = &metav1.LabelSelector{MatchLabels: labels}
	deployment.Spec.Template.Labels = labels
	deployment.Spec.Template.Spec.Containers[0].Name = "istio-proxy"
	w := c.runWriter(c.RunDeployment(t, deployment, cluster.Placement{Nodes: nodes})[0])
	w.role = "waypoint/shop/waypoint"
	return w
}

// replaceProxy puts another pod in the place of one, which is deleted.
func replaceProxy(t *testing.T, s *survivor) {
	t.Helper()
	old := s.proxy
	young := &corev1.Pod{Spec: old.pod.Spec, Status: *old.pod.Status.DeepCopy()}
	young.ObjectMeta = metav1.ObjectMeta{
		Namespace: old.pod.Namespace, Name: old.pod.Name + "-young", Labels: old.pod.Labels, OwnerReferences: old.pod.OwnerReferences,
	}
	s.runWriter(young).role = old.role
	s.Apply(t, young)
	s.chat(calmRate, aMoment)
	old.log.End()
	old.ended = true
	s.kubelet.Stop(old.pod.Namespace, old.pod.Name)
	s.Delete(t, old.pod)
}

// witness reads a stream as it comes and keeps account.
type witness struct {
	stream *logclient.Client
	done   chan struct{} // closed when nothing more is read

	mu     sync.Mutex
	ledger logclient.Ledger
	states []logclient.Message
	last   map[string]string // container to the ID of its last line
	err    error
}

// follow reads a stream until it ends.
func (w *witness) follow(stream *logclient.Client) {
	w.stream, w.done = stream, make(chan struct{})
	w.ledger.Reopened()
	go func() {
		defer close(w.done)
		for w.add(stream.Read(time.Now().Add(time.Hour))) {
		}
	}()
}

// leave ends the stream as a browser does that loses its network.
func (w *witness) leave() {
	w.stream.Close()
	<-w.done
}

// after is where another stream has to go on.
func (w *witness) after() (ids []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for container, id := range w.last {
		ids = append(ids, container+"@"+id)
	}
	return ids
}

// add says whether there may be more.
func (w *witness) add(m logclient.Message, err error) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.err = err
	w.ledger.Add(m)
	for _, line := range m.Lines {
		w.last[line.Container] = line.ID
	}
	if m.Type == "source" {
		w.states = append(w.states, m)
	}
	return err == nil
}

// expectAll waits until everything that was written has come, and then checks it.
func (w *witness) expectAll(t *testing.T, after string, c *chatter) {
	t.Helper()
	sum := 0
	for _, lines := range c.written() {
		sum += lines
	}
	took := wait.For(t, recovery, after+": all lines come", func() error {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.err != nil {
			t.Fatal(w.err)
		}
		if w.ledger.Settled(sum) {
			return nil
		}
		return fmt.Errorf("%d gaps of unknown size: %w", w.ledger.Unknown, w.ledger.Check(c.written()))
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.ledger.Check(c.written()); err != nil || w.ledger.Unknown > 0 || w.ledger.Dropped() > 0 {
		t.Fatalf("%s: %d lines in gaps, %d gaps of unknown size: %v", after, w.ledger.Dropped(), w.ledger.Unknown, err)
	}
	t.Logf("%s: all lines %dms after the last was written", after, took.Milliseconds())
}

// waitState waits until the stream has said a state of each of some containers.
func (w *witness) waitState(t *testing.T, state string, writers ...*writer) {
	t.Helper()
	for _, writer := range writers {
		wait.For(t, wait.Limit, writer.name()+" is "+state, func() error {
			w.mu.Lock()
			defer w.mu.Unlock()
			if !slices.ContainsFunc(w.states, func(m logclient.Message) bool { return m.State == state && m.Container == writer.name() }) {
				return fmt.Errorf("the stream says %+v", w.states)
			}
			return w.err
		})
	}
}

// expectState holds the stream to having said a state of something.
func (w *witness) expectState(t *testing.T, state string) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.ContainsFunc(w.states, func(m logclient.Message) bool { return m.State == state && m.Container != "" }) {
		t.Errorf("the stream never says that a container is %s", state)
	}
}
