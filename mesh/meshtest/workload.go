package meshtest

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/waylight/waylight/mesh"
)

// Nodes that pods are spread over in turn when no option says where they run.
var defaultNodes = [...]string{"node-a", "node-b"}

// podSet is a controller with its pods.
type podSet struct {
	*mesh.Controller
	template mesh.Workload
	perPod   map[int][]Option
	nodes    []string
	ready    int32 // -1: all
}

// Deployment is a Deployment with one ready pod, labelled app=name. Its pods
// are called name-1, name-2, …
func Deployment(namespace, name string, opts ...Option) Part {
	return controller("Deployment", namespace, name, opts)
}

// StatefulSet is like Deployment.
func StatefulSet(namespace, name string, opts ...Option) Part {
	return controller("StatefulSet", namespace, name, opts)
}

// DaemonSet is like Deployment.
func DaemonSet(namespace, name string, opts ...Option) Part {
	return controller("DaemonSet", namespace, name, opts)
}

// Job is like Deployment.
func Job(namespace, name string, opts ...Option) Part {
	return controller("Job", namespace, name, opts)
}

// CronJob has no pods of its own unless Replicas asks for them.
func CronJob(namespace, name string, opts ...Option) Part {
	return controller("CronJob", namespace, name, append([]Option{Replicas(0)}, opts...))
}

func controller(kind, namespace, name string, opts []Option) Part {
	return func(b *builder) {
		s := newPodSet(kind, namespace, name)
		apply(s, opts)
		b.addPodSet(s)
	}
}

func newPodSet(kind, namespace, name string) *podSet {
	s := &podSet{perPod: make(map[int][]Option), ready: -1}
	s.Controller = &mesh.Controller{Meta: meta(kind, namespace, name), Wanted: 1}
	s.template = *newPod(namespace, name)
	s.template.Labels["app"] = name
	s.template.ServiceAccount = name
	return s
}

// Pod is a single ready pod that nothing owns.
func Pod(namespace, name string, opts ...Option) Part {
	return func(b *builder) {
		w := newPod(namespace, name)
		apply(w, opts)
		b.addPod(w)
	}
}

func newPod(namespace, name string) *mesh.Workload {
	w := &mesh.Workload{Meta: meta("Pod", namespace, name), ServiceAccount: "default", Phase: "Running", Ready: true}
	w.Started = Now.Add(-24 * time.Hour)
	w.Containers = []mesh.Container{{Name: "app", Image: "registry.example/app:1", Ready: true, StartedAt: w.Started}}
	return w
}

// WorkloadEntry is a machine outside the cluster.
func WorkloadEntry(namespace, name, address string, opts ...Option) Part {
	w := &mesh.Workload{Meta: meta("WorkloadEntry", namespace, name), ServiceAccount: "default", IPs: []string{address}, Ready: true}
	apply(w, opts)
	return Objects(w)
}

// Replicas is the number of pods.
func Replicas(n int32) Option { return func(o mesh.Object) { podSetOf(o).Wanted = n } }

// Ready is the number of pods that are ready, counted from the first; all by
// default.
func Ready(n int32) Option { return func(o mesh.Object) { podSetOf(o).ready = n } }

// OnPod changes one pod only, counted from 1.
func OnPod(number int, opts ...Option) Option {
	return func(o mesh.Object) {
		s := podSetOf(o)
		s.perPod[number] = append(s.perPod[number], opts...)
	}
}

// OnController changes the controller's own metadata, which pods do not get.
func OnController(opts ...Option) Option {
	return func(o mesh.Object) { apply(podSetOf(o).Controller, opts) }
}

// OnNode says where the pod runs; several names are taken in turn.
func OnNode(names ...string) Option {
	return func(o mesh.Object) {
		if w, ok := o.(*mesh.Workload); ok {
			w.Node = names[0]
			return
		}
		podSetOf(o).nodes = names
	}
}

func podSetOf(o mesh.Object) *podSet {
	switch o := o.(type) {
	case *podSet:
		return o
	case *waypoint:
		return o.pods
	}
	panic(fmt.Sprintf("meshtest: option for a set of pods does not fit %s", o.Ref()))
}

