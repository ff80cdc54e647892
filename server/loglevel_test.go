package server

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views"
	"github.com/waylight/waylight/views/uitest"
)

const (
	levelPage   = "/ztunnels/node-a/loglevel"
	defaultLogs = "hickory_server::server=off,info"
)

// levels is LogLevels of one ztunnel, which notes its orders.
type levels struct {
	locked bool
	filter string
	fail   error

	mu     sync.Mutex
	orders []LogLevelOrder
}

func (l *levels) Changeable() bool { return !l.locked }

func (l *levels) Read(_ context.Context, node, pod string) (*mesh.ZtunnelLogLevel, error) {
	if l.fail != nil {
		return nil, l.fail
	}
	f, err := mesh.ParseLogFilter(l.filter)
	until, _ := f.Until()
	return &mesh.ZtunnelLogLevel{
		Meta: mesh.Meta{Kind: mesh.KindZtunnelLogLevel, Name: node}, At: meshtest.Now, Filter: f, Until: until,
		Pod: mesh.Ref{Kind: "Pod", Namespace: "istio-system", Name: "ztunnel-node-a"},
	}, err
}

func (l *levels) Change(ctx context.Context, o LogLevelOrder) (*mesh.ZtunnelLogLevel, error) {
	l.mu.Lock()
	l.orders = append(l.orders, o)
	l.mu.Unlock()
	if l.fail == nil && o.Seen != "" && o.Seen != l.filter {
		return nil, ErrLogLevelMoved
	}
	return l.Read(ctx, o.Node, o.Pod)
}

// withLevels serves a mesh whose ztunnels are asked through l; nil for a server
// that asks none.
func withLevels(t *testing.T, l *levels) *Server {
	t.Helper()
	cfg := Config{}
	if l != nil {
		if l.filter == "" {
			l.filter = defaultLogs
		}
		cfg.LogLevels = func(string) LogLevels { return l }
	}
	s := New(cfg)
	snap := meshtest.Mesh(meshtest.Node("node-a"), meshtest.Node("node-b"))
	s.Publish("", analysis.Assess(analysis.Input{Snap: snap, Now: snap.At}))
	return s
}

// post sends a form as a browser does from a page of Waylight's.
func post(t *testing.T, s *Server, path string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Host = "localhost:7780"
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "http://localhost:7780")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

// confirmed is what the confirmation page sends.
func confirmed(level string) url.Values {
	return url.Values{"level": {level}, "for": {"15m0s"}, "pod": {"istio-system/ztunnel-node-a"}, "seen": {defaultLogs}, "confirm": {"yes"}}
}

func TestALevelIsChangedInTwoSteps(t *testing.T) {
	l := &levels{}
	s := withLevels(t, l)
	form := document(t, get(t, s, levelPage)).Find("main form.ask")
	if action, _ := form.Attr("action"); action != levelPage+"/confirm" || form.AttrOr("method", "") != "get" {
		t.Fatalf("the form leads to %q", action)
	}
	w := get(t, s, levelPage+"/confirm?level=access%3Ddebug&for=30m")
	if w.Code != http.StatusOK || w.Header().Get("Referrer-Policy") != "same-origin" || w.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("answered %d, %v", w.Code, w.Header())
	}
	main := document(t, w).Find("main")
	for _, want := range []string{"istio-system/ztunnel-node-a", "hickory_server::server=off,access=debug,info", "access is debug instead of info", "30 minutes after you confirm", "may hold parts of requests", "costs CPU"} {
		if !strings.Contains(uitest.Text(main), want) {
			t.Errorf("%q is not said", want)
		}
	}
	if len(l.orders) > 0 {
		t.Fatal("looking changes something")
	}
	sent := url.Values{"confirm": {"yes"}}
	for _, input := range main.Find("form[method=post] input").EachIter() {
		sent.Add(input.AttrOr("name", ""), input.AttrOr("value", ""))
	}
	w = post(t, s, main.Find("form[method=post]").AttrOr("action", ""), sent)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != levelPage+"?pod=istio-system%2Fztunnel-node-a" {
		t.Errorf("answered %d to %q: %s", w.Code, w.Header().Get("Location"), w.Body)
	}
	if len(l.orders) != 1 {
		t.Fatalf("%d orders", len(l.orders))
	}
	o := l.orders[0]
	if o.Node != "node-a" || o.Pod != "istio-system/ztunnel-node-a" || o.Change.String() != "access=debug" || o.For != 30*time.Minute || o.Seen != defaultLogs || o.From == "" {
		t.Errorf("%+v", o)
	}
}

func TestAResetIsConfirmedToo(t *testing.T) {
	l := &levels{filter: "waylight_until_1764000000=off,hickory_server::server=off,access=debug,info"}
	s := withLevels(t, l)
	main := document(t, get(t, s, levelPage+"/confirm?reset=1")).Find("main")
	if text := uitest.Text(main); !strings.Contains(text, "Reset the log level") || !strings.Contains(text, "No longeraccess=debug") {
		t.Error(text)
	}
	w := post(t, s, levelPage, url.Values{"reset": {"1"}, "seen": {l.filter}, "confirm": {"yes"}})
	if w.Code != http.StatusSeeOther || len(l.orders) != 1 || !l.orders[0].Change.IsZero() {
		t.Errorf("answered %d, %+v", w.Code, l.orders)
	}
}

