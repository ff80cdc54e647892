package traffic_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/waylight/waylight/collectors/traffic"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// counting are proxies whose counters grow by one a second.
type counting struct {
	t     *testing.T
	began time.Time
	mu    sync.Mutex
	reads map[string]int
	fails map[string]error
}

func (c *counting) ZtunnelScrapes(_ context.Context, _ string, pod mesh.Ref) ([]*mesh.Scrape, error) {
	return c.read(pod, tcp(traffic.Opened, "source", "-", c.seconds()))
}

func (c *counting) EnvoyScrapes(_ context.Context, pod mesh.Ref) ([]*mesh.Scrape, error) {
	return c.read(pod, toVersion("v1", c.seconds()))
}

func (c *counting) seconds() string { return fmt.Sprintf("%.0f", time.Since(c.began).Seconds()) }

func (c *counting) read(pod mesh.Ref, line string) ([]*mesh.Scrape, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reads[pod.Name]++
	if err := c.fails[pod.Name]; err != nil {
		return nil, err
	}
	s := scrape(c.t, 0, line)
	s.At = time.Now()
	return []*mesh.Scrape{s}, nil
}

// scraping runs a scraper for a while of virtual time and answers what it found.
func scraping(t *testing.T, snap *mesh.Snapshot, c *counting, rate int64, needed bool, d time.Duration) *mesh.Traffic {
	t.Helper()
	var found *mesh.Traffic
	var mu sync.Mutex
	s := &traffic.Scraper{
		Reader: c, Rate: rate, Window: time.Minute, Every: 20 * time.Second, Snapshot: func() *mesh.Snapshot { return snap }, Now: time.Now,
		Spent: func() int64 {
			c.mu.Lock()
			defer c.mu.Unlock()
			n := 0
			for _, r := range c.reads {
				n += r * 1000
			}
			return int64(n)
		},
		Needed: func() bool { return needed }, Take: func(t *mesh.Traffic) { mu.Lock(); defer mu.Unlock(); found = t },
	}
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	if err := s.Run(ctx, nil); err != nil {
		t.Error(err)
	}
	mu.Lock()
	defer mu.Unlock()
	return found
}

func newCounting(t *testing.T) *counting {
	t.Helper()
	return &counting{t: t, began: time.Now(), reads: make(map[string]int), fails: make(map[string]error)}
}

func TestProxiesAreReadAgainAndAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		snap := meshtest.Mesh(meshtest.Namespace("shop"), meshtest.Node("node-a"), meshtest.Waypoint("shop", "waypoint"))
		c := newCounting(t)
		found := scraping(t, snap, c, 0, true, 5*time.Minute+time.Second)
		if found == nil || len(found.Unread) > 0 || len(found.Proxies) != 2 || found.Window != time.Minute {
			t.Fatalf("%+v", found)
		}
		if len(found.Requests) != 1 || found.Requests[0].Count != 60 || found.Requests[0].Rate != 1 || found.Connections[0].Opened != 60 {
			t.Errorf("%+v %+v", found.Requests, found.Connections)
		}
		for name, n := range c.reads {
			if n != 16 {
				t.Errorf("%s was read %d times", name, n)
			}
		}
	})
}

func TestReadingKeepsToItsRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		parts := []meshtest.Part{meshtest.Namespace("shop")}
		for i := range 10 {
			parts = append(parts, meshtest.Node(fmt.Sprintf("node-%d", i)))
		}
		c := newCounting(t)
		found := scraping(t, meshtest.Mesh(parts...), c, 100, true, 250*time.Second) // ten seconds for each answer
		total := 0
		for _, n := range c.reads {
			total += n
		}
		if total > 26 || len(found.Proxies) != 10 {
			t.Errorf("%d reads, of %d proxies a rate", total, len(found.Proxies))
		}
	})
}

func TestNothingIsReadThatNobodyNeeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCounting(t)
		if found := scraping(t, meshtest.Mesh(meshtest.Node("node-a")), c, 0, false, time.Hour); found != nil || len(c.reads) > 0 {
			t.Errorf("%+v, %v", found, c.reads)
		}
	})
}

func TestAProxyThatFailsIsNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		snap := meshtest.Mesh(meshtest.Namespace("shop"), meshtest.Node("node-a"), meshtest.Waypoint("shop", "waypoint"))
		c := newCounting(t)
		c.fails[snap.Ztunnels("node-a")[0].Name] = errors.New("connection refused")
		found := scraping(t, snap, c, 0, true, 2*time.Minute)
		if len(found.Unread) != 1 || found.Unread[0].Reason != "Connection refused." || len(found.Connections) > 0 || len(found.Requests) != 1 {
			t.Errorf("%+v", found)
		}
	})
}

func TestMoreZtunnelsThanAreFollowedSaySo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var parts []meshtest.Part
		for i := range 130 {
			parts = append(parts, meshtest.Node(fmt.Sprintf("node-%03d", i)))
		}
		found := scraping(t, meshtest.Mesh(parts...), newCounting(t), 0, true, 2*time.Minute)
		if len(found.Proxies) != 100 || len(found.Unread) != 30 || !strings.Contains(found.Unread[0].Reason, "no more than 100 ztunnels") {
			t.Errorf("%d and %d, %+v", len(found.Proxies), len(found.Unread), found.Unread[:1])
		}
	})
}

// shown keeps what a snapshot would have.
type shown struct {
	traffic *mesh.Traffic
	applied int
}

func (s *shown) Apply(put []mesh.Object, drop []mesh.Ref) {
	s.applied++
	if len(drop) > 0 {
		s.traffic = nil
	}
	if len(put) > 0 {
		s.traffic = put[0].(*mesh.Traffic)
	}
}
func (s *shown) Report(mesh.SourceStatus)  {}
func (s *shown) Describe(mesh.ClusterInfo) {}

// of makes traffic of a source with so many flows.
func of(source mesh.TrafficSource, at time.Time, flows int) *mesh.Traffic {
	return &mesh.Traffic{Meta: mesh.Meta{Kind: mesh.KindTraffic}, Source: source, At: at, Requests: make([]mesh.RequestFlow, flows)}
}

func TestPrometheusCountsWhereItKnowsTheMesh(t *testing.T) {
	clock := start
	s := &shown{}
	c := &traffic.Choice{Sink: s, Now: func() time.Time { return clock }}
	step := func(words string, source mesh.TrafficSource, needsScrapes bool) {
		t.Helper()
		var got mesh.TrafficSource
		if s.traffic != nil {
			got = s.traffic.Source
		}
		if got != source || c.NeedsScrapes() != needsScrapes {
			t.Errorf("%s: %q, scrapes needed: %v", words, got, c.NeedsScrapes())
		}
	}
	step("at first", "", true)
	c.Scrapes(of(mesh.TrafficFromScrapes, clock, 1))
	step("scrapes are there", mesh.TrafficFromScrapes, true)
	none := of(mesh.TrafficFromPrometheus, clock, 0)
	none.NoRequestsAtAll = true
	c.Prometheus(none)
	step("a Prometheus that scrapes nothing of the mesh", mesh.TrafficFromScrapes, true)
	if !s.traffic.NoRequestsAtAll {
		t.Error("that it knows no requests is lost")
	}
	c.Prometheus(of(mesh.TrafficFromPrometheus, clock, 2))
	step("one that does", mesh.TrafficFromPrometheus, false)
	c.Prometheus(nil)
	step("it stopped", mesh.TrafficFromScrapes, true)
	c.Scrapes(nil)
	step("and nobody else counts: for a while what it said stands", mesh.TrafficFromPrometheus, true)
	clock = clock.Add(6 * time.Minute)
	c.Prometheus(nil)
	step("for a while only", "", true)
}

func TestSilenceIsNotSaidAgainAndAgain(t *testing.T) {
	s := &shown{}
	c := &traffic.Choice{Sink: s, Now: func() time.Time { return start }}
	for i := range 12 {
		c.Prometheus(of(mesh.TrafficFromPrometheus, start.Add(time.Duration(i)*30*time.Second), 0))
	}
	if s.applied != 3 {
		t.Errorf("said %d times in six minutes", s.applied)
	}
}
