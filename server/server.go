package server

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
)

// Config is what a server needs. Nil fields have a documented meaning.
type Config struct {
	// Version is shown on pages and in the User-Agent.
	Version string
	// AllowedHosts are Host names served beside loopback ones.
	AllowedHosts []string
	// Log takes requests that failed, and state changes; nil discards.
	Log *slog.Logger
	// Freshness gives the sources' states of this moment, which are newer than
	// those of a snapshot; nil uses the snapshot's.
	Freshness func() mesh.Sources
	// Worlds names the meshes shown. A live cluster or a bundle is one world
	// with an empty name (also when nil). The demo has one for each recording;
	// the first is shown unless a visitor chooses another.
	Worlds []string
	// Dumps reads the proxies of a world for the pages that show what they
	// hold; nil, and a nil answer, where proxies are not read.
	Dumps func(world string) Dumps
	// LogLevels reads the log levels of a world's ztunnels, and changes them
	// where that is allowed; nil, and a nil answer, where they are not read.
	LogLevels func(world string) LogLevels
	// Logs reads what the containers of a world write; nil, and a nil answer,
	// where logs are not read.
	Logs func(world string) Logs
	// Metrics draws what a Prometheus has counted for a world; nil, and a nil
	// answer, where none is asked.
	Metrics func(world string) Metrics
	// Manifests reads what is pasted to try a change; nil where that cannot be
	// done.
	Manifests Manifests
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Server shows published reports. Make one with New.
type Server struct {
	version      string
	allowedHosts []string
	log          *slog.Logger
	freshness    func() mesh.Sources
	dumps        func(world string) Dumps
	logLevels    func(world string) LogLevels
	logs         func(world string) Logs
	charts       func(world string) Metrics
	manifests    Manifests
	now          func() time.Time
	worldNames   []string
	worlds       map[string]*world
	metrics      *metrics
	streams      atomic.Int64
	logStreams   openLogStreams
	closing      chan struct{}
}

// world is one mesh: its newest report and the streams that wait for the next.
type world struct {
	name   string
	report atomic.Pointer[analysis.Report]
	news   *announcer
	// denials are the calls that fail, as the logs of the proxies tell.
	denials *denials
}

// New makes a server. Until the first Publish its pages say that nothing was
// read yet.
func New(cfg Config) *Server {
	s := &Server{
		version:    cfg.Version,
		log:        cfg.Log,
		freshness:  cfg.Freshness,
		dumps:      cfg.Dumps,
		logLevels:  cfg.LogLevels,
		logs:       cfg.Logs,
		charts:     cfg.Metrics,
		manifests:  cfg.Manifests,
		now:        cfg.Now,
		worldNames: slices.Clone(cfg.Worlds),
		worlds:     make(map[string]*world),
		closing:    make(chan struct{}),
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.dumps == nil {
		s.dumps = func(string) Dumps { return nil }
	}
	if s.logLevels == nil {
		s.logLevels = func(string) LogLevels { return nil }
	}
	if s.logs == nil {
		s.logs = func(string) Logs { return nil }
	}
	if s.charts == nil {
		s.charts = func(string) Metrics { return nil }
	}
	if s.now == nil {
		s.now = time.Now
	}
	if len(s.worldNames) == 0 {
		s.worldNames = []string{""}
	}
	for _, h := range cfg.AllowedHosts {
		s.allowedHosts = append(s.allowedHosts, strings.ToLower(h))
	}
	for _, name := range s.worldNames {
		w := newWorld(name)
		w.denials = s.newDenials(w)
		s.worlds[name] = w
	}
	s.metrics = newMetrics(s)
	return s
}

// newWorld starts with an empty snapshot, so that every page has something to
// say before the first publication.
func newWorld(name string) *world {
	w := &world{name: name, news: newAnnouncer()}
	starting := mesh.SourceStatus{Name: mesh.KubernetesSource, State: mesh.SourceStarting, Detail: "Waylight has just started and has read nothing yet."}
	empty := mesh.NewSnapshot(mesh.Content{Sources: mesh.Sources{starting}})
	w.report.Store(analysis.Assess(analysis.Input{Snap: empty}))
	return w
}

// Publish shows a report from now on and tells all streams. It is called from
// one goroutine per world.
func (s *Server) Publish(world string, r *analysis.Report) {
	w := s.worlds[world]
	if w == nil {
		return
	}
	w.report.Store(r)
	w.news.announce(r.Snap.Revision)
}

// Close ends all streams, so that a shutdown need not wait for them. It gives
// those of logs, which http.Server does not know any more, a moment to hear why.
func (s *Server) Close() {
	close(s.closing)
	s.logStreams.wait()
}

// Limits of a connection. Event streams lift the write timeout for themselves.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second
	writeTimeout      = 30 * time.Second
	idleTimeout       = 2 * time.Minute
	// maxHeaderBytes has room for a stream of logs that goes on after the last
	// line of each of maxLogAfter containers.
	maxHeaderBytes = 256 << 10
)

// HTTPServer wraps the handler with limits and timeouts.
func (s *Server) HTTPServer() *http.Server {
	return &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
}
