package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
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
}

func newCheck(src *sourceFlags) *cobra.Command {
	f := &checkFlags{}
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Judge the mesh once and print the findings",
		Long: "Judge the mesh once and print the findings.\n\n" +
			"Exit code 0: nothing reaches --fail-on; 1: something does; 2: Kubernetes or the bundle could not be read.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.list {
				return text.Catalogue(cmd.OutOrStdout(), analysis.Catalogue())
			}
			return check(cmd.Context(), cmd.OutOrStdout(), src, f)
		},
	}
	cmd.Flags().StringVarP(&f.output, "output", "o", "text", "text, json or markdown")
	cmd.Flags().StringVar(&f.failOn, "fail-on", string(analysis.Warning), "least severity that makes the exit code 1: critical, error, warning or info")
	cmd.Flags().BoolVar(&f.list, "list", false, "print the catalogue of checks instead")
	cmd.Flags().DurationVar(&f.timeout, "timeout", time.Minute, "how long reading a cluster may take")
	return cmd
}

// check reads the mesh once, judges it and prints. What it returns carries the
// exit code.
func check(ctx context.Context, out io.Writer, src *sourceFlags, f *checkFlags) error {
	limit := analysis.Severity(f.failOn)
	if limit.Rank() > analysis.Info.Rank() {
		return fmt.Errorf("--fail-on %q is none of critical, error, warning, info", f.failOn)
	}
	write, err := text.Writer(f.output)
	if err != nil {
		return fmt.Errorf("--output: %w", err)
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
