package kube

import (
	"context"
	"log/slog"
	"slices"
	"sync"

	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"

	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/mesh"
)

// Options say what of a cluster is read and for whom.
type Options struct {
	// Namespaces is the scope. Each kind is read in each of them alone, so that
	// a role bound there is enough; empty means all namespaces.
	Namespaces []string
	// ClusterName is what pages call the cluster.
	ClusterName string
	// Version is Waylight's own, for the API server's access log.
	Version string
	// Log gets a line when a source changes its state; nil for none.
	Log *slog.Logger
}

// Source is a live cluster. It implements collectors.Source.
type Source struct {
	config      *rest.Config
	namespaces  []string
	clusterName string
	userAgent   string
	log         *slog.Logger
	kinds       []Kind

	link        *link
	definitions definitions
	stale       chan struct{} // holds one token when what is served may have changed

	mu     sync.Mutex
	board  *board // nil before Run
	client *client
	sink   collectors.Sink
}

var _ collectors.Source = (*Source)(nil)

// New prepares to read the cluster that cfg leads to. Nothing is asked before
// Run.
func New(cfg *rest.Config, opts Options) *Source {
	log := opts.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	scope := slices.Clone(opts.Namespaces)
	slices.Sort(scope)
	return &Source{
		config:      cfg,
		namespaces:  slices.Compact(scope),
		clusterName: opts.ClusterName,
		userAgent:   "waylight/" + opts.Version,
		log:         log,
		kinds:       Kinds(),
		link:        newLink(),
		definitions: definitions{promised: make(map[string]string), actual: make(map[string]string)},
		stale:       make(chan struct{}, 1),
	}
}

// Run reads the cluster into the sink until ctx ends, and then waits for all it
// started. An error means that the configuration cannot be used at all; that a
// server does not answer, or refuses, becomes the state of a source.
func (s *Source) Run(ctx context.Context, sink collectors.Sink) error {
	client, err := newClient(s.config, s.userAgent)
	if err != nil {
		return err
	}
	s.start(client, sink)
	sink.Describe(s.info(""))
	// client-go logs what it tries again, each time; the board says it once.
	ctx = klog.NewContext(ctx, klog.New(nil))
	var running sync.WaitGroup
	running.Go(func() { s.probe(ctx) })
	running.Go(func() { s.followKinds(ctx) })
	running.Wait()
	s.client.http.CloseIdleConnections()
	return nil
}

func (s *Source) start(c *client, sink collectors.Sink) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.client, s.sink = c, sink
	s.board = newBoard(sink, s.log, c.server, s.kinds)
}

// Synced tells whether every kind that is served and permitted was read once.
// It stays true during an outage.
func (s *Source) Synced() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.board != nil && s.board.isSynced()
}

// describe tells the sink which cluster this is. The version is asked for each
// time a connection is made, since an upgrade breaks it.
func (s *Source) describe(ctx context.Context) {
	version, err := s.client.version(ctx)
	if err != nil {
		return // it stays as it was; the probe tells of the connection
	}
	s.sink.Describe(s.info(version))
}

func (s *Source) info(version string) mesh.ClusterInfo {
	return mesh.ClusterInfo{Name: s.clusterName, KubernetesVersion: version, Origin: mesh.OriginLive}
}
