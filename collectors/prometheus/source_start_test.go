package prometheus_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/waylight/waylight/collectors/prometheus"
	"github.com/waylight/waylight/mesh"
)

// roundTrip answers without a network.
type roundTrip func() string

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Request: r, Body: io.NopCloser(strings.NewReader(f()))}, nil
}

func TestPrometheusIsAskedOnceTheServicesWereTriedToRead(t *testing.T) {
	services := mesh.KubernetesSource + "/" + mesh.ResourceServices
	for words, test := range map[string]struct {
		sources mesh.Sources
		asked   bool
	}{
		"nothing was reported yet":      {nil, false},
		"others were":                   {mesh.Sources{{Name: prometheus.SourceName, State: mesh.SourceStarting}}, false},
		"the cluster is being read":     {mesh.Sources{{Name: mesh.KubernetesSource, State: mesh.SourceStarting}}, false},
		"pods were, Services not yet":   {mesh.Sources{{Name: mesh.KubernetesSource, State: mesh.SourceOK}, {Name: services, State: mesh.SourceStarting}}, false},
		"Services were":                 {mesh.Sources{{Name: services, State: mesh.SourceOK}}, true},
		"Services may not be":           {mesh.Sources{{Name: services, State: mesh.SourceForbidden}}, true},
		"all of the cluster is down":    {mesh.Sources{{Name: mesh.KubernetesSource, State: mesh.SourceDown}}, true},
		"the cluster was, as one whole": {mesh.Sources{{Name: mesh.KubernetesSource, State: mesh.SourceOK}}, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			asked := false
			answer := func() string {
				asked = true
				return `{"status":"success","data":{"resultType":"vector","result":[]}}`
			}
			source := prometheus.New(prometheus.Options{
				Endpoint: prometheus.Endpoint{Name: "a test", Address: "http://prometheus.example", Transport: roundTrip(answer)},
				Window:   time.Minute, Every: time.Minute, Now: time.Now, Take: func(*mesh.Traffic) {},
				Snapshot: func() *mesh.Snapshot { return mesh.NewSnapshot(mesh.Content{Sources: test.sources}) },
			})
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			if err := source.Run(ctx, &sink{}); err != nil || asked != test.asked {
				t.Errorf("%s: asked %v, %v", words, asked, err)
			}
		})
	}
}
