package analysis_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/collectors/kube"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// story is a whole mesh that looks suspicious and is fine, with what is wrong
// when one thing in it is otherwise.
type story struct {
	name  string
	parts []mt.Part
	// yaml are objects as people write them.
	yaml  string
	twins []twin
}

// twin is a story with one change.
type twin struct {
	name     string
	old, new string    // in the objects' text
	parts    []mt.Part // on top of the story's
	// want lists what is wrong at critical or error and no consequence of
	// anything else, as "CODE Kind namespace/name".
	want []string
}

func tellStories(t *testing.T, stories []story) {
	t.Helper()
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) {
			if got := grave(assess(s.with(t, twin{})...)); len(got) > 0 {
				t.Errorf("a mesh that is fine is said to be broken: %q", got)
			}
		})
		for _, tw := range s.twins {
			t.Run(s.name+"; but "+tw.name, func(t *testing.T) {
				r := assess(s.with(t, tw)...)
				if diff := cmp.Diff(tw.want, grave(r)); diff != "" {
					t.Errorf("what is wrong (-want +got):\n%s", diff)
				}
				for _, f := range r.Findings {
					complain(t, f)
					complainOfFix(t, f)
				}
			})
		}
	}
}

// complainOfFix holds commands that change something to naming where, and the
// text to saying what becomes of calls.
func complainOfFix(t *testing.T, f analysis.Finding) {
	t.Helper()
	for _, c := range f.Fix.Changing() {
		if !strings.HasPrefix(c, "kubectl -n ") && !strings.Contains(c, "namespace/") {
			t.Errorf("%s: %q does not say in which namespace", f.Code, c)
		}
	}
	says := func(words string) bool { return strings.Contains(f.Fix.Text, words) }
	if f.Fix.Mutates && !slices.ContainsFunc([]string{"then", "from now on", "fail-open", "fail-closed", "changes nothing", "lets calls", "let calls"}, says) {
		t.Errorf("%s changes something and does not say what becomes of calls: %q", f.Code, f.Fix.Text)
	}
}

func (s story) with(t *testing.T, tw twin) []mt.Part {
	t.Helper()
	text := s.yaml
	if tw.old != "" {
		if strings.Count(text, tw.old) != 1 {
			t.Fatalf("%q is not there once", tw.old)
		}
		text = strings.Replace(text, tw.old, tw.new, 1)
	}
	return slices.Concat(s.parts, []mt.Part{applied(t, text)}, tw.parts)
}

// applied are objects decoded from YAML as from the API server.
func applied(t *testing.T, text string) mt.Part {
	t.Helper()
	var objects []mesh.Object
	err := kube.ReadDocuments(strings.NewReader(text), func(d kube.Document) {
		switch {
		case d.Err != nil:
			t.Fatalf("%s: %v", d.Resource, d.Err)
		case d.Object == nil:
			t.Fatalf("an object of the story is not read: %s", d.Resource)
		}
		objects = append(objects, d.Object)
	})
	if err != nil {
		t.Fatal(err)
	}
	return mt.Objects(objects...)
}

// grave lists what is wrong at critical or error and has no cause in the
// report.
func grave(r *analysis.Report) []string {
	var out []string
	for _, f := range r.Findings {
		if f.Severity.AtLeast(analysis.Error) && f.CausedBy == nil {
			out = append(out, fmt.Sprintf("%s %s", f.Code, f.Subject))
		}
	}
	slices.Sort(out)
	return out
}

// bookshop is an ambient namespace with a waypoint of two replicas, and web, which
// calls orders.
func bookshop(more ...mt.Part) []mt.Part {
	return append([]mt.Part{
		mt.Namespace("shop", mt.Ambient, mt.UseWaypoint("waypoint")),
		mt.Waypoint("shop", "waypoint", mt.Replicas(2)),
		app("shop", "web"), app("shop", "orders"),
	}, more...)
}

// app is a Deployment with its Service, which leads from 80 to 8080.
func app(namespace, name string, opts ...mt.Option) mt.Part {
	return mt.Parts(mt.Deployment(namespace, name, append([]mt.Option{mt.ContainerPort(8080, "http")}, opts...)...), mt.Service(namespace, name))
}

// version is a Deployment of one version of an app.
func version(namespace, name, v string, opts ...mt.Option) mt.Part {
	return mt.Deployment(namespace, name+"-"+v, append([]mt.Option{mt.Label("app", name), mt.Label("version", v), mt.ContainerPort(9080, "http")}, opts...)...)
}
