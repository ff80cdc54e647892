package e2e_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/waylight/waylight/e2e/waylight"
)

// rawDump is a ztunnel's config_dump as far as its entries can be told apart.
type rawDump struct {
	Workloads []struct{ Name string }
	Services  []struct{ Hostname string }
	Policies  []struct{ Name string }
	// Certificates have identities such as spiffe://cluster.local/ns/shop/sa/web.
	Certificates  []struct{ Identity string }
	WorkloadState map[string]struct {
		Connections struct{ Inbound, Outbound []json.RawMessage }
	}
}

// names lists what each part of the dump has, connections by their number alone.
func (d rawDump) names() map[string][]string {
	names := make(map[string][]string)
	for _, w := range d.Workloads {
		names["workloads"] = append(names["workloads"], w.Name)
	}
	for _, s := range d.Services {
		names["services"] = append(names["services"], s.Hostname)
	}
	for _, p := range d.Policies {
		names["policies"] = append(names["policies"], p.Name)
	}
	for _, c := range d.Certificates {
		names["certificates"] = append(names["certificates"], c.Identity)
	}
	for _, pod := range d.WorkloadState {
		names["connections"] = append(names["connections"], make([]string, len(pod.Connections.Inbound)+len(pod.Connections.Outbound))...)
	}
	return names
}

// dumpIsShown compares what the API lists of both ztunnels, and the page shows, with what is in the raw files.
func dumpIsShown(t *testing.T, m *revived) {
	for _, node := range []string{"node-a", "node-b"} {
		var raw rawDump
		if err := json.Unmarshal(m.recording.File(t, "ztunnel/"+node+"/config_dump.json"), &raw); err != nil {
			t.Fatal(err)
		}
		want := raw.names()
		for _, tab := range slices.Sorted(maps.Keys(want)) {
			if err := expectEntries(m.server, node, tab, want[tab]); err != nil {
				t.Error(err)
			}
		}
	}
}

func expectEntries(server *waylight.Server, node, tab string, want []string) error {
	var list struct {
		Total int
		Items []struct{ Name, Hostname, Identity string }
	}
	path := "/ztunnels/" + node + "/" + tab
	if err := server.JSON("/api/v1"+path, &list); err != nil {
		return err
	}
	got := make([]string, len(list.Items))
	for i, item := range list.Items {
		got[i] = map[string]string{"workloads": item.Name, "services": item.Hostname, "policies": item.Name, "certificates": item.Identity}[tab]
	}
	slices.Sort(got)
	slices.Sort(want)
	if list.Total != len(want) || !slices.Equal(got, want) {
		return fmt.Errorf("%s lists %d entries %v, want %d: %v", path, list.Total, got, len(want), want)
	}
	page, err := server.Page(path)
	for _, name := range want {
		if !strings.Contains(page, strings.TrimPrefix(name, "spiffe://")) && err == nil {
			err = fmt.Errorf("%s has no %q: %.600s", path, name, page)
		}
	}
	return err
}
