package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	networking "istio.io/api/networking/v1alpha3"
	istionetworking "istio.io/client-go/pkg/apis/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/waylight/waylight/e2e/cluster"
	"github.com/waylight/waylight/e2e/kubelet"
	"github.com/waylight/waylight/e2e/prometheus"
	"github.com/waylight/waylight/e2e/proxies"
	"github.com/waylight/waylight/e2e/recording"
	"github.com/waylight/waylight/e2e/wait"
	"github.com/waylight/waylight/e2e/waylight"
)

const (
	// window is over how long these tests count; a route that changed within it is not judged.
	window = time.Minute
	// every is how often they count, as often as Waylight lets itself.
	every = 5 * time.Second
	// spread is how long a change is given to reach waypoints before what it may have caused is judged, and a round to see it.
	spread = 10*time.Second + every
	// counted is how long it takes at most until requests are in the numbers: some rounds of queries or of scrapes.
	counted = 4*every + wait.Limit
	// split is what is judged: 90 to v1 and 10 to v2 are declared.
	split = "SPLIT_DRIFT"
)

// metered is a mesh whose proxies count what the test says, and two that look at it: one asks a Prometheus that scrapes
// the proxies, the other scrapes them itself.
type metered struct {
	*cluster.Cluster
	prometheus *prometheus.Prometheus
	waypoint   *prometheus.Counters
	ztunnel    *prometheus.Counters
	asking     *waylight.Server
	scraping   *waylight.Server
	settled    time.Time
}

// TestTraffic is about one mesh from its first request on, whose route sends 90 of 100 requests to v1.
func TestTraffic(t *testing.T) {
	if testing.Short() {
		t.Skip("not run with -short: rates take as long as what they are of")
	}
	cluster.Installed(t, "prometheus")
	m := meter(t)
	for _, test := range []struct {
		name string
		run  func(*testing.T, *metered)
	}{
		{"without requests there is no traffic", noTraffic},
		{"fifty viewers cost Prometheus what one does", fiftyViewers},
		{"what a Prometheus does wrong is said, pages do not wait for it, and it is asked again", prometheusMisbehaves},
		{"60 requests are too few to judge", fewRequests},
		{"of 500 requests 62 of 100 to v1 are another split than is declared", drift},
		{"a Prometheus that stops is said, others count, and it is asked again", prometheusStops},
	} {
		if !t.Run(test.name, func(t *testing.T) { test.run(t, m) }) {
			return // they go on from one another
		}
	}
}

func meter(t *testing.T) *metered {
	t.Helper()
	k, r := kubelet.Start(t), recording.Open(t, "clean")
	m := &metered{
		waypoint: prometheus.NewCounters("envoy_server_total_connections 7", "envoy_server_memory_allocated 1000"),
		ztunnel:  prometheus.NewCounters(`istio_build{component="ztunnel",tag="1.32.0"} 1`, `istio_tcp_sockets_open{reporter="source"} 2`),
	}
	m.Cluster = cluster.Start(t, cluster.Config{KubeletPort: k.Port(), Users: []string{viewer}})
	m.GrantInCluster(t, viewer, cluster.ReadClusterRole(t, viewRole))
	m.GrantInCluster(t, viewer, cluster.ReadClusterRole(t, proxiesRole))
	r.Revive(t, m.Cluster, k)
	m.Apply(t, weighted("shop", "orders"))
	m.settled = time.Now().Add(window + spread)
	m.send(0)
	m.runProxies(t, k)
	m.asking, m.scraping = m.look(t, m.prometheus.URL), m.look(t, "none")
	for _, server := range []*waylight.Server{m.asking, m.scraping} {
		server.WaitReady(t, wait.Limit)
	}
	return m
}

// look starts a Waylight that asks a Prometheus at an address, or none.
func (m *metered) look(t *testing.T, prometheus string) *waylight.Server {
	t.Helper()
	return waylight.Serve(t, m.Kubeconfig(t, viewer), "--sweep-rate", "0", "--window", window.String(), "--rates-every", every.String(), "--prometheus", prometheus)
}

