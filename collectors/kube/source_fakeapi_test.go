package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

// fakeAPI is an API server as far as this package uses one: readiness, version,
// discovery, lists, watches with and without the objects first, and reads of one
// Namespace. It speaks JSON over connections in memory, so that it lives inside
// of a synctest bubble.
type fakeAPI struct {
	t *testing.T

	mu        sync.Mutex
	http      *http.Server
	conns     chan net.Conn // nil while nothing listens
	revision  int
	compacted int // watches from before are gone
	objects   map[string]manifest
	journal   []change
	changed   chan struct{}   // closed and replaced at each change
	absent    map[string]bool // resources that are not served
	versions  map[string]string
	may       func(access) bool
	answer    func(access) int // another status than 200, or 0
	readyz    string           // failed check, empty if ready, "denied" if it may not be asked
	legacy    bool             // neither streamed lists nor aggregated discovery
	silent    bool             // connections are accepted and nothing is answered
	strange   bool             // the credentials are not accepted

	undiscoverable bool // discovery is forbidden
	discoveries    int
	served         []access
	dials          int
}

type manifest map[string]any

// access is one request for a resource.
type access struct{ verb, resource, namespace, name string }

type change struct {
	revision int
	kind     string // ADDED, MODIFIED, DELETED
	key      string // resource/namespace/name
	object   manifest
}

func newFakeAPI(t *testing.T) *fakeAPI {
	t.Helper()
	api := &fakeAPI{
		t: t, revision: 100, objects: map[string]manifest{}, changed: make(chan struct{}),
		absent: map[string]bool{}, versions: map[string]string{},
		may:    func(access) bool { return true },
		answer: func(access) int { return 0 },
	}
	api.start()
	t.Cleanup(api.stop)
	return api
}

func (a *fakeAPI) config() *rest.Config {
	return &rest.Config{Host: "http://127.0.0.1:6443", Dial: a.dial}
}

// dial connects to the server as a network would.
func (a *fakeAPI) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	a.mu.Lock()
	conns := a.conns
	a.dials++
	a.mu.Unlock()
	if conns == nil {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	}
	ours, theirs := net.Pipe()
	select {
	case conns <- theirs:
		return ours, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (a *fakeAPI) start() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.conns = make(chan net.Conn)
	a.http = &http.Server{Handler: a}
	listener := &pipeListener{conns: a.conns, closed: make(chan struct{})}
	go a.http.Serve(listener)
}

// stop breaks every connection and refuses new ones.
func (a *fakeAPI) stop() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.conns = nil
	a.http.Close()
}

type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error   { l.once.Do(func() { close(l.closed) }); return nil }
func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 6443} }

// configure changes how the server behaves.
func (a *fakeAPI) configure(f func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f()
	a.announce()
}

// announce wakes the watches; a is locked.
func (a *fakeAPI) announce() {
	close(a.changed)
	a.changed = make(chan struct{})
}

// apply creates or replaces objects.
func (a *fakeAPI) apply(objects ...manifest) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, o := range objects {
		key := keyOf(a.t, o)
		kind := "ADDED"
		if _, had := a.objects[key]; had {
			kind = "MODIFIED"
		}
		a.revision++
		o["metadata"].(manifest)["resourceVersion"] = strconv.Itoa(a.revision)
		a.objects[key] = o
		a.journal = append(a.journal, change{a.revision, kind, key, o})
	}
	a.announce()
}

func (a *fakeAPI) delete(objects ...manifest) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, o := range objects {
		key := keyOf(a.t, o)
		a.revision++
		delete(a.objects, key)
		a.journal = append(a.journal, change{a.revision, "DELETED", key, o})
	}
	a.announce()
}

// forget drops the journal, as etcd's compaction does.
func (a *fakeAPI) forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.revision++
	a.compacted = a.revision
	a.journal = nil
}

// accesses lists what was asked for, and forgets it.
func (a *fakeAPI) accesses() []access {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := a.served
	a.served = nil
	return out
}

// counts answers how many connections were made and how often it was asked what
// is served, and counts anew.
func (a *fakeAPI) counts() (dials, discoveries int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	dials, discoveries = a.dials, a.discoveries
	a.dials, a.discoveries = 0, 0
	return dials, discoveries
}

