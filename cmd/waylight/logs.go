package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/server"
	"github.com/waylight/waylight/views"
	"github.com/waylight/waylight/views/text"
)

// logsFlags are what only logs takes.
type logsFlags struct {
	output  string
	follow  bool
	color   bool
	timeout time.Duration
	// asked holds the parameters of the stream by the names of URLs.
	asked url.Values
}

func newLogs(src *sourceFlags, getenv func(string) (string, bool)) *cobra.Command {
	f := &logsFlags{asked: url.Values{}}
	cmd := &cobra.Command{
		Use:   "logs {--from WHO --to WHAT | --service NAMESPACE/NAME | --source WRITER}",
		Short: "Print what the proxies on a path write, merged and explained",
		Long: "Print what the proxies on a path write: the client's ztunnel, the waypoint, the ztunnel on the destination's node,\n" +
			"as one stream in the order of time. Of what failed it says why, and where to look first.\n\n" +
			"--from and --to are those of waylight path; what the same proxies write of other calls is counted, and printed with\n" +
			"--calls all. --service ns/name is every proxy before a service, whoever calls.\n" +
			"--source is ztunnel/<node>, cni/<node>, waypoint/<namespace>/<name>, istiod or pod/<namespace>/<pod>/<container>.\n\n" +
			"Lines go to standard output; what could not be read, and lines that are missing, to standard error.\n" +
			"Exit code 0: everything that was asked for was read, or was followed until you ended it; 2: something was not, or\n" +
			"the question makes no sense.",
		Example: "  waylight logs --from shop/web-1 --to shop/orders:80 --denied\n" +
			"  waylight logs --service shop/orders -f --since 1h --exclude kube-probe\n" +
			"  waylight logs --bundle incident.tar.gz --source ztunnel/node-a -o json | jq .explain.code",
		Args: cobra.NoArgs,
	}
	flags := cmd.Flags()
	flags.Var(oneParam{views.ParamFrom, f.asked}, views.ParamFrom, "who calls, as in waylight path")
	flags.Var(oneParam{views.ParamTo, f.asked}, views.ParamTo, "what is called, as in waylight path")
	for _, p := range []struct{ name, help string }{
		{server.ParamLogService, "service whose proxies write, namespace/name (repeatable)"},
		{server.ParamLogSource, "who writes: ztunnel/<node>, waypoint/<namespace>/<name>, istiod and others (repeatable)"},
		{server.ParamLogInclude, "only lines that this regular expression matches (repeatable: one of them is enough)"},
		{server.ParamLogExclude, "no lines that this regular expression matches (repeatable)"},
	} {
		flags.Var(manyValues{p.name, f.asked}, p.name, p.help)
	}
	flags.Var(oneParam{server.ParamLogSince, f.asked}, server.ParamLogSince, "how far to look back: a duration, or a time as 2026-01-31T07:45:00Z (default 10m; in a bundle before it was recorded)")
	flags.Var(oneParam{server.ParamLogLevel, f.asked}, server.ParamLogLevel, "least grave level to print: error, warn, info, debug or trace")
	flags.Var(oneParam{server.ParamLogCalls, f.asked}, server.ParamLogCalls, "with --from and --to: this (lines of that call, and trouble of its proxies) or all that they write (default this)")
	completeFixed(cmd, server.ParamLogCalls, []string{server.LogCallsThis, server.LogCallsAll})
	addSwitch(cmd, f.asked, server.ParamLogDenied, "only what was refused or failed")
	addSwitch(cmd, f.asked, server.ParamLogPrevious, "the run of each container before this one")
	flags.BoolVarP(&f.follow, "follow", "f", false, "go on with what is written from now on; pods that are replaced are followed")
	flags.StringVarP(&f.output, "output", "o", "text", "text, json (one object a line) or raw (lines as they were written)")
	flags.DurationVar(&f.timeout, "timeout", time.Minute, "how long reading the Kubernetes objects of a cluster may take, before the first line")
	completeFixed(cmd, "output", []string{"text", "json", "raw"})
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		f.color = wantsColor(cmd.OutOrStdout(), getenv)
		return showLogs(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), src, f)
	}
	return cmd
}