// weighted makes the route of a service of two subsets.
func weighted(namespace, name string) *istionetworking.VirtualService {
	host := name + "." + namespace + ".svc.cluster.local"
	to := func(subset string, weight int32) *networking.HTTPRouteDestination {
		return &networking.HTTPRouteDestination{Destination: &networking.Destination{Host: host, Subset: subset}, Weight: weight}
	}
	return &istionetworking.VirtualService{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec:       networking.VirtualService{Hosts: []string{host}, Http: []*networking.HTTPRoute{{Route: []*networking.HTTPRouteDestination{to("v1", 90), to("v2", 10)}}}},
	}
}

// runProxies has the recorded proxies count what the test says, behind the kubelet and for Prometheus. Of the waypoint's two
// replicas one has all the traffic.
func (m *metered) runProxies(t *testing.T, k *kubelet.Kubelet) {
	t.Helper()
	idle := prometheus.NewCounters("envoy_server_total_connections 0")
	var targets []prometheus.Target
	for _, pod := range []struct {
		namespace, name string
		port            int
		counters        http.Handler
	}{
		{"shop", "waypoint-6d9f8c7b5d-aax7k", proxies.AdminPort, m.waypoint}, {"shop", "waypoint-6d9f8c7b5d-bbx7k", proxies.AdminPort, idle},
		{cluster.SystemNamespace, "ztunnel-qaz4p", proxies.MetricsPort, m.ztunnel}, {cluster.SystemNamespace, "ztunnel-qbz4p", proxies.MetricsPort, prometheus.NewCounters(`istio_build{component="ztunnel"} 1`)},
	} {
		k.Run(pod.namespace, pod.name, kubelet.Pod{Ports: map[int]kubelet.Port{pod.port: kubelet.HTTP(t, pod.counters)}})
		targets = append(targets, prometheus.Target{Namespace: pod.namespace, Pod: pod.name, Metrics: pod.counters})
	}
	m.prometheus = prometheus.Start(t, targets...)
}

// send sends requests through the waypoint, of which 62 of 100 go to v1.
func (m *metered) send(requests int) {
	toV1 := (requests*62 + 50) / 100
	m.waypoint.Add(prometheus.ToVersion("shop", "orders", "v1", "web"), float64(toV1))
	m.waypoint.Add(prometheus.ToVersion("shop", "orders", "v2", "web"), float64(requests-toV1))
	m.ztunnel.Add(prometheus.Connected("shop", "orders", "web"), float64(requests/10))
}

// keepSending sends ten requests a second to a service until the test ends.
func (m *metered) keepSending(t *testing.T, service string) {
	t.Helper()
	const pause = 100 * time.Millisecond
	ctx, stop := context.WithCancel(t.Context())
	var sender sync.WaitGroup
	sender.Go(func() {
		for ctx.Err() == nil {
			m.waypoint.Add(prometheus.ToVersion("shop", service, "v1", "web"), 1)
			time.Sleep(pause)
		}
	})
	t.Cleanup(func() {
		stop()
		sender.Wait()
	})
}

// expectRates waits until both say what was sent.
func (m *metered) expectRates(t *testing.T, words string, expect func(waylight.Rates) error) {
	t.Helper()
	for name, server := range map[string]*waylight.Server{"by Prometheus": m.asking, "by scrapes": m.scraping} {
		wait.For(t, counted, words+", "+name, func() error {
			rates, err := server.Rates("shop", "orders")
			if err != nil {
				return err
			}
			return expect(rates)
		})
	}
}

func noTraffic(t *testing.T, m *metered) {
	wait.For(t, counted, "Prometheus is asked", func() error { return m.asking.ExpectSource("prometheus", "ok") })
	m.expectRates(t, "no traffic", func(r waylight.Rates) error {
		if r.Requests == nil || r.Requests.Count != 0 || len(r.Versions) > 0 {
			return fmt.Errorf("%+v", r)
		}
		return nil
	})
}

// sample expects at least and at most so many requests, give or take what Prometheus extrapolates, 62 of 100 of them to v1,
// within one of a hundred.
func sample(least, most float64) func(waylight.Rates) error {
	return func(r waylight.Rates) error {
		v1, v2 := r.Count("v1"), r.Count("v2")
		total := v1 + v2
		if total < least*0.95 || total > most*1.05 {
			return fmt.Errorf("%.1f requests, not %.0f to %.0f: %+v", total, least, most, r)
		}
		if share := 100 * v1 / total; share < 61 || share > 63 {
			return fmt.Errorf("%.1f %% to v1: %+v", share, r)
		}
		return nil
	}
}

