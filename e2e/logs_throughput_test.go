package e2e_test

import (
	"net/url"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/waylight/waylight/e2e/logclient"
	"github.com/waylight/waylight/e2e/wait"
	"github.com/waylight/waylight/e2e/waylight"
)

const (
	// busyContainers write linesPerSecond each, first for warmUp with one client, then for busyTime with a second one that reads
	// nothing.
	busyContainers = 20
	linesPerSecond = 1000
	warmUp         = 10 * time.Second
	busyTime       = time.Minute
	// stalledMemory is by how many bytes the second client may make Waylight grow, logMemory how many it may hold at all.
	stalledMemory = 48 << 20
	logMemory     = 512 << 20
	// catchUp is how long what was written last may take to arrive before it counts as lost.
	catchUp = 2 * wait.Limit
)

// TestLogThroughput has a client follow busy containers, and then a second one that reads nothing until all is written.
func TestLogThroughput(t *testing.T) {
	if testing.Short() {
		t.Skip("not run: it takes more than a minute, and -short was asked for")
	}
	c := startChatter(t, busyContainers)
	server := c.serve(t, viewer)
	fast := &reader{Client: logclient.Open(t, server.URL, c.all())}
	waitFollowing(t, fast.Client, busyContainers)
	alone := fast.readDuring(t, c, warmUp)
	before := server.PeakBytes()

	stalled := &reader{Client: logclient.Open(t, server.URL, c.sinceNow()), already: c.written()}
	beside := fast.readDuring(t, c, busyTime)
	grown := server.PeakBytes() - before
	fast.expect(t, "the fast client", c)
	if n := fast.ledger.Dropped(); n > 0 {
		t.Errorf("the fast client is told that %d lines were left out", n)
	}
	expectOneReader(t, c)

	t.Logf("log throughput: %d lines/s for %s, %d lines, %.2f%% late; from container to client alone %s, beside a stalled one %s; %d CPUs", busyContainers*linesPerSecond,
		warmUp+busyTime, fast.ledger.Received(), 100*float64(fast.ledger.Late)/float64(fast.ledger.Received()), alone, beside, runtime.NumCPU())
	stalled.read(busyContainers * linesPerSecond * int(busyTime.Seconds()))
	stalled.expect(t, "the client that read nothing for a while", c)
	t.Logf("log throughput: the stalled client got %d lines, and gaps for %d", stalled.ledger.Received(), stalled.ledger.Dropped())
	if stalled.ledger.Dropped() == 0 {
		t.Error("nothing was left out: the client was not stalled, or memory is not bounded")
	}
	expectMemory(t, server, before, grown)
}

// expectMemory holds Waylight to its bounds.
func expectMemory(t *testing.T, server *waylight.Server, before, grown int64) {
	t.Helper()
	most := server.PeakBytes()
	t.Logf("log throughput: %d MiB resident at most with one client, %d MiB more while another was stalled, %d MiB in the end", before>>20, grown>>20, most>>20)
	if grown > stalledMemory {
		t.Errorf("a stalled client makes Waylight grow by %d MiB, want at most %d MiB", grown>>20, stalledMemory>>20)
	}
	if most > logMemory {
		t.Errorf("Waylight has held %d MiB, want at most %d MiB", most>>20, logMemory>>20)
	}
}

// serve runs Waylight as a user and waits until it knows the mesh.
func (c *chatter) serve(t *testing.T, user string) *waylight.Server {
	t.Helper()
	server := waylight.Serve(t, c.Kubeconfig(t, user))
	server.WaitReady(t, wait.Limit)
	return server
}

// sinceNow asks for what every container writes from now on.
func (c *chatter) sinceNow() url.Values {
	query := c.all()
	query.Set("since", time.Now().UTC().Format(time.RFC3339Nano))
	return query
}

// waitFollowing reads until so many containers are followed.
func waitFollowing(t *testing.T, stream *logclient.Client, containers int) {
	t.Helper()
	followed := make(map[string]bool)
	stream.ReadUntil(t, wait.Limit, func(m logclient.Message) bool {
		if m.Type == "source" && m.State == logclient.Following {
			followed[m.Source+" "+m.Container] = true
		}
		return len(followed) >= containers
	})
}

// reader is a client that keeps account of what it reads.
type reader struct {
	*logclient.Client
	ledger logclient.Ledger
	// already is how many lines containers had written before they were followed.
	already map[string]int
	err     error
}

// readDuring reads what the containers write in a while, to the last line.
func (r *reader) readDuring(t *testing.T, c *chatter, during time.Duration) delays {
	t.Helper()
	all := r.ledger.Received() + busyContainers*linesPerSecond*int(during.Seconds())
	read := make(chan delays, 1)
	go func() { read <- r.read(all) }()
	c.chat(linesPerSecond, during)
	return <-read
}

// read reads until so many lines are accounted for. What is missing after a while is lost.
func (r *reader) read(lines int) (d delays) {
	for until := time.Now().Add(busyTime + catchUp); r.err == nil && !r.ledger.Settled(lines); {
		var m logclient.Message
		if m, r.err = r.Read(until); r.err == nil {
			r.ledger.Add(m)
			d.add(m)
		}
	}
	slices.Sort(d)
	return d
}

// expect holds what was read to what was written.
func (r *reader) expect(t *testing.T, who string, c *chatter) {
	t.Helper()
	written := c.written()
	for name, lines := range r.already {
		written[name] -= lines
	}
	if err := r.ledger.Check(written); err != nil || r.err != nil {
		t.Errorf("%s: %v: %v", who, r.err, err)
	}
}

// delays are how long after they were written lines came, the newest of each message, in order of size.
type delays []time.Duration

func (d *delays) add(m logclient.Message) {
	if n := len(m.Lines); n > 0 {
		*d = append(*d, time.Since(m.Lines[n-1].Time))
	}
}

// String has the median, and what 99 of 100 stay below.
func (d delays) String() string {
	if len(d) == 0 {
		return "nothing came"
	}
	return d[len(d)/2].Round(time.Millisecond).String() + " (" + d[len(d)*99/100].Round(time.Millisecond).String() + " for 99%)"
}

// expectOneReader holds Waylight to following a container once, however many watch.
func expectOneReader(t *testing.T, c *chatter) {
	t.Helper()
	for _, w := range c.writers {
		if n := w.log.Readers(); n != 1 {
			t.Errorf("%s is followed %d times, want once", w.name(), n)
		}
	}
}