func (a *fakeAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet || strings.Contains(r.URL.Path, "secrets") {
		a.t.Errorf("%s %s was asked for", r.Method, r.URL)
	}
	if !strings.HasPrefix(r.UserAgent(), "waylight/") {
		a.t.Errorf("the user agent is %q", r.UserAgent())
	}
	a.mu.Lock()
	readyz, legacy, silent, strange, undiscoverable := a.readyz, a.legacy, a.silent, a.strange, a.undiscoverable
	if r.URL.Path == "/apis" {
		a.discoveries++
	}
	a.mu.Unlock()
	if strange {
		fail(w, http.StatusUnauthorized)
		return
	}
	if silent {
		<-r.Context().Done()
		return
	}
	switch path := strings.Trim(r.URL.Path, "/"); path {
	case "readyz":
		if readyz == "denied" {
			fail(w, http.StatusForbidden)
		} else if readyz != "" {
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprintf(w, "[+]ping ok\n[-]%s failed: reason withheld\nreadyz check failed\n", readyz)
		}
	case "version":
		reply(w, manifest{"gitVersion": "v1.37.2"})
	case "api", "apis":
		switch {
		case undiscoverable:
			fail(w, http.StatusForbidden)
		case legacy:
			a.legacyGroups(w, path)
		default:
			a.groups(w, path)
		}
	default:
		a.resource(w, r, strings.Split(path, "/"))
	}
}

// resource serves one kind: <root>/[namespaces/<ns>/]<plural>[/<name>].
func (a *fakeAPI) resource(w http.ResponseWriter, r *http.Request, path []string) {
	group, version, rest := "", path[1], path[2:]
	if path[0] == "apis" {
		group, version, rest = path[1], path[2], path[3:]
	}
	if len(rest) == 0 {
		a.legacyResources(w, group, version)
		return
	}
	to := access{verb: "list"}
	if len(rest) > 2 {
		to.namespace, rest = rest[1], rest[2:]
	}
	if len(rest) > 1 {
		to.verb, to.name = "get", rest[1]
	}
	query := r.URL.Query()
	if query.Get("watch") == "true" {
		to.verb = "watch"
	}
	if name, ok := strings.CutPrefix(query.Get("fieldSelector"), "metadata.name="); ok {
		to.name = name
	}
	i := slices.IndexFunc(kinds, func(k Kind) bool { return k.Group == group && k.Plural == rest[0] })
	if i < 0 {
		a.t.Errorf("%s was asked for", r.URL)
		return
	}
	to.resource = kinds[i].Resource
	a.mu.Lock()
	a.served = append(a.served, to)
	status := 0
	switch {
	case a.absent[to.resource] || a.version(kinds[i]) != version:
		status = http.StatusNotFound
	case !a.may(to):
		status = http.StatusForbidden
	default:
		status = a.answer(to)
	}
	legacy := a.legacy
	a.mu.Unlock()
	switch {
	case status != 0:
		fail(w, status)
	case to.verb == "get":
		a.get(w, to)
	case to.verb == "list":
		a.list(w, to, kinds[i], version, query)
	case query.Get("sendInitialEvents") != "" && legacy:
		fail(w, http.StatusUnprocessableEntity)
	default:
		a.watch(w, r, to, kinds[i], version)
	}
}

// version is the one in which a kind is served.
func (a *fakeAPI) version(k Kind) string {
	if v := a.versions[k.Resource]; v != "" {
		return v
	}
	return k.Versions[0]
}

func reply(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(body)
}

func fail(w http.ResponseWriter, code int) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(status(code))
}

var reasons = map[int]metav1.StatusReason{
	http.StatusUnauthorized: metav1.StatusReasonUnauthorized, http.StatusForbidden: metav1.StatusReasonForbidden,
	http.StatusNotFound: metav1.StatusReasonNotFound, http.StatusGone: metav1.StatusReasonExpired,
	http.StatusUnprocessableEntity: metav1.StatusReasonInvalid, http.StatusInternalServerError: metav1.StatusReasonInternalError,
}

func status(code int) manifest {
	return manifest{
		"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code,
		"reason": reasons[code], "message": "this is a test\nwith a line more", "metadata": manifest{},
	}
}

func apiVersion(k Kind, version string) string {
	if k.Group == "" {
		return version
	}
	return k.Group + "/" + version
}
