package kubelet

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// logOptions are the parameters of PodLogOptions that the kubelet is asked with.
type logOptions struct {
	follow, previous, timestamps bool
	tail                         int // negative for all
	since                        time.Time
	limit                        int // in bytes; negative for none
}

func (k *Kubelet) containerLogs(w http.ResponseWriter, r *http.Request) {
	pod, err := k.pod(r.PathValue("namespace"), r.PathValue("pod"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	name := r.PathValue("container")
	log, ok := pod.Containers[name]
	if !ok {
		http.Error(w, fmt.Sprintf("container %q not found in pod %q", name, r.PathValue("pod")), http.StatusNotFound)
		return
	}
	options, err := parseLogOptions(r.URL.Query())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	reader := log.open(options.previous, options.tail)
	if reader == nil {
		http.Error(w, fmt.Sprintf("previous terminated container %q in pod %q not found", name, r.PathValue("pod")), http.StatusBadRequest)
		return
	}
	k.send(w, r, reader, options)
}

// send writes lines until there is none left, or while they come for who follows.
func (k *Kubelet) send(w http.ResponseWriter, r *http.Request, from *reader, options logOptions) {
	flush := http.NewResponseController(w).Flush
	for {
		now := from.read()
		if now.cut {
			panic(http.ErrAbortHandler) // closes the connection without the end of the answer
		}
		for _, line := range now.lines {
			if !line.at.Before(options.since) && !options.write(w, line) {
				return
			}
		}
		if flush() != nil || now.ended || !options.follow {
			return
		}
		select {
		case <-now.changed:
		case <-r.Context().Done():
			return
		case <-k.done:
			return
		}
	}
}

// write sends one line, and says whether there may be more.
func (o *logOptions) write(w http.ResponseWriter, line line) bool {
	text := line.text + "\n"
	if o.timestamps {
		text = line.at.UTC().Format(time.RFC3339Nano) + " " + text
	}
	if o.limit >= 0 {
		text = text[:min(o.limit, len(text))]
		o.limit -= len(text)
	}
	_, err := w.Write([]byte(text))
	return err == nil && o.limit != 0
}

func parseLogOptions(query url.Values) (logOptions, error) {
	options := logOptions{tail: -1, limit: -1}
	var err error
	flag := func(name string) bool {
		on, wrong := strconv.ParseBool(query.Get(name))
		if wrong != nil && query.Has(name) {
			err = wrong
		}
		return on
	}
	number := func(name string, otherwise int) int {
		if !query.Has(name) {
			return otherwise
		}
		n, wrong := strconv.Atoi(query.Get(name))
		if wrong != nil {
			err = wrong
		}
		return n
	}
	options.follow, options.previous, options.timestamps = flag("follow"), flag("previous"), flag("timestamps")
	options.tail, options.limit = number("tailLines", options.tail), number("limitBytes", options.limit)
	if seconds := number("sinceSeconds", 0); seconds > 0 {
		options.since = time.Now().Add(-time.Duration(seconds) * time.Second)
	}
	if query.Has("sinceTime") {
		at, wrong := time.Parse(time.RFC3339, query.Get("sinceTime"))
		if wrong != nil {
			err = wrong
		}
		options.since = at
	}
	return options, err
}