func fewRequests(t *testing.T, m *metered) {
	time.Sleep(time.Until(m.settled)) // until then the route is too young to be judged, however many requests there are
	m.send(60)
	m.expectRates(t, "60 requests are counted", sample(60, 60))
	for _, server := range []*waylight.Server{m.asking, m.scraping} {
		if err := server.ExpectNoFinding(split, "orders"); err != nil {
			t.Error(err)
		}
	}
}

// drift has both say so at one moment: the requests are in the numbers of a window only, of one Waylight before the other.
func drift(t *testing.T, m *metered) {
	m.send(500)
	expect := sample(500, 560) // the 60 before may be forgotten meanwhile, or not
	wait.For(t, counted, "500 requests are counted and judged", func() error {
		for _, server := range []*waylight.Server{m.asking, m.scraping} {
			rates, err := server.Rates("shop", "orders")
			if err != nil {
				return err
			}
			found, err := server.Findings(split, "orders")
			if err == nil && (len(found) != 1 || !strings.Contains(found[0].Summary, "90 %")) {
				err = fmt.Errorf("%+v: %+v", found, rates)
			}
			if err := errors.Join(expect(rates), err); err != nil {
				return err
			}
		}
		return nil
	})
}

// fiftyViewers look at a service, its numbers and its charts for some rounds of queries.
func fiftyViewers(t *testing.T, m *metered) {
	const rounds = 4
	before, err := m.asking.Counter("waylight_prometheus_queries_total")
	if err != nil {
		t.Fatal(err)
	}
	var viewers sync.WaitGroup
	began, answers := time.Now(), new(atomic.Int64)
	end := began.Add(rounds * every)
	for range 50 {
		viewers.Go(func() {
			for time.Now().Before(end) {
				for _, path := range []string{"/services/shop/orders", "/api/v1/services/shop/orders/rates", "/api/v1/services/shop/orders/chart?range=1h"} {
					if err := m.asking.Read(path); err != nil {
						t.Error(err)
					}
					answers.Add(1)
				}
				time.Sleep(time.Second)
			}
		})
	}
	viewers.Wait()
	after, err := m.asking.Counter("waylight_prometheus_queries_total")
	if err != nil {
		t.Fatal(err)
	}
	// What one viewer costs: twenty queries a round, and of charts no more than sixty a minute. On a slow machine the last
	// answers are late, and there are more rounds.
	const perRound, charts = 20, 60
	took := time.Since(began)
	most := perRound*(took/every+2) + charts*(took/time.Minute+1)
	if n := after - before; n == 0 || n > float64(most) {
		t.Errorf("%.0f queries in %s, want %d at most", n, took, most)
	}
	t.Logf("50 viewers, %d answers, %.0f queries to Prometheus in %s", answers.Load(), after-before, took.Round(time.Millisecond))
}

func prometheusStops(t *testing.T, m *metered) {
	m.prometheus.Kill()
	wait.For(t, counted, "that it stopped is said", func() error { return m.asking.ExpectSource("prometheus", "down") })
	began := time.Now()
	if err := m.asking.Read("/services/shop/orders"); err != nil {
		t.Error(err)
	}
	t.Logf("the page of a service without its Prometheus: %dms", time.Since(began).Milliseconds())
	wait.For(t, counted, "scrapes take its place", func() error {
		rates, err := m.asking.Rates("shop", "orders")
		if err == nil && rates.From != "scrapes" {
			err = errors.New("the numbers are from " + rates.From)
		}
		return err
	})
	m.prometheus.Restart(t)
	wait.For(t, 2*counted, "it is asked again", func() error {
		rates, err := m.asking.Rates("shop", "orders")
		if err == nil && rates.From != "prometheus" {
			err = errors.New("the numbers are from " + rates.From)
		}
		return errors.Join(err, m.asking.ExpectSource("prometheus", "ok"))
	})
}
