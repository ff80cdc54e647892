package views

import (
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views/uitest"
)

func callMesh(parts ...mt.Part) *mesh.Snapshot {
	return mt.Mesh(append(parts,
		mt.Namespace("shop", mt.Ambient), mt.Deployment("shop", "web"), mt.Service("shop", "web"),
		mt.Deployment("shop", "orders"), mt.Service("shop", "orders"), mt.Deployment("shop", "batch", mt.ServiceAccount("batch")))...)
}

func nobodyMay() mt.Part {
	return mt.Objects(&mesh.AuthorizationPolicy{Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "deny-all"}, Action: "ALLOW"})
}

func askPath(t *testing.T, s *mesh.Snapshot, parameters string, proxies ...PathProxy) (PathModel, *goquery.Document) {
	t.Helper()
	q := asked(t, parameters)
	request, err := ParsePathRequest(q.Call)
	a := PathAnswer{Request: request, Seen: &PathSeen{Proxies: proxies}}
	if err == nil && len(q.Call) > 0 {
		a.Explanation, err = path.Explain(s, nil, request)
	}
	if err != nil {
		a.Problem = err.Error()
	}
	m := NewPath(assess(s), a, q)
	return m, checked(t, PathContent(m))
}

func TestCallsAreReadFromParameters(t *testing.T) {
	tests := []struct {
		name, parameters string
		headers          []path.Header
		claims           map[string][]string
		problem          string
	}{
		{name: "headers as links write them", parameters: "header=a:1&header=b%3D2", headers: []path.Header{{Name: "a", Value: "1"}, {Name: "b", Value: "2"}}},
		{name: "headers as a form writes them, one a line", parameters: "header=a:+1%0D%0A%0D%0Ab:+2", headers: []path.Header{{Name: "a", Value: "1"}, {Name: "b", Value: "2"}}},
		{name: "a value may hold the other sign", parameters: "header=a%3Dx:y&header=b:x%3Dy", headers: []path.Header{{Name: "a", Value: "x:y"}, {Name: "b", Value: "x=y"}}},
		{name: "a name of HTTP/2", parameters: "header=:authority:orders", headers: []path.Header{{Name: ":authority", Value: "orders"}}},
		{name: "a line without a name", parameters: "header=nonsense", problem: `"nonsense" is no header: write name: value.`},
		{name: "a claim that is a URL, twice", parameters: "jwt-claim=https://x/y%3D1&jwt-claim=https://x/y%3D2", claims: map[string][]string{"https://x/y": {"1", "2"}}},
		{name: "a claim without a value", parameters: "jwt-claim=groups", problem: `"groups" is no claim: write name=value.`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := ParsePathRequest(asked(t, tt.parameters).Call)
			if got := ""; err != nil {
				got = err.Error()
				if got != tt.problem {
					t.Errorf("problem %q, want %q", got, tt.problem)
				}
				return
			}
			if tt.problem != "" {
				t.Fatalf("no problem, want %q", tt.problem)
			}
			if diff := cmp.Diff(tt.headers, r.Headers); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.claims, r.Token.Claims); diff != "" {
				t.Error(diff)
			}
			again, err := ParsePathRequest(pathParams(r))
			if !reflect.DeepEqual(r, again) || err != nil {
				t.Errorf("a link says %+v (%v), and was made of %+v", again, err, r)
			}
		})
	}
}

func TestAnAnsweredCallShowsEveryHopAndWhoDecided(t *testing.T) {
	m, doc := askPath(t, callMesh(nobodyMay()), "from=shop/deployment/web&to=shop/orders:80")
	if m.Verdict != path.Unreachable {
		t.Fatalf("verdict %s: %s", m.Verdict, m.Summary)
	}
	if got := doc.Find(".hops > li").Length(); got != len(m.Hops) || got < 3 {
		t.Errorf("%d hops are shown of %d", got, len(m.Hops))
	}
	denied := doc.Find("li.hop-deny")
	if text := uitest.Text(denied); !strings.Contains(text, "AuthorizationPolicy shop/deny-all") || !strings.Contains(text, "do next") {
		t.Errorf("the hop that refuses says %q", text)
	}
	if doc.Find("svg.across .chip").Length() != 1 {
		t.Error("the code of the broken hop is not on the drawing")
	}
	if lines := strings.Split(m.Chat, "\n"); len(lines) != 6 || !strings.HasPrefix(lines[5], "Link · /path?") {
		t.Errorf("the text for the chat is\n%s", m.Chat)
	}
}