func TestWhatIsNotConfirmedOrNotValidIsNotDone(t *testing.T) {
	with := func(name, value string) url.Values {
		v := confirmed("access=debug")
		v.Set(name, value)
		return v
	}
	tests := []struct {
		words  string
		form   url.Values
		status int
		says   string
	}{
		{"no confirmation", with("confirm", ""), 400, "nothing is changed yet"},
		{"a confirmation of nothing seen", with("seen", ""), 400, "nothing is changed yet"},
		{"no level", with("level", ""), 400, "No module and no level"},
		{"istioctl's own example, which ztunnel refuses", with("level", "access:debug"), 400, "no module=level"},
		{"markup", with("level", "<script>alert(1)</script>=debug"), 400, "is not the name of a module"},
		{"another parameter", with("level", "access=debug&reset"), 400, "is no level"},
		{"a new line", with("level", "a\r\nHost: evil=debug"), 400, "is not the name of a module"},
		{"Waylight's own note", with("level", "waylight_until_9999999999=off"), 400, "Waylight's own"},
		{"too long a time", with("for", "1000h"), 400, "1 minute to 4 hours"},
		{"no time", with("for", "soon"), 400, "1 minute to 4 hours"},
		{"a reset with a level", with("reset", "1"), 400, "takes no level beside it"},
		{"another pod", with("pod", "kube-system/etcd"), 404, "None of this node's ztunnels"},
		{"changed by somebody else since", with("seen", "hickory_server::server=off,debug"), 409, "Somebody else changed this level"},
	}
	for _, tt := range tests {
		t.Run(tt.words, func(t *testing.T) {
			l := &levels{}
			w := post(t, withLevels(t, l), levelPage, tt.form)
			if text := uitest.Text(document(t, w).Find("body")); w.Code != tt.status || !strings.Contains(text, tt.says) {
				t.Errorf("answered %d: %q", w.Code, text)
			}
			if tt.status != http.StatusConflict && len(l.orders) > 0 {
				t.Errorf("ordered %+v", l.orders)
			}
		})
	}
}

func TestWhereLevelsAreLockedNothingChangesThem(t *testing.T) {
	for words, l := range map[string]*levels{"without --allow-log-level": {locked: true}, "without any ztunnel to ask": nil} {
		t.Run(words, func(t *testing.T) {
			s := withLevels(t, l)
			for path, w := range map[string]*httptest.ResponseRecorder{
				"the form": post(t, s, levelPage, confirmed("access=debug")), "the API": postJSON(t, s, `{"level":"debug","confirm":true}`),
				"the question": get(t, s, levelPage+"/confirm?level=debug"),
			} {
				if w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "--allow-log-level") {
					t.Errorf("%s answered %d: %s", path, w.Code, w.Body)
				}
			}
			if l != nil && len(l.orders) > 0 {
				t.Error("something was ordered")
			}
			main := document(t, get(t, s, levelPage)).Find("main")
			if main.Find("form.ask").Length() > 0 {
				t.Error("there is a form")
			}
			if l != nil && !strings.Contains(uitest.Text(main), "Started with --allow-log-level it can raise one for a while") {
				t.Error("it is not said how to allow it")
			}
		})
	}
}

