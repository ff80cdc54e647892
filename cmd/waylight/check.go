package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/text"
)

// checkFlags are what only check takes.
type checkFlags struct {
	output string
	failOn string
	list   bool
	live   liveFlags
	// files are manifests to judge instead of a mesh; complete says that they
	// are all of it.
	files    []string
	complete bool
	muteFile string
}

func newCheck(src *sourceFlags, getenv func(string) (string, bool)) *cobra.Command {
	f := &checkFlags{}
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Judge the mesh once and print the findings",
		Long: "Judge the mesh once and print the findings.\n\n" +
			"Of a cluster it reads the Kubernetes objects, then every ztunnel, waypoint and istiod through port-forwards, those\n" +
			"near a finding first, and asks a Prometheus if there is one. What could not be read is named on standard error, with\n" +
			"the right that is missing; the report ends with the checks that are undetermined for it.\n\n" +
			"With -f it judges manifests before they are applied, without a cluster: files, folders, or - for what another tool\n" +
			"prints. Pods' status, endpoints, nodes and proxies are unknown then, and no check speaks of what is missing unless\n" +
			"--complete says that the manifests are the whole mesh.\n\n" +
			"Exit code 0: nothing reaches --fail-on; 1: something does; 2: Kubernetes, the bundle or a manifest could not be read.\n" +
			"Proxies and traffic that could not be read leave checks undetermined and do not change the exit code.",
		Example: "  waylight check --fail-on error\n" +
			"  waylight check -n shop -n istio-system -o markdown\n" +
			"  waylight check --watch-traffic 30s\n" +
			"  waylight check --bundle incident.tar.gz -o json\n" +
			"  waylight check -f manifests/ -o sarif > waylight.sarif\n" +
			"  kubectl kustomize overlays/prod | waylight check -f - --complete",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.list {
				return text.Catalogue(cmd.OutOrStdout(), analysis.Checks())
			}
			if len(f.files) > 0 {
				return checkManifests(cmd, src, f)
			}
			if f.complete {
				return errors.New("--complete goes with -f: it says something about manifests")
			}
			return check(cmd, src, f, newProgress(cmd.ErrOrStderr(), getenv))
		},
	}
	cmd.Flags().StringVarP(&f.output, "output", "o", "text", "form of the report: "+strings.Join(text.Formats, ", "))
	cmd.Flags().StringVar(&f.failOn, "fail-on", string(analysis.Warning), "least severity that makes the exit code 1: critical, error, warning or info")
	cmd.Flags().BoolVar(&f.list, "list", false, "print the catalogue of checks, and judge nothing")
	addLiveFlags(cmd.Flags(), &f.live, src)
	cmd.Flags().StringArrayVarP(&f.files, "filename", "f", nil, "judge the manifests in a file, in a folder and below, or with - from standard input, instead of a cluster (repeatable)")
	cmd.Flags().BoolVar(&f.complete, "complete", false, "with -f: the manifests are the whole mesh, so that what they do not have does not exist")
	cmd.Flags().StringVar(&f.muteFile, "mute-file", "", muteFileUsage+"; what it mutes is said on standard error")
	completeFixed(cmd, "output", text.Formats)
	completeFixed(cmd, "fail-on", severities)
	return cmd
}

// check reads the mesh once, judges it and prints. What it returns carries the
// exit code.
func check(cmd *cobra.Command, src *sourceFlags, f *checkFlags, p *progress) error {
	reporting, err := f.reporting()
	if err != nil {
		return err
	}
	if err := f.live.validate(src.metrics.window); err != nil {
		return err
	}
	src.sweepRate = resource.QuantityValue{} // a single look has its own bounds
	feed, err := src.open(slog.New(slog.DiscardHandler))
	if err != nil {
		return noMesh(err)
	}
	snap, err := feed.readWhole(cmd.Context(), &f.live, p.tell)
	p.end()
	if err != nil {
		return err
	}
	if err := knownNamespaces(snap, src.scope()); err != nil {
		return err
	}
	report := analysis.Assess(analysis.Input{Snap: snap, Now: snap.At})
	if snap.Cluster.Origin == mesh.OriginLive {
		defer sayUnseen(cmd.ErrOrStderr(), report)
	}
	return reporting.conclude(cmd, report.In(src.scope()...))
}

