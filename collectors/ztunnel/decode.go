package ztunnel

import (
	"io"
	"time"

	"github.com/waylight/waylight/mesh"
)

// Decode reads a whole config_dump that was taken from a pod at a moment.
func Decode(r io.Reader, node string, pod mesh.Ref, at time.Time) (*mesh.ZtunnelDump, error) {
	d := &mesh.ZtunnelDump{Node: node, Pod: pod, At: at}
	localLost := false
	err := Walk(r, Visitor{
		Workload:    func(w *mesh.ZtunnelWorkload) { d.Workloads = append(d.Workloads, w) },
		Service:     func(s *mesh.ZtunnelService) { d.Services = append(d.Services, s) },
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

// version reads the version block.
func (w *walker) version(string) error {
	var out mesh.ZtunnelVersion
	err := w.object(func(key []byte) error {
		switch string(key) {
		case "version":
			return w.own(&out.Version)
		case "gitRevision":
			return w.own(&out.GitRevision)
		case "istioVersion":
			return w.own(&out.IstioVersion)
		case "buildStatus":
			return w.own(&out.BuildStatus)
		}
		return w.dec.SkipValue()
	})
	if err != nil {
		return err
	}
	w.visit.Version(out)
	return nil
}

// config keeps scalar settings as text. The set of keys changes with every
// minor release, so none is named here.
func (w *walker) config(string) error {
	out := make(map[string]string)
	err := w.object(func(key []byte) error {
		name, value := kept(key), ""
		switch w.dec.PeekKind() {
		case '"':
			if err := w.own(&value); err != nil {
				return err
			}
		case 't', 'f', '0':
			raw, err := w.dec.ReadValue()
			if err != nil {
				return err
			}
			value = string(raw)
		default:
			return w.dec.SkipValue()
		}
		out[name] = value
		return w.keep(costItem + len(name) + len(value))
	})
	if err != nil {
		return err
	}
	w.visit.Config(out)
	return nil
}
