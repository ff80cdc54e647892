package ztunnel

import (
	"io"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/waylight/waylight/mesh"
)

// Decode reads a whole config_dump that was taken from a pod at a moment.
func Decode(r io.Reader, node string, pod mesh.Ref, at time.Time) (*mesh.ZtunnelDump, error) {
	d := &mesh.ZtunnelDump{Node: node, Pod: pod, At: at}
	localLost := false
	err := Walk(r, Visitor{
		Workload:    func(w mesh.ZtunnelWorkload) { d.Workloads = append(d.Workloads, w) },
		Service:     func(s mesh.ZtunnelService) { d.Services = append(d.Services, s) },
		Policy:      func(p mesh.ZtunnelPolicy) { d.Policies = append(d.Policies, p) },
		Certificate: func(c mesh.ZtunnelCertificate) { d.Certificates = append(d.Certificates, c) },
		Local:       func(l mesh.ZtunnelLocal) { d.Local = append(d.Local, l) },
		HasLocal:    func() { d.LocalKnown = true },
		Version:     func(v mesh.ZtunnelVersion) { d.Version = v },
		Config:      func(c map[string]string) { d.Config = c },
		Skipped: func(part string, err error) {
			if d.Skipped == 0 {
				d.FirstSkipped = part + ": " + err.Error()
			}
			d.Skipped++
			localLost = localLost || part == localPart
		},
	})
	if err != nil {
		return nil, err
	}
	// That a pod is missing among those of the node proves something only where
	// all of them could be read.
	d.LocalKnown = d.LocalKnown && !localLost
	return d, nil
}

// rawVersion is the version block.
type rawVersion struct {
	Version      string `json:"version"`
	GitRevision  string `json:"gitRevision"`
	IstioVersion string `json:"istioVersion"`
	BuildStatus  string `json:"buildStatus"`
}

func convertVersion(raw *rawVersion) mesh.ZtunnelVersion { return mesh.ZtunnelVersion(*raw) }

// convertConfig keeps scalar settings as text. The set of keys changes with
// every minor release, so none is named here.
func convertConfig(raw *map[string]jsontext.Value) map[string]string {
	out := make(map[string]string)
	for key, value := range *raw {
		switch value.Kind() {
		case '"':
			var s string
			if json.Unmarshal(value, &s) == nil {
				out[key] = s
			}
		case 't', 'f', '0':
			out[key] = string(value)
		}
	}
	return out
}
