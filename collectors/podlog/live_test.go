package podlog

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/waylight/waylight/mesh"
)

// apiServer answers for one pod and its log.
type apiServer struct {
	pod *corev1.Pod
	// podCode and logCode are what it answers instead; zero for what is asked.
	podCode, logCode int
	message          string
	log              string
	asked            []string // the queries for logs
}

func (s *apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	code := s.podCode
	if strings.HasSuffix(r.URL.Path, "/log") {
		s.asked = append(s.asked, r.URL.RawQuery)
		if code = s.logCode; code == 0 {
			_, _ = io.WriteString(w, s.log)
			return
		}
	}
	w.Header().Set("Content-Type", "application/json")
	if code == 0 {
		_ = json.NewEncoder(w).Encode(s.pod)
		return
	}
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusFailure,
		Code: int32(code), Message: s.message, Reason: reasons[code],
	})
}

var reasons = map[int]metav1.StatusReason{http.StatusForbidden: metav1.StatusReasonForbidden, http.StatusNotFound: metav1.StatusReasonNotFound}

// podOf is the pod of the target "web", whose container runs as one ID and ran as
// another before, if that is not empty.
func podOf(now, before string) *corev1.Pod {
	status := corev1.ContainerStatus{Name: "app", ContainerID: "containerd://" + now, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}
	if before != "" {
		status.LastTerminationState.Terminated = &corev1.ContainerStateTerminated{ContainerID: "containerd://" + before}
	}
	return &corev1.Pod{
		TypeMeta:   metav1.TypeMeta{Kind: "Pod", APIVersion: "v1"},
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web-1", UID: "uid-web-1"},
		Status:     corev1.PodStatus{Phase: corev1.PodRunning, ContainerStatuses: []corev1.ContainerStatus{status}},
	}
}

// open opens a log of a server, and closes it.
func (s *apiServer) open(t *testing.T, req Request) (*Opened, error) {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	cluster, err := NewCluster(&rest.Config{Host: server.URL}, "test")
	if err != nil {
		t.Fatal(err)
	}
	opened, err := cluster.Open(t.Context(), req)
	if err == nil {
		_ = opened.Body.Close()
	}
	return opened, err
}

const aMoment = "2026-11-23T08:00:00.5Z"

