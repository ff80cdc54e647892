package analysis

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFixReadsBeforeItChanges(t *testing.T) {
	f := advise("text").change("delete", "pod/a b").read("get", "pods").change("label", "ns/x", "k-")
	want := Fix{Text: "text", Commands: []string{"kubectl get pods", "kubectl delete 'pod/a b'", "kubectl label ns/x k-"}, Changes: 2, Mutates: true}
	if diff := cmp.Diff(want, f); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := strings.Join(f.Reading(), "\n"); got != "kubectl get pods" {
		t.Errorf("reading commands: %s", got)
	}
}