// Options for pods, which fit a Deployment and its like as well.
var (
	// HostNetwork runs the pod in its node's network.
	HostNetwork = With(func(w *mesh.Workload) { w.HostNetwork = true })
	// Sidecar puts an Envoy sidecar into the pod.
	Sidecar = Annotation(mesh.AnnotationSidecarStatus, `{"containers":["istio-proxy"]}`)
	// NotCaptured takes the redirection annotation away, RedirectionPending
	// says that ztunnel did not take the pod.
	NotCaptured        = Annotation(mesh.AnnotationRedirection, "")
	RedirectionPending = Annotation(mesh.AnnotationRedirection, "pending")
	Captured           = Annotation(mesh.AnnotationRedirection, "enabled")
	// NotReady fails the pod's readiness.
	NotReady = With(func(w *mesh.Workload) { w.Ready = false; w.Containers[0].Ready = false })
)

// Phase sets the pod's phase; what does not run is not ready.
func Phase(phase string) Option {
	return With(func(w *mesh.Workload) { w.Phase, w.Ready = phase, w.Ready && phase == "Running" })
}

// ServiceAccount sets the account pods run under; a Deployment's is its name
// by default, a single pod's is "default".
func ServiceAccount(name string) Option {
	return With(func(w *mesh.Workload) { w.ServiceAccount = name })
}

// ContainerPort declares a port of the first container.
func ContainerPort(port uint16, name string) Option {
	return With(func(w *mesh.Workload) {
		w.Containers[0].Ports = append(slices.Clone(w.Containers[0].Ports), mesh.ContainerPort{Name: name, Port: port, Protocol: "TCP"})
	})
}

func (b *builder) addPodSet(s *podSet) {
	c := s.Controller
	c.TemplateLabels, c.TemplateAnnotations = maps.Clone(s.template.Labels), templateAnnotations(s.template.Annotations)
	c.ServiceAccount, c.HostNetwork, c.Containers = s.template.ServiceAccount, s.template.HostNetwork, s.template.Containers
	if c.Kind != "CronJob" && c.Selector == nil {
		c.Selector = &mesh.LabelSelector{MatchLabels: map[string]string{"app": s.template.Labels["app"]}}
	}
	for i := range s.Wanted {
		w := s.pod(int(i) + 1)
		if w.Ready {
			c.Ready++
		}
		b.addPod(w)
	}
	c.Updated = c.Wanted
	b.add(c)
}

// pod makes one pod from the template.
func (s *podSet) pod(number int) *mesh.Workload {
	w := s.template
	w.Name = fmt.Sprintf("%s-%d", s.Name, number)
	w.Labels, w.Annotations = maps.Clone(w.Labels), maps.Clone(w.Annotations)
	w.Containers = slices.Clone(w.Containers)
	w.Owner = s.Ref()
	if len(s.nodes) > 0 {
		w.Node = s.nodes[(number-1)%len(s.nodes)]
	}
	if s.ready >= 0 && int32(number) > s.ready {
		NotReady(&w)
	}
	apply(&w, s.perPod[number])
	return &w
}

// templateAnnotations leaves out what only a running pod can carry.
func templateAnnotations(all map[string]string) map[string]string {
	out := maps.Clone(all)
	delete(out, mesh.AnnotationRedirection)
	delete(out, mesh.AnnotationSidecarStatus)
	return out
}

// addPod gives a pod what every running one has: a node and an address.
func (b *builder) addPod(w *mesh.Workload) {
	if w.Node == "" {
		w.Node = defaultNodes[b.pods%len(defaultNodes)]
	}
	if len(w.IPs) == 0 {
		w.IPs = []string{fmt.Sprintf("10.%d.%d.%d", 64+b.pods/62500, b.pods/250%250, b.pods%250+1)}
	}
	b.pods++
	if !b.bare && w.Namespace != SystemNamespace && b.nodes[w.Node] == nil {
		b.declare(newNode(w.Node))
	}
	b.add(w)
}