func moment(t *testing.T) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, aMoment)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestTheRightRunIsAskedFor under the one name that all runs have.
func TestTheRightRunIsAskedFor(t *testing.T) {
	present, previous := target(web, "a2"), target(web, "a2")
	previous.Previous = true
	terminated := podOf("a2", "a1")
	terminated.Status.ContainerStatuses[0].State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{}}
	for _, tt := range []struct {
		words  string
		server apiServer
		req    Request
		asked  []string
		want   Opened
	}{
		{"the run that is there", apiServer{pod: podOf("a2", "a1")}, Request{Target: present, Follow: true}, []string{"container=app&follow=true&timestamps=true"}, Opened{Run: "a2"}},
		{"from a time on, which has whole seconds", apiServer{pod: podOf("a2", "")}, Request{Target: present, Since: moment(t)}, []string{"container=app&sinceTime=2026-11-23T08%3A00%3A00Z&timestamps=true"}, Opened{Run: "a2"}},
		{"a run that has ended", apiServer{pod: terminated}, Request{Target: present, Follow: true}, []string{"container=app&timestamps=true"}, Opened{Run: "a2", Over: true}},
		{"a run that was followed by another", apiServer{pod: podOf("a3", "a2")}, Request{Target: present, Follow: true}, []string{"container=app&previous=true&timestamps=true"}, Opened{Run: "a2", Over: true}},
		{"the run before, by its name", apiServer{pod: podOf("a2", "a1")}, Request{Target: previous}, []string{"container=app&previous=true&timestamps=true"}, Opened{Run: "a1", Over: true}},
		{"the run before of a restart that is not reported", apiServer{pod: podOf("a2", "")}, Request{Target: present, Follow: true, Before: true}, []string{"container=app&previous=true&timestamps=true"}, Opened{Run: "a2", Over: true}},
		{"the run before of a restart that is reported by now", apiServer{pod: podOf("a3", "a2")}, Request{Target: present, Before: true}, []string{"container=app&previous=true&timestamps=true"}, Opened{Run: "a2", Over: true}},
		{"whatever there is, where pods may not be read", apiServer{podCode: http.StatusForbidden}, Request{Target: present, Follow: true}, []string{"container=app&follow=true&timestamps=true"}, Opened{}},
		{
			"the newest lines, from where a second begins",
			apiServer{pod: podOf("a2", ""), log: aMoment + " a line\n"},
			Request{Target: present, Follow: true, Tail: 100},
			[]string{"container=app&limitBytes=64&tailLines=100&timestamps=true", "container=app&follow=true&sinceTime=2026-11-23T08%3A00%3A00Z&timestamps=true"},
			Opened{Run: "a2"},
		},
		{
			"the newest lines of a log that has none",
			apiServer{pod: podOf("a2", "")},
			Request{Target: present, Follow: true, Tail: 100},
			[]string{"container=app&limitBytes=64&tailLines=100&timestamps=true", "container=app&follow=true&timestamps=true"},
			Opened{Run: "a2"},
		},
		{
			"the newest lines, some of which are too old",
			apiServer{pod: podOf("a2", ""), log: aMoment + " a line\n"},
			Request{Target: present, Since: moment(t).Add(time.Hour), Tail: 100},
			[]string{"container=app&limitBytes=64&tailLines=100&timestamps=true", "container=app&sinceTime=2026-11-23T09%3A00%3A00Z&timestamps=true"},
			Opened{Run: "a2"},
		},
	} {
		t.Run(tt.words, func(t *testing.T) {
			opened, err := tt.server.open(t, tt.req)
			if err != nil {
				t.Fatal(err)
			}
			opened.Body = nil
			if diff := cmp.Diff(tt.want, *opened); diff != "" {
				t.Errorf("opened (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.asked, tt.server.asked); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
		})
	}
}

// TestWhyALogCannotBeRead tells what will pass from what will not.
func TestWhyALogCannotBeRead(t *testing.T) {
	present, previous := target(web, "a2"), target(web, "a2")
	previous.Previous = true
	other := podOf("a2", "")
	other.UID = "another"
	waits := podOf("", "")
	waits.Status.ContainerStatuses[0].ContainerID = ""
	waits.Status.ContainerStatuses[0].State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ImagePullBackOff"}}
	gone := Failure{Phase: mesh.LogEnded, Detail: "The pod is gone."}
	none := Failure{Phase: mesh.LogEnded, Detail: "There was no run before this one."}
	for _, tt := range []struct {
		words  string
		server apiServer
		target mesh.LogTarget
		want   Failure // none for what passes
		says   string
	}{
		{"the pod is gone", apiServer{podCode: http.StatusNotFound}, present, gone, ""},
		{"the pod goes while it is asked for", apiServer{pod: podOf("a2", ""), logCode: http.StatusNotFound}, present, gone, ""},
		{"another pod has its name", apiServer{pod: other}, present, Failure{Phase: mesh.LogEnded, Detail: "Another pod has its name now."}, ""},
		{"two restarts later", apiServer{pod: podOf("a4", "a3")}, present, Failure{Phase: mesh.LogEnded, Detail: "It was restarted, and the log of that run is gone.", Lost: true}, ""},
		{"it never restarted", apiServer{pod: podOf("a2", "")}, previous, none, ""},
		{"the run before is not there any more", apiServer{pod: podOf("a2", "a1"), logCode: http.StatusBadRequest}, previous, none, ""},
		{"it has no such container", apiServer{pod: podOf("a2", ""), logCode: http.StatusBadRequest, message: "container app is not valid for pod web-1"}, present, Failure{Phase: mesh.LogEnded, Detail: "The pod has no such container."}, ""},
		{"a right is missing", apiServer{pod: podOf("a2", ""), logCode: http.StatusForbidden}, present, Failure{Phase: mesh.LogForbidden, Detail: "get pods/log in shop"}, ""},
		{"its image is not there yet", apiServer{pod: waits}, present, Failure{}, "container app has not started: ImagePullBackOff"},
		{"the credentials have run out", apiServer{podCode: http.StatusUnauthorized}, present, Failure{}, "the API server does not accept the credentials (401 Unauthorized)"},
		{"the kubelet does not answer", apiServer{pod: podOf("a2", ""), logCode: http.StatusBadGateway, message: "no route to host"}, present, Failure{}, "the API server answered 502: no route to host"},
	} {
		t.Run(tt.words, func(t *testing.T) {
			_, err := tt.server.open(t, Request{Target: tt.target})
			failure, final := failureOf(err)
			switch {
			case err == nil:
				t.Fatal("it was opened")
			case final:
				if diff := cmp.Diff(tt.want, *failure); diff != "" {
					t.Errorf("failure (-want +got):\n%s", diff)
				}
			case tt.want != (Failure{}) || err.Error() != tt.says:
				t.Errorf("%v, want %+v %s", err, tt.want, tt.says)
			}
		})
	}
}
