package evidence_test

import (
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
