package kube

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func (a *fakeAPI) get(w http.ResponseWriter, to access) {
	a.mu.Lock()
	o := a.objects[to.resource+"//"+to.name]
	a.mu.Unlock()
	if o == nil {
		fail(w, http.StatusNotFound)
		return
	}
	reply(w, o)
}

// list answers a page of at most as many objects as asked for.
func (a *fakeAPI) list(w http.ResponseWriter, to access, k Kind, version string, query url.Values) {
	a.mu.Lock()
	items := a.matching(to)
	about := manifest{"resourceVersion": strconv.Itoa(a.revision)}
	a.mu.Unlock()
	limit, _ := strconv.Atoi(query.Get("limit"))
	from, _ := strconv.Atoi(query.Get("continue"))
	items = items[from:]
	if limit > 0 && len(items) > limit {
		items = items[:limit]
		about["continue"] = strconv.Itoa(from + limit)
	}
	reply(w, manifest{"kind": k.Kind + "List", "apiVersion": apiVersion(k, version), "items": items, "metadata": about})
}

// matching lists what is asked for, sorted by name.
func (a *fakeAPI) matching(to access) []manifest {
	out := []manifest{}
	for _, key := range slices.Sorted(maps.Keys(a.objects)) {
		if to.matches(key) {
			out = append(out, a.objects[key])
		}
	}
	return out
}

func (to access) matches(key string) bool {
	part := strings.Split(key, "/")
	return part[0] == to.resource && (to.namespace == "" || part[1] == to.namespace) && (to.name == "" || part[2] == to.name)
}

func (a *fakeAPI) watch(w http.ResponseWriter, r *http.Request, to access, k Kind, version string) {
	from, _ := strconv.Atoi(r.URL.Query().Get("resourceVersion"))
	send := func(kind string, o manifest) {
		json.NewEncoder(w).Encode(manifest{"type": kind, "object": o})
		w.(http.Flusher).Flush()
	}
	a.mu.Lock()
	first, revision, compacted := a.matching(to), a.revision, a.compacted
	a.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	w.(http.Flusher).Flush()
	switch {
	case r.URL.Query().Get("sendInitialEvents") == "true":
		for _, o := range first {
			send("ADDED", o)
		}
		end := manifest{"resourceVersion": strconv.Itoa(revision), "annotations": manifest{metav1.InitialEventsAnnotationKey: "true"}}
		send("BOOKMARK", manifest{"kind": k.Kind, "apiVersion": apiVersion(k, version), "metadata": end})
		from = revision
	case from < compacted:
		send("ERROR", status(http.StatusGone))
		return
	}
	for {
		a.mu.Lock()
		journal, changed := a.journal, a.changed
		gone := a.absent[to.resource]
		a.mu.Unlock()
		if gone {
			return
		}
		for _, c := range journal {
			if c.revision > from && to.matches(c.key) {
				send(c.kind, c.object)
				from = c.revision
			}
		}
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		}
	}
}
