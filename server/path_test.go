package server

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

const aCall = "from=shop/deployment/web&to=shop/orders:80"

// pasted stands for the decoder of objects.
type pasted struct{}

func (pasted) ReadManifest(text string) ([]mesh.Object, []string, error) {
	if text == "" {
		return nil, nil, nil
	}
	deny := &mesh.AuthorizationPolicy{Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "shop", Name: text}, Action: "ALLOW"}
	return []mesh.Object{deny}, []string{"Secret shop/tls is left out"}, nil
}

func callServer(t *testing.T) *Server {
	t.Helper()
	snap := meshtest.Mesh(shop("waypoint"), meshtest.Deployment("shop", "web"))
	s := New(Config{Manifests: pasted{}})
	s.Publish("", analysis.Assess(analysis.Input{Snap: snap, Now: snap.At}))
	return s
}

func postBody(t *testing.T, s *Server, path, kind, body, origin string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Host = "localhost:7780"
	r.Header.Set("Content-Type", kind)
	if origin != "" {
		r.Header.Set("Origin", origin)
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

func TestBadQuestionsAreBadRequestsInOneSentence(t *testing.T) {
	s := callServer(t)
	for question, want := range map[string]string{
		"":                                     "both ends",
		"from=shop/nobody&to=shop/orders:80":   "There is no pod shop/nobody.",
		"from=shop/deployment/web&to=shop/x:1": "shop/x",
		aCall + "&header=nonsense":             "is no header",
		aCall + "&jwt=maybe":                   "none, valid or invalid",
	} {
		w := get(t, s, "/api/v1/path?"+question)
		var e apiError
		if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil || w.Code != http.StatusBadRequest || !strings.Contains(e.Error.Message, want) {
			t.Errorf("%q: %d %s", question, w.Code, w.Body)
		}
	}
	if w := get(t, s, "/path?from=shop/nobody&to=shop/orders:80"); w.Code != http.StatusBadRequest || document(t, w).Find("form.call input[name=from]").AttrOr("value", "") != "shop/nobody" {
		t.Errorf("the page of a bad question answers %d, and does not keep it", w.Code)
	}
	if w := get(t, s, "/path"); w.Code != http.StatusOK {
		t.Errorf("the empty form answers %d", w.Code)
	}
}

func TestAPathIsAPageAndADocument(t *testing.T) {
	s := callServer(t)
	var d struct {
		Format, Verdict string
		Hops            []any
		Proxies         []struct{ Name, State, Detail string }
	}
	if err := json.Unmarshal(get(t, s, "/api/v1/path?"+aCall).Body.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	if d.Format != "waylight.path/v1" || len(d.Hops) == 0 || len(d.Proxies) == 0 || d.Proxies[0].State != "absent" {
		t.Errorf("got %+v", d)
	}
	doc := document(t, get(t, s, "/path?"+aCall))
	if doc.Find(".hops > li").Length() != len(d.Hops) {
		t.Error("the page and the API differ in the number of hops")
	}
	if text := doc.Find(".call-unread").Text(); !strings.Contains(text, "proxies are not read") {
		t.Errorf("unread proxies are not named: %q", text)
	}
}

func TestAMatrixHasAPageJSONAndCSV(t *testing.T) {
	s := callServer(t)
	var list struct {
		Items []struct{ Namespace, Name, May, Path string }
		Total int
	}
	if err := json.Unmarshal(get(t, s, "/api/v1/services/shop/orders/callers?q=name:web,orders,default").Body.Bytes(), &list); err != nil || list.Total == 0 || list.Items[0].May == "" {
		t.Fatalf("%v %+v", err, list)
	}
	if w := get(t, s, "/api/v1/services/shop/orders/callers?format=csv"); !strings.HasPrefix(w.Body.String(), "namespace,name,port") {
		t.Errorf("CSV: %s", w.Body)
	}
	for path, want := range map[string]int{
		"/api/v1/services/shop/none/callers":           http.StatusNotFound,
		"/api/v1/services/shop/orders/callers?port=81": http.StatusBadRequest,
		"/api/v1/workloads/shop/none/callees":          http.StatusNotFound,
		"/services/shop/orders/callers":                http.StatusOK,
	} {
		if w := get(t, s, path); w.Code != want {
			t.Errorf("%s answered %d, want %d", path, w.Code, want)
		}
	}
}

func TestAChangeIsTriedByProgramsAndByForms(t *testing.T) {
	s := callServer(t)
	body := `{"objects":"deny-all","deleted":[],"request":{"from":"shop/deployment/web","to":"shop/orders:80","header":["a: b"]}}`
	w := postBody(t, s, "/api/v1/whatif", "application/json", body, "")
	var d struct {
		Format        string
		Before, After struct{ Verdict string }
		Applied       []struct{ Name, Change string }
		Ignored       []string
		Matrix        struct{ Changed []struct{ Gains bool } }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &d); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if d.Format != "waylight.whatif/v1" || d.Before.Verdict == d.After.Verdict || len(d.Applied) != 1 || d.Applied[0].Change != "added" || len(d.Ignored) != 1 || len(d.Matrix.Changed) == 0 {
		t.Errorf("got %+v", d)
	}
	form := url.Values{"from": {"shop/deployment/web"}, "to": {"shop/orders:80"}, "objects": {"deny-all"}}.Encode()
	page := postBody(t, s, "/path/whatif", "application/x-www-form-urlencoded", form, "http://localhost:7780")
	if text := document(t, page).Find("main").Text(); page.Code != http.StatusOK || !strings.Contains(text, "After the change") || !strings.Contains(text, "Secret shop/tls is left out") {
		t.Errorf("%d %s", page.Code, text)
	}
	if got := page.Header().Get("Referrer-Policy"); got != "same-origin" {
		t.Errorf("a browser would not say where the form comes from: %q", got)
	}
}

func TestAChangeIsRefused(t *testing.T) {
	s := callServer(t)
	call := `"request":{"from":"shop/deployment/web","to":"shop/orders:80"}`
	for name, tt := range map[string]struct {
		kind, body, origin string
		status             int
		want               string
	}{
		"from another site":                  {"application/json", `{` + call + `}`, "http://evil.example", 403, "another site"},
		"that is a form":                     {"text/plain", `{` + call + `}`, "", 415, "application/json"},
		"that is empty":                      {"application/json", `{` + call + `}`, "", 400, "nothing to try"},
		"with a field nobody knows":          {"application/json", `{"delete":[],` + call + `}`, "", 400, "delete"},
		"that deletes what is not there":     {"application/json", `{"deleted":["AuthorizationPolicy/shop/x"],` + call + `}`, "", 400, "There is no AuthorizationPolicy shop/x"},
		"that deletes what is no object":     {"application/json", `{"deleted":["x"],` + call + `}`, "", 400, "names no object"},
		"of a call that makes no sense":      {"application/json", `{"objects":"x","request":{"from":"shop/nobody","to":"shop/orders:80"}}`, "", 400, "There is no pod"},
		"that is longer than is taken apart": {"application/json", `{"objects":"` + strings.Repeat("x", maxManifest+1) + `",` + call + `}`, "", 400, "256 KiB"},
	} {
		if w := postBody(t, s, "/api/v1/whatif", tt.kind, tt.body, tt.origin); w.Code != tt.status || !strings.Contains(w.Body.String(), tt.want) {
			t.Errorf("a change %s: %d %s", name, w.Code, w.Body)
		}
	}
}

// TestShapesOfCallsAreThoseOfTheDocuments is TestShapesOfTheAPI… for what asks
// about a call.
func TestShapesOfCallsAreThoseOfTheDocuments(t *testing.T) {
	s := callServer(t)
	whatIf := `{"objects":"deny-all","request":{"from":"shop/deployment/web","to":"shop/orders:80"}}`
	for file, w := range map[string]*httptest.ResponseRecorder{
		"path":                         get(t, s, "/api/v1/path?"+aCall),
		"services_shop_orders_callers": get(t, s, "/api/v1/services/shop/orders/callers"),
		"workloads_shop_web-1_callees": get(t, s, "/api/v1/workloads/shop/web-1/callees?ns=shop"),
		"whatif":                       postBody(t, s, "/api/v1/whatif", "application/json", whatIf, ""),
	} {
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", file, w.Code, w.Body)
			continue
		}
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, w.Body.Bytes(), "", "  "); err != nil {
			t.Fatal(err)
		}
		name := filepath.Join("..", "docs", "api", file+".json")
		if *update {
			if err := os.WriteFile(name, pretty.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), pretty.String()); diff != "" {
			t.Errorf("%s is no longer what it says; go test ./server -update if that is meant:\n%s", name, diff)
		}
	}
}
