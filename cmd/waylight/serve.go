package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
	"k8s.io/klog/v2"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/collectors/kube"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/server"
)

// shutdownGrace is how long requests under way may take after a signal.
const shutdownGrace = 5 * time.Second

// serveFlags are what only serve takes.
type serveFlags struct {
	listen        string
	metricsListen string
	allowedHosts  []string
	logFormat     string
	logLevel      string
	allowLogLevel bool
	muteFile      string
}

func newServe(src *sourceFlags) *cobra.Command {
	f := &serveFlags{}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the dashboard (the default)",
		Args:  cobra.NoArgs,
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log, err := newLogger(cmd.ErrOrStderr(), f.logFormat, f.logLevel)
		if err != nil {
			return err
		}
		// What client-go has to say goes where Waylight's own log goes.
		klog.SetSlogLogger(log)
		return serve(cmd.Context(), cmd.OutOrStdout(), log, src, f, cmd.Flags().Changed("listen"))
	}
	flags := cmd.Flags()
	addProxyFlags(flags, src)
	addMetricsFlags(flags, &src.metrics)
	flags.StringVar(&f.listen, "listen", defaultListen, "loopback address to serve on; the next free port is taken unless one is given")
	flags.StringVar(&f.metricsListen, "metrics-listen", "", "another address for /metrics, /healthz and /readyz only, e.g. :7781 for probes and scrapes")
	flags.StringSliceVar(&f.allowedHosts, "allowed-host", nil, "host name to serve beside loopback names (repeatable)")
	flags.StringVar(&f.logFormat, "log-format", "text", "format of Waylight's own log: text or json")
	flags.StringVar(&f.logLevel, "log-level", "info", "least level of Waylight's own log: debug, info, warn or error")
	flags.BoolVar(&f.allowLogLevel, "allow-log-level", false, "let the log level of a ztunnel be raised for a while, after a confirmation; it is the only thing Waylight ever changes")
	flags.StringVar(&f.muteFile, "mute-file", "", muteFileUsage)
	return cmd
}

// newLogger writes to stderr, so that stdout stays for the address and answers.
func newLogger(w io.Writer, format, level string) (*slog.Logger, error) {
	var least slog.Level
	if err := least.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("--log-level %q is none of debug, info, warn, error", level)
	}
	opts := &slog.HandlerOptions{Level: least}
	switch format {
	case "text":
		return slog.New(slog.NewTextHandler(w, opts)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, opts)), nil
	}
	return nil, fmt.Errorf("--log-format %q is neither text nor json", format)
}

// serve is the one place where the joint shows: collectors publish snapshots,
// analysis judges each, the server shows the newest report.
func serve(ctx context.Context, out io.Writer, log *slog.Logger, src *sourceFlags, f *serveFlags, asked bool) error {
	if f.allowLogLevel && src.noProxies {
		return errors.New("--allow-log-level and --no-proxies exclude each other")
	}
	mutes, err := readMutes(f.muteFile)
	if err != nil {
		return err
	}
	feeds, err := src.openAll(log)
	if err != nil {
		return err
	}
	listener, err := listen(ctx, f.listen, asked)
	if err != nil {
		return err
	}
	cfg := server.Config{Version: buildVersion(), AllowedHosts: f.allowedHosts, Log: log, Dumps: dumpsOf(feeds), LogLevels: levelsOf(feeds), Logs: logsOf(feeds), Metrics: chartsOf(feeds), Manifests: kube.Manifests{}}
	for _, feed := range feeds {
		cfg.Worlds = append(cfg.Worlds, feed.world)
	}
	if len(feeds) == 1 {
		cfg.Freshness = feeds[0].assembler.Statuses
	}
	srv := server.New(cfg)
	group, ctx := errgroup.WithContext(ctx)
	for _, feed := range feeds {
		feed.proxies.allowLogLevel(f.allowLogLevel, srv.ObserveLogLevel)
		feed.show(ctx, group, srv, mutes)
	}
	fmt.Fprintf(out, "Waylight shows %s on http://%s\n", feeds[0].title, listener.Addr())
	group.Go(func() error { return runHTTP(ctx, srv.HTTPServer(), listener, srv.Close) })
	if f.metricsListen != "" {
		group.Go(func() error { return serveMetrics(ctx, f.metricsListen, srv.MetricsHandler()) })
	}
	if err := group.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// show collects a mesh and publishes a report of each of its snapshots, until
// ctx ends.
func (f feed) show(ctx context.Context, group *errgroup.Group, srv *server.Server, mutes []analysis.Mute) {
	f.counting.observed(srv.ObservePrometheus)
	group.Go(func() error { return f.source.Run(ctx, f.assembler) })
	group.Go(func() error { return f.proxies.run(ctx, f.assembler) })
	group.Go(func() error { return f.counting.run(ctx, f.assembler) })
	group.Go(func() error { return f.logs.run(ctx) })
	group.Go(func() error {
		var assessor analysis.Assessor
		f.assembler.Run(ctx, func(snap *mesh.Snapshot, built time.Duration) {
			began := time.Now()
			report := assessor.Assess(analysis.Input{Snap: snap, Now: snap.At})
			report.Mutes = mutes
			srv.ObserveBuild(built, time.Since(began))
			f.logs.see(snap)
			srv.Publish(f.world, report)
			f.proxies.see(snap)
			f.counting.see(snap)
		})
		return nil
	})
}

// serveMetrics serves what probes and scrapers need on an address of its own.
func serveMetrics(ctx context.Context, address string, h http.Handler) error {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("cannot listen on %s for metrics: %w", address, err)
	}
	return runHTTP(ctx, &http.Server{Handler: h, ReadHeaderTimeout: shutdownGrace}, l, nil)
}

// runHTTP serves until ctx ends, then lets requests under way finish. closing
// ends what would never finish by itself.
func runHTTP(ctx context.Context, srv *http.Server, l net.Listener, closing func()) error {
	done := make(chan error, 1)
	go func() {
		<-ctx.Done()
		if closing != nil {
			closing()
		}
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
		defer cancel()
		done <- srv.Shutdown(grace)
	}()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("server stopped: %w", err)
	}
	return <-done
}