func TestOtherSitesCannotChangeLevels(t *testing.T) {
	for words, headers := range map[string][]string{
		"a form of another site":                 {"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"},
		"one that hides where it comes from":     {"Origin", "null", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"},
		"the same in a browser without metadata": {"Origin", "null", "Sec-Fetch-Site", ""},
		"a page of another port":                 {"Origin", "http://localhost:3000", "Sec-Fetch-Site", "same-site"},
	} {
		l := &levels{}
		s := withLevels(t, l)
		if w := post(t, s, levelPage, confirmed("access=debug"), headers...); w.Code != http.StatusForbidden || len(l.orders) > 0 {
			t.Errorf("%s: answered %d, %d orders", words, w.Code, len(l.orders))
		}
	}
}

func TestWhatFailedIsSaid(t *testing.T) {
	tests := []struct {
		words  string
		err    error
		status int
		says   string
	}{
		{"a right is missing", &UnreadError{views.ReadForbidden, "create pods/portforward in istio-system"}, 403, "deploy/rbac/loglevel.yaml"},
		{"no answer", &UnreadError{views.ReadTimedOut, "no whole answer"}, 504, "may have been changed or not"},
		{"refused", errors.New("port 15000 answered 400 Bad Request"), 502, "not changed: port 15000 answered 400"},
	}
	for _, tt := range tests {
		t.Run(tt.words, func(t *testing.T) {
			s := withLevels(t, &levels{fail: tt.err})
			if w := post(t, s, levelPage, confirmed("access=debug")); w.Code != tt.status || !strings.Contains(w.Body.String(), tt.says) {
				t.Errorf("answered %d: %s", w.Code, w.Body)
			}
		})
	}
	text := uitest.Text(document(t, get(t, withLevels(t, &levels{fail: tests[0].err}), levelPage)).Find("main"))
	if !strings.Contains(text, "Missing right: create pods/portforward in istio-system") || !strings.Contains(text, "deploy/rbac/loglevel.yaml") {
		t.Error(text)
	}
}

func postJSON(t *testing.T, s *Server, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/api/v1"+levelPage, strings.NewReader(body))
	r.Host = "localhost:7780"
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

func TestTheAPIChangesALevel(t *testing.T) {
	l := &levels{}
	s := withLevels(t, l)
	w := postJSON(t, s, `{"level":"access=debug","for":"1h","confirm":true}`)
	var got apiLogLevel
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK || got.State != "default" || len(l.orders) != 1 {
		t.Fatalf("answered %d: %s (%v)", w.Code, w.Body, err)
	}
	if o := l.orders[0]; o.Change.String() != "access=debug" || o.For != time.Hour || o.Pod != "" {
		t.Errorf("%+v", o)
	}
	for body, status := range map[string]int{
		`{"level":"debug"}`:                                     400,
		`{"level":"access:debug","confirm":true}`:               400,
		`{"level":"debug","for":"99h","confirm":true}`:          400,
		`{"level":"debug","confirm":true,"path":"/quit"}`:       400,
		`{"level":"debug","confirm":true,"seen":"x"}`:           409,
		`{"level":"debug","confirm":true,"pod":"a/b"}`:          404,
		`{"confirm":true}`:                                      400,
		`[`:                                                     400,
		`{"level":"` + strings.Repeat("a", 20_000) + `=debug"}`: 400,
	} {
		if w := postJSON(t, s, body); w.Code != status || !strings.Contains(w.Body.String(), `"message"`) {
			t.Errorf("%.60s answered %d: %s", body, w.Code, w.Body)
		}
	}
	for words, header := range map[string][]string{"a form": {"Content-Type", "application/x-www-form-urlencoded"}, "plain text": {"Content-Type", "text/plain"}} {
		if w := postJSON(t, s, `{"level":"debug","confirm":true}`, header...); w.Code != http.StatusUnsupportedMediaType {
			t.Errorf("%s answered %d", words, w.Code)
		}
	}
	if w := postJSON(t, s, `{"level":"debug","confirm":true}`, "Origin", "https://evil.example"); w.Code != http.StatusForbidden {
		t.Errorf("another site: %d", w.Code)
	}
}

func TestTheAPISaysTheLevel(t *testing.T) {
	l := &levels{filter: "waylight_until_1764000000=off,hickory_server::server=off,access=debug,info"}
	w := get(t, withLevels(t, l), "/api/v1"+levelPage)
	want := `{"state":"raised","filter":"waylight_until_1764000000=off,hickory_server::server=off,access=debug,info","default":"hickory_server::server=off,info",` +
		`"directives":[{"target":"hickory_server::server","level":"off"},{"target":"access","level":"debug"},{"target":"","level":"info"}],` +
		`"until":"2025-11-24T16:00:00Z","by":"","changedAt":"","readAt":"` + rfc3339(meshtest.Now) + `"}` + "\n"
	if diff := cmp.Diff(want, w.Body.String()); diff != "" || w.Code != http.StatusOK {
		t.Error(w.Code, diff)
	}
	if w := get(t, withLevels(t, &levels{fail: errors.New("refused")}), "/api/v1"+levelPage); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "refused") {
		t.Errorf("unread: %d %s", w.Code, w.Body)
	}
}

func TestZtunnelsSayTheLevelThatWasReadLast(t *testing.T) {
	s := New(Config{})
	snap := meshtest.Mesh(meshtest.Node("node-a"), meshtest.Node("node-b"), meshtest.ZtunnelLogs("node-a", "hickory_server::server=off,debug"))
	s.Publish("", analysis.Assess(analysis.Input{Snap: snap, Now: snap.At}))
	if body := get(t, s, "/api/v1/ztunnels/node-a").Body.String(); !strings.Contains(body, `"logLevel":{"state":"raised"`) {
		t.Error(body)
	}
	if body := get(t, s, "/api/v1/ztunnels/node-b").Body.String(); !strings.Contains(body, `"logLevel":null`) {
		t.Error(body)
	}
	link := document(t, get(t, s, "/ztunnels/node-a")).Find(`main a[href="` + levelPage + `"]`)
	if uitest.Text(link) != "log level raised" {
		t.Errorf("the page of the ztunnel says %q", uitest.Text(link))
	}
}

func TestChangesAreCounted(t *testing.T) {
	s := New(Config{})
	s.ObserveLogLevel("set", nil)
	s.ObserveLogLevel("return", errors.New("refused"))
	body := get(t, s, "/metrics").Body.String()
	for _, want := range []string{`waylight_log_level_changes_total{action="set",result="done"} 1`, `waylight_log_level_changes_total{action="return",result="failed"} 1`} {
		if !strings.Contains(body, want) {
			t.Errorf("%s is not there", want)
		}
	}
}
