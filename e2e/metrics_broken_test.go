package e2e_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/e2e/prometheus"
	"github.com/waylight/waylight/e2e/wait"
	"github.com/waylight/waylight/e2e/waylight"
)

const (
	// quiet is a service that nothing else is asked about.
	quiet      = "catalog"
	quietPage  = "/services/shop/" + quiet
	quietRates = quietPage + "/rates"
	// slowest is how long Waylight waits for one query, and a round before it.
	slowest = 15*time.Second + counted
)

// disturbed is a Waylight with a way to Prometheus of its own, on which something goes wrong.
type disturbed struct {
	name string
	as   prometheus.Misbehaviour
	// state is what Prometheus is then, detail what is said of it, page what stands where its numbers would.
	state, detail, page string

	front *prometheus.Front
	*waylight.Server
	began time.Time
}

// prometheusMisbehaves shows five Waylights what can go wrong between them and one real Prometheus, all at the same time, since
// one of these things is to be slow.
func prometheusMisbehaves(t *testing.T, m *metered) {
	all := []*disturbed{
		{name: "stopped", as: prometheus.Stopped, state: "down", detail: "It did not answer: ", page: "Prometheus stopped answering"},
		{name: "slow", as: prometheus.Slow, state: "down", detail: "It did not answer within 15s.", page: "Prometheus stopped answering"},
		{name: "503", as: prometheus.Unavailable, state: "down", detail: "It answered 503 Service Unavailable.", page: "Prometheus stopped answering"},
		{name: "rubbish", as: prometheus.Rubbish, state: "down", detail: "It did not answer: the answer is no JSON, or breaks off.", page: "Prometheus stopped answering"},
		{name: "500,000 series", as: prometheus.Flood(20), state: "partial", detail: "series more than are kept", page: "series more than are kept"},
		{name: "500,000 long series", as: prometheus.Flood(600), state: "down", detail: "It did not answer: the answer is larger than any about a mesh.", page: "Prometheus stopped answering"},
	}
	m.keepSending(t, quiet)
	for _, d := range all {
		d.front = m.prometheus.Front(t)
		d.Server = m.look(t, d.front.URL)
	}
	for _, d := range all {
		wait.For(t, counted, d.name+": Prometheus is asked", d.answered)
		d.began = time.Now()
		d.front.Misbehave(d.as)
	}
	for _, d := range all {
		wait.For(t, slowest, d.name+": it is said", d.said)
		wait.For(t, counted, d.name+": the page says it", func() error { return d.ExpectText(quietRates, d.page) })
		wait.For(t, counted, d.name+": the sources say it", func() error { return d.ExpectText("/sources", d.detail) })
	}
	for _, d := range all {
		d.measure(t)
		d.front.Behave()
	}
	for _, d := range all {
		wait.For(t, slowest, d.name+": it is asked again", d.answered)
		wait.For(t, counted, d.name+": nothing is said any more", func() error {
			page, err := d.Page(quietRates)
			if err == nil && strings.Contains(page, d.page) {
				err = fmt.Errorf("%.600s", page)
			}
			return err
		})
	}
}

// answered expects numbers that are Prometheus' own, and nothing wrong with it.
func (d *disturbed) answered() error {
	rates, err := d.Rates("shop", quiet)
	if err == nil && (rates.From != "prometheus" || rates.Requests == nil || rates.Requests.Count == 0) {
		err = fmt.Errorf("%+v", rates)
	}
	return errors.Join(err, d.ExpectSource("prometheus", "ok"))
}

// said expects what is wrong, since when, and until when it was not.
func (d *disturbed) said() error {
	source, err := d.Source("prometheus")
	if err != nil {
		return err
	}
	since, err := time.Parse(time.RFC3339, source.Since)
	if err != nil || source.State != d.state || !strings.Contains(source.Detail, d.detail) || since.Before(d.began.Truncate(time.Second)) || source.AsOf == "" {
		return errors.Join(fmt.Errorf("%+v, not since %s", source, d.began), err)
	}
	return nil
}

// measure prints how long the page of a service takes meanwhile.
func (d *disturbed) measure(t *testing.T) {
	t.Helper()
	const times = 20
	for _, page := range []struct{ path, route string }{{quietPage, "/services/{ns}/{name}"}, {quietRates, "/services/{ns}/{name}/{tab}"}} {
		if err := d.Read(page.path); err != nil { // once, so that there is a time
			t.Error(err)
		}
		before, err := d.RouteTime(page.route)
		if err != nil {
			t.Fatal(err)
		}
		var took []time.Duration
		for range times {
			began := time.Now()
			if err := d.Read(page.path); err != nil {
				t.Error(err)
			}
			took = append(took, time.Since(began))
		}
		after, err := d.RouteTime(page.route)
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(took)
		t.Logf("%s: %s takes %s in the server, mean of %d; %s from outside, median, %s at most; %d MiB held at most",
			d.name, page.path, after.Since(before).Mean(), times, took[times/2], took[times-1], d.PeakBytes()>>20)
	}
}
