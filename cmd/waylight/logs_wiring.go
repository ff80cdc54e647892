package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"sync/atomic"
	"time"

	"k8s.io/client-go/rest"

	"github.com/waylight/waylight/collectors/bundle"
	"github.com/waylight/waylight/collectors/envoy"
	"github.com/waylight/waylight/collectors/istiolog"
	"github.com/waylight/waylight/collectors/podlog"
	"github.com/waylight/waylight/collectors/ztunnel"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/server"
)

// containerLogs reads what the containers of one mesh write. A nil one has
// nothing to run and sees nothing.
type containerLogs struct {
	hub     *podlog.Hub
	formats atomic.Pointer[accessFormats]
}

// accessFormats are the formats of access logs that a mesh is configured with,
// and the configuration they were made of.
type accessFormats struct {
	of     *mesh.MeshConfig
	parsed []*envoy.AccessFormat
}

// liveLogs reads the logs of the cluster that cfg leads to.
func liveLogs(cfg *rest.Config) (*containerLogs, error) {
	cluster, err := podlog.NewCluster(cfg, "waylight/"+buildVersion())
	if err != nil {
		return nil, err
	}
	l := &containerLogs{}
	l.hub = podlog.New(podlog.Options{Opener: cluster, Decoder: l})
	return l, nil
}

// recordedLogs reads the logs of a bundle.
func recordedLogs(b *bundle.Bundle) *containerLogs {
	l := &containerLogs{}
	files := podlog.Recording{
		File: func(path string) (io.ReadCloser, bool, error) {
			file, ok := b.File(path)
			if !ok {
				return nil, false, nil
			}
			content, err := file.Open()
			return content, true, err
		},
		Missing: func(t *mesh.LogTarget) *podlog.Failure { return missingLog(b, t) },
	}
	l.hub = podlog.New(podlog.Options{Opener: files, Decoder: l, Recorded: true})
	return l
}

// missingLog says what the manifest of a bundle says of a log it does not hold.
func missingLog(b *bundle.Bundle, t *mesh.LogTarget) *podlog.Failure {
	i := slices.IndexFunc(b.Manifest.Sources, func(s mesh.SourceStatus) bool { return s.Name == t.SourceName() })
	if i < 0 {
		return nil
	}
	switch status := b.Manifest.Sources[i]; status.State {
	case mesh.SourceForbidden:
		return &podlog.Failure{Phase: mesh.LogForbidden, Detail: cmp.Or(status.Detail, podlog.Right(t.Pod.Namespace))}
	case mesh.SourceDown, mesh.SourceAbsent:
		return &podlog.Failure{Phase: mesh.LogEnded, Detail: status.Detail}
	}
	return nil
}

// run ends with ctx, and everything that is read with it.
func (l *containerLogs) run(ctx context.Context) error {
	if l != nil {
		<-ctx.Done()
		l.hub.Close()
	}
	return nil
}

// see learns from a snapshot in which formats Envoys write.
func (l *containerLogs) see(snap *mesh.Snapshot) {
	if l == nil {
		return
	}
	config := snap.MeshConfig()
	if known := l.formats.Load(); known == nil || known.of != config {
		l.formats.Store(&accessFormats{config, envoy.NewAccessFormats(config.AccessLogFormats())})
	}
}

var _ podlog.Decoder = (*containerLogs)(nil)

// Decode implements podlog.Decoder.
func (l *containerLogs) Decode(line *mesh.LogLine) {
	switch line.From.Writer {
	case mesh.WriterZtunnel:
		ztunnel.DecodeLine(line)
	case mesh.WriterWaypoint:
		var formats []*envoy.AccessFormat
		if known := l.formats.Load(); known != nil {
			formats = known.parsed
		}
		envoy.DecodeLine(line, formats...)
	case mesh.WriterIstiod, mesh.WriterCNI:
		istiolog.DecodeLine(line)
	}
}

// logsOf finds the logs of a world for the server.
func logsOf(feeds []feed) func(world string) server.Logs {
	return func(world string) server.Logs {
		for _, f := range feeds {
			if f.world == world && f.logs != nil {
				return f.logs
			}
		}
		return nil
	}
}

var _ server.Logs = (*containerLogs)(nil)

// Follow implements server.Logs.
func (l *containerLogs) Follow(wish mesh.LogFollow) (server.LogStream, error) {
	stream, err := l.hub.Follow(wish)
	switch {
	case errors.Is(err, podlog.ErrTooMany):
		return nil, server.ErrTooManyStreams
	case err != nil:
		return nil, err
	}
	return stream, nil
}

// Recent implements server.Logs.
func (l *containerLogs) Recent(ctx context.Context, targets []mesh.LogTarget, since time.Time) []mesh.LogEvent {
	return l.hub.Recent(ctx, targets, since)
}
