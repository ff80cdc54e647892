package podlog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"

	"github.com/waylight/waylight/mesh"
)

// Pace and patience of requests.
const (
	// requestsPerSecond is above what openings at once come to; client-go's own
	// limit of 5 a second would make a start a queue of a minute.
	requestsPerSecond = 100
	// statusTimeout is for the pod that a log is of.
	statusTimeout = 10 * time.Second
)

// Cluster opens logs of a live cluster.
type Cluster struct{ core rest.Interface }

var _ Opener = (*Cluster)(nil)

// NewCluster prepares to read the cluster that cfg leads to. userAgent is for the
// API server's log. Nothing is asked before the first Open.
func NewCluster(cfg *rest.Config, userAgent string) (*Cluster, error) {
	config := rest.CopyConfig(cfg)
	config.Timeout = 0 // of an http.Client it would end what is followed as well
	config.UserAgent = userAgent
	config.QPS, config.Burst, config.RateLimiter = requestsPerSecond, requestsPerSecond, nil
	config.WarningHandler = rest.NoWarnings{}
	config.ContentType = runtime.ContentTypeProtobuf
	config.AcceptContentTypes = runtime.ContentTypeProtobuf + "," + runtime.ContentTypeJSON
	config.APIPath, config.GroupVersion = "/api", &corev1.SchemeGroupVersion
	config.NegotiatedSerializer = scheme.Codecs.WithoutConversion()
	core, err := rest.RESTClientFor(config)
	if err != nil {
		return nil, fmt.Errorf("the kubeconfig cannot be used for logs: %w", err)
	}
	return &Cluster{core: core}, nil
}

// Open implements Opener. The API knows a container by its name alone, so the pod
// is asked first whose turn it is under that name.
func (c *Cluster) Open(ctx context.Context, req Request) (*Opened, error) {
	t := &req.Target
	found, err := c.locate(ctx, t)
	if err != nil {
		return nil, err
	}
	if req.Before && !found.over {
		found.previous, found.over = true, true
	}
	options := corev1.PodLogOptions{Container: t.Container, Timestamps: true, Previous: found.previous}
	since := req.Since
	if req.Tail > 0 {
		newest, err := c.newest(ctx, t, options, req.Tail)
		if err != nil {
			return nil, err
		}
		since = latest(since, newest)
	}
	if !since.IsZero() {
		from := metav1.NewTime(since.Truncate(time.Second))
		options.SinceTime = &from
	}
	options.Follow = req.Follow && !found.over
	body, err := c.stream(ctx, t, &options)
	if err != nil {
		return nil, err
	}
	return &Opened{Body: body, Run: found.run, Over: found.over}, nil
}

// newest is when the newest lines of a log begin. They are read from there on,
// since the API would cut them off also between lines of one time, which could
// not be numbered then. The zero time is the beginning.
func (c *Cluster) newest(ctx context.Context, t *mesh.LogTarget, options corev1.PodLogOptions, lines int) (time.Time, error) {
	const aStamp = 64
	tail, limit := int64(lines), int64(aStamp)
	options.TailLines, options.LimitBytes = &tail, &limit
	body, err := c.stream(ctx, t, &options)
	if err != nil {
		return time.Time{}, err
	}
	defer body.Close()
	first, err := io.ReadAll(io.LimitReader(body, aStamp))
	if err != nil {
		return time.Time{}, err
	}
	at, _, _ := splitStamp(first) // what has none holds no lines
	return at, nil
}

func (c *Cluster) stream(ctx context.Context, t *mesh.LogTarget, options *corev1.PodLogOptions) (io.ReadCloser, error) {
	body, err := c.pod(t).SubResource("log").VersionedParams(options, scheme.ParameterCodec).Stream(ctx)
	if err != nil {
		return nil, refusal(err, t)
	}
	return body, nil
}

