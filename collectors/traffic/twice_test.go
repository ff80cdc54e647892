package traffic_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/waylight/waylight/collectors/traffic"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

func TestTwiceCountsWhatGrewBetweenTwoReadings(t *testing.T) {
	snap := meshtest.Mesh(meshtest.Node("node-a"), meshtest.Node("node-b"))
	tests := map[string]struct {
		limit   time.Duration
		fails   error
		window  time.Duration // zero for no traffic
		unread  int
		reading int // how often each proxy is read
	}{
		"a time apart":                       {time.Minute, nil, 30 * time.Second, 0, 2},
		"the time is over before the second": {10 * time.Second, nil, 0, 0, 1},
		"one of them cannot be read":         {time.Minute, errors.New("refused"), 30 * time.Second, 1, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCounting(t)
				if tt.fails != nil {
					c.fails["ztunnel-node-b"] = tt.fails
				}
				var found *mesh.Traffic
				s := &traffic.Scraper{
					Reader: c, Window: 5 * time.Minute, Every: time.Minute, Snapshot: func() *mesh.Snapshot { return snap }, Now: time.Now,
					Spent: func() int64 { return 0 }, Take: func(t *mesh.Traffic) { found = t },
				}
				ctx, cancel := context.WithTimeout(t.Context(), tt.limit)
				defer cancel()
				s.Twice(ctx, 30*time.Second)
				if n := c.reads["ztunnel-node-a"]; n != tt.reading {
					t.Errorf("read %d times", n)
				}
				if tt.window == 0 {
					if found != nil {
						t.Errorf("one reading counts %+v", found)
					}
					return
				}
				if found == nil || found.Window != tt.window || len(found.Unread) != tt.unread || len(found.Connections) != 1 {
					t.Errorf("%+v", found)
				}
			})
		})
	}
}
