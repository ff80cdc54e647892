package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/text"
)

// checkFlags are what only check takes.
type checkFlags struct {
	output  string
	failOn  string
	list    bool
	timeout time.Duration
	// files are manifests to judge instead of a mesh; complete says that they
	// are all of it.
	files    []string
	complete bool
}

func newCheck(src *sourceFlags) *cobra.Command {
	f := &checkFlags{}
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Judge the mesh once and print the findings",
		Long: "Judge the mesh once and print the findings.\n\n" +
			"With -f it judges manifests before they are applied, without a cluster: files, folders, or - for what another tool prints. " +
			"Pods' status, endpoints, nodes and proxies are unknown then, and no check speaks of what is missing unless --complete says that the manifests are the whole mesh.\n\n" +
			"Exit code 0: nothing reaches --fail-on; 1: something does; 2: Kubernetes, the bundle or a manifest could not be read.",
		Example: "  waylight check -n shop --fail-on error\n" +
			"  waylight check -f manifests/ -o sarif > waylight.sarif\n" +
			"  kubectl kustomize overlays/prod | waylight check -f - --complete",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.list {
				return text.Catalogue(cmd.OutOrStdout(), analysis.Catalogue())
			}
			if len(f.files) > 0 {
				return checkManifests(cmd, src, f)
			}
			if f.complete {
				return errors.New("--complete goes with -f: it says something about manifests")
			}
			return check(cmd.Context(), cmd.OutOrStdout(), src, f)
		},
	}
	cmd.Flags().StringVarP(&f.output, "output", "o", "text", strings.Join(text.Formats, ", "))
	cmd.Flags().StringVar(&f.failOn, "fail-on", string(analysis.Warning), "least severity that makes the exit code 1: critical, error, warning or info")
	cmd.Flags().BoolVar(&f.list, "list", false, "print the catalogue of checks instead")
	cmd.Flags().DurationVar(&f.timeout, "timeout", time.Minute, "how long reading a cluster may take")
	cmd.Flags().StringArrayVarP(&f.files, "filename", "f", nil, "judge the manifests in a file, in a folder and below, or with - from standard input, instead of a cluster (repeatable)")
	cmd.Flags().BoolVar(&f.complete, "complete", false, "with -f: the manifests are the whole mesh, so that what they do not have does not exist")
	completeFixed(cmd, "output", text.Formats)
	completeFixed(cmd, "fail-on", severities)
	return cmd
}

// check reads the mesh once, judges it and prints. What it returns carries the
// exit code.
func check(ctx context.Context, out io.Writer, src *sourceFlags, f *checkFlags) error {
	limit, write, err := f.reporting()
	if err != nil {
		return err
	}
	snap, _, err := readMesh(ctx, src, f.timeout)
	if err != nil {
		return err
	}
	report := analysis.Assess(analysis.Input{Snap: snap, Now: snap.At}).In(src.scope()...)
	if err := write(out, report); err != nil {
		return err
	}
	if report.Reaches(limit) {
		return &exitError{code: exitFindings}
	}
	return nil
}

// reporting reads from the flags what makes the exit code 1 and how the report
// is written.
func (f *checkFlags) reporting() (analysis.Severity, text.ReportWriter, error) {
	limit := analysis.Severity(f.failOn)
	if !limit.Valid() {
		return limit, nil, fmt.Errorf("--fail-on %q is none of %s", f.failOn, strings.Join(severities, ", "))
	}
	write, err := text.Writer(f.output)
	if err != nil {
		return limit, nil, fmt.Errorf("--output: %w", err)
	}
	return limit, write, nil
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
	if recorded, ok := feed.source.(loader); ok {
		err = recorded.Load(ctx, feed.assembler)
	} else {
		err = followUntilRead(ctx, feed)
	}
	if err != nil {
		return nil, feed, err
	}
	snap := feed.assembler.Snapshot()
	switch st := snap.Sources.Kind(""); st.State {
	case mesh.SourceStarting, mesh.SourceDown, mesh.SourceForbidden:
		return nil, feed, fmt.Errorf("the Kubernetes API could not be read: %s", st.Detail)
	default:
		return snap, feed, nil
	}
}

// followUntilRead runs a live source until it has left its starting state, and
// for no longer than ctx.
func followUntilRead(ctx context.Context, f feed) error {
	const look = 50 * time.Millisecond
	done := make(chan error, 1)
	go func() { done <- f.source.Run(ctx, f.assembler) }()
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
