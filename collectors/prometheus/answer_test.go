package prometheus_test

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/collectors/prometheus"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

func TestAnswersAreDecoded(t *testing.T) {
	got, err := prometheus.Decode(strings.NewReader(`{"infos":["PromQL info"],"status":"success","warnings":["store 1 did not answer\n"],"data":{"resultType":"vector","stats":{"a":[1]},"result":[
		{"metric":{"reporter":"waypoint","destination_version":"v1"},"value":[1763884800.781,"62"]},
		{"metric":{"destination_version":"v2"},"value":[1763884800,"NaN"]},
		{"metric":{},"value":[1763884800,"+Inf"]},
		{"metric":{"le":1,"__name__":"x"},"value":[1763884800,"1e3"],"histogram":[1,{}]},
		{"value":[1]}, 7]}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := &prometheus.Decoded{
		Samples: []mesh.Series{
			{Labels: mesh.Labels{{Name: "destination_version", Value: "v1"}, {Name: "reporter", Value: "waypoint"}}, Value: 62},
			{Labels: mesh.Labels{{Name: "__name__", Value: "x"}}, Value: 1000},
		},
		Warnings: []string{"store 1 did not answer "}, Skipped: 4,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsNoAnswerIsRefused(t *testing.T) {
	for words, in := range map[string]string{
		"nothing":                   "",
		"a page":                    "<html><body>Sign in</body></html>",
		"a list":                    "[]",
		"an empty object":           "{}",
		"an error":                  `{"status":"error","errorType":"bad_data","error":"parse error"}`,
		"a matrix":                  `{"status":"success","data":{"resultType":"matrix","result":[]}}`,
		"a scalar":                  `{"status":"success","data":{"resultType":"scalar","result":[1,"1"]}}`,
		"a type after the values":   `{"status":"success","data":{"result":[1,"1"],"resultType":"scalar"}}`,
		"an answer that breaks off": `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":"b`,
		"a metric that is a list":   `{"status":"success","data":{"resultType":"vector","result":[{"metric":[],"value":[1,"1"]}]`,
		"null":                      "null",
	} {
		if got, err := prometheus.Decode(strings.NewReader(in)); err == nil || len(err.Error()) > 400 {
			t.Errorf("%s: %+v, %v", words, got, err)
		}
	}
}

// many writes an answer with so many samples.
func many(n int) io.Reader {
	const one = `{"metric":{"destination_service":"orders-%d.shop.svc.cluster.local","reporter":"waypoint"},"value":[1,"1"]},`
	in, out := io.Pipe()
	go func() {
		_, err := fmt.Fprint(out, `{"status":"success","data":{"resultType":"vector","result":[`)
		for i := 0; i < n && err == nil; i++ {
			_, err = fmt.Fprintf(out, one, i)
		}
		_, _ = fmt.Fprint(out, `{"metric":{},"value":[1,"1"]}]}}`)
		_ = out.Close()
	}()
	return in
}

func TestHalfAMillionSeriesAreCountedAndNotKept(t *testing.T) {
	const n = 500_000
	var got *prometheus.Decoded
	var err error
	used := meshtest.Allocated(func() { got, err = prometheus.Decode(many(n)) })
	if err != nil || len(got.Samples)+got.Dropped != n+1 || len(got.Samples) > 100_000 {
		t.Fatalf("%d kept, %d dropped, %v", len(got.Samples), got.Dropped, err)
	}
	if used > 256<<20 {
		t.Errorf("it took %d MiB", used>>20)
	}
}

func TestAnAnswerWithoutEndIsRefused(t *testing.T) {
	for words, in := range map[string]io.Reader{
		"of samples":  meshtest.Endless(`{"status":"success","data":{"resultType":"vector","result":[`, `{"metric":{"a":"b"},"value":[1,"1"]},`),
		"of nothing":  meshtest.Endless(`{"status":`, strings.Repeat(" ", 4096)),
		"of one text": meshtest.Endless(`{"status":"`, strings.Repeat("a", 4096)),
	} {
		if got, err := prometheus.DecodeWithin(in, 1<<20); err == nil || err.Error() != "the answer is larger than any about a mesh" {
			t.Errorf("%s: %+v, %v", words, got, err)
		}
	}
	broken := errors.New("cut")
	if _, err := prometheus.Decode(io.MultiReader(strings.NewReader(`{"status":`), failing{broken})); err == nil || err.Error() != broken.Error() {
		t.Errorf("got %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func FuzzDecode(f *testing.F) {
	f.Add(`{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":"b","a":"c"},"value":[1,"2"]}]},"warnings":["x"]}`)
	f.Add(`{"status":"error","error":"no"}`)
	f.Add("{\"status\":\"success\",\"data\":{\"result\":[{\"metric\":{\"\xff\":\"\\ud800\"},\"value\":[1,\"NaN\"]}],\"resultType\":\"vector\"}}")
	f.Fuzz(func(t *testing.T, in string) {
		got, err := prometheus.Decode(strings.NewReader(in))
		if err != nil {
			return
		}
		for _, s := range got.Samples {
			if math.IsNaN(s.Value) || math.IsInf(s.Value, 0) {
				t.Errorf("%+v", s)
			}
			for i := 1; i < len(s.Labels); i++ {
				if s.Labels[i-1].Name > s.Labels[i].Name {
					t.Errorf("labels are not sorted: %+v", s.Labels)
				}
			}
		}
	})
}
