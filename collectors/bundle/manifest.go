package bundle

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/waylight/waylight/mesh"
)

// Format is the format of bundles this version reads, as manifests name it.
const Format = "waylight.bundle/v1"

const manifestPath = "manifest.json"

// Manifest says what a bundle holds and how far it can be relied on.
type Manifest struct {
	RecordedAt time.Time
	Cluster    mesh.ClusterInfo
	// Sources are the sources that were asked, in the manifest's order.
	Sources []mesh.SourceStatus
}

// manifestFile is manifest.json.
type manifestFile struct {
	Format     string `json:"format"`
	RecordedAt string `json:"recordedAt"`
	Cluster    struct {
		Name              string `json:"name"`
		IstioVersion      string `json:"istioVersion"`
		KubernetesVersion string `json:"kubernetesVersion"`
	} `json:"cluster"`
	Sources []struct {
		Name   string `json:"name"`
		State  string `json:"state"`
		Detail string `json:"detail"`
	} `json:"sources"`
}

func (b *Bundle) readManifest() (Manifest, error) {
	file, ok := b.File(manifestPath)
	if !ok {
		return Manifest{}, errors.New("there is no manifest.json in it")
	}
	if file.Size > maxManifest {
		return Manifest{}, errors.New("its manifest.json is too large")
	}
	content, err := file.Open()
	if err != nil {
		return Manifest{}, fmt.Errorf("its manifest.json cannot be read: %w", err)
	}
	defer content.Close()
	raw, err := io.ReadAll(content)
	if err != nil {
		return Manifest{}, fmt.Errorf("its manifest.json cannot be read: %w", err)
	}
	return parseManifest(raw)
}

func parseManifest(raw []byte) (Manifest, error) {
	var in manifestFile
	if err := json.Unmarshal(raw, &in); err != nil {
		return Manifest{}, fmt.Errorf("its manifest.json is not what it should be: %w", err)
	}
	if in.Format != Format {
		return Manifest{}, fmt.Errorf("its manifest.json is of the format %q, and this version reads %q", shown(in.Format), Format)
	}
	at, err := time.Parse(time.RFC3339, in.RecordedAt)
	if err != nil {
		return Manifest{}, fmt.Errorf("recordedAt in its manifest.json is %q, which is no time like 2026-11-23T08:00:00Z", shown(in.RecordedAt))
	}
	out := Manifest{RecordedAt: at.UTC(), Cluster: mesh.ClusterInfo{
		Name:              bounded(in.Cluster.Name),
		IstioVersion:      bounded(in.Cluster.IstioVersion),
		KubernetesVersion: bounded(in.Cluster.KubernetesVersion),
	}}
	named := make(map[string]bool)
	for _, s := range in.Sources {
		if s.Name == "" || len(s.Name) > maxPath || named[s.Name] {
			return Manifest{}, fmt.Errorf("its manifest.json lists the source %q, which is twice there or no name", shown(s.Name))
		}
		named[s.Name] = true
		out.Sources = append(out.Sources, statusOf(s.Name, s.State, bounded(s.Detail), out.RecordedAt))
	}
	return out, nil
}

// statusOf reads one source of the manifest. A state that is not known says
// nothing, so that nothing may be concluded from what the source holds.
func statusOf(name, state, detail string, at time.Time) mesh.SourceStatus {
	s := mesh.SourceStatus{Name: name, State: mesh.SourceState(state), Detail: detail}
	switch s.State {
	case mesh.SourceOK, mesh.SourcePartial, mesh.SourceStale:
		s.AsOf = at
	case mesh.SourceForbidden, mesh.SourceDown, mesh.SourceAbsent, mesh.SourceStarting:
	default:
		s.State = mesh.SourceDown
		s.Detail = strings.TrimSpace(fmt.Sprintf("The manifest calls its state %q, which this version does not know. %s", shown(state), detail))
	}
	return s
}

func bounded(s string) string {
	if len(s) <= maxText {
		return s
	}
	return strings.ToValidUTF8(s[:maxText], "") + "…"
}
