package evidence_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/waylight/waylight/collectors/evidence"
	"github.com/waylight/waylight/mesh"
)

func TestRecordedAnswersThatCannotBeReadAreSaid(t *testing.T) {
	for words, file := range map[string]string{
		"rubbish":            "[",
		"one of many":        `{"query":"count(up)","kind":"instant","response":{}}`,
		"flows without rest": `{"query":"x"}`,
	} {
		snap := load(t, &evidence.Recorded{Bundle: small(t, "ok", map[string]string{"prometheus/1.json": file})})
		status, said := snap.Sources.Find("prometheus")
		want := mesh.SourcePartial
		if words == "one of many" {
			want = mesh.SourceOK
		}
		if !said || status.State != want || (want == mesh.SourcePartial) != strings.Contains(status.Detail, "prometheus/1.json") {
			t.Errorf("%s: %+v", words, status)
		}
		if snap.Traffic() != nil {
			t.Errorf("%s: %+v", words, snap.Traffic())
		}
	}
}

func TestRecordedAnswersForChartsAreCounted(t *testing.T) {
	const counter = "# TYPE istio_tcp_connections_opened_total counter\nistio_tcp_connections_opened_total{reporter=\"destination\"} "
	snap := load(t, &evidence.Recorded{Bundle: small(t, "ok", map[string]string{
		"objects/pods.yaml": `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"ztunnel-a","namespace":"istio-system","labels":{"app":"ztunnel"}},
			"spec":{"nodeName":"node-a"},"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}`,
		"ztunnel/node-a/metrics/20261123T075900Z.txt": counter + "1\n",
		"ztunnel/node-a/metrics/20261123T080000Z.txt": counter + "5\n",
		"prometheus/1.json":                           `{"query":"up","kind":"range","response":{}}`,
		"prometheus/2.json":                           `{"query":"up","kind":"range","response":{}}`,
	})})
	counted := snap.Traffic()
	if counted == nil || !slices.ContainsFunc(counted.Warnings, func(w string) bool { return strings.HasSuffix(w, "not of a recording.") && strings.Contains(w, ": 2.") }) {
		t.Errorf("%+v", counted)
	}
	if status, _ := snap.Sources.Find("prometheus"); status.State != mesh.SourceOK {
		t.Errorf("charts that are not drawn say nothing of the rest: %+v", status)
	}
}