// pod is a request about the pod of a target.
func (c *Cluster) pod(t *mesh.LogTarget) *rest.Request {
	return c.core.Get().Namespace(t.Pod.Namespace).Resource("pods").Name(t.Pod.Name)
}

// found is where a run of a container is.
type found struct {
	run            string // empty where it cannot be known
	previous, over bool
}

// locate finds the run that a target names. Who may read logs and no pods gets
// what is there under the name.
func (c *Cluster) locate(ctx context.Context, t *mesh.LogTarget) (found, error) {
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	pod := new(corev1.Pod)
	err := c.pod(t).Do(ctx).Into(pod)
	switch {
	case apierrors.IsForbidden(err):
		return found{previous: t.Previous, over: t.Previous}, nil
	case err != nil:
		return found{}, refusal(err, t)
	case t.UID != "" && string(pod.UID) != t.UID:
		return found{}, &Failure{Phase: mesh.LogEnded, Detail: "Another pod has its name now."}
	}
	return locateIn(pod, t)
}

// locateIn finds a run in the state of a pod.
func locateIn(pod *corev1.Pod, t *mesh.LogTarget) (found, error) {
	status, ok := statusOf(pod, t.Container)
	if !ok || (status.ContainerID == "" && status.LastTerminationState.Terminated == nil) {
		return found{}, fmt.Errorf("container %s has not started%s", t.Container, waiting(status))
	}
	now, before := bareID(status.ContainerID), ""
	if last := status.LastTerminationState.Terminated; last != nil {
		before = bareID(last.ContainerID)
	}
	wanted := bareID(t.ContainerID)
	switch {
	case t.Previous && status.LastTerminationState.Terminated == nil:
		return found{}, &Failure{Phase: mesh.LogEnded, Detail: "There was no run before this one."}
	case t.Previous:
		return found{run: before, previous: true, over: true}, nil
	case wanted == "" || wanted == now:
		return found{run: now, over: status.State.Terminated != nil || finished(pod)}, nil
	case wanted == before:
		return found{run: before, previous: true, over: true}, nil
	}
	return found{}, &Failure{Phase: mesh.LogEnded, Detail: "It was restarted, and the log of that run is gone.", Lost: true}
}

func finished(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}

func waiting(s corev1.ContainerStatus) string {
	if s.State.Waiting == nil || s.State.Waiting.Reason == "" {
		return ""
	}
	return ": " + s.State.Waiting.Reason
}

func statusOf(pod *corev1.Pod, container string) (corev1.ContainerStatus, bool) {
	for _, list := range [][]corev1.ContainerStatus{pod.Status.ContainerStatuses, pod.Status.InitContainerStatuses, pod.Status.EphemeralContainerStatuses} {
		for _, s := range list {
			if s.Name == container {
				return s, true
			}
		}
	}
	return corev1.ContainerStatus{}, false
}

// Right is the right that reading a log needs.
func Right(namespace string) string { return "get pods/log in " + namespace }

// refusal turns what an API server answers into a Failure where it will not pass.
func refusal(err error, t *mesh.LogTarget) error {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return err
	}
	s := status.Status()
	switch {
	case s.Code == http.StatusForbidden:
		return &Failure{Phase: mesh.LogForbidden, Detail: Right(t.Pod.Namespace)}
	case s.Code == http.StatusNotFound && (s.Details == nil || s.Details.Kind == "pods"):
		return &Failure{Phase: mesh.LogEnded, Detail: "The pod is gone."}
	case s.Code == http.StatusBadRequest && strings.Contains(s.Message, "is not valid for pod"):
		return &Failure{Phase: mesh.LogEnded, Detail: "The pod has no such container."}
	case s.Code == http.StatusBadRequest && t.Previous:
		return &Failure{Phase: mesh.LogEnded, Detail: "There was no run before this one."}
	case s.Code == http.StatusUnauthorized:
		return errors.New("the API server does not accept the credentials (401 Unauthorized)")
	}
	return fmt.Errorf("the API server answered %d: %s", s.Code, s.Message)
}
