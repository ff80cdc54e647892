package podlog

import "time"

// Limits bound what a Hub does for all its readers. A zero field has the default
// that stands beside it.
type Limits struct {
	// Containers is how many logs are open at once, 128.
	Containers int
	// Readers is how many streams are open at once, 2,000.
	Readers int
	// Bytes is about how much memory lines of all containers together take that
	// wait for readers, 96 MiB.
	Bytes int
	// Past is how many of the newest lines of a container's past are read,
	// 50,000.
	Past int
}

const (
	defaultContainers = 128
	defaultReaders    = 2000
	defaultBytes      = 96 << 20
	defaultPast       = 50_000

	// maxContainerBytes and minContainerBytes bound one container's share of
	// Limits.Bytes.
	maxContainerBytes = 8 << 20
	minContainerBytes = 256 << 10

	// openings is how many logs are being opened at once: a start and the return
	// of an API server open all of them.
	openings = 16
	// openingTurn is how long an opening counts among them. A kubelet answers
	// only when there is a line, which may be never.
	openingTurn = time.Second
)

func (l Limits) withDefaults() Limits {
	for _, f := range []struct {
		field    *int
		standard int
	}{{&l.Containers, defaultContainers}, {&l.Readers, defaultReaders}, {&l.Bytes, defaultBytes}, {&l.Past, defaultPast}} {
		if *f.field <= 0 {
			*f.field = f.standard
		}
	}
	return l
}

// share is how many bytes one of so many containers may hold.
func (l Limits) share(containers int) int {
	return min(max(l.Bytes/max(containers, 1), min(minContainerBytes, l.Bytes)), maxContainerBytes)
}

// Times of following.
const (
	// window is how long a line waits for older ones of other containers.
	window = 100 * time.Millisecond
	// quiet is after how long without a line the past of a container counts as
	// read, where it does not show by the times of lines.
	quiet = 250 * time.Millisecond
	// openPatience and pastPatience are how long a stream waits with its first
	// lines for the past of a container: until it is open, and until it is read.
	openPatience = time.Second
	pastPatience = 2 * time.Second
	// wholePatience is the same for a stream that ends with what is there, whose
	// order matters more than its speed.
	wholePatience = 10 * time.Second
	// backfillPatience is how long reading the past of what is followed waits for
	// its readers; endless is for a log that one reader reads to its end.
	backfillPatience = 5 * time.Second
	endless          = 1<<63 - 1
	// reportPatience is how long a kubelet may take to report a restart. After an
	// outage of the API server it has much to report.
	reportPatience = 30 * time.Second
	// pendingPatience is after how long a log that does not answer counts as
	// followed: the node answers with the first line.
	pendingPatience = 3 * time.Second
	// linger is how long a container is followed for nobody.
	linger = 10 * time.Second
	// leaving is how long a container that is not asked for any more is read to
	// its end, and leavingPatience how much longer where it cannot be read, or
	// the reader does not take what is there.
	leaving         = 5 * time.Second
	leavingPatience = 30 * time.Second

	// Retries begin after minRetry and take twice as long each time, up to
	// maxRetry, or forbiddenRetry for a missing right. A log that was open for
	// steady works, and they begin anew.
	minRetry       = 250 * time.Millisecond
	maxRetry       = 5 * time.Second
	forbiddenRetry = 30 * time.Second
	steady         = 5 * time.Second
	// tornRetry is how often it is asked what became of a log that is torn.
	tornRetry = 500 * time.Millisecond
	// doubts is how many refusals for a missing right are doubted, which takes
	// 4 s.
	doubts = 4
	// onceRetries is how often a log that is read once is tried again, which
	// takes 4 s, and precedingRetries one that others wait behind, 30 s.
	onceRetries      = 4
	precedingRetries = 10
)
