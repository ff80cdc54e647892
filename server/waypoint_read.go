package server

import (
	"context"
	"net/http"
	"sync"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views"
)

// readEnvoy reads one replica of a waypoint for a page, which shows whatever
// comes of it.
func (s *Server) readEnvoy(r *http.Request, report *analysis.Report, w *mesh.Waypoint, pod string, fresh bool) views.EnvoyRead {
	chosen, why := replica(report.Snap, w, pod)
	read := views.EnvoyRead{Failure: views.ReadAbsent, Detail: why}
	if chosen == nil {
		if !report.Snap.Readable(mesh.ResourcePods, w.Namespace) {
			read.Failure = views.ReadFailed
		}
		return read
	}
	read = views.EnvoyRead{Pod: chosen.Ref(), Failure: views.ReadUnwired}
	dumps := s.dumps(s.worldOf(r).name)
	if dumps == nil {
		return read
	}
	ctx, cancel := context.WithTimeout(r.Context(), dumpDeadline)
	defer cancel()
	dump, err := dumps.Envoy(ctx, read.Pod, fresh)
	if err != nil || dump == nil {
		read.Failure, read.Detail = unread(err)
		return read
	}
	return views.EnvoyRead{Pod: read.Pod, Dump: dump}
}

// replica is the pod of a waypoint that a browser names, and without a name the
// first that is Ready, else the first that runs: one that is not Ready can still
// say why. A browser may choose between a waypoint's own pods and may not choose
// what Waylight connects to. Without a pod it says why there is none.
func replica(snap *mesh.Snapshot, w *mesh.Waypoint, name string) (*mesh.Workload, string) {
	if name != "" {
		if p := views.NamedPod(w.Pods, name); p != nil {
			return p, ""
		}
		return nil, "None of this waypoint's replicas is the pod " + oneLine(name) + "."
	}
	if p := mesh.ReadyPod(w.Pods); p != nil {
		return p, ""
	}
	for _, p := range w.Pods {
		if p.Running() {
			return p, ""
		}
	}
	pods := snap.Sources.Kind(mesh.ResourcePods)
	switch {
	case !snap.Readable(mesh.ResourcePods, w.Namespace):
		return nil, "Which pods it has is not known: " + string(pods.State) + " " + oneLine(pods.Detail)
	case len(w.Pods) == 0:
		return nil, "No pod of this waypoint exists."
	}
	return nil, "None of this waypoint's pods runs."
}

// readSyncs asks every istiod at once whom it is connected to. Where one does
// not answer, what the snapshot has of it stands in.
func (s *Server) readSyncs(r *http.Request, report *analysis.Report, fresh bool) []views.SyncRead {
	reads := knownIstiods(report.Snap)
	dumps := s.dumps(s.worldOf(r).name)
	if dumps == nil {
		return reads
	}
	ctx, cancel := context.WithTimeout(r.Context(), dumpDeadline)
	defer cancel()
	var all sync.WaitGroup
	for i := range reads {
		read := &reads[i]
		if read.Istiod.Namespace == "" {
			continue // only what it said is known, and not where it is
		}
		all.Go(func() {
			said, err := dumps.Sync(ctx, read.Istiod, fresh)
			if err != nil || said == nil {
				read.Failure, read.Detail = unread(err)
				return
			}
			read.Evidence, read.Failure = said, ""
		})
	}
	all.Wait()
	return reads
}

// knownIstiods are the istiods that run, and those of which a snapshot knows
// what they said, with that.
func knownIstiods(snap *mesh.Snapshot) []views.SyncRead {
	var out []views.SyncRead
	seen := make(map[string]bool)
	add := func(pod mesh.Ref) {
		read := views.SyncRead{Istiod: pod, Evidence: snap.SyncEvidence(pod.Name)}
		if read.Evidence == nil {
			read.Failure = views.ReadUnwired
		}
		seen[pod.Name] = true
		out = append(out, read)
	}
	for _, sh := range snap.Shards {
		for _, w := range sh.Workloads {
			if w.Labels["app"] == "istiod" && w.Running() && w.Ready {
				add(w.Ref())
			}
		}
	}
	for _, e := range snap.SyncEvidences() {
		if !seen[e.Name] {
			add(mesh.Ref{Kind: "Pod", Name: e.Name})
		}
	}
	return out
}