// knownNamespaces refuses a namespace that is known not to exist: that nothing
// is wrong in it would be true and no answer.
func knownNamespaces(snap *mesh.Snapshot, scope []string) error {
	for _, ns := range scope {
		if snap.Readable(mesh.ResourceNamespaces, ns) && !slices.Contains(snap.Namespaces(), ns) {
			return fmt.Errorf("there is no namespace %s", ns)
		}
	}
	return nil
}

// reporting is what the flags say about a report: what makes the exit code 1,
// how it is written, and what is muted.
type reporting struct {
	limit analysis.Severity
	write text.ReportWriter
	mutes []analysis.Mute
}

func (f *checkFlags) reporting() (reporting, error) {
	r := reporting{limit: analysis.Severity(f.failOn)}
	if !r.limit.Valid() {
		return r, fmt.Errorf("--fail-on %q is none of %s", f.failOn, strings.Join(severities, ", "))
	}
	var err error
	if r.write, err = text.Writer(f.output); err != nil {
		return r, fmt.Errorf("--output: %w", err)
	}
	r.mutes, err = readMutes(f.muteFile)
	return r, err
}

// conclude writes a report and returns the exit code in an error.
func (r reporting) conclude(cmd *cobra.Command, report *analysis.Report) error {
	muting := report.Mute(r.mutes)
	if err := r.write(cmd.OutOrStdout(), muting.Kept); err != nil {
		return err
	}
	sayMuting(cmd.ErrOrStderr(), &muting)
	if muting.Kept.Reaches(r.limit) {
		return &exitError{code: exitFindings}
	}
	return nil
}

// loader is a source that can be read to its end: a bundle.
type loader interface {
	Load(ctx context.Context, sink collectors.Sink) error
}

// readMesh reads the mesh until its first complete snapshot. The feed it came
// from is what its proxies can be read through.
func readMesh(ctx context.Context, src *sourceFlags, limit time.Duration) (*mesh.Snapshot, feed, error) {
	feed, err := src.open(slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, feed, noMesh(err)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	snap, err := readOnce(ctx, feed)
	return snap, feed, err
}

// readOnce reads a feed until its first complete snapshot, and for no longer
// than ctx.
func readOnce(ctx context.Context, f feed) (*mesh.Snapshot, error) {
	if recorded, ok := f.source.(loader); ok {
		if err := recorded.Load(ctx, f.assembler); err != nil {
			return nil, err
		}
		return firstSnapshot(f)
	}
	done := make(chan error, 1)
	go func() { done <- f.source.Run(ctx, f.assembler) }()
	if err := untilRead(ctx, f, done); err != nil {
		return nil, err
	}
	return firstSnapshot(f)
}

// firstSnapshot is what was read of a feed, if that is anything.
func firstSnapshot(f feed) (*mesh.Snapshot, error) {
	snap := f.assembler.Snapshot()
	switch st := snap.Sources.Kind(""); st.State {
	case mesh.SourceStarting, mesh.SourceDown, mesh.SourceForbidden:
		return nil, fmt.Errorf("the Kubernetes API could not be read: %s", st.Detail)
	default:
		return snap, nil
	}
}

// untilRead waits until a live source has left its starting state or is done,
// and for no longer than ctx.
func untilRead(ctx context.Context, f feed, done <-chan error) error {
	const look = 50 * time.Millisecond
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if st, ok := f.assembler.Statuses().Find(mesh.KubernetesSource); ok && st.State != mesh.SourceStarting {
				return nil
			}
		}
	}
}
