package recording

import (
	"path"
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/e2e/kubelet"
)

// logs are what the containers of each pod wrote, by namespace/name of the pod and name of the container.
func (r *Recording) logs(t testing.TB) map[string]map[string]*kubelet.Log {
	t.Helper()
	pods := make(map[string]map[string]*kubelet.Log)
	for _, namespace := range r.below("logs") {
		for _, pod := range r.below("logs/" + namespace) {
			containers := make(map[string]*kubelet.Log)
			for _, file := range r.below(path.Join("logs", namespace, pod)) {
				name, isPrevious := strings.CutSuffix(strings.TrimSuffix(file, ".log"), ".previous")
				if !isPrevious {
					containers[name] = r.log(t, path.Join("logs", namespace, pod, name))
				}
			}
			pods[path.Join(namespace, pod)] = containers
		}
	}
	return pods
}

// log is what one container wrote, and before it the one that had its place.
func (r *Recording) log(t testing.TB, name string) *kubelet.Log {
	t.Helper()
	log := kubelet.NewLog()
	if _, ok := r.files[name+".previous.log"]; ok {
		write(t, log, r.File(t, name+".previous.log"))
		log.Restart()
	}
	write(t, log, r.File(t, name+".log"))
	return log
}

// write adds lines as `kubectl logs --timestamps` prints them, with the times of the recording moved to now.
func write(t testing.TB, log *kubelet.Log, text []byte) {
	t.Helper()
	for line := range strings.Lines(string(text)) {
		stamp, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		at, err := time.Parse(time.RFC3339Nano, stamp)
		if err != nil {
			t.Fatalf("a line of a log has no time: %q", line)
		}
		log.Write(at, rest)
	}
}
