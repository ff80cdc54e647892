package server

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh/meshtest"
)

var update = flag.Bool("update", false, "write docs/api anew")

// TestShapesOfTheAPIAreThoseOfTheDocuments holds every answer of the read API to
// the example of it in docs/api: other programs depend on the shapes. Findings
// have their document in analysis.
func TestShapesOfTheAPIAreThoseOfTheDocuments(t *testing.T) {
	s := startLive(t, shop("waypiont"), meshtest.Source("kubernetes/nodes", "forbidden", "list nodes at the cluster scope"))
	for _, path := range []string{
		"sources", "services", "services/shop/orders", "services/shop/orders/endpoints", "services/shop/orders/findings",
		"nodes", "waypoints", "waypoints/shop/waypoint", "gateways", "policies", "services/shop/none",
	} {
		holdToDocument(t, path, get(t, s.Server, "/api/v1/"+path).Body.Bytes())
	}
}

// holdToDocument compares an answer with the example of it in docs/api.
func holdToDocument(t *testing.T, path string, body []byte) {
	t.Helper()
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, body, "", "  "); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	file := filepath.Join("..", "docs", "api", strings.ReplaceAll(path, "/", "_")+".json")
	if *update {
		if err := os.WriteFile(file, pretty.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), pretty.String()); diff != "" {
		t.Errorf("%s is no longer what %s says; go test ./server -update if that is meant:\n%s", path, file, diff)
	}
}
