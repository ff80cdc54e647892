package proxies

import (
	"encoding/json"
	"testing"
)

func TestAGrownDumpHasEachEntryOnce(t *testing.T) {
	small := []byte(`{"workloads":[{"uid":"a","name":"a","workloadIps":["1.1.1.1"]},{"uid":"b","name":"b"}],"services":[{"hostname":"s","name":"s"}],"version":{"version":"1"}}`)
	var grown struct {
		Workloads []struct{ UID, Name string }
		Services  []struct{ Hostname string }
		Version   struct{ Version string }
	}
	if err := json.Unmarshal(Grown(t, small, 10), &grown); err != nil {
		t.Fatal(err)
	}
	if len(grown.Workloads) != 10 || len(grown.Services) != 2 || grown.Version.Version != "1" {
		t.Fatalf("got %+v", grown)
	}
	seen := make(map[string]bool)
	for _, w := range grown.Workloads {
		if seen[w.UID] {
			t.Errorf("%s is there twice", w.UID)
		}
		seen[w.UID] = true
	}
}