// manyValues is a flag that adds to a parameter.
type manyValues manyParams

func (p manyValues) Set(s string) error { p.call.Add(p.name, s); return nil }
func (p manyValues) Type() string       { return "string" }
func (p manyValues) String() string     { return strings.Join(p.call[p.name], " ") }

// addSwitch adds a flag for a parameter that is yes or no.
func addSwitch(cmd *cobra.Command, v url.Values, name, help string) {
	cmd.Flags().BoolFunc(name, help, func(s string) error {
		on, err := strconv.ParseBool(s)
		if err != nil {
			return errors.New("write true or false")
		}
		v.Set(name, strconv.FormatBool(on))
		return nil
	})
}

// wantsColor tells that the output is a terminal, and that nobody objects
// (no-color.org).
func wantsColor(out io.Writer, getenv func(string) (string, bool)) bool {
	if no, _ := getenv("NO_COLOR"); no != "" {
		return false
	}
	if term, _ := getenv("TERM"); term == "dumb" {
		return false
	}
	file, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// showLogs reads the mesh, finds whose logs are meant, and prints them.
func showLogs(ctx context.Context, out, complaints io.Writer, src *sourceFlags, f *logsFlags) error {
	if !f.asked.Has(server.ParamLogCalls) {
		f.asked.Set(server.ParamLogCalls, server.LogCallsThis)
	}
	query, err := server.ParseLogQuery(f.asked)
	if err != nil {
		return err
	}
	p, err := newLogPrinter(out, complaints, query.Filter, f)
	if err != nil {
		return err
	}
	src.noProxies = true // what they hold is not asked for
	feed, err := src.open(slog.New(slog.DiscardHandler))
	if err != nil {
		return noMesh(err)
	}
	group, ctx := errgroup.WithContext(ctx)
	ctx, stop := context.WithCancel(ctx)
	snap, err := openMesh(ctx, group, feed, f)
	if err == nil {
		feed.logs.see(snap)
		group.Go(func() error { return feed.logs.run(ctx) })
		err = p.stream(ctx, group, feed, snap, &query)
	}
	stop()
	if failed := group.Wait(); err == nil && !errors.Is(failed, context.Canceled) {
		err = failed
	}
	return err
}

// openMesh reads the mesh, and goes on reading a live one where its logs are
// followed.
func openMesh(ctx context.Context, group *errgroup.Group, feed feed, f *logsFlags) (*mesh.Snapshot, error) {
	limited, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	if _, recorded := feed.source.(loader); recorded || !f.follow {
		return readOnce(limited, feed)
	}
	done := make(chan error, 1)
	group.Go(func() error {
		err := feed.source.Run(ctx, feed.assembler)
		done <- err
		return err
	})
	if err := untilRead(limited, feed, done); err != nil {
		return nil, err
	}
	return firstSnapshot(feed)
}

// logPrinter prints the events of a stream: lines to out, everything else as
// sentences to complaints.
type logPrinter struct {
	out, complaints io.Writer
	reader          server.LineReader
	// call tells the lines of the call in the newest snapshot.
	call   atomic.Pointer[path.Lines]
	line   func(*server.LogEntry) error
	follow bool
	buf    []byte
	// read and printed count lines.
	read, printed int
	// unread tells that something could not be read, or is missing.
	unread bool
}

func newLogPrinter(out, complaints io.Writer, filter server.LineFilter, f *logsFlags) (*logPrinter, error) {
	p := &logPrinter{out: out, complaints: complaints, reader: server.LineReader{Filter: filter}, follow: f.follow}
	switch f.output {
	case "text":
		w := text.NewLogWriter(out, f.color)
		p.line = func(l *server.LogEntry) error { return w.Line(l.LogLine, &l.Explained, l.Late) }
	case "json":
		p.line = func(l *server.LogEntry) error { p.buf = l.AppendJSON(p.buf[:0]); return p.write() }
	case "raw":
		p.line = func(l *server.LogEntry) error { p.buf = append(p.buf[:0], l.Raw...); return p.write() }
	default:
		return nil, fmt.Errorf("--output: %q is none of text, json, raw", f.output)
	}
	return p, nil
}

func (p *logPrinter) write() error {
	_, err := p.out.Write(append(p.buf, '\n'))
	return err
}

// stream opens the stream that a query asks for and prints it to its end, or
// until ctx ends.
func (p *logPrinter) stream(ctx context.Context, group *errgroup.Group, feed feed, snap *mesh.Snapshot, query *server.LogQuery) error {
	wish, unserved, err := query.Follow(snap, time.Now())
	if err != nil {
		return err
	}
	for i := range unserved {
		p.state(&unserved[i])
	}
	p.call.Store(query.Lines(snap))
	wish.Once = !p.follow
	stream, err := feed.logs.Follow(wish)
	if err != nil {
		return err
	}
	defer stream.Close()
	if p.follow {
		group.Go(func() error {
			feed.assembler.Run(ctx, func(snap *mesh.Snapshot, _ time.Duration) {
				feed.logs.see(snap)
				p.call.Store(query.Lines(snap))
				if targets, _, err := query.Targets(snap); err == nil {
					stream.Retarget(targets)
				}
			})
			return nil
		})
	}
	if err := p.print(ctx, stream); err != nil {
		return err
	}
	p.others()
	if p.unread && !p.follow {
		return &exitError{code: exitFailed}
	}
	p.nothing(wish.Since)
	return nil
}

// others says how many lines were not printed because they are of other calls.
func (p *logPrinter) others() {
	if n := p.reader.Others; n > 0 {
		fmt.Fprintf(p.complaints, "waylight: %d lines of other calls are not printed; --calls all prints them.\n", n)
	}
}

// nothing says why no line was printed, where everything was read: silence could
// mean anything.
func (p *logPrinter) nothing(since time.Time) {
	switch {
	case p.printed > 0 || p.follow || p.reader.Others == p.read && p.read > 0:
	case p.read > 0:
		fmt.Fprintf(p.complaints, "waylight: none of %d lines passes the filter.\n", p.read)
	default:
		fmt.Fprintf(p.complaints, "waylight: no line was written since %s UTC.\n", since.UTC().Format(time.DateTime))
	}
}

// print prints a stream to its end.
func (p *logPrinter) print(ctx context.Context, stream server.LogStream) error {
	for {
		events, err := stream.Next(ctx)
		switch {
		case ctx.Err() != nil:
			return nil // somebody has seen enough
		case err != nil:
			return fmt.Errorf("the stream of logs ended: %w", err)
		}
		for i := range events {
			if events[i].End != nil {
				return nil
			}
			if err := p.event(&events[i]); err != nil {
				return err
			}
		}
	}
}

func (p *logPrinter) event(e *mesh.LogEvent) error {
	switch {
	case e.Line != nil:
		p.read++
		p.reader.Call = p.call.Load()
		if l, wanted := p.reader.Read(e); wanted {
			p.printed++
			return p.line(&l)
		}
	case e.Gap != nil:
		p.unread = true
		fmt.Fprintln(p.complaints, "waylight: "+text.LogGap(e.Gap))
	case e.State != nil:
		p.state(e.State)
	}
	return nil
}

// state says what has become of following a source. Where lines are not
// followed, that a log ends is no news.
func (p *logPrinter) state(st *mesh.LogState) {
	if words := text.LogState(st); words != "" {
		p.unread = p.unread || st.Phase != mesh.LogReconnecting || st.From.Container == ""
		fmt.Fprintln(p.complaints, "waylight: "+words)
	}
}