func TestTheFormKeepsWhatWasTypedAndSaysWhatIsWrong(t *testing.T) {
	_, doc := askPath(t, callMesh(), "from=shop/nobody&to=shop/orders:80&header=a:1&ns=shop")
	if got := doc.Find("input[name=from]").AttrOr("value", ""); got != "shop/nobody" {
		t.Errorf("from is %q", got)
	}
	if got := uitest.Text(doc.Find(".call-problem")); got != "There is no pod shop/nobody." {
		t.Errorf("the problem reads %q", got)
	}
	if got := doc.Find("form.call input[name=ns]").AttrOr("value", ""); got != "shop" {
		t.Errorf("the scope is %q", got)
	}
	if doc.Find(".verdict").Length() != 0 {
		t.Error("there is a verdict about nothing")
	}
	if doc.Find("details.call-more[open]").Length() != 1 {
		t.Error("headers that are set are folded away")
	}
}

func TestSuggestionsNameWorkloadsAndPorts(t *testing.T) {
	m, _ := askPath(t, callMesh(), "")
	if diff := cmp.Diff([]string{"shop/orders:80", "shop/web:80"}, m.Form.Tos); diff != "" {
		t.Error(diff)
	}
	if joined := strings.Join(m.Form.Froms, " "); !strings.Contains(joined, "shop/deployment/batch") || !strings.HasPrefix(joined, "outside") {
		t.Errorf("callers: %s", joined)
	}
}

func TestProxiesThatWereNotReadAreNamedWithTheRole(t *testing.T) {
	m, doc := askPath(t, callMesh(), "from=shop/deployment/web&to=shop/orders:80",
		PathProxy{Source: "ztunnel/node-a", At: mt.Now}, PathProxy{Source: "ztunnel/node-b", Failure: ReadForbidden, Detail: "create pods/portforward in istio-system"})
	text := uitest.Text(doc.Find(".call-unread"))
	for _, want := range []string{"1 proxy on this path", "ztunnel/node-b", "create pods/portforward in istio-system", "deploy/rbac/proxies.yaml", "Read again"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %q", want, text)
		}
	}
	if !strings.Contains(m.Chat, "ztunnel/node-b") {
		t.Error("the text for the chat hides what was not read")
	}
}

func TestTheMatrixLinksEachCallerToItsCall(t *testing.T) {
	doc := serviceDoc(t, callMesh(nobodyMay()), "shop", "orders", TabCallers, "q=name:batch")
	rows := doc.Find("#callers tbody tr")
	if rows.Length() != 1 || !strings.Contains(uitest.Text(rows), "refused") {
		t.Fatalf("rows: %q", texts(rows))
	}
	href := rows.Find("td a").Last().AttrOr("href", "")
	if v, err := url.Parse(href); err != nil || v.Query().Get(ParamFrom) != "shop/sa/batch" || v.Query().Get(ParamTo) != "shop/orders:80" {
		t.Errorf("the call is at %s", href)
	}
}

func TestAChangeIsTriedBesideTheMesh(t *testing.T) {
	s := callMesh()
	deny := &mesh.AuthorizationPolicy{Meta: mesh.Meta{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "deny-all"}, Action: "ALLOW"}
	request := path.Request{From: "shop/deployment/web", To: "shop/orders:80"}
	tried, err := Try(s, request, Change{Objects: []mesh.Object{deny}})
	if err != nil {
		t.Fatal(err)
	}
	if tried.Before.Verdict != path.Reachable || tried.After.Verdict != path.Unreachable {
		t.Errorf("before %s, after %s", tried.Before.Verdict, tried.After.Verdict)
	}
	if len(tried.Cells) == 0 || tried.Cells[0].Gains() {
		t.Errorf("nobody loses access: %+v", tried.Cells)
	}
	if s.Lookup(deny.Ref()) != nil {
		t.Error("the mesh itself was changed")
	}
	if _, err := Try(s, request, Change{Gone: []mesh.Ref{deny.Ref()}}); err == nil || !strings.Contains(err.Error(), "There is no AuthorizationPolicy shop/deny-all") {
		t.Errorf("what is not there was deleted: %v", err)
	}
	doc := checked(t, WhatIfContent(NewWhatIf(s, WhatIfAnswer{Path: PathAnswer{Request: request}, Tried: tried}, Query{Call: pathParams(request)})))
	if got := doc.Find("form.whatif input[name=to]").AttrOr("value", ""); got != "shop/orders:80" {
		t.Errorf("the form loses the call: %q", got)
	}
	if text := uitest.Text(doc.Find("main, body")); !strings.Contains(text, "Lose access") || !strings.Contains(text, "Nothing was changed in the cluster") {
		t.Errorf("the page says %q", text)
	}
}
