package prometheus_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/collectors/prometheus"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

func TestServicesThatMayBeAPrometheusAreFound(t *testing.T) {
	http := prometheus.Service.Address
	for _, test := range []struct {
		name  string
		parts []meshtest.Part
		want  []string
	}{
		{"nowhere", []meshtest.Part{meshtest.Service("shop", "orders", meshtest.Port(80, "http"))}, nil},
		{"Istio's sample", []meshtest.Part{meshtest.Service("istio-system", "prometheus", meshtest.Port(9090, "http"))}, []string{"http://prometheus.istio-system.svc:9090"}},
		{"the operator's chart, by its port's name among others", []meshtest.Part{
			meshtest.Service("monitoring", "mon-kube-prometheus-stack-prometheus", meshtest.Port(8080, "reloader-web"), meshtest.Port(9095, "http-web")),
			meshtest.Service("monitoring", "prometheus-operated", meshtest.Port(9090, "web"), meshtest.Port(10901, "grpc")),
			meshtest.Service("monitoring", "prometheus-node-exporter", meshtest.Port(9100, "metrics")),
		}, []string{"http://mon-kube-prometheus-stack-prometheus.monitoring.svc:9095", "http://prometheus-operated.monitoring.svc:9090"}},
		{"what sees several before one", []meshtest.Part{
			meshtest.Service("istio-system", "prometheus", meshtest.Port(9090, "http")),
			meshtest.Service("observability", "thanos-query", meshtest.Port(10902, "http"), meshtest.Port(10901, "grpc")),
		}, []string{"http://thanos-query.observability.svc:10902", "http://prometheus.istio-system.svc:9090"}},
		{"Mimir, below its path", []meshtest.Part{meshtest.Service("mimir", "my-mimir-gateway", meshtest.Port(80, "http-metrics"))}, []string{"http://my-mimir-gateway.mimir.svc:80/prometheus"}},
		{"by TLS", []meshtest.Part{meshtest.Service("openshift-monitoring", "thanos-querier", meshtest.Port(9091, "web"))}, []string{"https://thanos-querier.openshift-monitoring.svc:9091"}},
		{"a name that tells, in a namespace that is anybody's", []meshtest.Part{meshtest.Service("shop", "prometheus", meshtest.Port(9090, "http"))}, nil},
		{"a name that tells, with no port that does", []meshtest.Part{meshtest.Service("monitoring", "prometheus", meshtest.Port(10901, "grpc"))}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, s := range prometheus.Find(meshtest.Mesh(test.parts...)) {
				got = append(got, http(s))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// looking is a source that looks for a Prometheus among Services, reached as
// reach says.
func looking(snap *mesh.Snapshot, reach func(prometheus.Service) (prometheus.Endpoint, error)) *asked {
	a := &asked{snap: snap}
	a.Source = prometheus.New(prometheus.Options{
		Reach: reach, Window: 5 * time.Minute, Now: func() time.Time { return now }, Take: func(t *mesh.Traffic) { a.taken = t },
	})
	return a
}

func TestThePrometheusThatKnowsTheMeshIsChosen(t *testing.T) {
	stranger, ours := newFake(t), newFake(t)
	ours.answers["count(istio_tcp_connections_opened_total)"] = vector(t, " => 7")
	at := map[string]*fake{"prometheus-server": stranger, "prometheus": ours}
	a := looking(oneNode(
		meshtest.Service("monitoring", "prometheus-server", meshtest.Port(80, "http")), meshtest.Service("istio-system", "prometheus", meshtest.Port(9090, "http")),
	), func(s prometheus.Service) (prometheus.Endpoint, error) {
		return prometheus.Endpoint{Name: s.Name, Address: at[s.Name].URL, Transport: http.DefaultTransport}, nil
	})
	if !a.round(t) || a.status.Detail != "At prometheus." || len(stranger.queries()) != 1 {
		t.Errorf("%+v, %d queries to the other", a.status, len(stranger.queries()))
	}
	ours.Close()
	if a.round(t) || a.status.State != mesh.SourceDown {
		t.Errorf("stopped: %+v", a.status)
	}
	if !a.round(t) || a.status.Detail != "At prometheus-server." {
		t.Errorf("the other is better than none: %+v", a.status)
	}
}

func TestWhereThereIsNoPrometheus(t *testing.T) {
	a := looking(oneNode(), nil)
	if a.round(t) || a.status.State != mesh.SourceAbsent || a.status.Detail != "No Service of a well-known name is there, such as prometheus in istio-system or monitoring; --prometheus names one." {
		t.Errorf("%+v", a.status)
	}
}

func TestTheRightToTheServiceProxyIsNamed(t *testing.T) {
	f := newFake(t)
	f.misbehaves(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	there := meshtest.Service("monitoring", "prometheus", meshtest.Port(9090, "http"))
	a := looking(oneNode(there), func(s prometheus.Service) (prometheus.Endpoint, error) {
		return prometheus.Endpoint{Name: s.Name, Address: f.URL, Transport: http.DefaultTransport, Proxied: s.Namespace}, nil
	})
	if a.round(t) || a.status.State != mesh.SourceForbidden || a.status.Detail != "get services/proxy in monitoring" {
		t.Errorf("%+v", a.status)
	}
	a = looking(oneNode(there), func(prometheus.Service) (prometheus.Endpoint, error) {
		return prometheus.Endpoint{}, errors.New("no way")
	})
	if a.round(t) || a.status.State != mesh.SourceDown || a.status.Detail != "No way." {
		t.Errorf("%+v", a.status)
	}
}
